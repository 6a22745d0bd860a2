"""Trainings as runs of MLflow, in an experiment of the sweep's name."""

import os
from contextlib import redirect_stderr
from io import StringIO
from typing import Any

import pandas as pd

from sweep.errors import InputError
from sweep.exports.sweep_runs import SweepRuns, needed

MOST_STORED = 20_000
"""Trainings that are logged, which takes some hundredths of a second each."""

_LONGEST = 6000  # what MLflow takes as a parameter


def to_mlflow(sweep: SweepRuns, tracking_uri: str | None = None) -> str:
    """Log a run of MLflow for each training, and return the id of the experiment.

    A training is a setting and a replicate: axes and what is fixed are its parameters, metrics have the step count as
    their step, so that several epoch counts are points of one curve. The runs are not nested: MLflow's page groups them
    by their parameters. `replicate`, `status` and `reason` are tags; a training without a result is FAILED.

    Parameters
    ----------
    sweep
        The runs.
    tracking_uri
        The server or database of MLflow, "sqlite:///mlflow.db"; the one that MLflow has been told if None.

    Raises
    ------
    InputError
        If the sweep is too large, the experiment is there already, or MLflow is not installed.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # what is exported here is nobody else's
    client_of = needed("mlflow.tracking", "mlflow").MlflowClient
    entities = needed("mlflow.entities", "mlflow")
    settings = [axis for axis in sweep.levels if axis != sweep.steps]
    trainings = sweep.runs.groupby([*settings, "replicate"], sort=False)
    if trainings.ngroups > MOST_STORED:
        raise InputError(
            f"{trainings.ngroups:,} trainings would take long to log, {MOST_STORED:,} is the most: "
            "export a part of the sweep"
        )
    with redirect_stderr(StringIO()):  # it tells of each table that it makes
        client = client_of(tracking_uri=tracking_uri)
        if client.get_experiment_by_name(sweep.name) is not None:
            raise InputError(
                f"MLflow has an experiment {sweep.name!r} already: delete or rename it there, or choose another place"
            )
        experiment: str = client.create_experiment(sweep.name, tags={"mlflow.note.content": sweep.title})
        for place, runs in trainings:
            _log(
                client,
                entities,
                experiment,
                sweep,
                dict(zip([*settings, "replicate"], place, strict=True)),
                runs,
            )
    return experiment


def _log(
    client: Any, entities: Any, experiment: str, sweep: SweepRuns, place: dict[str, Any], runs: pd.DataFrame
) -> None:
    last = runs.to_dict("records")[-1]
    reason = sweep.reason(last)
    replicate = place.pop("replicate")
    told = {"replicate": str(replicate), "status": last["status"]} | ({"reason": reason} if reason else {})
    words = ", ".join(f"{axis}={place[axis]}" for axis in sweep.moving if axis in place)
    run = client.create_run(experiment, start_time=0, run_name=f"{words} #{replicate}".strip(), tags=told)
    metrics = [
        entities.Metric(metric.name, float(row[metric.name]), 0, int(row[sweep.steps]) if sweep.steps else 0)
        for row in runs.to_dict("records")
        for metric in sweep.metrics
        if abs(row[metric.name]) < float("inf")
    ]
    params = [entities.Param(name, str(value)[:_LONGEST]) for name, value in {**sweep.fixed, **place}.items()]
    client.log_batch(run.info.run_id, metrics=metrics, params=params)
    has_failed = last["status"] not in ("ok", "diverged")
    client.set_terminated(run.info.run_id, "FAILED" if has_failed else "FINISHED", end_time=0)
