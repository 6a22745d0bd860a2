"""Ctrl-C is answered at once, whatever this process is doing."""

import signal
import threading
import time

import pytest

from sweep.dispatch.interrupts import interruptible


def interrupt_after(seconds):
    timer = threading.Timer(seconds, signal.raise_signal, [signal.SIGINT])
    timer.start()
    return timer


def test_what_the_work_returns_or_raises_comes_out():
    assert interruptible(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda: 1 / 0)


def test_work_in_another_thread_is_done_there():
    found = []
    thread = threading.Thread(target=lambda: found.append(interruptible(threading.get_ident)))
    thread.start()
    thread.join()
    assert found == [thread.ident]


def test_work_that_does_not_look_for_ctrl_c_is_left_to_itself():
    over = threading.Event()
    interrupt_after(0.2)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interruptible(lambda: over.wait(30))
    assert time.monotonic() - started < 5
    over.set()


def test_work_in_python_ends_with_the_ctrl_c():
    ended = threading.Event()

    def work():
        try:
            for _ in range(3000):
                time.sleep(0.01)
        except KeyboardInterrupt:
            ended.set()
            raise

    interrupt_after(0.2)
    with pytest.raises(KeyboardInterrupt):
        interruptible(work)
    assert ended.wait(5)


def test_work_is_done_in_the_main_thread_where_no_thread_is_to_be_had(monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert interruptible(threading.current_thread) is threading.main_thread()
