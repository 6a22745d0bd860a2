# mypy: allow-untyped-calls, allow-untyped-decorators
# ruff: noqa: ARG001  (numba counts an intrinsic's arguments, used or not)
"""`Lanes`: eight float64, or sixteen float32, side by side in registers, as one value of compiled code.

A kernel written with lanes reads like one for a single network, and trains as many as there are lanes. Numba has no
such type, so this module teaches it two, one for each precision: LLVM's vectors of 64 bytes, which are one register
with AVX-512, two with AVX2, four with SSE2 or NEON. Every operation is done lane by lane with IEEE rounding, so the
bits do not depend on the processor's registers.

The precision is that of the arrays that a kernel is given: what is loaded from them says which lanes it is compiled
for. Numbers are turned into lanes where they meet lanes, and are rounded to their precision there.

An array of shape (k, number of lanes), C-contiguous, holds k lanes values: `load(array, i)` and
`store(array, i, value)` move them. Indices are not checked, and do not count from the end.
"""

import operator
from collections.abc import Callable
from typing import Any, Protocol, cast

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.registry import cpu_target
from numba.core.typeconv.castgraph import Conversion
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, lower_cast, models, register_model
from numpy.typing import DTypeLike, NDArray

Reals = NDArray[np.floating[Any]]
"""Numbers of either precision: all arrays that one call of a kernel is given have the same."""

BYTES = 64
"""How large a lanes value is."""


class Mask(Protocol):
    """Truth values, one for each lane, from a comparison of lanes."""


class Lanes(Protocol):
    """Numbers that are worked on together. For annotations: the values exist in compiled code only."""

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


def lanes_of(precision: DTypeLike) -> int:
    """Return how many numbers of a precision a lanes value holds.

    >>> lanes_of("float64"), lanes_of("float32")
    (8, 16)
    """
    return BYTES // np.dtype(precision).itemsize


# --- the types, as numba knows them ---------------------------------------------------------------------------------

WORD = ir.IntType(64)


class LanesType(types.Type):
    """Numba's name for `Lanes` of one precision."""

    def __init__(self, number: types.Float) -> None:
        self.number = number
        self.count = lanes_of(str(number))
        super().__init__(name=f"lanes{self.count}")

    def can_convert_from(self, _typing: Any, other: Any) -> Any:
        """Let numbers become lanes of that number."""
        return Conversion.safe if isinstance(other, types.Float | types.Integer) else None

    @property
    def element(self) -> Any:
        """LLVM's type of one number."""
        return ir.DoubleType() if self.number == types.float64 else ir.FloatType()

    @property
    def vector(self) -> Any:
        """LLVM's type of all of them."""
        return ir.VectorType(self.element, self.count)


class MaskType(types.Type):
    """Numba's name for the `Mask` of such lanes."""

    def __init__(self, lanes: LanesType) -> None:
        self.lanes = lanes
        super().__init__(name=f"mask{lanes.count}")


DOUBLES, SINGLES = (LanesType(number) for number in (types.float64, types.float32))
_KINDS = {kind.number: kind for kind in (DOUBLES, SINGLES)}
_MASKS = {kind: MaskType(kind) for kind in (DOUBLES, SINGLES)}


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, kind.vector)


@register_model(MaskType)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.VectorType(ir.IntType(1), kind.lanes.count))


# --- arithmetic and comparisons -------------------------------------------------------------------------------------

_ARITHMETIC = {
    "fadd": (operator.add, operator.iadd),
    "fsub": (operator.sub, operator.isub),
    "fmul": (operator.mul, operator.imul),
    "fdiv": (operator.truediv, operator.itruediv),
}
_COMPARISONS = {operator.lt: "<", operator.gt: ">"}


