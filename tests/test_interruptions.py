"""Killed, stopped and disturbed in every way, a sweep goes on from where it was and ends with the same tables."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from dispatch.wild import Wild, batches_of
from running import (
    COMMIT_ALWAYS,
    PROCESSES_ALWAYS,
    SMALL,
    kill,
    processes_of,
    saved,
    seconds_until,
    server,
    start,
    stored_runs,
    write_config,
)

from sweep.cli import main
from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.interrupts import only_once
from sweep.dispatch.pool import processes
from sweep.store import ResultsFolder
from sweep.training.batch import Isolation

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

STEADY = {
    "target": {"function": "x**2", "interval": [0, 3]},
    "training": {"epochs": 200_000, "batch_size": 4},
    "grid": {"neurons": {"range": [1, 12]}, "learning_rate": [0.02, 0.05, 0.1], "replicates": 2},
}
"""Twelve batches of about a tenth of a second, 72 runs."""

ENDLESS = STEADY | {"training": {"epochs": 10_000_000, "batch_size": 40}}
"""Batches of many seconds each."""

RUN = ("run", "steady.toml", "--no-report", "--workers")


@pytest.fixture(scope="module")
def steady():
    with server() as it:
        yield it


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, steady):
    folder = tmp_path_factory.mktemp("undisturbed")
    write_config(folder / "steady.toml", STEADY)
    assert steady.run(*RUN, 1, cwd=folder) == 0, steady.output
    return saved(folder / "results" / "steady")


@pytest.fixture
def folder(tmp_path):
    """A folder with the config, where results will go to `results/steady`."""
    write_config(tmp_path / "steady.toml", STEADY)
    return tmp_path


def assert_as_undisturbed(folder, undisturbed):
    results = folder / "results" / "steady"
    assert saved(results) == undisturbed
    runs = stored_runs(results)
    assert len(runs) == len(set(runs)) == 72, "a run was trained twice, or not at all"


def n_stored(folder):
    return len(stored_runs(folder / "results" / "steady"))


def is_under_way(folder):
    return ResultsFolder(folder / "results" / "steady").owner.exists()


def constants(workers):
    return COMMIT_ALWAYS | (PROCESSES_ALWAYS if workers > 1 else {})


@pytest.mark.parametrize(("workers", "times"), [(1, 20), (2, 6)])
def test_killed_at_random_moments_it_goes_on_and_ends_with_the_same_bits(
    workers, times, folder, steady, undisturbed
):
    moments = random.Random(workers)
    before, half_way = 0, 0
    for turn in range(times):
        pid = steady.start(*RUN, workers, cwd=folder, constants=constants(workers))
        if turn % 2 and before < 72:
            seconds_until(
                lambda before=before: n_stored(folder) > before, at_most=60, told=lambda: steady.output
            )
            time.sleep(moments.uniform(0, 0.1))
        else:
            time.sleep(moments.uniform(0, 0.4))
        kill(pid, signal.SIGKILL)
        assert steady.wait() in (-signal.SIGKILL, 0), steady.output
        seconds_until(lambda session=pid: not processes_of(session), at_most=2.5)
        now = n_stored(folder)
        assert now >= before, "something that was stored is gone"
        half_way += 0 < now < 72
        before = now
    assert half_way, "the kills came too early or too late to test anything"
    assert steady.run(*RUN, workers, cwd=folder) == 0, steady.output
    assert "damaged" not in steady.output
    assert_as_undisturbed(folder, undisturbed)


@pytest.mark.parametrize("to_all", [True, False], ids=["as-a-terminal", "parent-alone"])
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_stores_what_is_finished_and_says_how_to_go_on(workers, to_all, folder, steady, undisturbed):
    pid = steady.start(*RUN, workers, cwd=folder, constants=constants(workers))
    seconds_until(lambda: n_stored(folder) > 0, at_most=60, told=lambda: steady.output)
    (os.killpg if to_all else os.kill)(pid, signal.SIGINT)
    interrupted = time.monotonic()
    assert steady.wait() == 130, steady.output
    assert time.monotonic() - interrupted < 3
    assert 0 < n_stored(folder) < 72
    assert steady.output == (
        f"Stopped. {n_stored(folder)} of 72 runs are stored in results/steady; the same command goes on from there.\n"
    )
    seconds_until(lambda: not processes_of(pid), at_most=0.5)
    assert steady.run(*RUN, 1, cwd=folder) == 0, steady.output
    assert_as_undisturbed(folder, undisturbed)


def test_ctrl_c_does_not_wait_for_a_long_training(folder, steady):
    write_config(folder / "steady.toml", ENDLESS)
    for workers in (1, 2):
        pid = steady.start(*RUN, workers, cwd=folder, constants=constants(workers))
        seconds_until(lambda: is_under_way(folder), at_most=60)
        time.sleep(0.5)
        os.killpg(pid, signal.SIGINT)
        interrupted = time.monotonic()
        assert steady.wait() == 130, steady.output
        assert time.monotonic() - interrupted < 3
        assert "Stopped. 0 of 72 runs are stored" in steady.output
        seconds_until(lambda session=pid: not processes_of(session), at_most=0.5)


SLOW_EPOCHS = {
    "target": {"function": "x"},
    "network": {"layers": [3000, 3000]},
    "training": {"epochs": 2, "batch_size": 4000},
    "grid": {"replicates": 1},
}
"""One training whose epochs take many seconds each, in one call of compiled code."""


def test_ctrl_c_waits_neither_for_a_compiler_nor_for_an_epoch_that_takes_long(tmp_path):
    write_config(tmp_path / "steady.toml", SLOW_EPOCHS)
    for moment, kept in ((2.0, {"NUMBA_CACHE_DIR": str(tmp_path / "empty")}), (3.0, {})):
        with start(*RUN, 1, cwd=tmp_path, env=os.environ | kept) as process:
            seconds_until(lambda: is_under_way(tmp_path), at_most=60)
            time.sleep(moment)
            process.send_signal(signal.SIGINT)
            interrupted = time.monotonic()
            _, told = process.communicate(timeout=30)
        assert time.monotonic() - interrupted < 3
        assert (
            told
            == "Stopped. 0 of 1 runs are stored in results/steady; the same command goes on from there.\n"
        )
        assert process.returncode == 130


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("moment", [0.02, 0.1, 0.2, 0.35, 0.6, 0.8])
def test_ctrl_c_at_any_moment_is_a_stop_and_leaves_no_process(workers, moment, folder, steady):
    longer = {"training": {"epochs": 1_000_000, "batch_size": 4}}
    write_config(folder / "steady.toml", STEADY | longer)
    pid = steady.start(*RUN, workers, cwd=folder, constants=constants(workers))
    time.sleep(moment)
    os.killpg(pid, signal.SIGINT)
    code = steady.wait()
    seconds_until(lambda: not processes_of(pid), at_most=1)
    assert steady.output.splitlines()[-1].startswith("Stopped."), steady.output
    assert code == 130, steady.output


def test_ctrl_c_while_the_report_is_made_is_a_stop_like_any_other(folder, steady):
    assert steady.run(*RUN, 1, cwd=folder) == 0, steady.output
    for moment in (0.3, 0.8):
        pid = steady.start("run", "steady.toml", cwd=folder)
        time.sleep(moment)
        assert kill(pid, signal.SIGINT)
        assert steady.wait() == 130, steady.output
        assert "Traceback" not in steady.output
        assert "72 of 72 runs are stored" in steady.output
    assert not list((folder / "results").rglob("*partial*"))


def test_ctrl_c_again_and_again_is_one_stop(folder, steady):
    pid = steady.start(*RUN, 2, cwd=folder, constants=constants(2))
    seconds_until(lambda: n_stored(folder) > 0, at_most=60, told=lambda: steady.output)
    for _ in range(5):
        os.killpg(pid, signal.SIGINT)
        time.sleep(0.01)
    assert steady.wait() == 130, steady.output
    assert "Traceback" not in steady.output
    seconds_until(lambda: not processes_of(pid), at_most=1)


@pytest.mark.parametrize("isolation", [None, Isolation()])
@pytest.mark.parametrize("n", [1, 2, 3, 20, 21])
def test_a_stop_right_after_a_batch_was_started_disturbs_no_thread(n, isolation):
    def stopped():
        yield from batches_of(*[1] * n)
        raise KeyboardInterrupt

    with pytest.raises(
        KeyboardInterrupt
    ):  # what threads raise, pytest turns into warnings, and they are errors
        list(dispatch(stopped(), Wild({}, isolation), processes(2)))


def test_processes_end_well_where_no_tools_are_installed(folder):
    (folder / "empty").mkdir()
    code = (
        "import sys; from sweep.cli import main; from sweep.dispatch import pool;"
        "pool.SECONDS_TO_START_WORKERS = 0.0; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *RUN, "2"],
        cwd=folder,
        env=os.environ | {"PATH": str(folder / "empty")},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.stderr == ""
    assert done.returncode == 0


def test_ctrl_c_while_the_program_starts_is_a_stop_like_any_other(folder):
    for moment in (0.3, 0.7):
        with start(*RUN, 1, cwd=folder) as process:
            time.sleep(moment)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=20)
        assert "Traceback" not in told
        assert process.returncode == 130, told


SIGNALLED_AT_AN_IMPORT = """
import os, sys, time
module, number, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sys.argv[:4] = ["sweep"]

