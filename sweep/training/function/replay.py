"""One run again, in this process, as a debugger wants it: what it raises comes out."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sweep.training.batch import WITHOUT_STEPS, Batch, Desk
from sweep.training.function.returned import ReturnedError, arrays_in, numbers_in
from sweep.training.function.rows import arguments_of, told_yields
from sweep.training.function.signature import Signature


def replay(
    function: Callable[..., Any], signature: Signature, metrics: Sequence[str], batch: Batch, desk: Desk
) -> dict[str, float]:
    """Call a function for a batch of one trajectory, and return its metrics, of a generator those at the end.

    Raises whatever the function raises, and `ReturnedError` for what it must not return.
    """
    (arguments,) = arguments_of(batch, signature.handed, desk)
    for name in signature.batched:
        if name in arguments:
            arguments[name] = np.array([arguments[name]])
    given = function(**arguments)
    if signature.is_generator:
        told = {"epochs": batch.steps[-1]} if batch.steps != WITHOUT_STEPS else arguments
        yielded = deque(told_yields(given, told), maxlen=1)
        if not yielded:
            raise ReturnedError("yielded nothing, expected numbers after each epoch")
        given = yielded[0]
    numbers = (
        [array[0] for array in arrays_in(given, metrics, 1)]
        if signature.batched
        else numbers_in(given, metrics)
    )
    return dict(zip(metrics, map(float, numbers), strict=True))