def _teach(symbol: Any, result_of: Callable[[LanesType], types.Type], lower: Any) -> None:
    class _Template(ConcreteTemplate):
        cases = tuple(signature(result_of(kind), kind, kind) for kind in _KINDS.values())

    infer_global(symbol)(_Template)
    lower_builtin(symbol, LanesType, LanesType)(lower)


def _arithmetic(instruction: str) -> Any:
    return lambda _context, builder, _signature, args: getattr(builder, instruction)(*args)


def _comparison(relation: str) -> Any:
    # Ordered: false where one of the two is NaN, as in Python.
    return lambda _context, builder, _signature, args: builder.fcmp_ordered(relation, *args)


for _instruction, _symbols in _ARITHMETIC.items():
    for _symbol in _symbols:
        _teach(_symbol, lambda kind: kind, _arithmetic(_instruction))
for _symbol, _relation in _COMPARISONS.items():
    _teach(_symbol, _MASKS.__getitem__, _comparison(_relation))


def _splat(builder: Any, kind: LanesType, number: Any) -> Any:
    nothing, places = ir.Constant(kind.vector, ir.Undefined), ir.VectorType(ir.IntType(32), kind.count)
    one = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, nothing, ir.Constant(places, [0] * kind.count))


@lower_cast(types.Float, LanesType)
@lower_cast(types.Integer, LanesType)
def _lanes_of_number(context: Any, builder: Any, given: Any, kind: Any, number: Any) -> Any:
    return _splat(builder, kind, context.cast(builder, number, given, kind.number))


def fuses(target: tuple[str, str, str] | None = None) -> bool:
    """Return whether a processor multiplies and adds with one rounding: the one that code is compiled for here.

    `target` is another one, as numba describes it: triple, name and features. Nearly all do; of x86 those since 2013,
    but for the smallest. For one that does not LLVM would call a function, number by number: a hundred times as slow.
    """
    triple, _, features = target or cpu_target.target_context.codegen().magic_tuple()
    return not triple.startswith(("x86", "i386", "i686")) or "+fma" in features.split(",")


# --- what has no operator in Python ---------------------------------------------------------------------------------


