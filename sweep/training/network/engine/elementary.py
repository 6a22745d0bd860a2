"""tanh and the logistic function of lanes: about twenty additions and multiplications, and one division.

Both are quotients of exponentials, and exp(2x) = 2^n exp(2h) where n is the whole number nearest to 2x / ln 2, and
h = x - n ln 2 / 2 lies within ± ln 2 / 4. With C = h coth h, a series in h² that converges fast,

    exp(2h) = (C + h) / (C - h),

so a quotient of two sums with exp(2x) in them needs no division beyond its own. 2^n is put together from its bits.
NaN stays NaN, ±inf give the limits, and the same number gives the same bits in every lane.
"""

from typing import NamedTuple

from sweep.training.network.engine.compiling import inlined
from sweep.training.network.engine.lanes import (
    Lanes,
    is_double,
    low_bits_as_exponent,
    magnitude,
    select,
    with_sign,
)

TWO_PER_LN_2 = 2.8853900817779268
HALF_LN_2 = 0.34657359027997264


class Constants(NamedTuple):
    """What depends on the precision.

    Attributes
    ----------
    whole
        Added to a number of not too great a size, it leaves the nearest whole number, plus the bias of an exponent, in
        the sum's low bits.
    half_ln_2_high, half_ln_2_low
        In two parts: the high one is short enough for its product with n to be exact.
    tanh_limit
        Beyond it the tangent is 1 to the last bit.
    sigmoid_limit
        So far from 0 may x / 2 be for exp(x) to be a number of full precision.
    """

    whole: float
    half_ln_2_high: float
    half_ln_2_low: float
    tanh_limit: float
    sigmoid_limit: float


OF_DOUBLES = Constants(
    1.5 * 2.0**52 + 1023.0, 3.46573590184561908245e-01, 9.54107464635293850e-11, 20.0, 354.0
)
OF_SINGLES = Constants(1.5 * 2.0**23 + 127.0, 0.3465728759765625, 7.143034101431134e-07, 10.0, 43.5)


@inlined
def h_coth_h(h: Lanes) -> Lanes:
    """Return h coth h for |h| <= ln 2 / 4, by its best polynomial in h².

    Before rounding it is off by 3.5e-18 (of degree 5), and in float32 by 2.4e-9 (of degree 2).
    """
    h2 = h * h
    if not is_double(h):
        return (h2 * -0.022134036 + 0.3333325) * h2 + 1.0
    # In pairs of terms: half the processor would wait if each term waited for the one before.
    h4 = h2 * h2
    low = h2 * 0.3333333333333332 + 1.0
    middle = h2 * 0.0021164020708103106 + -0.022222222222050975
    high = h2 * 2.1215954608223906e-05 + -0.00021163596166269194
    return low + (middle + high * h4) * h4


@inlined
def tanh(x: Lanes) -> Lanes:
    """Return the hyperbolic tangent, to 5e-16 of itself (3e-7 in float32); odd to the last bit, and -0.0 stays -0.0.

    (2^n (C + h) - (C - h)) / (2^n (C + h) + (C - h)), sorted by C and h: for n = 0 this is h / C, without cancellation.
    """
    its = OF_DOUBLES if is_double(x) else OF_SINGLES
    size = magnitude(x)
    size = select(size > its.tanh_limit, its.tanh_limit, size)
    shifted = size * TWO_PER_LN_2 + its.whole
    # ln 2 in one part will do: where n is large, the tangent hardly depends on h.
    h = size - (shifted - its.whole) * HALF_LN_2
    c = h_coth_h(h)
    power = low_bits_as_exponent(shifted)
    less, more = power - 1.0, power + 1.0
    return with_sign((less * c + more * h) / (more * c + less * h), x)


@inlined
def sigmoid(x: Lanes) -> Lanes:
    """Return the logistic function 1 / (1 + exp(-x)), to 5e-16 of itself (3e-7 in float32).

    Below x = -708 it stays at 3.3e-308, and in float32 below x = -87 at 1.6e-38.
    """
    its = OF_DOUBLES if is_double(x) else OF_SINGLES
    half = x * -0.5
    half = select(half > its.sigmoid_limit, its.sigmoid_limit, half)
    half = select(half < -its.sigmoid_limit, -its.sigmoid_limit, half)
    shifted = half * TWO_PER_LN_2 + its.whole
    n = shifted - its.whole
    h = (half - n * its.half_ln_2_high) - n * its.half_ln_2_low
    c = h_coth_h(h)
    less = c - h
    return less / (less + low_bits_as_exponent(shifted) * (c + h))
