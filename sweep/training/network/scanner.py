"""Reads the text of a target from left to right, and refuses what the language of `sweep.Target` lacks.

What passes is short, has known names only, and has every operator, parenthesis and comma in a place where it
can stand. So the parser behind it meets nothing that could hang it, or that it would warn about.
"""

import difflib
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from sweep.errors import TargetError

MAX_LENGTH = 1000
MAX_DEPTH = 50
VARIABLE = "x"
CONSTANTS = ("pi", "e")
FUNCTIONS = {
    "sin": 1,
    "cos": 1,
    "tan": 1,
    "exp": 1,
    "log": 1,
    "sqrt": 1,
    "abs": 1,
    "sign": 1,
    "tanh": 1,
    "minimum": 2,
    "maximum": 2,
    "where": 3,
}
"""The number of arguments of every function."""
EXAMPLES = {1: "x", 2: "x, 0", 3: "x < 1, 0, x"}
"""Arguments that could stand in a function, by their number."""

_NAMES = (VARIABLE, *CONSTANTS, *FUNCTIONS)
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>(\d(_?\d)*\.?(\d(_?\d)*)?|\.\d(_?\d)*)([eE][+-]?\d(_?\d)*)?)
      | (?P<dotted>[A-Za-z_]\w*(\.\w+)+)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<operator>\*\*|//|<<|>>|<=|>=|==|!=|:=|&&|\|\||[-+*/<>])
      | (?P<bracket>[(),])""",
    re.ASCII | re.VERBOSE,
)
_OPERATORS = frozenset({"+", "-", "*", "/", "**", "<", "<=", ">", ">=", "==", "!=", "and", "or"})
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_ELSEWHERE = {
    "ln": "`log`, the natural logarithm",
    "max": "`maximum`",
    "min": "`minimum`",
    "fabs": "`abs`",
    "sgn": "`sign`",
    "relu": "`maximum(x, 0)`",
    "inf": "a number: what is to be learned is finite",
    "infinity": "a number: what is to be learned is finite",
    "nan": "a number: what is to be learned is finite",
    "pow": "`x**2`",
    "square": "`x**2`",
    "if": "`where(condition, a, b)`",
    "else": "`where(condition, a, b)`",
    "//": "`/`",
    "^": "`**` for a power",
    "=": "`==` to compare",
    "!": "`not`",
    "&": "`and`",
    "&&": "`and`",
    "|": "`or`",
    "||": "`or`",
    "×": "`*`",
    "·": "`*`",
    "⋅": "`*`",
    "÷": "`/`",
    "−": "`-`",
    "–": "`-`",
    "π": "`pi`",
    "√": "`sqrt(x)`",
    "≤": "`<=`",
    "≥": "`>=`",
    "≠": "`!=`",
    "[": "`(`",
    "{": "`(`",
    "]": "`)`",
    "}": "`)`",
}


@dataclass(frozen=True)
class Token:
    """A number, name, operator or bracket, and the offset of its first character."""

    kind: str
    text: str
    position: int


def scan(text: str) -> str:
    """Check the text of a target, and return it with every white space as a blank, at the same offsets.

    Raises `TargetError` at the first place where the text cannot go on.
    """
    if not text.strip():
        raise TargetError('the function is empty: write an expression in `x`, such as "x**2"')
    if len(text) > MAX_LENGTH:
        remedy = f"it has {len(text)}, shorten it"
        refuse(text, MAX_LENGTH, f"the limit of {MAX_LENGTH} characters is passed", remedy)
    order = _Order(text)
    for token in _tokens(text):
        order.read(token)
    order.end()
    return re.sub(r"\s", " ", text)


def refuse(text: str, position: int, problem: str, remedy: str) -> NoReturn:
    """Raise the `TargetError` of one line that names the problem, its place in the text and the remedy."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    if len(shown) > 80:
        start = max(0, position - 30)
        before, after = "..." if start else "", "..." if start + 60 < len(shown) else ""
        shown = f"{before}{shown[start : start + 60]}{after}"
    raise TargetError(f'{problem} at character {position + 1} of "{shown}": {remedy}', position)


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            _refuse_character(text, position)
        kind = match.lastgroup or ""
        if kind == "dotted":
            _refuse_attribute(text, position, match.group())
        if kind != "space":
            yield _checked(text, Token(kind, match.group(), position))
        position = match.end()


def _checked(text: str, token: Token) -> Token:
    if token.kind == "name":
        if token.text in ("and", "or", "not"):
            return Token("operator", token.text, token.position)
        if token.text not in _NAMES:
            called = text[token.position + len(token.text) :].lstrip().startswith("(")
            refuse(text, token.position, f"`{token.text}` is not known", _near(token.text, called))
    if token.kind == "number" and re.match(r"0[\d_]*[1-9][\d_]*$", token.text):
        refuse(text, token.position, "a number cannot start with 0", f"write `{token.text.lstrip('0_')}`")
    if token.kind == "operator" and token.text not in _OPERATORS:
        remedy = f"write {_ELSEWHERE.get(token.text, 'one of + - * / **')}"
        refuse(text, token.position, f"`{token.text}` is not an operator here", remedy)
    return token


