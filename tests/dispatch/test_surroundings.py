"""A sweep by workers is right wherever it is called: in threads, pools and forks, beside and inside of joblib."""

import multiprocessing
import os
import sys
import threading
import time

import pytest
from dispatch.wild import Wild, batches_of, by_replicate
from joblib import Parallel, delayed

from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.pool import choose_pool, processes
from sweep.terms.outcome import Status
from sweep.training.batch import Isolation

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks")

ALL_WELL = {n: (Status.OK, float(n * n), "") for n in range(8)}
of_each_kind = pytest.mark.parametrize("isolation", [None, Isolation()])


def trained(isolation):
    return by_replicate(dispatch(batches_of(*[2] * 4), Wild({}, isolation), processes(2)))


@of_each_kind
def test_in_two_threads_at_once(isolation):
    found = {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: trained(isolation)})) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == {0: ALL_WELL, 1: ALL_WELL}


@of_each_kind
def test_beside_a_joblib_generator_that_is_not_read_to_its_end(isolation):
    mine = Parallel(n_jobs=2, return_as="generator")(delayed(time.sleep)(0.1) for _ in range(8))
    next(mine)
    assert trained(isolation) == ALL_WELL
    assert len(list(mine)) == 7


def test_inside_of_a_parallel_of_the_callers():
    assert Parallel(n_jobs=2)(delayed(trained)(None) for _ in range(2)) == [ALL_WELL] * 2


@of_each_kind
def test_in_a_fork_before_and_after_it(isolation):
    for _ in range(2):
        assert trained(isolation) == ALL_WELL
        child = os.fork()
        if child == 0:
            os._exit(0 if trained(isolation) == ALL_WELL else 1)
        assert trained(isolation) == ALL_WELL
        assert os.waitpid(child, 0)[1] == 0


def trained_as_chosen(isolation):
    pool = choose_pool(2, 4, 100.0, isolation)
    return by_replicate(dispatch(batches_of(*[2] * 4), Wild({}, isolation), pool))


def test_in_a_worker_of_a_pool():
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(trained_as_chosen, (None,)) == ALL_WELL
        with pytest.raises(Exception, match="a daemonic process"):
            pool.apply(trained_as_chosen, (Isolation(),))
