"""The contract of dispatch on a Dask cluster of two processes: deaths, hangs, workers that come and go."""

import os
import re
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import distributed
import pytest
from cluster.clusters import Killer, at_most, client_of, kept_cluster, local_cluster, marks, workers_of
from dispatch import wild
from dispatch.wild import Wild, batches_of, by_replicate, noted
from running import seconds_until

from sweep.dispatch.cluster import crew, likeness, on_worker, workplace
from sweep.dispatch.cluster.brief import brief_of
from sweep.dispatch.cluster.code_archive import pack
from sweep.dispatch.cluster.connection import cluster_of
from sweep.dispatch.cluster.messages import Order
from sweep.dispatch.cluster.workplace import Workplace
from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.fates import MOST_KILLS_BESIDE_OTHERS, Call, Death, Ending, after_death_as_a_whole
from sweep.dispatch.mark import NOTHING
from sweep.dispatch.pool import on_cluster
from sweep.dispatch.tasks import Task
from sweep.errors import WorkersError
from sweep.terms.outcome import Outcome, Status
from sweep.terms.reasons import WORKER_DIED, is_from_outside
from sweep.terms.surroundings import Surroundings, surroundings_here
from sweep.training.batch import Isolation

pytestmark = marks

each_isolation = pytest.mark.parametrize("isolation", [None, Isolation()], ids=["as a whole", "isolated"])


@pytest.fixture(scope="module")
def keeper():
    with kept_cluster() as it:
        yield it


@pytest.fixture
def client(keeper):
    with at_most(), client_of(keeper.cluster) as client:
        seconds_until(lambda: len(keeper.up()) == 2, at_most=60)
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
    assert is_from_outside(found[5][2]), "the next `sweep run` tries it again"


def a_while(replicate):
    time.sleep(0.02)
    return replicate


@each_isolation
def test_of_workers_that_are_killed_again_and_again_every_run_has_its_result(client, keeper, isolation):
    killer, found = Killer(keeper, times=4, runs=20), []
    for part, outcome in outcomes(client, Wild({}, isolation, gives=a_while), *[4] * 30):
        found.append((part, outcome))
        killer.advance(len(part))
    assert by_replicate(found) == {n: (Status.OK, float(n), "") for n in range(120)}
    assert killer.n_kills == 4


def used(diary):
    return {entry.split(".")[1] for entry in noted(diary)}


def test_a_worker_that_joins_late_is_used_and_one_that_leaves_is_not_missed(client, keeper, tmp_path):
    training, found = Wild({}, None, gives=a_while, diary=str(tmp_path)), []
    before = set(map(str, workers_of(client).values()))
    running = outcomes(client, training, *[1] * 300)
    with closing(running):
        found.append(next(running))
        keeper.n_workers = 3
        while not used(tmp_path) - before:
            found.append(next(running))
        (late,) = used(tmp_path) - before
        left, gone = next(
            (address, str(pid)) for address, pid in workers_of(client).items() if str(pid) != late
        )
        keeper.n_workers = 2
        client.retire_workers([left])
        n_at_leaving = len(noted(tmp_path))
        found += list(running)
    assert by_replicate(found) == {n: (Status.OK, float(n), "") for n in range(300)}
    of_the_rest = [entry.split(".")[1] for entry in noted(tmp_path)[n_at_leaving + 10 :]]
    assert late in of_the_rest
    assert gone not in of_the_rest


def differ():
    likeness._own_code = lambda: "an older commit"


def test_a_worker_that_is_unlike_is_told_in_a_line_and_not_used(client, keeper, tmp_path):
    (one, pid), (_, other) = workers_of(client).items()
    client.run(differ, workers=[one])
    told, training = [], Wild({}, None, gives=a_while, diary=str(tmp_path))
    found = trained(client, training, *[1] * 20, told=told)
    assert len(found) == 20
    assert used(tmp_path) == {str(other)}
    assert len(told) == 1
    assert told[0].startswith(f"the Dask worker {one} is not used: it has sweep ")
    assert "(an older commit), and here it is" in told[0]
    keeper.kill(pid)


