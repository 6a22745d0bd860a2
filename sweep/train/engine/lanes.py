# mypy: allow-untyped-calls, allow-untyped-decorators
# ruff: noqa: ARG001  (numba counts an intrinsic's arguments, used or not)
"""`Lanes`: eight float64 side by side, in registers, as one value of compiled code.

A kernel written with lanes reads like one for a single network, and trains eight. Numba has no such type, so this
module teaches it one: LLVM's vector of eight doubles, which is one register with AVX-512, two with AVX2, four with
SSE2 or NEON. Every operation is done lane by lane with IEEE rounding, so the bits do not depend on the processor's
registers. Numbers are turned into lanes where they meet lanes.

An array of shape (k, LANES), C-contiguous, holds k lanes values: `load(array, i)` and `store(array, i, value)` move
them. Indices are not checked, and do not count from the end.
"""

import operator
from collections.abc import Callable
from typing import Any, Protocol, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.core.typeconv.castgraph import Conversion
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, lower_cast, models, register_model
from numpy.typing import NDArray

LANES = 8
"""How many numbers a lanes value holds."""
ALL_LANES = 2**LANES - 1
"""What `as_bits` gives for a mask that is true everywhere."""

Floats = NDArray[np.float64]


class Mask(Protocol):
    """Eight truth values, from a comparison of lanes."""


class Lanes(Protocol):
    """Eight float64 that are worked on together. For annotations: the values exist in compiled code only."""

    def __add__(self, other: "Lanes | float") -> "Lanes": ...
    def __radd__(self, other: float) -> "Lanes": ...
    def __sub__(self, other: "Lanes | float") -> "Lanes": ...
    def __rsub__(self, other: float) -> "Lanes": ...
    def __mul__(self, other: "Lanes | float") -> "Lanes": ...
    def __rmul__(self, other: float) -> "Lanes": ...
    def __truediv__(self, other: "Lanes | float") -> "Lanes": ...
    def __rtruediv__(self, other: float) -> "Lanes": ...
    def __lt__(self, other: "Lanes | float") -> Mask: ...
    def __gt__(self, other: "Lanes | float") -> Mask: ...


# --- the types, as numba knows them ---------------------------------------------------------------------------------


class LanesType(types.Type):
    """Numba's name for `Lanes`."""

    def __init__(self) -> None:
        super().__init__(name=f"lanes{LANES}")

    def can_convert_from(self, _typing: Any, other: Any) -> Any:
        """Let numbers become lanes of that number."""
        return Conversion.safe if isinstance(other, types.Float | types.Integer) else None


class MaskType(types.Type):
    """Numba's name for `Mask`."""

    def __init__(self) -> None:
        super().__init__(name=f"mask{LANES}")


LANES_TYPE, MASK_TYPE = LanesType(), MaskType()
DOUBLE, WORD = ir.DoubleType(), ir.IntType(64)
VECTOR, WORDS, BITS = (ir.VectorType(element, LANES) for element in (DOUBLE, WORD, ir.IntType(1)))


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VECTOR)


@register_model(MaskType)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, BITS)


# --- arithmetic and comparisons -------------------------------------------------------------------------------------

_ARITHMETIC = {
    "fadd": (operator.add, operator.iadd),
    "fsub": (operator.sub, operator.isub),
    "fmul": (operator.mul, operator.imul),
    "fdiv": (operator.truediv, operator.itruediv),
}
_COMPARISONS = {operator.lt: "<", operator.gt: ">"}


def _teach(symbol: Any, result: types.Type, lower: Any) -> None:
    class _Template(ConcreteTemplate):
        cases = (signature(result, LANES_TYPE, LANES_TYPE),)

    infer_global(symbol)(_Template)
    lower_builtin(symbol, LanesType, LanesType)(lower)


def _arithmetic(instruction: str) -> Any:
    return lambda _context, builder, _signature, args: getattr(builder, instruction)(*args)


def _comparison(relation: str) -> Any:
    # Ordered: false where one of the two is NaN, as in Python.
    return lambda _context, builder, _signature, args: builder.fcmp_ordered(relation, *args)


for _instruction, _symbols in _ARITHMETIC.items():
    for _symbol in _symbols:
        _teach(_symbol, LANES_TYPE, _arithmetic(_instruction))
for _symbol, _relation in _COMPARISONS.items():
    _teach(_symbol, MASK_TYPE, _comparison(_relation))


