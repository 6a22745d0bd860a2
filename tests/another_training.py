"""A second kind of training, as small as one can be: what a new kind has to say, and nothing else."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sweep.terms.keys import Table
from sweep.terms.metric import Metric
from sweep.terms.outcome import Outcome, Status
from sweep.training.kind import Training
from sweep.training.parameter import parameter, parameters_of


class Settings(Table):
    a: Literal["low", "middle", "high"] = parameter("low", meaning="a text")
    b: int = parameter(1, meaning="a whole number", ge=0, le=100)


@dataclass(frozen=True)
class AnotherTraining(Training):
    name = "another training"
    version = "1"
    parameters = parameters_of(Settings)
    metrics = (Metric("accuracy", "higher"), Metric("error"))
    varying = frozenset(parameters)

    def train(self, batch):
        a = np.array([("low", "middle", "high").index(a) for a in batch.varying["a"]])
        noise = np.array([np.random.default_rng([batch.seed, r]).normal() for r in batch.replicates])
        accuracy = 0.5 + 0.1 * a + 0.01 * batch.varying["b"] + 0.02 * noise
        return Outcome(
            keys=batch.keys,
            replicates=batch.replicates,
            steps=np.array(batch.steps),
            metrics={"accuracy": accuracy[:, None], "error": 1 - accuracy[:, None]},
            status=np.full(len(batch), Status.OK, dtype=np.uint8),
            ended_at=np.zeros(len(batch), dtype=np.int64),
            seconds=0.0,
        )
