"""Whatever a file holds, it is planned or refused, soon, in few words, each with its line; there is no other error."""

import json
import random
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutated import configs, judged, mutated

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


@pytest.mark.parametrize("seed", range(4))
def test_a_shipped_config_with_something_changed_is_planned_or_refused(seed: int) -> None:
    chance, texts = random.Random(seed), configs()

    refused = [judged(mutated(chance.choice(texts), chance)) != "" for _ in range(250)]

    assert 25 < sum(refused) < 250


TARGET = '[target]\nfunction = "x"\n'
AXES = "learning_rate = { linear = [0.1, 1], num = 1000 }\nepochs = { range = [1, 1000] }\n"
GRID = f"{TARGET}[grid]\n{AXES}replicates = 1\n"
CLAIM = '[[claim]]\nsentence = "a"\nform = "better"\naxis = "epochs"\nvalue = 1\n'
GREEDY = {
    "a key of many parts": ("a" + ".a" * 20_000 + " = 1", "line 1: has a key of more than 20 parts"),
    "a table of many parts": (
        TARGET + '["a"' + '. "a"' * 20_000 + "]",
        "line 3: has a key of more than 20 parts",
    ),
    "a key of many parts in a table": ("a = {b" + ".a" * 20_000 + " = 1}", "line 1: has a key of more than"),
    "many values": (
        TARGET + "[grid]\nlearning_rate = { log = [0.1, 1], num = 9_999_999 }\nreplicates = 1",
        "line 4: `grid.learning_rate.num` asks for 9_999_999 values, and an axis has 100_000 at most",
    ),
    "a long range": (
        TARGET + "[grid]\nepochs = { range = [1, 9_999_999] }\nreplicates = 1",
        "line 4: `grid.epochs",
    ),
    "many unknown keys": (
        "\n".join(f"key{i} = 1" for i in range(20_000)),
        "`key20` is the first of 19_980 more keys",
    ),
    "a long key": ("a" * 500_000 + " = 1", "line 1: `aaa"),
    "many grids": (TARGET + "[[grid]]\nnerons = 1\n" * 5000, "and 901 more mistakes"),
    "many claims": (
        GRID + CLAIM * 5000,
        "line 5007: `claim` comes 5_000 times, and may come 1_000 times at most",
    ),
    "many values several times": (
        TARGET + f"[grid]\nneurons = {list(range(1, 9999)) * 10}",
        "line 4: `grid.neurons` lists 9_995 more values several times",
    ),
    "many combinations left out": (
        GRID + "exclude = [" + "{ epochs = 1 }," * 20_000 + "]",
        "line 7: `grid.exclude` lists 20_000 combinations, too many for a grid of 1_000_000 points",
    ),
    "many combinations that are not there": (
        GRID + "exclude = [" + "{ epochs = 1001 }," * 20_000 + "]",
        "got 1001. The nearest one there is 1000",
    ),
    "an axis named many times": (
        GRID + CLAIM + "over = [" + '"epochs",' * 50_000 + "]",
        "`claim.over` must not name `epochs`",
    ),
    "all combinations left out": (
        TARGET
        + "[grid]\nneurons = [1, 2]\nepochs = [1, 2]\n"
        + "exclude = [{ neurons = 1, epochs = [1, 2] }, { neurons = 2, epochs = [1, 2] }]",
        "line 6: `grid.exclude` drops every combination",
    ),
    "a claim on what is left out": (
        TARGET + "[grid]\nlearning_rate = [0.1, 0.2]\nneurons = [1, 2]\nepochs = [1, 2]\n"
        "exclude = [{ neurons = 1, epochs = 1 }, { neurons = 2, epochs = 2 }]\n"
        + CLAIM
        + 'over = ["neurons", "learning_rate"]',
        'line 8: `claim` "a": the grid leaves out every combination that it compares',
    ),
}


@pytest.mark.parametrize(("text", "told"), GREEDY.values(), ids=GREEDY.keys())
def test_what_asks_for_too_much_is_refused_at_once(text: str, told: str) -> None:
    begun = time.process_time()

    assert told in judged(text)

    assert time.process_time() - begun < 5