def _splat(builder: Any, number: Any) -> Any:
    lane = ir.Constant(ir.IntType(32), 0)
    one = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), number, lane)
    return builder.shuffle_vector(
        one, ir.Constant(VECTOR, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    )


@lower_cast(types.Float, LanesType)
@lower_cast(types.Integer, LanesType)
def _lanes_of_number(context: Any, builder: Any, kind: Any, _lanes: Any, number: Any) -> Any:
    return _splat(builder, context.cast(builder, number, kind, types.float64))


# --- what has no operator in Python ---------------------------------------------------------------------------------


def _address(context: Any, builder: Any, array_type: Any, array: Any, element: Any) -> Any:
    """Return a pointer to the lanes that begin at an element of an array, counted through all of its axes."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [element], inbounds=True), VECTOR.as_pointer())


def _row(builder: Any, i: Any) -> Any:
    return builder.mul(i, ir.Constant(WORD, LANES))


@intrinsic
def _load(_typing: Any, array: Any, i: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = _address(context, builder, signature.args[0], args[0], _row(builder, args[1]))
        return builder.load(address, typ=VECTOR, align=8)

    return LANES_TYPE(array, types.intp), generate


@intrinsic
def _load_from(_typing: Any, array: Any, element: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = _address(context, builder, signature.args[0], args[0], args[1])
        return builder.load(address, typ=VECTOR, align=8)

    return LANES_TYPE(array, types.intp), generate


@intrinsic
def _store(_typing: Any, array: Any, i: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = _address(context, builder, signature.args[0], args[0], _row(builder, args[1]))
        builder.store(args[2], address, align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, LANES_TYPE), generate


@intrinsic
def _store_from(_typing: Any, array: Any, element: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address = _address(context, builder, signature.args[0], args[0], args[1])
        builder.store(args[2], address, align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, LANES_TYPE), generate


@intrinsic
def _spread(_typing: Any, number: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return _splat(builder, args[0])

    return LANES_TYPE(types.float64), generate


@intrinsic
def _spread_from(_typing: Any, array: Any, element: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return _splat(builder, builder.load(builder.gep(data, [args[1]], inbounds=True), typ=DOUBLE))

    return LANES_TYPE(array, types.intp), generate


@intrinsic
def _select(_typing: Any, mask: Any, chosen: Any, other: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(*args)

    return LANES_TYPE(MASK_TYPE, LANES_TYPE, LANES_TYPE), generate


@intrinsic
def _as_bits(_typing: Any, mask: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.zext(builder.bitcast(args[0], ir.IntType(LANES)), WORD)

    return types.intp(MASK_TYPE), generate


@intrinsic
def _magnitude(_typing: Any, value: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(VECTOR, [VECTOR])
        return builder.call(
            cgutils.get_or_insert_function(builder.module, kind, f"llvm.fabs.v{LANES}f64"), args
        )

    return LANES_TYPE(LANES_TYPE), generate


@intrinsic
def _with_sign(_typing: Any, value: Any, sign: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(VECTOR, [VECTOR, VECTOR])
        name = f"llvm.copysign.v{LANES}f64"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)

    return LANES_TYPE(LANES_TYPE, LANES_TYPE), generate


@intrinsic
def _low_bits_as_exponent(_typing: Any, value: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        shifted = builder.shl(builder.bitcast(args[0], WORDS), ir.Constant(WORDS, [52] * LANES))
        return builder.bitcast(shifted, VECTOR)

    return LANES_TYPE(LANES_TYPE), generate


load: Callable[[Floats, int], Lanes] = cast(Any, _load)
"""The i-th lanes of an array of shape (k, LANES)."""
load_from: Callable[[Floats, int], Lanes] = cast(Any, _load_from)
"""The lanes that begin at an element, counted through all axes of a C-contiguous array."""
store: Callable[[Floats, int, Lanes], None] = cast(Any, _store)
"""Make a value the i-th lanes of an array of shape (k, LANES)."""
store_from: Callable[[Floats, int, Lanes], None] = cast(Any, _store_from)
"""Put a value where an element is, and the seven after it."""
spread: Callable[[float], Lanes] = cast(Any, _spread)
"""A number in every lane."""
spread_from: Callable[[Floats, int], Lanes] = cast(Any, _spread_from)
"""An element in every lane."""
select: Callable[[Mask, Lanes | float, Lanes | float], Lanes] = cast(Any, _select)
"""The second argument where the mask is true, the third elsewhere."""
as_bits: Callable[[Mask], int] = cast(Any, _as_bits)
"""A mask as a number from 0 to 255: bit i is 1 where lane i is true."""
magnitude: Callable[[Lanes], Lanes] = cast(Any, _magnitude)
"""|x|, without looking at what it is."""
with_sign: Callable[[Lanes, Lanes], Lanes] = cast(Any, _with_sign)
"""The first argument's magnitude with the second's sign."""
low_bits_as_exponent: Callable[[Lanes], Lanes] = cast(Any, _low_bits_as_exponent)
"""The number whose exponent field is the low eleven bits of the argument's significand: 2**(those bits - 1023)."""