class Signals:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            sys.meta_path.remove(self)
            for _ in range(times):
                os.kill(os.getpid(), number)
                time.sleep(0.02)

sys.meta_path.insert(0, Signals())
from sweep.__main__ import main
main()
"""


def signalled(at_import, *arguments, cwd, number=signal.SIGINT, times=1):
    """Run the command line, with so many signals to itself while it imports a module."""
    command = [
        sys.executable,
        "-c",
        SIGNALLED_AT_AN_IMPORT,
        at_import,
        str(int(number)),
        str(times),
        *arguments,
    ]
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", timeout=60)


@pytest.mark.parametrize(
    ("number", "module"),
    [(signal.SIGINT, "click"), (signal.SIGTERM, "numpy"), (signal.SIGHUP, "sweep.store.locking")],
)
def test_a_signal_while_it_imports_is_answered_at_once_by_a_line(module, number, folder):
    done = signalled(module, *RUN, "1", cwd=folder, number=number)
    assert (done.returncode, done.stderr, done.stdout) == (128 + number, "Stopped.\n", "")
    assert not (folder / "results").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_figures_are_made_is_answered_at_once(number, tmp_path):
    write_config(tmp_path / "small.toml", SMALL)
    done = signalled("seaborn", "run", "small.toml", cwd=tmp_path, number=number, times=3)
    stored = "12 of 12 runs are stored in results/small"
    assert done.stderr == f"Stopped. {stored}; the same command goes on from there.\n"
    assert done.returncode == 128 + number
    assert not list((tmp_path / "results").rglob(".*"))
    assert not ResultsFolder(tmp_path / "results" / "small").owner.exists()


def test_an_interrupt_that_python_drops_is_raised_again():
    class Dropping:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    def drop():
        dropping = Dropping()
        del dropping
        time.sleep(10)

    with pytest.raises(KeyboardInterrupt), only_once():
        drop()


def test_what_is_killed_leaves_no_semaphores_and_no_word_of_them(folder, steady):
    for kill_it in (os.killpg, os.kill):
        before = n_stored(folder)
        pid = steady.start(*RUN, 2, cwd=folder, constants=constants(2))
        # a worker that is still being started when the parent dies says so by a traceback of loky's
        seconds_until(lambda before=before: n_stored(folder) > before, at_most=60, told=lambda: steady.output)
        assert semaphores_of(pid)
        kill_it(pid, signal.SIGKILL)
        assert steady.wait() == -signal.SIGKILL
        seconds_until(lambda pid=pid: not processes_of(pid), at_most=2.5)
        seconds_until(lambda pid=pid: not semaphores_of(pid), at_most=2.5)
        assert steady.output == ""


def semaphores_of(pid):
    return list(Path("/dev/shm").glob(f"sem.loky-{pid}-*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_ends_other_programs_stops_a_sweep_as_ctrl_c_does(number, folder):
    write_config(folder / "steady.toml", ENDLESS)
    with start(*RUN, 2, cwd=folder) as process:
        seconds_until(lambda: len(processes_of(process.pid)) > 3 or process.poll() is not None, 60)
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 128 + number, told
    assert (
        told == "Stopped. 0 of 72 runs are stored in results/steady; the same command goes on from there.\n"
    )


def test_a_terminal_that_is_closed_leaves_no_semaphores(folder, steady):
    write_config(folder / "steady.toml", ENDLESS)
    pid = steady.start(*RUN, 2, cwd=folder, constants=constants(2))
    seconds_until(lambda: len(processes_of(pid)) > 4, at_most=60, told=lambda: steady.output)
    os.killpg(pid, signal.SIGHUP)
    assert steady.wait() == 128 + signal.SIGHUP, steady.output
    seconds_until(lambda: not processes_of(pid), at_most=1)
    assert "Traceback" not in steady.output
    assert list(Path("/dev/shm").glob(f"sem.*-{pid}-*")) == []


def test_a_killed_worker_costs_only_a_repeat(folder, steady, undisturbed):
    pid = steady.start(*RUN, 2, cwd=folder, constants=constants(2))

    def workers():
        return [process for process, command in processes_of(pid).items() if "popen_loky" in command]

    for _ in range(2):
        before = n_stored(folder)
        seconds_until(
            lambda before=before: n_stored(folder) > before and len(workers()) == 2,
            at_most=60,
            told=lambda: steady.output,
        )
        kill(workers()[0], signal.SIGKILL)
    assert steady.wait() == 0, steady.output
    assert "Traceback" not in steady.output
    seconds_until(lambda: not processes_of(pid), at_most=0.5)
    assert_as_undisturbed(folder, undisturbed)


def test_others_may_look_while_a_sweep_runs_and_a_second_one_is_refused(folder, steady, monkeypatch):
    write_config(folder / "steady.toml", ENDLESS)
    monkeypatch.chdir(folder)
    pid = steady.start(*RUN, 1, cwd=folder)
    seconds_until(lambda: is_under_way(folder), at_most=60)
    second = CliRunner().invoke(main, ["run", "steady.toml"])
    looks = [CliRunner().invoke(main, [command, "steady.toml"]) for command in ("plan", "table")]
    assert kill(pid, signal.SIGINT)
    assert steady.wait() == 130
    holder = f"process {pid} on {socket.gethostname()}, since "
    assert second.output.startswith(f"Error: results/steady is in use by {holder}")
    assert second.output.endswith(
        " (sweep run steady.toml --no-report --workers 1); wait for it or stop it\n"
    )
    assert second.output.count("\n") == 1
    assert second.exit_code == 1
    assert [look.exit_code for look in looks] == [0, 0]
    assert re.search(r"to be trained +72 ", looks[0].output)
    assert "No results yet" in looks[1].output


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="semaphores are elsewhere")
def test_a_command_that_ends_at_once_leaves_no_semaphores_of_its_own():
    code = (
        "import os, pathlib; from sweep.at_once import leave;"
        "path = pathlib.Path(f'/dev/shm/sem.loky-{os.getpid()}-of-a-test'); path.touch(); print(path, flush=True);"
        "leave(15, 'Stopped.')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (143, "Stopped.\n")
    assert done.stdout.startswith("/dev/shm/sem.loky-")
    assert not os.path.exists(done.stdout.strip())
