"""The lists of config keys in configs/README.md are those that the code derives from its fields."""

import tomllib
from pathlib import Path

import pytest

from sweep.config import example_config, parse_experiment
from sweep.config.key_list import function_key_list_markdown, key_list, key_list_markdown
from sweep.config.schema import Schema
from sweep.training.network.kind import NetworkTraining

README = Path(__file__).parents[2] / "configs" / "README.md"
TRAINING = NetworkTraining()
KEYS = Schema(TRAINING).keys
FIELDS = TRAINING.parameters
START, END = "<!-- config keys -->", "<!-- end of config keys -->"


def test_the_readme_lists_every_key_as_the_code_has_it() -> None:
    text = README.read_text(encoding="utf-8")

    assert START in text
    listed = text.partition(START)[2].partition(END)[0].strip()

    assert listed == key_list_markdown(TRAINING)


def test_the_readme_lists_the_keys_of_a_function_as_the_code_has_them() -> None:
    text = README.read_text(encoding="utf-8")
    listed = text.partition("<!-- function keys -->")[2].partition("<!-- end of function keys -->")[0].strip()

    assert listed == function_key_list_markdown()


def test_every_key_has_a_range_a_default_and_a_meaning() -> None:
    rows = key_list(TRAINING)

    assert len(rows) == sum(len(keys) for keys in KEYS.values())
    assert all(all(cell for cell in row) for row in rows)


def test_every_row_of_the_markdown_has_six_cells() -> None:
    assert {line.count("|") for line in key_list_markdown(TRAINING).splitlines()} == {7}


@pytest.mark.parametrize("field", [field for field in FIELDS.values() if field.default not in (None, ())])
def test_every_default_is_in_its_own_range(field: object) -> None:
    assert isinstance(field, type(FIELDS["neurons"]))
    default = list(field.default) if isinstance(field.default, tuple) else field.default

    assert field.check(default) == field.default


def test_the_defaults_that_the_example_states_are_those_of_the_code() -> None:
    stated = tomllib.loads(example_config())
    swept = {"function", "interval"}

    experiment = parse_experiment(example_config(), "example")

    for table in ("network", "training"):
        for name in stated[table].keys() - swept:
            assert experiment.fixed[name] == FIELDS[name].default, name
