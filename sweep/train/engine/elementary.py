"""tanh and the logistic function of lanes: about twenty additions and multiplications, and one division.

Both are quotients of exponentials, and exp(2x) = 2^n exp(2h) where n is the whole number nearest to 2x / ln 2, and
h = x - n ln 2 / 2 lies within ± ln 2 / 4. With C = h coth h, a series in h² that converges fast,

    exp(2h) = (C + h) / (C - h),

so a quotient of two sums with exp(2x) in them needs no division beyond its own. 2^n is put together from its bits.
NaN stays NaN, ±inf give the limits, and the same number gives the same bits in every lane.
"""

from sweep.train.engine.compiling import inlined
from sweep.train.engine.lanes import Lanes, low_bits_as_exponent, magnitude, select, spread, with_sign

TWO_PER_LN_2 = 2.8853900817779268
HALF_LN_2 = 0.34657359027997264
HALF_LN_2_HIGH, HALF_LN_2_LOW = 3.46573590184561908245e-01, 9.54107464635293850e-11
"""In two parts: the high one is short enough for its product with n to be exact."""

WHOLE = 1.5 * 2.0**52 + 1023.0
"""Added to a number of at most 1022 in size, it leaves the nearest whole number, plus 1023, in the sum's low bits."""


@inlined
def h_coth_h(h: Lanes) -> Lanes:
    """Return h coth h for |h| <= ln 2 / 4, by its best polynomial of degree 5 in h²: off by 3.5e-18 before rounding."""
    h2 = h * h
    # In pairs of terms: half the processor would wait if each term waited for the one before.
    h4 = h2 * h2
    low = h2 * 0.3333333333333332 + 1.0
    middle = h2 * 0.0021164020708103106 + -0.022222222222050975
    high = h2 * 2.1215954608223906e-05 + -0.00021163596166269194
    return low + (middle + high * h4) * h4


@inlined
def tanh(x: Lanes) -> Lanes:
    """Return the hyperbolic tangent, to 5e-16 of itself; odd to the last bit, and -0.0 stays -0.0.

    (2^n (C + h) - (C - h)) / (2^n (C + h) + (C - h)), sorted by C and h: for n = 0 this is h / C, without cancellation.
    """
    size = magnitude(x)
    size = select(size > 20.0, spread(20.0), size)  # beyond 19.1 the tangent is 1 to the last bit
    shifted = size * TWO_PER_LN_2 + WHOLE
    # ln 2 in one part will do: where n is large, the tangent hardly depends on h.
    h = size - (shifted - WHOLE) * HALF_LN_2
    c = h_coth_h(h)
    power = low_bits_as_exponent(shifted)
    less, more = power - 1.0, power + 1.0
    return with_sign((less * c + more * h) / (more * c + less * h), x)


@inlined
def sigmoid(x: Lanes) -> Lanes:
    """Return the logistic function 1 / (1 + exp(-x)), to 5e-16 of itself; below x = -708, 3.3e-308."""
    half = x * -0.5
    half = select(half > 354.0, spread(354.0), half)
    half = select(half < -354.0, spread(-354.0), half)
    shifted = half * TWO_PER_LN_2 + WHOLE
    n = shifted - WHOLE
    h = (half - n * HALF_LN_2_HIGH) - n * HALF_LN_2_LOW
    c = h_coth_h(h)
    less = c - h
    return less / (less + low_bits_as_exponent(shifted) * (c + h))
