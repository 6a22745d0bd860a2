"""What a training of the article's network gives: the checked loss, and the error in the unit of the target."""

import numpy as np

from sweep.terms.arrays import Floats
from sweep.terms.metric import Derived, Metric


def rms_error(loss: Floats, check_points: Floats) -> Floats:
    """Return sqrt(2 · loss / points): the root of the mean square of y − f over the points the loss is a sum over.

    >>> rms_error(np.array([5.5, np.inf]), np.array([11.0]))
    array([ 1., inf])
    """
    return np.asarray(np.sqrt(loss / check_points * 2.0))


FINAL_LOSS = Metric(
    "final_loss",
    short="loss",
    many="losses",
    along="checked loss",
    along_caption="The loss on the check points after each update",
)
"""The sum of ½(y − f)² over the check points, after the last epoch."""

RMS_ERROR = Metric(
    "rms_error",
    unit="unit of f",
    article="an",
    derived=Derived(FINAL_LOSS.name, ("check_points",), rms_error),
)
"""The same in the unit of the target."""

METRICS = (FINAL_LOSS, RMS_ERROR)
