"""Configs with something wrong: shipped ones whose values, keys and tables are changed at random, by a seed.

`python -m tests.mutated 20000 SEED` judges so many, prints those that take long, and stops at one that is not refused
in one line with its place.
"""

import copy
import json
import random
import re
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sweep.claims import Judgement, resolve_claims
from sweep.claims.sentences import what_is_found
from sweep.config.experiment import Source
from sweep.config.python import Given
from sweep.config.read import read_both
from sweep.errors import MOST_TOLD, SweepError
from sweep.plan import make_plan

ROOT = Path(__file__).parent.parent
VALUES: tuple[Any, ...] = (
    *(0, -1, 1, 2, 3, 10**9, 9_999_999, 2**63, 2**64, -(2**70), 16**400),
    *(
        0.0,
        -0.0,
        0.1,
        1.5,
        -2.5,
        1e-320,
        1e300,
        1.7976931348623157e308,
        float("inf"),
        float("-inf"),
        float("nan"),
    ),
    *(
        True,
        False,
        "",
        "x",
        "x**2",
        "1/x",
        "relu",
        "tanh",
        "neurons",
        "epochs",
        "learning_rate",
        "better",
        "\n\x1b",
    ),
    *(
        "a" * 5000,
        "(" * 300,
        [],
        {},
        [[]],
        [{}],
        [0],
        [0.1, 0],
        [1, "a", True],
        [[1, 2], [3]],
        [[0, 1], [0, 1]],
    ),
    *(
        [0.1, 0.1],
        [1, 1.0],
        {"log": [0.1, 1], "num": 3},
        {"linear": [0, 1], "num": 9_999_999},
        {"log": [0, 1]},
    ),
    *(
        {"range": [1, 10**15]},
        {"range": [3, 1]},
        {"log": [1e-320, 1e308], "num": 50},
        {"num": 3},
        {"a": {"b": {}}},
    ),
    *(
        {"linear": [-1e308, 1e308], "num": 9},
        {"log": [1, 1], "num": 1},
        {"range": [1, 5], "step": 0},
        [1] * 3000,
    ),
)


def configs() -> list[str]:
    """Return the texts of all shipped configs of the built-in network, and of some claims on every kind of axis."""
    shipped = [
        *ROOT.glob("configs/*.toml"),
        *ROOT.glob("configs/series/*.toml"),
        ROOT / "sweep/config/example.toml",
    ]
    return [path.read_text(encoding="utf-8") for path in sorted(shipped)]


def mutated(text: str, chance: random.Random) -> str:
    """Return a config with one to four things changed; it is TOML still, as a rule."""
    if chance.random() < 0.1:
        return _damaged(text, chance)
    document = tomllib.loads(text)
    for _ in range(chance.choice((1, 1, 2, 4))):
        _mutate(document, chance)
    return toml(document)


def _value(chance: random.Random) -> Any:
    return copy.deepcopy(chance.choice(VALUES))


def _damaged(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text))
    piece = chance.choice(
        ["", "[", "]", "{", "}", '"', "=", ",", "\n", ".", "#", "'''", "\x00", "1e999", "é"]
    )
    return text[:start] + piece + text[start + chance.randrange(20) :]


def _mutate(document: dict[str, Any], chance: random.Random) -> None:
    holder, key = chance.choice(list(_places(document)))
    match chance.randrange(8):
        case 0 | 1 | 2:
            holder[key] = _value(chance)
        case 3:
            del holder[key]
        case 4 if isinstance(holder, dict):
            name = chance.choice(
                [key[:-1] or "k", key + "s", "seed", "axis", "over", "where", "zip", "exclude", "quick"]
            )
            holder[name] = holder.pop(key)
        case 5:
            other, there = chance.choice(list(_places(document)))
            holder[key] = copy.deepcopy(other[there]) if not _holds(other[there], holder) else 1
        case 6 if isinstance(holder[key], list):
            holder[key] = [*holder[key], _value(chance)]
        case _ if isinstance(holder, dict):
            holder[chance.choice(NAMES)] = _value(chance)


NAMES = (
    *(
        "axis",
        "value",
        "than",
        "by",
        "over",
        "where",
        "below",
        "above",
        "share",
        "metric",
        "form",
        "gain",
        "within",
    ),
    *(
        "zip",
        "exclude",
        "replicates",
        "seed",
        "epochs",
        "neurons",
        "layers",
        "learning_rate",
        "function",
        "interval",
    ),
    *(
        "difference_step",
        "precision",
        "gradient",
        "networks",
        "round_epochs",
        "quick",
        "store",
        "claims",
        "claim",
        "grid",
    ),
    *("max_runs", "title", "", "a.b", "é"),
)


def _places(found: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a document: what holds it, and its key or index there."""
    keys = found if isinstance(found, dict) else range(len(found)) if isinstance(found, list) else ()
    for key in keys:
        yield found, key
        yield from _places(found[key])


def _holds(found: Any, one: Any) -> bool:
    return found is one or any(_holds(holder[key], one) for holder, key in _places(found))


def toml(document: dict[str, Any]) -> str:
    """Return a document as TOML, its tables in lines of their own."""
    plain = {key: value for key, value in document.items() if not _is_table(value)}
    lines = [f"{json.dumps(key)} = {inline(value)}" for key, value in plain.items()]
    for key, value in document.items():
        if _is_table(value):
            for table in value if isinstance(value, list) else [value]:
                lines.append(f"[[{json.dumps(key)}]]" if isinstance(value, list) else f"[{json.dumps(key)}]")
                lines += [f"{json.dumps(name)} = {inline(one)}" for name, one in table.items()]
    return "\n".join(lines) + "\n"


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and value != [] and all(isinstance(one, dict) for one in value)
    )


def inline(value: Any) -> str:
    """Return a value as TOML writes it in one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)} = {inline(one)}" for key, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(inline, value)) + "]"
        case str():
            return json.dumps(value)
        case bool() | float():
            return str(value).lower()
        case int() if abs(value) > 2**64:
            return hex(abs(value))
    return str(value)


def judged(text: str) -> str:
    """Check, plan and resolve a config; return what was refused, or "". Raises whatever is no word to the user.

    Every refusal must be short, on one line, and name its line in the config.
    """
    try:
        judge(text)
    except SweepError as error:
        told = str(error)
        for line in told.splitlines()[:MOST_TOLD]:
            assert re.match(r"mutated\.toml: line \d+: ", line), line
            assert len(line) < 600, line
        return told
    return ""


def judge(text: str) -> Judgement:
    """Return what a config asks for."""
    given = Given(Source("mutated.toml", text), "mutated")
    forms = read_both(given)
    plan = make_plan(forms.asked)
    other = make_plan(forms.other) if forms.other is not None and forms.other.claims else None
    judgement = Judgement(plan, resolve_claims(plan, other))
    what_is_found(judgement)
    judgement.check_size()
    return judgement


def main() -> None:
    """Judge as many as the command line says, from the seed that it says; stop at the first that is no refusal."""
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    texts, refused = configs(), 0
    for number in range(int(sys.argv[1])):
        text = mutated(chance.choice(texts), chance)
        begun = time.process_time()
        try:
            refused += judged(text) != ""
        except Exception:
            print(f"{text}\nnumber {number}:")
            raise
        if (took := time.process_time() - begun) > 2:
            print(f"{text}\nnumber {number} took {took:.1f} s")
    print(f"{refused} refused")


if __name__ == "__main__":
    main()
