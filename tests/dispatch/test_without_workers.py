"""Where no worker process can be started, this one trains a network; of a function it is told why not."""

import errno
import tempfile
from importlib import import_module

import loky
import psutil
import pytest
from dispatch.wild import Wild, batches_of, by_replicate

from sweep.dispatch import guard
from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.pool import processes
from sweep.errors import WorkersError
from sweep.terms.outcome import Status
from sweep.training.batch import Isolation

ALL_WELL = {n: (Status.OK, float(n * n), "") for n in range(6)}
SUBMIT = loky.ProcessPoolExecutor.submit


def no_semaphores(monkeypatch):
    def refuse(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(import_module("loky.backend.synchronize"), "_SemLock", refuse)


def no_processes(monkeypatch):
    def refuse(*_, **__):
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(import_module("loky.backend.fork_exec"), "fork_exec", refuse)


def no_guard(monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(guard.subprocess, "Popen", refuse)


def no_threads(monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("loky.process_executor._ExecutorManagerThread.start", refuse)


LACKS = {
    no_semaphores: "Read-only file system",
    no_processes: "Resource temporarily unavailable",
    no_guard: "Cannot allocate memory",
    no_threads: "can't start new thread",
}
each_lack = pytest.mark.parametrize(("lack", "told"), LACKS.items(), ids=[lack.__name__ for lack in LACKS])


@pytest.fixture(autouse=True)
def leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = {child.pid for child in psutil.Process().children()}
    yield
    left = [child for child in psutil.Process().children() if child.pid not in before]
    assert not [child for child in left if "popen_loky" in " ".join(child.cmdline())]
    assert list(tmp_path.iterdir()) == []


@each_lack
def test_a_network_is_trained_in_this_process_and_it_is_said_why(lack, told, monkeypatch):
    lack(monkeypatch)
    outcomes = list(dispatch(batches_of(1, 2, 3), Wild({}, None), processes(2)))
    assert by_replicate(outcomes) == ALL_WELL
    assert outcomes[0][1].note == (
        f"no worker process can be started ({told}): workers need semaphores (/dev/shm), processes (ulimit -u) and "
        "memory (ulimit -v). What was left was trained in this process"
    )


@each_lack
def test_of_a_function_one_line_says_why_not(lack, told, monkeypatch):
    lack(monkeypatch)
    with pytest.raises(WorkersError) as raised:
        list(dispatch(batches_of(1, 2, 3), Wild({}, Isolation()), processes(2)))
    assert str(raised.value).startswith(f"no worker process can be started ({told}): workers need")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("isolation", [None, Isolation()])
def test_where_only_some_workers_can_be_started_these_train_all(isolation, monkeypatch):
    executors = []

    def submit(executor, *arguments):
        if executor not in executors and len(executors) == 2:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        executors.extend({executor} - {*executors})
        return SUBMIT(executor, *arguments)

    monkeypatch.setattr(loky.ProcessPoolExecutor, "submit", submit)
    outcomes = list(dispatch(batches_of(*[1] * 6), Wild({}, isolation), processes(4)))
    assert by_replicate(outcomes) == ALL_WELL
    assert {outcome.note for _, outcome in outcomes} == {""}


def test_a_network_whose_workers_never_get_to_training_is_trained_in_this_process(monkeypatch):
    monkeypatch.setenv("PYTHONHOME", tempfile.gettempdir())  # where no Python is: a worker dies as it starts
    outcomes = list(dispatch(batches_of(1, 2, 3), Wild({}, None), processes(2)))
    assert by_replicate(outcomes) == ALL_WELL
    assert outcomes[0][1].note.startswith(
        "no worker gets to training: 3 times in a row its process ended itself"
    )
