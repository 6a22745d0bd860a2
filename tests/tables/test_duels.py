import numpy as np
import pytest

import sweep
from sweep.tables.duels import duels_table

GRID = {"learning_rate": [0.01, 0.1, 300.0], "function": ["x", "x**2"], "replicates": 6}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    config = {"target": {"interval": [0, 1]}, "grid": GRID | {"epochs": [5, 20]}}
    return sweep.run(config, results=tmp_path_factory.mktemp("duels"), workers=1, report=False)


def expected(found, problems):
    """The same by pandas, run by run."""
    runs = found.runs.assign(final_loss=found.runs["final_loss"].fillna(np.inf))
    axes = list(found.levels)
    rows = []
    for _, cell in found.cells.iterrows():
        same = found.cells[(found.cells[problems] == cell[problems]).all(axis=1)] if problems else found.cells
        best = same.loc[same["median"].idxmin()]
        mine, theirs = (
            runs[(runs[axes] == one[axes]).all(axis=1)].sort_values("replicate")["final_loss"].to_numpy()
            for one in (best, cell)
        )
        rows.append((int((mine < theirs).sum()), int((mine != theirs).sum())))
    return rows


@pytest.mark.parametrize("problems", [[], ["function"]])
def test_pairs_are_counted_replicate_by_replicate_against_the_best_of_the_same_problem(found, problems):
    table = duels_table(found.collected, problems)
    assert list(table.itertuples(index=False, name=None)) == expected(found, problems)
