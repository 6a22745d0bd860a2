"""Hostile and random expressions: numbers or a line that refuses them, and nothing else happens in the process."""

import math
import random
import re
import sys

import numpy as np

from tests.faults.bench import Bench
from tests.faults.hostile_configs import TooLong, within
from tests.faults.table import Tally, row

ATOMS = (
    "x",
    "1",
    "0",
    "2.5",
    "1e308",
    "9" * 30,
    ".5",
    "pi",
    "e",
    "1_0",
    "0x10",
    "1j",
    "x.real",
    "(x)",
    "True",
    "None",
    "...",
)

PIECES = (
    "+", "-", "*", "/", "**", "//", "%", "@", "<", "<=", "==", "!=", " and ", " or ", " not ", " if ",
    " else ", " for ", " in ", "(", ")", "(", ")", ",", "[", "]", "{", "}", ":", ":=", "=", ".", ";", "\n",
    "\t", "\\", "'", '"', "`", "#", "~", "^", "&", "|", "!", "lambda x: ", "f'{x}'", "__class__",
    "__import__('os')", "eval", "open('x', 'w')", "sin", "cos(", "log(", "sqrt(", "where(", "minimum(",
    "abs(", "yield ", "await ", "import os", "\u202e", "\0", "²", "π", "х", "𝐱", "exec", "globals()",
    "x" * 50, "9**" * 5, "*" * 10,
)  # fmt: skip

HOSTILE = (
    "__import__('os').system('touch hit')", "open('hit', 'w')", "().__class__.__base__.__subclasses__()",
    "x.__class__", "exec('1')", "eval('x')", "(lambda: x)()", "[x for x in (1,)]", "f'{open(1)}'",
    "x if x else x", "print(x)", "globals()", "x := 1", "import os", "9**9**9**9", "9**9**9**9*x",
    "x**9**9**9", "1/0", "log(0)", "0**-1", "sqrt(-1)", "x" * 1001, "x+" * 499 + "x",
    "(" * 60 + "x" + ")" * 60, "-" * 900 + "x", "sin(" * 60 + "x" + ")" * 60, "where(x, 1, 2)",
    "where(x < 1, 1)", "x < 1", "not x", "1e999", "x ** ** 2", "x\0", "\ud800", "x # comment", "x\\\n+1",
    "x;x", "'x'", "b'x'", "x[0]", "x(1)", "sin", "sin()", "sin(x, x)", "sin(x=x)", "sin(*x)", "sin(**x)",
    "pi()", "np.sin(x)", "math.pi", "os", "sys.exit()", "__builtins__", "__name__", "x.__init__",
    "getattr(x, 'y')", "abs.__self__", "1 .real", "0xff", "0b1", "0o7", "1j*x", "1__0", "01", "1.e5",
    "1.e", "e5", "5e", ".", "..", "...", "", " ", "\n", "\t\t", "()", "(,)", "x,", ",x", "{x}", "{x: x}",
    "[x]", "*x", "**x", "x @ x", "x % 2", "x // 2", "x & 1", "x | 1", "x ^ 2", "~x", "x << 2", "x is x",
    "x in x", "True", "None", "Ellipsis", "yield x", "await x", "async", "return x", "del x", "assert x",
    "raise x", "x = 1", "x += 1", "x: int", "-> x",
)  # fmt: skip

WHOLES = ("x + {}", "sin({})", "({}) * x", "where(x < 1, {}, 2)", "{} + {}", "-({})")
FORBIDDEN = re.compile(
    r"^(open|import|exec|os\.|subprocess\.|socket\.|shutil\.|ctypes\.|marshal\.|pickle\.|sqlite3\.|urllib\.|tempfile\.|cpython\.|builtins\.|"
    r"glob\.|mmap\.|fcntl\.|signal\.|syslog\.|webbrowser\.|code\.__new__|function\.__new__|setopencodehook)"
)


