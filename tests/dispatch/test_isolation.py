"""Runs that fail, hang, die and eat: each costs its own result, and no other one's."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing

import psutil
import pytest
from dispatch import wild
from dispatch.wild import Wild, batches_of, by_replicate, noted
from running import seconds_until

from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.pool import processes
from sweep.errors import SweepError
from sweep.terms.outcome import Status
from sweep.terms.reasons import headline_of, printed_in
from sweep.training.batch import Isolation

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

workers_1_and_2 = pytest.mark.parametrize("workers", [1, 2])

ENDS = {
    "raises": (wild.fail, Status.FAILED, "ValueError: three is not for me"),
    "raises what cannot be pickled": (
        wild.fail_unpicklably,
        Status.FAILED,
        "UnpicklableError: not to be pickled",
    ),
    "exits": (wild.leave, Status.FAILED, "SystemExit: 5"),
    "interrupts": (wild.interrupt, Status.FAILED, "KeyboardInterrupt"),
    "sleeps": (wild.sleep_for_ever, Status.TIMEOUT, "took longer than timeout_seconds = 0.5"),
    "holds the lock": (wild.hold_the_lock, Status.TIMEOUT, "took longer than timeout_seconds = 0.5"),
    "exits at once": (wild.exit_at_once, Status.KILLED, "its process ended itself with exit code 3"),
    "kills itself": (wild.kill_itself, Status.KILLED, "its process was ended by SIGKILL"),
    "eats": (wild.eat, Status.KILLED, " GB, more than memory_gb = 0.4"),
    "waits": (wild.start_a_sleeper_and_wait, Status.TIMEOUT, "took longer than timeout_seconds = 0.5"),
    "leaves a fork": (wild.fork_a_sleeper_and_die, Status.KILLED, "ended itself with exit code 4"),
    "leaves a session": (wild.start_a_sleeper_elsewhere_and_die, Status.KILLED, "with exit code 4"),
}


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """The folder where temporary files go: its path stands in the environment of every worker."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def descendants(scratch):
    """Return the living processes that have the folder in their environment or arguments: workers, guards, sleepers."""
    found = []
    for process in psutil.process_iter():
        try:
            told = [*process.environ().values(), *process.cmdline()]
            if process.status() != psutil.STATUS_ZOMBIE and any(str(scratch) in text for text in told):
                found.append(process)
        except psutil.Error:
            pass
    return [process for process in found if process.pid != os.getpid()]


def trained(training, *sizes, workers=2):
    return by_replicate(dispatch(batches_of(*sizes), training, processes(workers)))


def assert_only_these_failed(found, n, failed):
    assert set(found) == set(range(n))
    for replicate, (status, value, reason) in found.items():
        if replicate not in failed:
            assert (status, value, reason) == (Status.OK, replicate**2, ""), replicate


def assert_nothing_left(scratch):
    assert descendants(scratch) == []
    assert list(scratch.iterdir()) == []


@workers_1_and_2
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_run_that_ends_badly_is_blamed_and_no_other(end, workers, scratch):
    does, status, reason = end
    isolation = Isolation(memory_gb=0.4) if does is wild.eat else Isolation(timeout_seconds=0.5)
    found = trained(Wild({3: does}, isolation), 5, 3, workers=workers)
    assert_only_these_failed(found, 8, {3})
    assert found[3][0] == status
    assert headline_of(found[3][2]).endswith(reason)
    assert_nothing_left(scratch)


def test_a_program_that_a_run_leaves_where_nobody_finds_it_holds_nothing_up():
    started = time.monotonic()
    found = trained(Wild({3: wild.start_a_daemon_without_environment_and_die}), 5, 3)
    assert time.monotonic() - started < wild.SECONDS_OF_A_DAEMON, "it has no end of a pipe that is waited for"
    assert_only_these_failed(found, 8, {3})


def test_of_many_that_end_badly_each_is_blamed_for_its_own_end(scratch):
    isolation = Isolation(timeout_seconds=0.5, memory_gb=0.4)
    ends = dict(enumerate((end for end in ENDS.values() if end[0] is not wild.eat), start=1))
    found = trained(Wild({row: end[0] for row, end in ends.items()}, isolation), 9, 1, 10)
    assert_only_these_failed(found, 20, ends)
    for row, (_, status, reason) in ends.items():
        assert found[row][0] == status
        assert reason in found[row][2]
    assert_nothing_left(scratch)


