"""The contract of dispatch on a Dask cluster of two processes: deaths, hangs, workers that come and go."""

import os
import time
from collections import Counter
from contextlib import closing

import pytest
from cluster.clusters import Killer, at_most, client_of, local_cluster, marks, workers_of
from dispatch import wild
from dispatch.wild import Wild, batches_of, by_replicate, noted
from running import seconds_until

from sweep.dispatch.cluster import crew, likeness
from sweep.dispatch.cluster.connection import cluster_of
from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.pool import on_cluster
from sweep.errors import WorkersError
from sweep.terms.outcome import Status
from sweep.training.batch import Isolation

pytestmark = marks

each_isolation = pytest.mark.parametrize("isolation", [None, Isolation()], ids=["as a whole", "isolated"])


@pytest.fixture(scope="module")
def cluster():
    with local_cluster() as it:
        yield it


@pytest.fixture
def client(cluster):
    with at_most(), client_of(cluster) as client:
        seconds_until(lambda: len(workers_of(client)) == 2, at_most=30)
        yield client


def outcomes(client, training, *sizes, told=None):
    told = [] if told is None else told
    return dispatch(batches_of(*sizes), training, on_cluster(cluster_of(client), ()), None, told.append)


def trained(client, training, *sizes, told=None):
    return by_replicate(outcomes(client, training, *sizes, told=told))


@each_isolation
def test_every_trajectory_comes_back_once(client, isolation):
    found = trained(client, Wild({}, isolation), *[1] * 10, 7, 20)
    assert found == {n: (Status.OK, n * n, "") for n in range(37)}
    assert trained(client, Wild({}, isolation)) == {}


@each_isolation
def test_a_batch_that_raises_is_an_outcome_with_its_traceback_and_the_others_go_on(client, isolation):
    found = trained(client, Wild({3: wild.fail}, isolation), *[1] * 6)
    assert {n for n in found if found[n][0] == Status.OK} == {0, 1, 2, 4, 5}
    assert "three is not for me" in found[3][2]
    assert "in fail" in found[3][2]


def test_a_run_that_dies_hangs_or_raises_in_its_slot_costs_no_other_its_result(client):
    isolation = Isolation(timeout_seconds=0.5)
    training = Wild({2: wild.exit_at_once, 5: wild.sleep_for_ever, 7: wild.fail}, isolation)
    found = trained(client, training, 8, 4)
    assert {n: found[n][0] for n in found if found[n][0] != Status.OK} == {
        2: Status.KILLED,
        5: Status.TIMEOUT,
        7: Status.FAILED,
    }
    assert found[2][2].startswith("its process ended itself with exit code 3")
    assert "good night" in found[5][2]


def test_a_run_that_failed_is_tried_again_as_often_as_is_said(client, tmp_path):
    training = Wild({1: wild.fail}, Isolation(retries=2), diary=str(tmp_path))
    assert trained(client, training, 3)[1][0] == Status.FAILED
    tries = Counter(entry.split(".")[0] for entry in noted(tmp_path))
    assert (tries["0"], tries["2"]) == (1, 1)
    assert tries["1"] >= 3


def test_a_batch_that_kills_three_workers_is_given_up_and_no_other_with_it(client, tmp_path):
    training = Wild({5: wild.kill_itself}, None, diary=str(tmp_path))
    found = trained(client, training, 1, 1, 4, 1)
    assert {n for n in found if found[n][0] == Status.OK} == {0, 1, 2, 3, 4, 6}
    assert found[5] == (Status.KILLED, None, "3 times the Dask worker that trained it died")


def a_while(replicate):
    time.sleep(0.02)
    return replicate


@each_isolation
def test_of_workers_that_are_killed_again_and_again_every_run_has_its_result(client, cluster, isolation):
    killer, found = Killer(cluster, times=4, runs=20), []
    for part, outcome in outcomes(client, Wild({}, isolation, gives=a_while), *[4] * 30):
        found.append((part, outcome))
        killer.advance(len(part))
    assert by_replicate(found) == {n: (Status.OK, float(n), "") for n in range(120)}
    assert killer.n_kills == 4