def be_elsewhere():
    likeness.surroundings_here = lambda *_: Surroundings({}, "Another 3000", 64, "Linux")


def be_here():
    likeness.surroundings_here = surroundings_here


def test_it_is_told_where_each_worker_is_that_is_used(client):
    one, _ = workers_of(client)
    noted = []
    there = replace(cluster_of(client), used=noted.append)
    client.run(be_elsewhere, workers=[one])
    training = Wild({}, None, gives=a_while)
    with closing(dispatch(batches_of(*[1] * 10_000), training, on_cluster(there, ()))) as running:
        while len(noted) < 2:
            next(running)
    client.run(be_here, workers=[one])
    assert {each.processor for each in noted} == {"Another 3000", surroundings_here("", ()).processor}


def test_where_no_worker_gives_the_same_bits_the_sweep_ends_with_a_line(client, monkeypatch):
    monkeypatch.setattr(likeness, "_bits", lambda *_: "others")
    monkeypatch.setattr(crew, "SECONDS_TO_SETTLE", 0.5)
    with pytest.raises(WorkersError, match=r"gives other bits .* \(and 1 more\); no other is there"):
        trained(client, Wild({}, None), 1)


def test_if_the_only_good_worker_dies_another_one_is_waited_for(client, keeper):
    (one, pid), (_, other) = workers_of(client).items()
    client.run(differ, workers=[one])
    running, found = outcomes(client, Wild({}, None, gives=a_while), *[1] * 200, told=(told := [])), []
    while not told:
        found.append(next(running))
    keeper.kill(other)
    assert len(by_replicate([*found, *running])) == 200
    keeper.kill(pid)


def pause(dask_worker):
    dask_worker.status = distributed.Status.paused


def go_on(dask_worker):
    dask_worker.status = distributed.Status.running


def test_a_worker_that_pauses_is_given_nothing_until_it_goes_on(client, tmp_path):
    (one, pid), (_, other) = workers_of(client).items()
    client.run(pause, workers=[one])
    training = Wild({}, None, gives=a_while, diary=str(tmp_path))
    with closing(outcomes(client, training, *[1] * 10_000)) as running:
        for _ in range(20):
            next(running)
        assert used(tmp_path) == {str(other)}
        client.run(go_on, workers=[one])
        while len(used(tmp_path)) < 2:
            next(running)
        client.run(pause, workers=[one])
        while len(noted(tmp_path)) < 200:
            next(running)
        of_late = [entry.split(".")[1] for entry in noted(tmp_path)[-20:]]
        client.run(go_on, workers=[one])
    assert str(pid) not in of_late


def test_workers_that_are_busy_for_others_are_waited_for_and_it_is_said(client, monkeypatch):
    monkeypatch.setattr(crew, "SECONDS_WITHOUT_WORKERS", 0.2)
    monkeypatch.setattr(crew, "SECONDS_TO_SAY", 0.1)
    others = client.map(time.sleep, [2, 2.1])
    assert len(trained(client, Wild({}, None), 1, 2, told=(told := []))) == 3
    assert all(future.done() for future in others[:1])
    assert told == [
        f"waiting for the workers of the cluster {client.scheduler.address}: they are busy, perhaps with others' tasks"
    ]


@pytest.mark.parametrize(
    ("does", "named"), [(wild.leave, "SystemExit: 5"), (wild.interrupt, "KeyboardInterrupt")]
)
def test_a_training_that_would_leave_ends_no_worker(does, named, client, keeper):
    before = set(keeper.up())
    found = trained(client, Wild({1: does}, None), 1, 1, 1)
    assert {n: found[n][0] for n in found} == {0: Status.OK, 1: Status.FAILED, 2: Status.OK}
    assert found[1][2].rstrip().endswith(named)
    assert set(keeper.up()) == before


def device(_):
    time.sleep(0.02)
    return float(os.environ["CUDA_VISIBLE_DEVICES"])


def test_workers_of_one_thread_share_out_the_devices_of_their_machine(client):
    training, found = Wild({}, Isolation(devices=(4, 7)), gives=device), set()
    with closing(outcomes(client, training, *[1] * 1000)) as running:
        while found != {4.0, 7.0}:
            found.add(next(running)[1].metrics["value"][0, -1])


