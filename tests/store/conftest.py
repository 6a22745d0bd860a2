import numpy as np
import pytest

from sweep.store import KEY, Curves, Record


@pytest.fixture(scope="session")
def make_record():
    """Return a function that makes a record from a seed: n trajectories, k epochs, curves of c points, w weights."""

    def make(seed, n=3, k=2, c=0, p=5, w=0):
        rng = np.random.default_rng(seed)
        losses = rng.random((n, k))
        losses[0, 0] = (np.inf, np.nan, -0.0)[seed % 3]
        curves = Curves(np.arange(c), rng.random((n, c)), rng.random((n, p))) if c else None
        return Record(
            keys=np.frombuffer(rng.bytes(16 * n), KEY),
            replicates=rng.integers(0, 1000, n),
            epochs=100 * np.arange(1, k + 1),
            losses=losses,
            diverged_at=rng.integers(0, 2, n),
            seconds=float(rng.random()),
            curves=curves,
            weights=rng.normal(size=(n, w)) if w else None,
        )

    return make


@pytest.fixture(scope="session")
def bits():
    """Return a function that gives all bits of a record, also without those of its curves or weights."""

    def of(record, curves=True, weights=True):
        arrays = [record.keys, record.replicates, record.epochs, record.losses, record.diverged_at]
        if curves and record.curves is not None:
            arrays += [record.curves.epochs, record.curves.losses, record.curves.outputs]
        if weights and record.weights is not None:
            arrays.append(record.weights)
        return record.seconds, tuple((array.dtype.str, array.shape, array.tobytes()) for array in arrays)

    return of


@pytest.fixture(scope="session")
def tree():
    """Return a function that gives the contents of all files below a folder."""

    def of(folder):
        return {
            path.relative_to(folder): path.read_bytes() if path.is_file() else None
            for path in folder.rglob("*")
        }

    return of
