"""The language of targets: an expression in `x` becomes steps of vectorised numpy; nothing is ever executed.

The text is parsed to Python's syntax tree, so that the order of operations is Python's own; every node of the
tree must be on the list here, and becomes a step that works on a stack. Neither compiling nor evaluating
recurses, so a sum of five hundred terms is no deeper than a sum of two.
"""

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np

from sweep.terms.arrays import Floats
from sweep.training.network.scanner import (
    EXAMPLES,
    FUNCTIONS,
    MAX_DEPTH,
    VARIABLE,
    refuse,
    refuse_depth,
    scan,
)


@dataclass(frozen=True)
class Operation:
    """Replaces the topmost `n_operands` values of the stack by `apply` of them."""

    apply: Callable[..., Any]
    n_operands: int


Step = float | Operation | None
"""Pushes a number, applies an operation, or (None) pushes the variable."""

_Node = tuple[ast.expr, bool, int]  # with whether a condition is expected there, and its depth

_CONSTANTS = {"pi": math.pi, "e": math.e}
_FUNCTIONS: dict[str, Callable[..., Any]] = {name: getattr(np, name) for name in FUNCTIONS}
_UNARY: dict[type[ast.unaryop], np.ufunc] = {ast.UAdd: np.positive, ast.USub: np.negative}
_BINARY: dict[type[ast.operator], np.ufunc] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}
_COMPARE: dict[type[ast.cmpop], np.ufunc] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}


def compile_expression(text: str) -> tuple[Step, ...]:
    """Return the steps that evaluate the expression, operands before their operation.

    All numbers are float64 from the start. Comparisons may be chained (`0 < x < 1`) and combined by `and`,
    `or` and `not`, but stand only in the first place of `where(condition, a, b)`. Raises `TargetError` for
    everything that is outside of the language.
    """
    steps: list[Step] = []
    waiting: list[_Node | tuple[Step]] = [(_parse(text), False, 0)]
    while waiting:
        item = waiting.pop()
        if len(item) == 1:
            steps.append(item[0])
            continue
        step, operands = _translate(text, *item)
        waiting.append((step,))
        waiting.extend(reversed(operands))
    return tuple(steps)


def evaluate(steps: tuple[Step, ...], x: Floats) -> Floats:
    """Return the expression's value at every element of `x`, of shape (n,), as a new array of that shape.

    What is not defined at an `x` is inf or NaN there, without a warning.
    """
    stack: list[Any] = []
    with np.errstate(all="ignore"):
        for step in steps:
            if isinstance(step, Operation):
                operands = stack[-step.n_operands :]
                stack[-step.n_operands :] = [step.apply(*operands)]
            else:
                stack.append(x if step is None else step)
    (value,) = stack
    # an expression without an operation is `x` itself, and one without `x` is a single number
    return value if np.ndim(value) and value is not x else np.full(x.shape, value)


def _parse(text: str) -> ast.expr:
    checked = scan(text)
    try:
        # inside parentheses blanks in front are no indentation; the scan saw that nothing closes them early
        return ast.parse(f"({checked})", mode="eval").body
    except SyntaxError as error:
        position = min(max((error.offset or 0) - 2, 0), len(text) - 1)
        refuse(text, position, "this is not an expression", "expected one such as `x**2 + 1`")
    except (RecursionError, MemoryError):
        refuse_depth(text, 0)


def _translate(text: str, node: ast.expr, condition: bool, depth: int) -> tuple[Step, list[_Node]]:
    """Return a node's own step, and its operands from left to right."""
    if depth > MAX_DEPTH:
        refuse_depth(text, _position(node))
    _check_kind(text, node, condition)
    below = depth + 1
    match node:
        case ast.Name(id=name):
            return (None if name == VARIABLE else _CONSTANTS[name]), []
        case ast.Constant(value=int() | float() as number):
            return _number(text, node, number), []
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Operation(np.logical_not, 1), [(operand, True, below)]
        case ast.UnaryOp(op=op, operand=operand):
            return Operation(_UNARY[type(op)], 1), [(operand, False, below)]
        case ast.BinOp(left=left, op=op, right=right):
            # a chain such as x + x + x grows to the left, and is not felt as nested
            return Operation(_binary(op, right), 2), [(left, False, depth), (right, False, below)]
        case ast.Compare(left=left, ops=ops, comparators=others):
            compare = partial(_compare, tuple(_COMPARE[type(op)] for op in ops))
            return Operation(compare, len(ops) + 1), [(operand, False, below) for operand in [left, *others]]
        case ast.BoolOp(op=op, values=values):
            combine = partial(_combine, np.logical_and if isinstance(op, ast.And) else np.logical_or)
            return Operation(combine, len(values)), [(value, True, below) for value in values]
        case ast.Call(func=ast.Name(id=name), args=arguments):
            _check_arguments(text, node, name)
            conditions = [name == "where", False, False]
            operands = zip(arguments, conditions, strict=False)
            return Operation(_FUNCTIONS[name], len(arguments)), [(*operand, below) for operand in operands]
    remedy = "an expression has numbers, `x`, + - * / **, parentheses and functions"
    return refuse(text, _position(node), "this cannot stand", remedy)


def _position(node: ast.expr) -> int:
    return max(node.col_offset - 1, 0)  # less the parenthesis that `_parse` has put in front


def _check_kind(text: str, node: ast.expr, condition: bool) -> None:
    is_condition = isinstance(node, ast.Compare | ast.BoolOp) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )
    if is_condition and not condition:
        remedy = "it stands only in the first place of `where(condition, a, b)`"
        refuse(text, _position(node), "a comparison cannot stand", remedy)
    if condition and not is_condition:
        refuse(text, _position(node), "a number cannot stand", "expected a comparison, such as `x < 1`")


def _number(text: str, node: ast.expr, number: float) -> float:
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if value == math.inf:
        refuse(text, _position(node), "the number is too large", "expected at most 1.79e308")
    return value


def _check_arguments(text: str, node: ast.Call, name: str) -> None:
    expected, found = FUNCTIONS[name], len(node.args)
    if found != expected:
        remedy = f"expected {expected}, such as `{EXAMPLES[expected]}`"
        problem = f"`{name}` has {found} argument{'' if found == 1 else 's'}"
        refuse(text, _position(node), problem, remedy)


def _binary(op: ast.operator, right: ast.expr) -> Callable[..., Any]:
    if not isinstance(op, ast.Pow):
        return _BINARY[type(op)]
    # for the power 2 some versions of numpy call the C library's pow; here it is always the product
    if isinstance(right, ast.Constant) and right.value == 2:
        return _square
    return np.power


def _square(x: Any, _two: float) -> Any:
    return np.square(x)


def _compare(comparisons: tuple[np.ufunc, ...], *operands: Any) -> Any:
    pairs = zip(comparisons, operands, operands[1:], strict=False)
    return reduce(np.logical_and, (compare(left, right) for compare, left, right in pairs))


def _combine(combine: np.ufunc, *conditions: Any) -> Any:
    return reduce(combine, conditions)
