"""Hostile configs: each is planned or refused with a line, within seconds."""

import contextlib
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.bench import Bench
from tests.faults.child import here
from tests.faults.sweeps import CLAIM
from tests.faults.table import Tally, row

SECONDS_TO_PLAN = 5.0

VALUES = (
    "0", "-1", "1e400", "nan", "-inf", "true", '""', '"\\u0000"', "[]", "[[[[]]]]", "{}", "10**9",
    "9_999_999_999_999_999_999", "[0.1, 0.1]", "[0.1, 0]", '["relu", 3]', "{ log = [0, 1], num = 3 }",
    "{ log = [1, 2], num = 9_999_999 }", "{ range = [1, 9_999_999_999] }", "{ range = [3, 1] }",
    "{ linear = [1, 1e308], num = 100_000 }", "1979-05-27T07:32:00Z", '"x" * 3', '"../../etc/passwd"',
    "{ log = [1, 2], num = 3, num = 4 }", '"__import__(\'os\')"',
)  # fmt: skip

KEYS = {
    "target": ("function", "interval"),
    "network": ("activation", "neurons", "layers", "hidden_layers", "init_range"),
    "training": ("learning_rate", "epochs", "batch_size", "check_points", "precision", "gradient"),
    "grid": (
        "learning_rate",
        "neurons",
        "activation",
        "epochs",
        "replicates",
        "seed",
        "zip",
        "exclude",
        "function",
    ),
    "claim": ("sentence", "form", "axis", "value", "than", "where", "over", "by"),
    "store": ("curves", "weights"),
    "claims": ("confidence", "most_replicates"),
    "quick": ("epochs", "nothing"),
}

BROKEN = (
    "", "\0", "\ufeff[grid]\n", "[", "[grid", "a = 1\na = 2", "=" * 100, "[" * 10_000,
    "a = " + "[" * 5_000, "a." * 20_000 + "b = 1", "# " + "x" * 1_000_000,
    "[grid]\nneurons = [" + "1, " * 20_000 + "2]", "\r", "[target]\nfunction = 'x'\r[grid]",
    "[[grid]]\n" * 3_000, "[quick]\n[quick]", "[function]\ncall = '/etc/passwd:x'\nmetrics = {}",
    "[function]\ncall = 'a.py:b'\nmetrics = { m = 'lower' }",
)  # fmt: skip


@row("hostile-configs", "hostile configs, planned", trials=300, few=25)
def _(bench: Bench, trials: int) -> Tally:
    return bench.spread(trials, "tests.faults.hostile_configs:plan_configs", at_once=50)


def hostile_config(number: int) -> str:
    """Return a config with one hostile value, or one that is no config at all."""
    if number < len(BROKEN):
        return BROKEN[number]
    chance = random.Random(f"hostile config {number}")
    table = chance.choice(list(KEYS))
    key, value = chance.choice(KEYS[table]), VALUES[number % len(VALUES)]
    base = {
        "target": {"function": '"x**2"', "interval": "[0, 3]"},
        "training": {"epochs": "20", "batch_size": "3"},
        "grid": {"learning_rate": "[0.02, 0.1]", "neurons": "[2, 3]", "replicates": "2"},
        "claim": {name: _toml(stated) for name, stated in CLAIM.items()},
    }
    base.setdefault(table, {})[key] = value
    return "\n".join(
        line
        for name, keys in base.items()
        for line in (
            f"[[{name}]]" if name == "claim" else f"[{name}]",
            *(f"{k} = {v}" for k, v in keys.items()),
        )
    )


def _toml(value: object) -> str:
    return "{ neurons = 3 }" if isinstance(value, dict) else json.dumps(value)


def plan_configs(tally: Tally, numbers: list[int], _seed: int) -> None:
    """Plan hostile configs: a plan or a message within seconds, no traceback, no file."""
    before = set(os.listdir()) | {"hostile.toml"}
    for number in numbers:
        text = hostile_config(number)
        Path("hostile.toml").write_text(text, encoding="utf-8", newline="")
        tally.trials += 1
        what = f"config {number}: {text[-300:]!r}"
        started = time.monotonic()
        try:
            with within(4 * SECONDS_TO_PLAN):
                code, told = here(["plan", "hostile.toml"])
        except TooLong:
            code, told = 2, ""
        seconds = time.monotonic() - started
        if seconds > SECONDS_TO_PLAN:
            tally.add("hung", f"{what}: {seconds:.1f} s")
        if code not in (0, 1, 2) or "Traceback" in told:
            tally.add("crashed", f"{what}: exit {code}: {told[-500:]}")
        if left := set(os.listdir()) - before:
            tally.add("left", f"{what}: {left}")


class TooLong(BaseException):
    """Something takes longer than it may."""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise `TooLong` in the block when its time is over."""

    def stop(_number: int, _frame: object) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