@row("hostile-expressions", "hostile expressions, under an audit hook", trials=300, few=300)
def _(bench: Bench, trials: int) -> Tally:
    return bench.spread(trials, "tests.faults.hostile_expressions:evaluate", "hostile", at_once=300)


@row("random-expressions", "random expressions, under an audit hook", trials=100_000, few=1000)
def _(bench: Bench, trials: int) -> Tally:
    return bench.spread(trials, "tests.faults.hostile_expressions:evaluate", "random", at_once=10_000)


def evaluate(tally: Tally, numbers: list[int], seed: int, kind: str) -> None:
    """Evaluate expressions: numbers or a `TargetError`, at once, and nothing else happens in this process."""
    from sweep.errors import TargetError
    from sweep.training.network.target import Target

    events: list[str] = []
    watched = [False]

    def hook(event: str, _arguments: object) -> None:
        if watched[0] and FORBIDDEN.match(event):
            events.append(event)

    sys.addaudithook(hook)
    x = np.array([0.5, 1.25, 2.0])
    for number in numbers:
        chance = random.Random(f"{seed} expression {number}")
        text = hostile_expression(number, chance) if kind == "hostile" else random_expression(chance)
        tally.trials += 1
        events.clear()
        what = f"expression {text!r}"
        found = None
        try:
            with within(2.0), np.errstate(all="ignore"):
                watched[0] = True
                found = Target(text, (0.0, 3.0))(x)
        except TargetError as refusal:
            if "\n" in str(refusal):
                tally.add("crashed", f"{what}: a message of several lines: {refusal}")
        except TooLong:
            tally.add("hung", what)
        except Exception as error:
            tally.add("crashed", f"{what}: {error!r}")
        finally:
            watched[0] = False
        if events:
            tally.add("left", f"{what}: {sorted(set(events))}")
        if found is not None and "**" not in text and not _is_right(text, x, found):
            tally.add("silent", f"{what} gives {found}")


def hostile_expression(number: int, chance: random.Random) -> str:
    """Return one of the hostile expressions, or one in the midst of a good one."""
    text = HOSTILE[number % len(HOSTILE)]
    if number < len(HOSTILE):
        return text
    return chance.choice(WHOLES).replace("{}", text)


def random_expression(chance: random.Random) -> str:
    """Return a text out of pieces of expressions, seldom a valid one."""
    if chance.random() < 0.5:
        return "".join(chance.choice(ATOMS + PIECES) for _ in range(chance.randint(1, 12)))
    text = chance.choice(ATOMS[:10])
    for _ in range(chance.randint(0, 6)):
        other, how = chance.choice(ATOMS[:10]), chance.random()
        if how < 0.5:
            text = f"{text} {chance.choice(('+', '-', '*', '/', '**'))} {other}"
        elif how < 0.8:
            text = f"{chance.choice(('sin', 'exp', 'log', 'sqrt', 'abs', 'tanh', 'sign'))}({text})"
        else:
            text = f"where({text} {chance.choice(('<', '<=', '==', '>'))} {other}, {other}, {text})"
    if chance.random() < 0.3:
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(PIECES) + text[at:]
    return text


_KNOWN = {
    name: getattr(np, name)
    for name in (
        "sin",
        "cos",
        "tan",
        "exp",
        "log",
        "sqrt",
        "abs",
        "sign",
        "tanh",
        "minimum",
        "maximum",
        "where",
    )
} | {"pi": math.pi, "e": math.e, "__builtins__": {}}


def _is_right(text: str, x: np.ndarray, found: np.ndarray) -> bool:
    """Hold values against Python's own, number by number, where Python can say them."""
    for one, value in zip(x, found, strict=True):
        try:
            with np.errstate(all="ignore"):
                said = eval(" ".join(text.split()), _KNOWN, {"x": np.float64(one)})
        except (
            ZeroDivisionError,
            OverflowError,
            TypeError,
            AttributeError,
        ):  # of whole numbers beyond 64 bits
            continue
        if not np.isclose(float(said), value, rtol=1e-12, atol=0, equal_nan=True):
            return False
    return True