def _near(name: str, called: bool) -> str:
    lower = name.lower()
    if lower in _NAMES:
        return f"names are in lower case, did you mean `{lower}`?"
    if lower in _ELSEWHERE:
        return f"write {_ELSEWHERE[lower]}"
    if len(name) == 1 and not called:
        return f"the variable is `{VARIABLE}`"
    near = difflib.get_close_matches(lower, _NAMES, n=1)
    if near and not keyword.iskeyword(name):
        return f"did you mean `{near[0]}`?"
    return f"the variable is `{VARIABLE}`, the constants and functions are {', '.join(_NAMES[1:])}"


def _refuse_attribute(text: str, position: int, dotted: str) -> NoReturn:
    last = dotted.rpartition(".")[2]
    remedy = f"write `{last}` alone" if last in _NAMES else "there are no attributes here"
    refuse(text, position, f"`{dotted}` is not known", remedy)


def _refuse_character(text: str, position: int) -> NoReturn:
    character = text[position]
    shown = f"`{character}`" if character.isprintable() else f"the character U+{ord(character):04X}"
    if character in _SUPERSCRIPTS:
        remedy = f"write `**{_SUPERSCRIPTS.index(character)}` for a power"
    elif character in _ELSEWHERE:
        remedy = f"write {_ELSEWHERE[character]}"
    elif character in "\"'`":
        remedy = "there is no text in an expression, write the names without quotes"
    else:
        remedy = "an expression has numbers, `x`, + - * / **, parentheses and functions"
    refuse(text, position, f"{shown} cannot stand", remedy)


class _Order:
    """Refuses operators without operands, operands without operators, and brackets that do not match."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.opened: list[tuple[Token, bool]] = []  # each with whether it opens the arguments of a function
        self.before: Token | None = None
        self.complete = False  # whether what was read last is a whole operand

    def read(self, token: Token) -> None:
        if self.before and self.before.text in FUNCTIONS and token.text != "(":
            _refuse_bare(self.text, self.before)
        if token.kind != "bracket":
            self.complete = self._operator(token) if token.kind == "operator" else self._operand(token)
        else:
            self.complete = {"(": self._open, ")": self._close, ",": self._comma}[token.text](token)
        self.before = token

    def end(self) -> None:
        if self.before and self.before.text in FUNCTIONS:
            _refuse_bare(self.text, self.before)
        if not self.complete:
            _refuse_gap(self.text, len(self.text.rstrip()))
        if self.opened:
            refuse(self.text, self.opened[-1][0].position, "`(` is never closed", "close it with `)`")

    def _operand(self, token: Token) -> bool:
        if self.complete and self.before:
            remedy = f"write `{self.before.text}*{token.text}` for a product"
            refuse(self.text, token.position, "an operator is missing", remedy)
        return True

    def _operator(self, token: Token) -> bool:
        if token.text == "not":
            fits = self.before is None or self.before.text in ("(", ",", "and", "or", "not")
        else:
            fits = self.complete or token.text in ("+", "-")
        if not fits:
            _refuse_gap(self.text, token.position)
        return False

    def _open(self, token: Token) -> bool:
        calls = self.before is not None and self.before.text in FUNCTIONS
        if not calls:
            self._operand(token)
        self.opened.append((token, calls))
        if len(self.opened) > MAX_DEPTH:
            refuse_depth(self.text, token.position)
        return False

    def _close(self, token: Token) -> bool:
        if not self.opened:
            refuse(self.text, token.position, "`)` closes nothing", "take it away, or open it with `(`")
        _, calls = self.opened.pop()
        may_be_empty = calls and self.before is not None and self.before.text in ("(", ",")
        if not (self.complete or may_be_empty):
            _refuse_gap(self.text, token.position)
        return True

    def _comma(self, token: Token) -> bool:
        if not self.complete:
            _refuse_gap(self.text, token.position)
        if not self.opened or not self.opened[-1][1]:
            remedy = "it stands between the arguments of a function, and the point of a decimal is `.`"
            refuse(self.text, token.position, "`,` cannot stand", remedy)
        return False


def refuse_depth(text: str, position: int) -> NoReturn:
    """Raise the `TargetError` of an expression that is nested too deeply."""
    refuse(text, position, f"more than {MAX_DEPTH} levels are nested", "write it flatter")


def _refuse_gap(text: str, position: int) -> NoReturn:
    refuse(text, position, "something is missing", "expected a number, `x`, a function or `(`")


def _refuse_bare(text: str, function: Token) -> NoReturn:
    remedy = f"write `{function.text}({EXAMPLES[FUNCTIONS[function.text]]})`"
    refuse(text, function.position, f"`{function.text}` has no arguments", remedy)