def test_first_runs_of_nobody_knows_how_long_are_given_out_one_by_one(client, tmp_path):
    training = Wild({}, Isolation(), gives=lambda replicate: time.sleep(1) or replicate, diary=str(tmp_path))
    trained(client, training, 4)
    assert len({entry.split(".")[1] for entry in noted(tmp_path)}) == 2


def test_of_two_sweeps_on_a_worker_the_one_is_not_blamed_for_the_other():
    poisoned, other = Wild({2: wild.kill_itself}, None, gives=a_while), Wild({}, None, gives=a_while)
    with (
        at_most(),
        kept_cluster(1) as keeper,
        client_of(keeper.cluster) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        beside = pool.submit(trained, client, poisoned, *[1] * 6)
        found = trained(client, other, *[1] * 60)
        assert beside.result()[2][0] == Status.KILLED
    assert {one[0] for one in found.values()} == {Status.OK}


def test_what_else_is_told_in_the_cluster_disturbs_nobody(client, caplog):
    heard = []
    client.subscribe_topic("all", heard.append)
    with closing(outcomes(client, Wild({}, None, gives=a_while), *[1] * 10_000)) as running:
        next(running)
        client.log_event("all", "no event of Dask's own")
        while not any("no event" in str(event) for event in heard):
            next(running)
    n_heard = len(heard)
    client.log_event("all", "another one")
    seconds_until(lambda: len(heard) > n_heard, at_most=10)
    assert not re.search("while trying to write .*Client-sweep", caplog.text), (
        "it is told that nobody listens any more"
    )


def test_a_worker_whose_disk_is_full_is_refused_and_its_task_goes_back(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workplace, "open_house", full)
    brief = brief_of(Wild({}, Isolation()), (), None)
    (batch,) = batches_of(3)
    task = Task(batch)
    answer = Workplace(brief, may_start=True).do(Order(brief.name, 1, task, 0), lambda: True)
    assert (answer.outcomes, answer.back) == ((), (task,))
    assert answer.failure == "it cannot train (No space left on device)"


def test_of_a_worker_that_is_silent_the_work_is_done_by_others(client, tmp_path, monkeypatch):
    monkeypatch.setattr(crew, "SECONDS_UNHEARD", 3.0)
    monkeypatch.setattr(crew, "SECONDS_BETWEEN_LOOKS", 0.2)
    (stopped, pid), _ = workers_of(client).items()
    training, told, found = Wild({}, None, gives=a_while, diary=str(tmp_path)), [], []
    running = outcomes(client, training, *[1] * 300, told=told)
    while len(used(tmp_path)) < 2:
        found.append(next(running))
    os.kill(pid, signal.SIGSTOP)
    try:
        found += list(running)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert len(by_replicate(found)) == 300
    assert told == [f"the Dask worker {stopped} has not been heard of for 3 s: others do its work"]


def test_workers_in_one_process_do_not_disturb_each_other():
    with (
        at_most(),
        local_cluster(processes=False) as cluster,
        client_of(cluster) as client,
    ):
        found = trained(client, Wild({}, Isolation(), gives=a_while), *[2] * 10)
        assert {one[0] for one in found.values()} == {Status.OK}
        assert trained(client, Wild({}, None), 4, 4)[7] == (Status.OK, 49, "")


def brief(**options):
    return replace(brief_of(Wild({}, Isolation()), (), None), **options)


def test_a_workplace_closes_by_itself_when_nobody_has_wanted_anything_for_long(tmp_path, monkeypatch):
    monkeypatch.setattr(workplace, "SECONDS_TO_IDLE", 0.2)
    (tmp_path / "mine.py").write_text("")
    place = Workplace(brief(code=pack(tmp_path).packed), may_start=True)
    place.look()
    folder = place._code
    assert folder.exists()
    seconds_until(lambda: not folder.exists(), at_most=10)
    (batch,) = batches_of(1)
    assert place.do(Order(place.brief.name, 1, Task(batch), 0), lambda: True).is_unknown


def test_a_reason_names_files_by_where_the_user_has_them(tmp_path):
    (tmp_path / "mine.py").write_text("")
    place = Workplace(brief(code=pack(tmp_path).packed, folder=tmp_path), may_start=True)
    place.look()
    (batch,) = batches_of(1)
    why = f'File "{place._code}/mine.py", line 1'
    outcome = Outcome.without_result(batch.keys, batch.replicates, Status.FAILED, why)
    assert place._at_home(outcome).reasons == {0: f'File "{tmp_path}/mine.py", line 1'}
    place.close()


def test_a_run_in_a_slot_is_given_up_only_when_many_workers_have_died_under_it():
    (batch,) = batches_of(1)
    task, n = Task(batch), 0
    while task is not None:
        n += 1
        death = Death(Ending(Status.KILLED, WORKER_DIED), at_random=True)
        outcomes, back = after_death_as_a_whole(Call(n, task, [], None), NOTHING._replace(batch=n), death)
        task = back[0] if back else None
    assert n == MOST_KILLS_BESIDE_OTHERS
    assert outcomes[0][1].reasons == {0: f"10 times {WORKER_DIED}"}


def be_broken():
    def broken(_):
        raise RuntimeError("broken")

    on_worker.do = broken


def test_a_worker_that_cannot_do_a_task_is_refused_and_no_run_fails_for_it(client, keeper):
    (one, pid), _ = workers_of(client).items()
    client.run(be_broken, workers=[one])
    running, found = outcomes(client, Wild({}, None, gives=a_while), *[1] * 1000, told=(told := [])), []
    with closing(running):
        while not told:
            found.append(next(running))
    keeper.kill(pid)
    assert told == [f"the Dask worker {one} is not used: it cannot do a task (RuntimeError: broken)"]
    assert {one[0] for one in by_replicate(found).values()} == {Status.OK}


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


def test_a_cluster_without_workers_is_waited_for_but_not_for_ever(monkeypatch, tmp_path):
    with at_most(), local_cluster(n_workers=0) as empty, client_of(empty) as client:
        monkeypatch.setattr(crew, "SECONDS_WITHOUT_WORKERS", 0.3)
        monkeypatch.setattr(crew, "SECONDS_TO_SAY", 0.1)
        told = []
        with pytest.raises(WorkersError, match=r"has been ready for 0\.3 s: start some by `dask worker`"):
            trained(client, Wild({}, None), 1, told=told)
        address = client.scheduler.address
        assert told == [
            f"waiting for workers of the cluster {address}, up to 0.3 s: start some by `dask worker`"
        ]
        monkeypatch.setattr(crew, "SECONDS_WITHOUT_WORKERS", 60)
        empty.adapt(minimum=0, maximum=3, interval="50ms", target_duration="20ms")
        training = Wild({}, None, gives=a_while, diary=str(tmp_path))
        found = outcomes(client, training, *[1] * 10_000)
        with closing(found):
            while len(used(tmp_path)) < 3:
                next(found)


def test_workers_whose_lifetime_is_over_are_replaced_and_no_run_is_lost(tmp_path):
    with at_most(), kept_cluster(lifetime="3s") as keeper, client_of(keeper.cluster) as client:
        training, found = Wild({}, None, gives=a_while, diary=str(tmp_path)), []
        with closing(outcomes(client, training, *[1] * 10_000)) as running:
            while len(used(tmp_path)) < 4:
                found.append(next(running))
    assert {one[0] for one in by_replicate(found).values()} == {Status.OK}


def test_with_several_threads_a_worker_the_neighbour_of_a_culprit_is_not_blamed(tmp_path):
    with at_most(), kept_cluster(1, threads=3) as keeper, client_of(keeper.cluster) as client:
        training = Wild({4: wild.kill_itself}, None, gives=a_while, diary=str(tmp_path))
        found = trained(client, training, *[1] * 12)
    assert {n: found[n] for n in found if found[n][0] != Status.OK} == {
        4: (Status.KILLED, None, "3 times the Dask worker that trained it died")
    }
    assert len(found) == 12