def test_the_reason_holds_what_was_printed_and_where_it_hung():
    found = trained(Wild({0: wild.sleep_for_ever, 1: wild.exit_at_once}, Isolation(timeout_seconds=0.5)), 3)
    asleep, gone = found[0][2], found[1][2]
    assert printed_in(asleep).startswith("good night\n")
    assert "in sleep_for_ever" in asleep
    assert headline_of(gone) == "its process ended itself with exit code 3"
    assert printed_in(gone) == "last words"


def test_what_a_run_leaves_is_ended_with_the_sweep(scratch):
    outcomes = dispatch(batches_of(3), Wild({1: wild.start_a_sleeper}), processes(1))
    with closing(outcomes):
        assert len(by_replicate(outcomes)) == 3
    assert_nothing_left(scratch)


def test_nothing_is_left_when_the_caller_stops_early(scratch):
    outcomes = dispatch(
        batches_of(*[1] * 9), Wild({1: wild.start_a_sleeper, 2: wild.sleep_for_ever}), processes(2)
    )
    next(outcomes)
    next(outcomes)
    outcomes.close()
    assert_nothing_left(scratch)


PARENT = """
import sys
sys.path[:0] = {path!r}
from dispatch import wild
from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.pool import processes
from sweep.training.batch import Isolation
does = {{0: wild.hold_the_lock, 1: wild.start_a_sleeper_and_wait}}
training = wild.Wild(does, Isolation(), diary={diary!r})
list(dispatch(wild.batches_of(1, 1), training, processes(2)))
"""


def test_nothing_is_left_when_the_parent_is_killed(scratch):
    diary = scratch / "diary"
    diary.mkdir()
    files = scratch / "files"
    files.mkdir()
    code = PARENT.format(path=sys.path, diary=str(diary))
    parent = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"TMPDIR": str(files)})
    seconds_until(lambda: len(noted(diary)) == 2, at_most=20)
    parent.kill()
    parent.wait()
    seconds_until(lambda: not descendants(files), at_most=3)
    seconds_until(lambda: not list(files.iterdir()), at_most=1)


@workers_1_and_2
def test_a_run_without_a_result_is_tried_again_so_many_times(workers, tmp_path):
    does = {1: wild.fail, 2: wild.exit_at_once}
    training = Wild(does, Isolation(retries=2), diary=str(tmp_path))
    found = trained(training, 4, workers=workers)
    assert_only_these_failed(found, 4, {1, 2})
    assert (found[1][0], found[2][0]) == (Status.FAILED, Status.KILLED)
    tries = [entry.split(".")[0] for entry in noted(tmp_path)]
    assert {replicate: tries.count(replicate) for replicate in "0123"} == {"0": 1, "1": 4, "2": 3, "3": 1}
    # what comes out of a training may be another run's fault: once more, in a process that has trained nothing


def test_each_run_has_a_process_of_its_own_where_that_is_asked_for(tmp_path):
    assert len(trained(Wild({}, Isolation(fresh_process=True), diary=str(tmp_path)), 3, 1)) == 4
    assert len({entry.split(".")[1] for entry in noted(tmp_path)}) == 4


def device(_):
    return float(os.environ["CUDA_VISIBLE_DEVICES"])


def test_each_worker_has_a_device(tmp_path):
    training = Wild({}, Isolation(devices=(4, 7)), gives=device, diary=str(tmp_path))
    found = trained(training, *[1] * 12)
    process = {}
    for entry in noted(tmp_path):
        replicate, pid = entry.split(".")
        process.setdefault(pid, set()).add(found[int(replicate)][1])
    assert all(len(devices) == 1 for devices in process.values())
    assert set().union(*process.values()) <= {4.0, 7.0}


def threads(_):
    return float(os.environ["OMP_NUM_THREADS"])