def used(diary):
    return {entry.split(".")[1] for entry in noted(diary)}


def test_a_worker_that_joins_late_is_used_and_one_that_leaves_is_not_missed(client, cluster, tmp_path):
    training, found = Wild({}, None, gives=a_while, diary=str(tmp_path)), []
    before = set(map(str, workers_of(client).values()))
    running = outcomes(client, training, *[1] * 300)
    with closing(running):
        found.append(next(running))
        cluster.scale(3)
        while not used(tmp_path) - before:
            found.append(next(running))
        (late,) = used(tmp_path) - before
        left, gone = next(
            (address, str(pid)) for address, pid in workers_of(client).items() if str(pid) != late
        )
        client.retire_workers([left])
        cluster.scale(2)
        n_at_leaving = len(noted(tmp_path))
        found += list(running)
    assert by_replicate(found) == {n: (Status.OK, float(n), "") for n in range(300)}
    of_the_rest = [entry.split(".")[1] for entry in noted(tmp_path)[n_at_leaving + 10 :]]
    assert late in of_the_rest
    assert gone not in of_the_rest


def differ():
    likeness._own_code = lambda: "an older commit"


def test_a_worker_that_is_unlike_is_told_in_a_line_and_not_used(client, tmp_path):
    (one, pid), (_, other) = workers_of(client).items()
    client.run(differ, workers=[one])
    told, training = [], Wild({}, None, gives=a_while, diary=str(tmp_path))
    found = trained(client, training, *[1] * 20, told=told)
    assert len(found) == 20
    assert used(tmp_path) == {str(other)}
    assert len(told) == 1
    assert told[0].startswith(f"the Dask worker {one} is not used: it has sweep ")
    assert "(an older commit), and here it is" in told[0]
    os.kill(pid, 9)


def test_where_no_worker_gives_the_same_bits_the_sweep_ends_with_a_line(client, monkeypatch):
    monkeypatch.setattr(likeness, "_bits", lambda *_: "others")
    with pytest.raises(WorkersError, match=r"gives other bits .* \(and 1 more\); no other is there"):
        trained(client, Wild({}, None), 1)


def test_a_stop_ends_what_runs_and_cancels_what_waits(client, tmp_path):
    training = Wild({3: wild.sleep_for_ever}, Isolation(), diary=str(tmp_path))
    running = outcomes(client, training, *[1] * 4)
    next(running)
    seconds_until(lambda: any(entry.startswith("3.") for entry in noted(tmp_path)), at_most=20)
    started = time.monotonic()
    running.close()
    assert time.monotonic() - started < 2
    pids = [int(entry.split(".")[1]) for entry in noted(tmp_path)]
    seconds_until(lambda: not any(map(_is_there, pids)), at_most=10)


def _is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_cluster_without_workers_is_waited_for_but_not_for_ever(monkeypatch):
    with at_most(), local_cluster(n_workers=0) as empty, client_of(empty) as client:
        monkeypatch.setattr(crew, "SECONDS_WITHOUT_WORKERS", 0.3)
        with pytest.raises(WorkersError, match=r"has been ready for 0\.3 s: start some by `dask worker`"):
            trained(client, Wild({}, None), 1)
        monkeypatch.setattr(crew, "SECONDS_WITHOUT_WORKERS", 60)
        empty.adapt(minimum=0, maximum=1, interval="50ms")
        assert len(trained(client, Wild({}, None), 1, 2)) == 3


def test_with_several_threads_a_worker_the_neighbour_of_a_culprit_is_not_blamed(tmp_path):
    with at_most(), local_cluster(n_workers=1, threads_per_worker=3) as one, client_of(one) as client:
        training = Wild({4: wild.kill_itself}, None, gives=a_while, diary=str(tmp_path))
        found = trained(client, training, *[1] * 12)
    assert {n: found[n] for n in found if found[n][0] != Status.OK} == {
        4: (Status.KILLED, None, "3 times the Dask worker that trained it died")
    }
    assert len(found) == 12
