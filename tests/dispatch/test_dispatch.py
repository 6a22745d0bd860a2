"""The contract of dispatch, for every pool: with isolation, and for batches that are trained as a whole."""

import multiprocessing
import os
import sys
from collections import Counter
from pathlib import Path

import psutil
import pytest
from dispatch import wild
from dispatch.wild import Wild, batches_of, by_replicate, note, noted

from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.pool import choose_pool, in_process, processes
from sweep.errors import InputError
from sweep.terms.outcome import Status
from sweep.training.batch import Isolation

each_pool = pytest.mark.parametrize(
    ("pool", "isolation"),
    [
        (in_process(), None),
        (processes(1), None),
        (processes(2), None),
        (processes(1), Isolation()),
        (processes(2), Isolation()),
    ],
    ids=["here", "one", "two", "one isolated", "two isolated"],
)


@each_pool
def test_every_trajectory_comes_back_once(pool, isolation):
    found = by_replicate(dispatch(batches_of(*[1] * 10, 7, 20), Wild({}, isolation), pool))
    assert found == {n: (Status.OK, n * n, "") for n in range(37)}


@each_pool
def test_no_batches_are_no_outcomes(pool, isolation):
    assert list(dispatch(batches_of(), Wild({}, isolation), pool)) == []


@each_pool
def test_a_batch_that_raises_is_an_outcome_with_its_traceback_and_the_others_go_on(pool, isolation):
    found = by_replicate(dispatch(batches_of(*[1] * 6), Wild({3: wild.fail}, isolation), pool))
    assert [n for n in found if found[n][0] == Status.FAILED] == [3]
    assert {n for n in found if found[n][0] == Status.OK} == {0, 1, 2, 4, 5}
    assert "three is not for me" in found[3][2]
    assert "in fail" in found[3][2]


@each_pool
def test_a_training_that_gives_nothing_is_told_so(pool, isolation):
    found = by_replicate(dispatch(batches_of(2), Nothing({}, isolation), pool))
    assert found[1] == (Status.FAILED, None, "the training gave no outcome")


class Nothing(Wild):
    def train_in_parts(self, batch, desk):  # noqa: ARG002 - it gives nothing
        yield from ()


@each_pool
def test_batches_are_drawn_only_as_they_are_needed(pool, isolation):
    drawn = []

    def endless():
        for batch in batches_of(*[1] * 1000):
            drawn.append(batch)
            yield batch

    outcomes = dispatch(endless(), Wild({}, isolation), pool)
    next(outcomes)
    outcomes.close()
    assert len(drawn) <= 4 * pool.workers + 1


def test_the_folder_of_the_results_is_at_the_desk(tmp_path):
    for pool, isolation in ((in_process(), None), (processes(1), Isolation())):
        found = dispatch(batches_of(1), Homely({}, isolation, diary=str(tmp_path)), pool, tmp_path)
        assert by_replicate(found)[0][0] == Status.OK


class Homely(Wild):
    def train_in_parts(self, batch, desk):
        assert desk.folder == Path(self.diary)
        yield self.train(batch)


class DyingOnce(Wild):
    def train(self, batch):
        if 3 in batch.replicates and not noted(self.diary):
            note(self.diary, "died")
            os._exit(1)
        return wild.outcome_of(batch, batch.replicates)


def test_a_worker_that_dies_costs_only_a_repeat_of_its_batch(tmp_path):
    found = by_replicate(
        dispatch(batches_of(*[1] * 8), DyingOnce({}, None, diary=str(tmp_path)), processes(2))
    )
    assert found == {n: (Status.OK, n, "") for n in range(8)}


def test_a_batch_that_kills_its_worker_three_times_is_given_up_and_no_other_with_it(tmp_path):
    training = Wild({2: wild.kill_itself, 3: wild.exit_at_once}, None, diary=str(tmp_path))
    found = by_replicate(dispatch(batches_of(*[1] * 8), training, processes(2)))
    assert {n for n in found if found[n][0] == Status.OK} == {0, 1, 4, 5, 6, 7}
    assert found[2] == (Status.KILLED, None, "3 times its process was ended by SIGKILL")
    assert found[3][2].endswith("ended itself with exit code 3")
    tries = Counter(entry.split(".")[0] for entry in noted(tmp_path))
    assert tries["2"] == tries["3"] == 3


def test_no_process_is_left_behind_when_the_caller_stops_early(tmp_path):
    training = Wild({}, None, diary=str(tmp_path))
    outcomes = dispatch(batches_of(*[1] * 100), training, processes(2))
    next(outcomes)
    outcomes.close()
    workers = {int(entry.split(".")[1]) for entry in noted(tmp_path)}
    assert workers
    assert not any(map(psutil.pid_exists, workers))


def test_processes_are_started_only_where_they_pay():
    assert choose_pool(workers=8, n_batches=100, seconds=0.5) == in_process()
    assert choose_pool(workers=1, n_batches=100, seconds=1e6) == in_process()
    assert choose_pool(workers=8, n_batches=1, seconds=1e6) == in_process()
    assert choose_pool(workers=8, n_batches=100, seconds=1e6) == processes(8)
    assert choose_pool(workers=8, n_batches=3, seconds=1e6) == processes(3)


def test_what_is_to_be_isolated_is_never_trained_in_this_process():
    assert choose_pool(1, 100, 0.5, Isolation()) == processes(1)
    assert choose_pool(8, 3, 0.5, Isolation()) == processes(3)


def test_where_no_processes_may_be_started_there_are_none(monkeypatch):
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)
    pool = choose_pool(workers=8, n_batches=100, seconds=1e6)
    assert pool.here
    assert pool.note == "trained in this process alone: a daemonic process may start no others"
    assert choose_pool(workers=8, n_batches=100, seconds=0.1) == in_process()
    with pytest.raises(InputError, match="call this from another process"):
        choose_pool(8, 100, 1e6, Isolation())


@pytest.mark.skipif(sys.platform == "win32", reason="has no sessions")
def test_a_worker_imports_nothing_that_its_training_does_not_need():
    needless = {"pandas", "matplotlib", "seaborn", "scipy", "numba", "pyarrow"}
    found = by_replicate(dispatch(batches_of(1), Wild({}, gives=Imported(needless)), processes(1)))
    assert found[0][1] == 0


class Imported:
    def __init__(self, names):
        self.names = names

    def __call__(self, _):
        return len(self.names & set(sys.modules))
