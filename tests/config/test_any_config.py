"""Whatever a file holds, it becomes an experiment or a `ConfigError`; no other error, and no long message."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sweep.config import example_config, parse_experiment
from sweep.errors import ConfigError, Mistake
from sweep.training.network.setting import PARAMETERS as FIELDS

KEYS = [
    *FIELDS,
    "title",
    "max_runs",
    "replicates",
    "seed",
    "zip",
    "exclude",
    "curves",
    "log",
    "num",
    "range",
    "lr",
]
numbers = st.integers(-3, 12) | st.sampled_from(
    [10**6, 10**20, 16**400, 0.1, 1e300, float("inf"), float("nan")]
)
leaves = (
    numbers | st.booleans() | st.sampled_from(["x**2", "log(x)", "x +", "relu", "neurons", "0.1", "", "\n"])
)
found = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)
tables = st.dictionaries(st.sampled_from(KEYS), found, max_size=5)


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, str):
        return json.dumps(value)
    return (
        str(value).lower() if isinstance(value, bool | float) else hex(value) if value > 10**9 else str(value)
    )


def mistakes_in(text: str) -> tuple[Mistake, ...]:
    try:
        parse_experiment(text, "any")
    except ConfigError as error:
        return error.mistakes
    return ()


def read(text: str) -> None:
    for mistake in mistakes_in(text):
        assert "\n" not in str(mistake)
        assert len(str(mistake)) < 500


@given(
    top=st.dictionaries(
        st.sampled_from([*KEYS, "target", "network", "training", "grid", "store"]), found, max_size=4
    )
)
def test_any_top_level_is_read_or_refused(top: dict[str, Any]) -> None:
    read("\n".join(f"{key} = {toml(value)}" for key, value in top.items()))


@given(network=tables, training=tables, grids=st.lists(tables, max_size=2))
def test_any_tables_are_read_or_refused(
    network: dict[str, Any], training: dict[str, Any], grids: list[dict[str, Any]]
) -> None:
    sections = [("[target]", {"function": "x"}), ("[network]", network), ("[training]", training)]
    sections += [("[[grid]]", grid) for grid in grids]

    read(
        "\n".join(
            f"{head}\n" + "\n".join(f"{k} = {toml(v)}" for k, v in table.items()) for head, table in sections
        )
    )


@given(data=st.data())
def test_any_damage_to_the_example_is_read_or_refused(data: Any) -> None:
    text = example_config()
    start = data.draw(st.integers(0, len(text)))
    end = start + data.draw(st.integers(0, 20))

    read(
        text[:start]
        + data.draw(st.text(max_size=5) | st.sampled_from(["[", "]", "{", "}", '"', "=", ","]))
        + text[end:]
    )