def test_workers_have_so_many_threads():
    assert trained(Wild({}, Isolation(threads=3), gives=threads), 1)[0][1] == 3


def test_what_is_left_of_a_batch_that_ended_early_is_trained_too():
    assert_only_these_failed(trained(Wild({}, at_most=2), 5, 3), 8, {})


@workers_1_and_2
@pytest.mark.parametrize("does", [wild.exit_at_once, wild.fail, wild.sleep_for_ever])
def test_of_runs_that_are_trained_by_one_call_the_guilty_one_is_found(does, workers):
    training = Wild({3: does}, Isolation(timeout_seconds=0.5), together=True)
    found = trained(training, 5, 2, workers=workers)
    assert_only_these_failed(found, 7, {3})
    assert found[3][0] != Status.OK


def leak():
    global _leaked
    _leaked = b"x" * 350_000_000


def test_memory_that_an_earlier_run_kept_is_not_held_against_a_later_one():
    def eat_a_little():
        held = b"x" * 200_000_000
        time.sleep(0.4)
        assert held

    found = trained(Wild({0: leak, 1: eat_a_little}, Isolation(memory_gb=0.6)), 3, workers=1)
    assert_only_these_failed(found, 3, {})


def slowly():
    time.sleep(0.3)


@pytest.mark.parametrize("isolation", [None, Isolation()])
def test_a_worker_that_grows_is_kept(isolation, tmp_path):
    does = {1: leak} | dict.fromkeys(range(2, 6), slowly)
    found = trained(Wild(does, isolation, diary=str(tmp_path)), *[1] * 6, workers=1)
    assert_only_these_failed(found, 6, {})
    assert len({entry.split(".")[1] for entry in noted(tmp_path)}) == 1


def test_two_sweeps_in_two_threads_do_not_disturb_each_other(scratch):
    found = {}

    def go(name, isolation):
        found[name] = trained(Wild({7: wild.exit_at_once} if isolation else {}, isolation), *[2] * 20)

    jobs = [threading.Thread(target=go, args=item) for item in (("a", None), ("b", Isolation()), ("c", None))]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    for name in "abc":
        assert_only_these_failed(found[name], 40, {7} if name == "b" else {})
    assert_nothing_left(scratch)


class Deadly(Wild):
    """Ends every process that loads it."""

    def __reduce__(self):
        return os._exit, (9,)


def test_workers_that_do_not_get_to_training_are_no_endless_loop(scratch):
    with pytest.raises(SweepError, match="3 times in a row its process ended itself with exit code 9"):
        trained(Deadly({}), 2)
    assert_nothing_left(scratch)


class Unloadable(Wild):
    def __reduce__(self):
        return int, ("no number",)


def test_a_training_that_a_worker_cannot_load_is_an_outcome_with_the_reason():
    status, _, reason = trained(Unloadable({}), 1)[0]
    assert status == Status.FAILED
    assert "invalid literal" in reason


def test_workers_import_no_files_of_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "random.py").write_text("raise SystemExit('a script of my own')")
    monkeypatch.chdir(tmp_path)
    assert_only_these_failed(trained(Wild({}), 1), 1, {})


@pytest.mark.parametrize("isolation", [None, Isolation()])
@pytest.mark.parametrize("moment", [0.0, 0.02, 0.3, 0.6, 0.7])
def test_large_batches_hold_no_stop_up(isolation, moment, scratch):
    """A pipe that nobody empties any more would be waited for for ever."""
    outcomes = dispatch(batches_of(*[100_000] * 4), Wild({}, isolation, together=True), processes(2))
    job = threading.Timer(moment, lambda: [process.kill() for process in descendants(scratch)])
    job.start()
    with closing(outcomes):
        next(outcomes)
    job.join()
    assert_nothing_left(scratch)


def test_many_fresh_processes_leave_no_descriptors():
    def n_open():
        return len(os.listdir("/proc/self/fd"))

    trained(Wild({}, Isolation(fresh_process=True)), 1)
    before = n_open()
    trained(Wild({}, Isolation(fresh_process=True)), *[1] * 8)
    seconds_until(
        lambda: n_open() <= before + 4, at_most=10
    )  # those of the last may be closed a little later