def _element(context: Any, builder: Any, array_type: Any, array: Any, place: Any) -> Any:
    """Return a pointer to an element of an array, counted through all of its axes."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [place], inbounds=True)


def _get(context: Any, builder: Any, signature: Any, array: Any, place: Any) -> Any:
    """Load the lanes that begin at an element."""
    kind = signature.return_type
    pointer = _element(context, builder, signature.args[0], array, place)
    address = builder.bitcast(pointer, kind.vector.as_pointer())
    return builder.load(address, typ=kind.vector, align=BYTES // kind.count)


def _put(context: Any, builder: Any, signature: Any, array: Any, place: Any, value: Any) -> Any:
    """Store lanes where an element is."""
    kind = signature.args[2]
    pointer = _element(context, builder, signature.args[0], array, place)
    address = builder.bitcast(pointer, kind.vector.as_pointer())
    builder.store(value, address, align=BYTES // kind.count)
    return context.get_dummy_value()


def _row(builder: Any, kind: LanesType, i: Any) -> Any:
    return builder.mul(i, ir.Constant(WORD, kind.count))


@intrinsic
def _load(_typing: Any, array: Any, i: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _get(context, builder, signature, args[0], _row(builder, signature.return_type, args[1]))

    return _KINDS[array.dtype](array, types.intp), generate


@intrinsic
def _load_from(_typing: Any, array: Any, element: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _get(context, builder, signature, *args)

    return _KINDS[array.dtype](array, types.intp), generate


@intrinsic
def _store(_typing: Any, array: Any, i: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        row = _row(builder, signature.args[2], args[1])
        return _put(context, builder, signature, args[0], row, args[2])

    return types.void(array, types.intp, _KINDS[array.dtype]), generate


@intrinsic
def _store_from(_typing: Any, array: Any, element: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _put(context, builder, signature, *args)

    return types.void(array, types.intp, _KINDS[array.dtype]), generate


@intrinsic
def _spread_from(_typing: Any, array: Any, element: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = signature.return_type
        pointer = _element(context, builder, signature.args[0], *args)
        return _splat(builder, kind, builder.load(pointer, typ=kind.element))

    return _KINDS[array.dtype](array, types.intp), generate


@intrinsic
def _zero_of(_typing: Any, array: Any) -> Any:
    def generate(_context: Any, _builder: Any, signature: Any, _args: Any) -> Any:
        kind = signature.return_type
        return ir.Constant(kind.vector, [0.0] * kind.count)

    return _KINDS[array.dtype](array), generate


@intrinsic
def _n_lanes(_typing: Any, array: Any) -> Any:
    kind = array if isinstance(array, LanesType) else _KINDS[array.dtype]

    def generate(_context: Any, _builder: Any, _signature: Any, args: Any) -> Any:
        return ir.Constant(WORD, kind.count)

    return types.intp(array), generate


@intrinsic
def _turn_block(
    _typing: Any, values: Any, first: Any, row: Any, turned: Any, turned_first: Any, turned_row: Any
) -> Any:
    kind, word = _KINDS[values.dtype], types.intp

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values, first, row, turned, turned_first, turned_row = args
        source, target = kind(signature.args[0], word), types.void(signature.args[3], word, kind)
        rows = [
            _get(context, builder, source, values, _further(builder, first, row, i))
            for i in range(kind.count)
        ]
        size = 1
        while size < kind.count:
            for i in range(kind.count):
                if not i & size:
                    rows[i], rows[i + size] = _with_blocks_turned(
                        builder, kind, rows[i], rows[i + size], size
                    )
            size *= 2
        for i, one in enumerate(rows):
            _put(context, builder, target, turned, _further(builder, turned_first, turned_row, i), one)
        return context.get_dummy_value()

    return types.void(values, word, word, turned, word, word), generate


def _further(builder: Any, first: Any, step: Any, i: int) -> Any:
    return builder.add(first, builder.mul(step, ir.Constant(WORD, i)))


def _with_blocks_turned(builder: Any, kind: LanesType, upper: Any, lower: Any, size: int) -> Any:
    """Return two rows of blocks of some size, with each odd block of the upper and the even one below it exchanged."""
    places = ir.VectorType(ir.IntType(32), kind.count)
    new_upper = [i if not i & size else kind.count + (i ^ size) for i in range(kind.count)]
    new_lower = [i ^ size if not i & size else kind.count + i for i in range(kind.count)]
    return [
        builder.shuffle_vector(upper, lower, ir.Constant(places, each)) for each in (new_upper, new_lower)
    ]


@intrinsic
def _is_double(_typing: Any, value: Any) -> Any:
    def generate(_context: Any, _builder: Any, _signature: Any, args: Any) -> Any:
        return ir.Constant(ir.IntType(1), int(value == DOUBLES))

    return types.boolean(value), generate


@intrinsic
def _select(_typing: Any, mask: Any, chosen: Any, other: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(*args)

    return mask.lanes(mask, mask.lanes, mask.lanes), generate


@intrinsic
def _first_lane(_typing: Any, value: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.extract_element(args[0], ir.Constant(ir.IntType(32), 0))

    return value.number(value), generate


@intrinsic
def _as_bits(_typing: Any, mask: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.zext(builder.bitcast(args[0], ir.IntType(mask.lanes.count)), WORD)

    return types.intp(mask), generate


@intrinsic
def _everywhere(_typing: Any, mask: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        bits = ir.IntType(mask.lanes.count)
        return builder.icmp_unsigned("==", builder.bitcast(args[0], bits), ir.Constant(bits, -1))

    return types.boolean(mask), generate


def _library(builder: Any, kind: LanesType, name: str, args: Any) -> Any:
    """Call one of LLVM's own functions from lanes to lanes."""
    of_lanes = ir.FunctionType(kind.vector, [kind.vector] * len(args))
    full_name = f"llvm.{name}.v{kind.count}f{kind.number.bitwidth}"
    return builder.call(cgutils.get_or_insert_function(builder.module, of_lanes, full_name), args)


