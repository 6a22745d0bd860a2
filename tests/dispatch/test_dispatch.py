"""The contract of dispatch, for every pool."""

import functools
import os
import signal
import time
from pathlib import Path

import pytest

from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.executors import choose_pool, in_process, processes

each_pool = pytest.mark.parametrize(
    "pool", [in_process(), processes(1), processes(2)], ids=["here", "one", "two"]
)


def square(number):
    return number * number


def fail_at_three(number):
    if number == 3:
        raise ValueError("three is not for me")
    return number


def die_at(deadly, diary, number):
    """Kill the own process for the deadly numbers, as a crash in compiled code would."""
    with (Path(diary) / f"{number}-{time.monotonic_ns()}").open("w"):
        pass
    if number in deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_once(diary, number):
    mark = Path(diary) / "died"
    if number == 3 and not mark.exists():
        mark.touch()
        os._exit(1)
    return number


class Failed(str):
    """Why there is no result."""


def failed(batch, reason):  # noqa: ARG001
    return Failed(reason)


def results(outcomes):
    return {batch: result for batch, result in outcomes if not isinstance(result, Failed)}


def failures(outcomes):
    return {batch: result for batch, result in outcomes if isinstance(result, Failed)}


@each_pool
def test_every_batch_comes_back_once(pool):
    outcomes = list(dispatch(iter(range(20)), square, failed, pool))
    assert len(outcomes) == 20
    assert not failures(outcomes)
    assert results(outcomes) == {n: n * n for n in range(20)}


@each_pool
def test_no_batches_are_no_outcomes(pool):
    assert list(dispatch(iter(()), square, failed, pool)) == []


@each_pool
def test_a_batch_that_raises_is_an_outcome_with_its_traceback_and_the_others_go_on(pool):
    outcomes = list(dispatch(iter(range(6)), fail_at_three, failed, pool))
    assert set(results(outcomes)) == {0, 1, 2, 4, 5}
    assert set(failures(outcomes)) == {3}
    assert "three is not for me" in failures(outcomes)[3]
    assert "in fail_at_three" in failures(outcomes)[3]


@each_pool
def test_batches_are_drawn_only_as_they_are_needed(pool):
    drawn = []

    def endless():
        for number in range(1000):
            drawn.append(number)
            yield number

    outcomes = dispatch(endless(), square, failed, pool)
    next(outcomes)
    outcomes.close()
    assert len(drawn) <= 2 * pool.window + 1


def test_a_worker_that_dies_costs_only_a_repeat_of_its_batch(tmp_path):
    outcomes = list(
        dispatch(iter(range(8)), functools.partial(die_once, str(tmp_path)), failed, processes(2))
    )
    assert results(outcomes) == {n: n for n in range(8)}
    assert failures(outcomes) == {}


def test_a_batch_that_kills_its_worker_three_times_is_given_up_and_no_other_with_it(tmp_path):
    work = functools.partial(die_at, (2, 3), str(tmp_path))
    outcomes = list(dispatch(iter(range(8)), work, failed, processes(2)))
    assert set(results(outcomes)) == {0, 1, 4, 5, 6, 7}
    assert set(failures(outcomes)) == {2, 3}
    assert "died 3 times" in failures(outcomes)[2]
    tries = [int(entry.name.split("-")[0]) for entry in tmp_path.iterdir()]
    assert tries.count(2) <= 3
    assert tries.count(3) <= 3


def test_no_process_is_left_behind_when_the_caller_stops_early():
    outcomes = dispatch(iter(range(100)), worker_of, failed, processes(2))
    worker = next(outcomes)[1]
    outcomes.close()
    for _ in range(100):
        if not is_alive(worker):
            break
        time.sleep(0.05)
    assert not is_alive(worker)


def worker_of(_):
    time.sleep(0.02)
    return os.getpid()


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_processes_are_started_only_where_they_pay():
    assert choose_pool(workers=8, n_batches=100, seconds=0.5).workers == 1
    assert choose_pool(workers=1, n_batches=100, seconds=1e6).workers == 1
    assert choose_pool(workers=8, n_batches=1, seconds=1e6).workers == 1
    assert choose_pool(workers=8, n_batches=100, seconds=1e6).workers == 8
    assert choose_pool(workers=8, n_batches=3, seconds=1e6).workers == 3
