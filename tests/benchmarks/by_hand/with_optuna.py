"""The sweep with Optuna's grid sampler, a trial for each cell, which trains all its replicates.

A trial for each run would be nearer to how the others do it, but the sampler looks through all trials at each: that
took five minutes for the whole grid.
"""

import sys
from itertools import product
from statistics import median

import optuna
import pandas as pd
from joblib import Parallel, delayed

from tests.benchmarks.by_hand import grid

SPACE = {"learning_rate": grid.LEARNING_RATES, "neurons": grid.NEURONS, "epochs": grid.EPOCHS}
N_CELLS = len(list(product(*SPACE.values())))
NAME, JOURNAL = "sweep", "study.log"


def objective(trial, n_replicates):
    cell = [trial.suggest_categorical(axis, values) for axis, values in SPACE.items()]
    losses = [grid.final_loss(*cell, replicate) for replicate in range(n_replicates)]
    trial.set_user_attr("losses", losses)
    return median(losses)


def in_threads(n_replicates):
    """Keep the study in memory, and run trials in threads."""
    study = optuna.create_study(sampler=optuna.samplers.GridSampler(SPACE, seed=0))
    study.optimize(lambda trial: objective(trial, n_replicates), n_trials=N_CELLS, n_jobs=grid.PROCESSES)
    return _runs(study)


def in_processes(n_replicates):
    """Keep the study in a journal file, on which several processes work; SQLite takes longer."""
    optuna.create_study(study_name=NAME, storage=_storage())
    Parallel(n_jobs=grid.PROCESSES)(delayed(_work)(n_replicates) for _ in range(grid.PROCESSES))
    return _runs(optuna.load_study(study_name=NAME, storage=_storage()))


def _storage():
    return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(JOURNAL))


def _work(n_replicates):
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # The same seed in both processes, since it numbers the cells. The sampler stops when the grid is exhausted.
    sampler = optuna.samplers.GridSampler(SPACE, seed=0)
    study = optuna.load_study(study_name=NAME, storage=_storage(), sampler=sampler)
    study.optimize(lambda trial: objective(trial, n_replicates))


def _runs(study):
    """Return the table of runs; two processes may have taken the same cell at the same time."""
    rows = [
        (*(trial.params[axis] for axis in SPACE), replicate, loss)
        for trial in study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
        for replicate, loss in enumerate(trial.user_attrs["losses"])
    ]
    return pd.DataFrame(rows, columns=[*grid.AXES, "final_loss"]).drop_duplicates(grid.AXES)


WAYS = {"in_threads": in_threads, "in_processes": in_processes}

if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    grid.finish(WAYS[sys.argv[2]](int(sys.argv[1])))
