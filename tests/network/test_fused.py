"""Products that are added with one rounding, by the readable trainer and by the engine, and where they are not."""

import math
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from network.tasks import Single, single_rounded_once

from sweep.training.network.engine.lanes import fuses
from sweep.training.network.fused import is_wide, rounded_once, rounded_twice

finite = st.floats(allow_nan=False, allow_infinity=False)
singles = st.floats(allow_nan=False, allow_infinity=False, width=32)

ON_LANES = """
import numba
import numpy as np
from sweep.training.network.engine.lanes import load_from, multiply_add, store_from

@numba.njit
def add_products(a, c):
    store_from(c, 0, multiply_add(load_from(a, 0), load_from(a, 0), load_from(c, 0)))

for precision, n in (("float64", 8), ("float32", 16)):
    eps = np.finfo(precision).eps
    a, c = np.full(n, 1 + eps), np.full(n, -1 - 2 * eps)
    add_products(a, c)
    print(float(c[0]).hex())
"""


@given(finite, finite, finite)
@example(1e308, 10.0, -1e308)
@example(-1e308, 10.0, 0.0)
@example(1e-200, -1e-200, 0.0)
@example(5e-324, 0.5, 5e-324)
def test_a_product_is_added_with_one_rounding(a, b, c):
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    found = rounded_once(a, b, c)
    if math.isinf(found):
        assert abs(exact) > Fraction(sys.float_info.max)
        assert (found > 0) == (exact > 0)
    else:
        assert found == float(exact)


@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, 1), (-1, 1, -1), (1, -1, -1)])
@pytest.mark.parametrize("size", [0.0, math.inf])
def test_zeros_and_infinities_are_those_of_ieee_arithmetic(signs, size):
    a, b, c = (sign * number for sign, number in zip(signs, (size, 2.0, size), strict=True))
    assert repr(rounded_once(a, b, c)) == repr(rounded_twice(a, b, c))
    assert math.isnan(rounded_once(math.inf, 0.0, c))
    assert rounded_once(1e308, 10.0, -math.inf) == -math.inf


@given(singles, singles, singles)
@example(1.0 + 2.0**-23, 1.0 + 2.0**-23, 2.0**-60)
def test_the_oracle_of_float32_adds_with_one_rounding_too(a, b, c):
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    found = single_rounded_once(Single(a), Single(b), Single(c))
    if math.isfinite(found):
        neighbours = [float(np.nextafter(np.float32(found), np.float32(end))) for end in (-np.inf, np.inf)]
        away = [abs(Fraction(each) - exact) for each in neighbours if math.isfinite(each)]
        assert abs(Fraction(found) - exact) <= min(away)


def test_only_networks_with_two_wide_layers_side_by_side_are_fused_and_only_in_backpropagation():
    assert is_wide((1, 64, 64, 1), "backprop")
    assert not is_wide((1, 64, 64, 1), "numerical")
    assert not is_wide((1, 64, 63, 64, 1), "backprop")
    assert not is_wide((1, 1000, 1), "backprop")


@pytest.mark.parametrize("can", [True, False])
def test_the_engine_rounds_once_where_the_processor_can_and_twice_elsewhere(can):
    if can and not fuses():
        pytest.skip("this processor cannot")
    done = subprocess.run(
        [sys.executable, "-c", ON_LANES],
        env=os.environ | ({} if can else {"NUMBA_CPU_FEATURES": "+sse2"}),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert not done.stderr
    expected = [eps * eps * can for eps in (2.0**-52, 2.0**-23)]
    assert done.stdout.split() == [number.hex() for number in expected]


@pytest.mark.parametrize(
    ("triple", "features", "can"),
    [
        ("x86_64-unknown-linux-gnu", "+sse2,+fma,+avx", True),
        ("x86_64-unknown-linux-gnu", "+sse2,-fma,+fma4", False),
        ("i686-pc-windows-msvc", "", False),
        ("arm64-apple-darwin23.0.0", "", True),
        ("aarch64-unknown-linux-gnu", "+neon", True),
    ],
)
def test_a_processor_that_multiplies_and_adds_at_once_is_known_by_its_features(triple, features, can):
    assert fuses((triple, "any", features)) == can
