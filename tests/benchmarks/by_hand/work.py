"""A function that works for a thousandth of a second, and its 2000 runs with each library.

    python -m tests.benchmarks.by_hand.work WAY N_RUNS

It makes the table of runs twice, and prints as JSON what each call took: the first one imports and starts what it
needs, the second one finds the libraries imported (and joblib its workers, which it keeps). The way "pure" does the
work in two processes that are up, and nothing else; "nothing" sweeps a function that does nothing, 100 times and N_RUNS
times.
"""

import json
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

PROCESSES = 2
SECONDS = 1e-3
VALUES = 20


def train(x, replicate):
    """Work, by the clock of the processor: who has it for half of the time takes twice as long."""
    end = time.process_time() + SECONDS
    while time.process_time() < end:
        pass
    return x + replicate / 1000


def nothing(x, replicate):
    """Do no work."""
    return x + replicate / 1000


def by_sweep(n_runs, report=False, function=train):
    import sweep

    with TemporaryDirectory() as folder:
        found = sweep.run(
            function,
            grid={"x": list(range(VALUES))},
            replicates=n_runs // VALUES,
            metrics={"loss": "lower"},
            workers=PROCESSES,
            results=Path(folder, "results"),
            report=report,
        )
    return found.runs


def by_sweep_with_report(n_runs):
    return by_sweep(n_runs, report=True)


def by_joblib(n_runs):
    import pandas as pd
    from joblib import Parallel, delayed

    runs = _runs(n_runs)
    losses = Parallel(n_jobs=PROCESSES)(delayed(train)(*run) for run in runs)
    return pd.DataFrame(runs, columns=["x", "replicate"]).assign(loss=losses)


def by_pipefunc(n_runs):
    from concurrent.futures import ProcessPoolExecutor

    import numpy as np
    import pandas as pd
    from pipefunc import Pipeline, pipefunc

    inputs = {"x": list(range(VALUES)), "replicate": list(range(n_runs // VALUES))}
    pipeline = Pipeline([pipefunc("loss", mapspec="x[i], replicate[j] -> loss[i, j]")(train)])
    with ProcessPoolExecutor(PROCESSES) as executor:
        found = pipeline.map(inputs, executor=executor, storage="dict", show_progress=False)
    losses = np.asarray(found["loss"].output, dtype=float).ravel()
    return pd.DataFrame(_runs(n_runs), columns=["x", "replicate"]).assign(loss=losses)


def by_optuna(n_runs):
    """Take a trial for each value, which makes all of its replicates, as in `with_optuna`, in two processes."""
    import optuna
    import pandas as pd
    from joblib import Parallel, delayed

    with TemporaryDirectory() as folder:
        journal = str(Path(folder, "study.log"))
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        optuna.create_study(study_name="work", storage=_storage(journal))
        Parallel(n_jobs=PROCESSES)(delayed(_work)(journal, n_runs // VALUES) for _ in range(PROCESSES))
        trials = optuna.load_study(study_name="work", storage=_storage(journal)).get_trials()
    rows = [(t.params["x"], r, loss) for t in trials for r, loss in enumerate(t.user_attrs.get("losses", ()))]
    return pd.DataFrame(rows, columns=["x", "replicate", "loss"]).drop_duplicates(["x", "replicate"])


def _storage(journal):
    import optuna

    return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(journal))


def _work(journal, replicates):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.GridSampler({"x": list(range(VALUES))}, seed=0)
    study = optuna.load_study(study_name="work", storage=_storage(journal), sampler=sampler)
    study.optimize(lambda trial: _trial(trial, replicates))


def _trial(trial, replicates):
    x = trial.suggest_categorical("x", list(range(VALUES)))
    losses = [train(x, replicate) for replicate in range(replicates)]
    trial.set_user_attr("losses", losses)
    return sum(losses)


def pure(n_runs):
    """Do the work and nothing else, in two processes that are up; return what the slower one took."""
    from multiprocessing import get_context

    context = get_context("spawn")
    ready = context.Barrier(PROCESSES)
    with context.Pool(PROCESSES, initializer=_hold, initargs=(ready,)) as pool:
        return max(pool.map(_runs_of_one, [n_runs // PROCESSES] * PROCESSES, chunksize=1))


def _hold(ready):
    global _ready
    _ready = ready


def _runs_of_one(n):
    _ready.wait()
    started = time.perf_counter()
    for replicate in range(n):
        train(0, replicate)
    return time.perf_counter() - started


def _runs(n_runs):
    return [(x, replicate) for x in range(VALUES) for replicate in range(n_runs // VALUES)]


WAYS = {
    "sweep": by_sweep,
    "sweep_with_report": by_sweep_with_report,
    "joblib": by_joblib,
    "pipefunc": by_pipefunc,
    "optuna": by_optuna,
    "nothing": partial(by_sweep, function=nothing),
}


def measured(name, n_runs):
    """Return what two calls of a way took, of runs that are those expected."""
    took = []
    for n in (100, 100, n_runs) if name == "nothing" else (n_runs, n_runs):
        started = time.perf_counter()
        runs = WAYS[name](n)
        took.append(time.perf_counter() - started)
        if len(runs) != n or (runs["loss"] - runs["x"] - runs["replicate"] / 1000).abs().max() > 1e-9:
            raise AssertionError(f"{name} gave other runs")
    return took[-2:]


if __name__ == "__main__":
    way, n_runs = sys.argv[1], int(sys.argv[2])
    print(json.dumps([pure(n_runs)] if way == "pure" else measured(way, n_runs)))
