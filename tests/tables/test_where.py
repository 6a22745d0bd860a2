"""Values of axes as a person names them: rounded as they are shown, and told in few words where there are none."""

import re
from pathlib import Path

import numpy as np
import pytest
from running import SMALL, sweep, write_config

import sweep as package
from sweep.tables.where import meant_level

LOG = [float(f"{rate:.6g}") for rate in np.geomspace(0.001, 1, 400)]


def test_a_number_finds_the_value_that_is_shown_so():
    assert meant_level("rate", 0.027, [0.0253, 0.0270027, 0.0288]) == 0.0270027
    assert meant_level("rate", "0.027", [0.0253, 0.0270027, 0.0288]) == 0.0270027
    near = min(LOG, key=lambda rate: abs(rate - 0.027))
    assert meant_level("rate", float(f"{near:.3g}"), LOG) == near


@pytest.mark.parametrize("level", LOG[::37])
@pytest.mark.parametrize("digits", [3, 4, 5, 6])
def test_every_value_is_found_by_any_of_its_roundings_that_no_other_has(level, digits):
    told = float(f"{level:.{digits}g}")
    same = [other for other in LOG if float(f"{other:.{digits}g}") == told]
    assert same == [level]
    assert meant_level("rate", told, LOG) == meant_level("rate", repr(told), LOG) == level


def test_the_value_itself_goes_before_one_that_is_rounded_to_it():
    assert meant_level("rate", 0.027, [0.027, 0.0270027]) == 0.027
    assert meant_level("rate", 0.0270027, [0.027, 0.0270027]) == 0.0270027


def test_of_several_that_are_rounded_to_it_none_is_taken():
    with pytest.raises(
        package.InputError,
        match=re.escape("rate = 0.027 may be 0.02671, 0.02696, 0.0272 or 0.02744: give more digits"),
    ):
        meant_level("rate", 0.027, [0.02647, 0.02671, 0.02696, 0.0272, 0.02744])


@pytest.mark.parametrize(
    ("told", "levels"),
    [
        (0.03, [0.01, 0.0316228, 0.1]),  # 0.032 in figures: two digits at least
        (1, [0.1, 0.97, 10.0]),
        (1000, [997, 1003]),  # whole numbers are shown in full
        (float("inf"), [0.1, 0.2]),
        (float("nan"), [0.1, 0.2]),
        ("9" * 400, [1, 2, 3]),
        (None, [0.1]),
    ],
)
def test_what_is_not_shown_so_is_not_meant(told, levels):
    with pytest.raises(package.InputError, match=r"no cell has rate = .*; it has "):
        meant_level("rate", told, levels)


def test_words_and_numbers_that_are_shown_as_text_are_found():
    assert meant_level("flag", "true", [False, True]) is True
    assert meant_level("kind", 0.1, ["0.1", "a"]) == "0.1"
    assert meant_level("kind", True, ["0.1", "true"]) == "true"
    assert meant_level("size", 3.0, [2, 3]) == 3
    assert meant_level("size", np.int64(3), [2, 3]) == 3


def test_of_many_values_the_nearest_are_named():
    with pytest.raises(package.InputError) as error:
        meant_level("rate", 0.5005, LOG)
    near = sorted(sorted(LOG, key=lambda rate: abs(rate - 0.5005))[:4])
    assert str(error.value).endswith(f"the nearest of its 400 values are {', '.join(map(str, near))}")
    with pytest.raises(package.InputError, match=r"name17.* are among its 100 values"):
        meant_level("kind", "nam17", [f"name{i}" for i in range(100)])


def test_rounded_values_are_found_by_every_command_and_method(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = {"learning_rate": {"log": [0.01, 0.1], "num": 8}, "neurons": [2, 3], "replicates": 2}
    config = write_config(Path("small.toml"), SMALL | {"grid": grid, "store": {"weights": True}})
    found = package.run(config, workers=1, report=False)
    exact = found.levels["learning_rate"][3]
    assert f"{exact:.2g}" == "0.027" != str(exact)

    assert len(found.pivot("neurons", "epochs", learning_rate=0.027)) == 2
    assert found.heatmap("neurons", "epochs", learning_rate=0.027)
    where = {"learning_rate": 0.027, "neurons": 2}
    exactly = {"learning_rate": exact, "neurons": 2}
    assert found.stored(where=exactly) == found.stored(**where)
    assert found.replay(where=where).items() <= found.stored(**where).items()
    assert found.networks(**where).keys() == {0, 1}
    assert found.network(1, **where)(1.5) == found.network(1, **exactly)(1.5)
    assert found.portraits(**where)[0] == exactly

    asked = ("--where", "learning_rate=0.027", "--where", "neurons=2")
    (row,) = sweep("table", "small.toml", *asked).splitlines()[1:]
    assert float(row.split()[1]) == exact
    assert "stored" not in sweep("replay", "small.toml", *asked)
    told = sweep("table", "small.toml", "--where", "learning_rate=0.05", code=2)
    assert "no cell has learning_rate = 0.05; it has 0.01, 0.013" in told


def test_an_axis_that_must_be_named_is_told_with_few_of_its_values(tmp_path):
    grid = {"learning_rate": {"log": [0.01, 0.1], "num": 30}, "replicates": 1}
    found = package.load(
        write_config(tmp_path / "many.toml", SMALL | {"grid": grid}), results=tmp_path / "none"
    )
    with pytest.raises(
        package.InputError, match=r"30 are left. Name one of its values: 0\.01, [^.]*"
    ) as error:
        found.replay()
    assert len(str(error.value)) < 250
