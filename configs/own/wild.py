"""A function that goes wrong on purpose, here and there, in every way that a training can.

The sweep goes on whatever it does: a run that is ended, or ends its process, costs no other run its result.
"""

import os
import time

STEP = 50_000_000  # bytes


def train(danger, strength=1.0, *, replicate, folder):
    """Return an error, if nothing happens; it happens in every third replicate."""
    print(f"replicate {replicate}: beware of {danger}")  # kept, and shown by `sweep failures`
    if replicate % 3 == 2:
        happen(danger, folder)
    return strength / (replicate + 1)


def happen(danger, folder):
    """Let what is dangerous happen."""
    if danger == "an exception":
        raise ValueError("the matrix is singular")
    if danger == "an endless loop":
        while True:
            time.sleep(0.01)
    if danger == "greed":
        kept = []
        while True:
            if len(kept) < 20:  # a gigabyte is harmless, and twice what wild.toml allows
                kept.append(b"x" * STEP)
            time.sleep(0.01)
    if danger == "a crash":
        os.abort()  # as a fault in a compiled library does
    if danger == "a moody server":
        # Fails the first time only. `folder` is the run's own, and the same when it is tried again: `retries` helps.
        tried = folder / "tried"
        if not tried.exists():
            tried.touch()
            raise ConnectionError("come back later")