@intrinsic
def _magnitude(_typing: Any, value: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return _library(builder, value, "fabs", args)

    return value(value), generate


@intrinsic
def _multiply_add(_typing: Any, a: Any, b: Any, c: Any) -> Any:
    def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
        if fuses():
            return _library(builder, signature.return_type, "fma", args)
        return builder.fadd(builder.fmul(args[0], args[1]), args[2])

    return a(a, a, a), generate


@intrinsic
def _with_sign(_typing: Any, value: Any, sign: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return _library(builder, sign, "copysign", args)

    return sign(sign, sign), generate


@intrinsic
def _low_bits_as_exponent(_typing: Any, value: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        words = ir.VectorType(ir.IntType(value.number.bitwidth), value.count)
        places = np.finfo(str(value.number)).nmant
        shifted = builder.shl(builder.bitcast(args[0], words), ir.Constant(words, [places] * value.count))
        return builder.bitcast(shifted, value.vector)

    return value(value), generate


load: Callable[[Reals, int], Lanes] = cast(Any, _load)
"""The i-th lanes of an array of shape (k, number of lanes)."""
load_from: Callable[[Reals, int], Lanes] = cast(Any, _load_from)
"""The lanes that begin at an element, counted through all axes of a C-contiguous array."""
store: Callable[[Reals, int, Lanes | float], None] = cast(Any, _store)
"""Make a value the i-th lanes of an array of shape (k, number of lanes)."""
store_from: Callable[[Reals, int, Lanes | float], None] = cast(Any, _store_from)
"""Put a value where an element is, and those that follow it."""
spread_from: Callable[[Reals, int], Lanes] = cast(Any, _spread_from)
"""An element in every lane."""
turn_block: Callable[[Reals, int, int, Reals, int, int], None] = cast(Any, _turn_block)
"""Transpose a square of as many rows and columns as there are lanes.

From an array, an element where it begins, and how far apart its rows are, to another array, element and distance.
"""
zero_of: Callable[[Reals], Lanes] = cast(Any, _zero_of)
"""0 in every lane, in an array's precision."""
n_lanes: Callable[[Reals | Lanes], int] = cast(Any, _n_lanes)
"""How many lanes there are in a value, or in those that an array holds: a constant."""
is_double: Callable[[Lanes], bool] = cast(Any, _is_double)
"""Whether the lanes are float64, and not float32: a constant."""
select: Callable[[Mask, Lanes | float, Lanes | float], Lanes] = cast(Any, _select)
"""The second argument where the mask is true, the third elsewhere."""
first_lane: Callable[[Lanes], float] = cast(Any, _first_lane)
"""The number in the first lane."""
as_bits: Callable[[Mask], int] = cast(Any, _as_bits)
"""A mask as a number: bit i is 1 where lane i is true."""
everywhere: Callable[[Mask], bool] = cast(Any, _everywhere)
"""Whether a mask is true in every lane."""
multiply_add: Callable[[Lanes, Lanes, Lanes], Lanes] = cast(Any, _multiply_add)
"""a·b + c: rounded once where the processor can, otherwise twice; see `fuses`."""
magnitude: Callable[[Lanes], Lanes] = cast(Any, _magnitude)
"""|x|, without looking at what it is."""
with_sign: Callable[[Lanes, Lanes], Lanes] = cast(Any, _with_sign)
"""The first argument's magnitude with the second's sign."""
low_bits_as_exponent: Callable[[Lanes], Lanes] = cast(Any, _low_bits_as_exponent)
"""The number whose sign and exponent are the argument's lowest bits: 2**(those bits - 1023), or - 127 in float32."""
