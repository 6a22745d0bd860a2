"""Who is to blame when a worker process is killed: the run that does it again and again, and nobody else's."""

import os
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from itertools import pairwise

import pytest
from dispatch import wild
from dispatch.wild import Wild, batches_of, by_replicate, note, noted

from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.fates import MOST_KILLS, MOST_KILLS_BESIDE_OTHERS, Call, Death, Ending, after_death
from sweep.dispatch.mark import Mark
from sweep.dispatch.pool import processes
from sweep.dispatch.slots import Slot
from sweep.dispatch.tasks import Task
from sweep.terms.outcome import Status
from sweep.training.batch import Isolation

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nobody kills so here")


@pytest.mark.parametrize("isolation", [None, Isolation()])
def test_of_workers_that_are_killed_again_and_again_every_run_has_its_result(isolation, tmp_path):
    ended = threading.Event()

    def kill_the_last_that_began():
        for _ in range(8):
            while not (begun := noted(tmp_path)) and not ended.is_set():
                time.sleep(0.01)
            if ended.wait(0.03):
                return
            with suppress(ProcessLookupError):
                os.kill(int(begun[-1].split(".")[1]), signal.SIGKILL)

    killer = threading.Thread(target=kill_the_last_that_began)
    killer.start()
    try:
        training = Wild({}, isolation, gives=a_while, diary=str(tmp_path))
        found = by_replicate(dispatch(batches_of(10, 10), training, processes(2)))
    finally:
        ended.set()
        killer.join()
    assert found == {n: (Status.OK, float(n), "") for n in range(20)}


def a_while(replicate):
    time.sleep(0.02)
    return replicate


@pytest.mark.parametrize("is_late", [False, True], ids=["", "late"])
@pytest.mark.parametrize("isolation", [None, Isolation()])
def test_one_of_many_that_kills_its_process_each_time_is_found(isolation, is_late, tmp_path, monkeypatch):
    if is_late:  # it dies after it was looked whether it has, and before what it had is taken
        monkeypatch.setattr(Slot, "is_broken", False)
    training = Wild({5: wild.kill_itself}, isolation, diary=str(tmp_path))
    found = by_replicate(dispatch(batches_of(8, 8), training, processes(1)))
    killed = (Status.KILLED, None, "3 times its process was ended by SIGKILL")
    assert found == {n: (Status.OK, n * n, "") for n in range(16)} | {5: killed}
    tried = [entry for entry in noted(tmp_path) if entry.split(".")[0] == "5"]
    assert len(tried) >= MOST_KILLS
    assert all(one != other for one, other in pairwise(tried)), (
        "it was tried in a process of its own each time"
    )


class DyingTwice(Wild):
    def train(self, batch):
        if 3 in batch.replicates and len(noted(self.diary)) < MOST_KILLS - 1:
            note(self.diary, "died")
            os.kill(os.getpid(), signal.SIGKILL)
        return wild.outcome_of(batch, batch.replicates)


@pytest.mark.parametrize("isolation", [None, Isolation()])
def test_a_run_that_was_killed_once_or_twice_is_not_to_blame(isolation, tmp_path):
    training = DyingTwice({}, isolation, diary=str(tmp_path))
    found = by_replicate(dispatch(batches_of(8), training, processes(2)))
    assert found == {n: (Status.OK, n, "") for n in range(8)}


def test_a_run_that_ends_its_process_itself_is_to_blame_at_once(tmp_path):
    training = Wild({1: wild.exit_at_once}, Isolation(), diary=str(tmp_path))
    assert by_replicate(dispatch(batches_of(3), training, processes(1)))[1][0] == Status.KILLED
    assert Counter(entry.split(".")[0] for entry in noted(tmp_path))["1"] == 1


def kills_until_given_up(innocent):
    """Return how often a trajectory is killed before it is given up, where others die `innocent` times meanwhile."""
    (batch,) = batches_of(1)
    task, killed = Task(batch), Ending(Status.KILLED, "its process was ended by SIGKILL")
    for n in range(1, 100):
        death = Death(killed, from_outside=True, innocent=innocent(n))
        fate = after_death(Call(1, task, [], None), Mark(1, 0, 1, 0.0), death)
        if fate.outcomes:
            return n
        task = next(task for task in fate.back if len(task))
    raise AssertionError


def test_less_is_proved_by_a_death_where_others_die_too():
    assert kills_until_given_up(lambda _: 7) == MOST_KILLS
    assert kills_until_given_up(lambda n: n) == MOST_KILLS_BESIDE_OTHERS
