"""What a function takes is read off its text, and off itself, alike; its file is not run."""

import textwrap

import pytest

from sweep.terms.values import OWN_DEFAULT
from sweep.training.function.signature import SignatureError, signature_in, signature_of

FUNCTIONS = {
    "plain": "def train(rate, width=32, *, seed): return 1.0",
    "defaults": "def train(a=1, b=2.5, c='x', d=True, e=(1, [2, 'y']), f=-3, g=[], h=()): return 1.0",
    "other defaults": "def train(a=None, b={}, c=float, d=1 + 1j, e=float('nan'), f=print): return 1.0",
    "whole numbers": "def train(a: int, b=3, c: float = 2, d=2.0, e: 'int' = OTHER, *, f=True): return 1.0",
    "all that is handed": "def train(rate, *, seed, replicate, folder, epochs): return 1.0",
    "any others": "def train(rate=1, **more): return 1.0",
    "more by place": "def train(rate, *more): return 1.0",
    "a generator": "def train(rate):\n    while True:\n        yield 1.0",
    "a generator by another": "def train(rate):\n    yield from range(3)",
    "a function with a generator in it": "def train(rate):\n    def inner():\n        yield 1\n    return sum(inner())",
    "a generator expression": "def train(rate):\n    return sum(x for x in [rate])",
    "a lambda with a yield": "def train(rate):\n    f = lambda: (yield)\n    return 1.0",
    "batched": "@sweep.batched('rate', 'seed')\ndef train(rate, width=3, *, seed): return rate",
    "batched by its own name": "from sweep import batched\n@batched('rate')\ndef train(rate): return rate",
    "batched by another name": "from sweep import batched as many\n@many('rate')\ndef train(rate): return rate",
    "defined twice": "def train(a): return 1.0\ndef train(b): return 1.0",
}


@pytest.mark.parametrize("text", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_text_says_what_the_function_says(text):
    import sweep

    namespace = {"sweep": sweep, "OTHER": object()}
    exec(text, namespace)
    read, found = signature_in(text, "train"), signature_of(namespace["train"])

    assert [*read.defaults.items()] == [*found.defaults.items()]
    assert [*map(type, read.defaults.values())] == [*map(type, found.defaults.values())]
    assert (read.handed, read.takes_any, read.is_generator, read.batched) == (
        *(found.handed, found.takes_any, found.is_generator),
        found.batched,
    )
    assert read.whole == found.whole


def test_defaults_that_no_config_can_say_are_the_functions_own():
    read = signature_in("def train(a, b=None, c=1, d=[1, None], e=2**3): return 1.0", "train")

    assert read.defaults == {"a": None, "b": OWN_DEFAULT, "c": 1, "d": OWN_DEFAULT, "e": OWN_DEFAULT}


def test_whole_numbers_are_told_by_annotation_or_default():
    read = signature_in(FUNCTIONS["whole numbers"], "train")

    assert read.whole == {"a", "b", "e", "epochs"}


def test_the_last_of_two_definitions_counts():
    assert [*signature_in(FUNCTIONS["defined twice"], "train").defaults] == ["b"]


@pytest.mark.parametrize(
    "text",
    [
        "class train:\n    def __init__(self): pass",
        "async def train(a): return 1.0",
        "def train(a, /): return 1.0",
        "@sweep.batched('b')\ndef train(a): return 1.0",
        "@sweep.batched('a')\ndef train(a, seed): return 1.0",
        "@sweep.batched('folder')\ndef train(a, folder): return 1.0",
    ],
)
def test_both_refuse_with_the_same_words(text):
    import sweep

    namespace = {"sweep": sweep}
    exec(textwrap.dedent(text), namespace)
    with pytest.raises(SignatureError) as read:
        signature_in(text, "train")
    with pytest.raises(SignatureError) as found:
        signature_of(namespace["train"])

    assert str(read.value) == str(found.value)
