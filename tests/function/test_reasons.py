"""The one line that stands for a traceback names what was raised, whatever its message looks like."""

import pytest

from sweep.terms.reasons import LONGEST, LONGEST_HEADLINE, headline_of, printed_in, reason_of
from sweep.training.function.rows import traceback_of


def raised(error, cause=None):
    try:
        try:
            if cause is not None:
                raise cause
        finally:
            raise error
    except BaseException as caught:
        return reason_of(traceback_of(caught), "epoch 1")


def deep(n, error):
    if n == 0:
        raise error
    (deep if n % 2 else deeper)(n - 1, error)


def deeper(n, error):
    (deep if n % 3 else deeper)(n - 1, error)


def noted(error, note):
    error.add_note(note)
    return error


@pytest.mark.parametrize(
    ("error", "headline"),
    [
        (ValueError("no"), "ValueError: no"),
        (ValueError(), "ValueError"),
        (ValueError("a\nb\nc"), "ValueError: a ..."),
        (ValueError("\n  a\nb"), "ValueError: a ..."),
        (ValueError("a\n"), "ValueError: a"),
        (ValueError("the options:\none\ntwo"), "ValueError: the options: one ..."),
        (ValueError("a\nTraceback (most recent call last):\n  File\nKeyError: 1"), "ValueError: a ..."),
        (noted(ValueError("no"), "a note"), "ValueError: no ..."),
        (ExceptionGroup("two", [ValueError("a"), ValueError("b")]), "ExceptionGroup: two (2 sub-exceptions)"),
        (SyntaxError("bad", ("f.py", 3, 1, "x = =", 3, 2)), "SyntaxError: bad"),
    ],
)
@pytest.mark.parametrize("cause", [None, KeyError("b\nc")])
def test_a_headline_has_the_type_and_the_first_line_of_the_last_exception(error, headline, cause):
    assert headline_of(raised(error, cause)) == headline


@pytest.mark.parametrize("message", ["x" * 100_000, "x\n" * 50_000, "short\n" + "y" * 100_000])
@pytest.mark.parametrize("depth", [0, 400])
@pytest.mark.parametrize("cause", [None, KeyError("z" * 15_000)])
def test_what_is_too_long_keeps_its_headline(message, depth, cause):
    try:
        try:
            if cause is not None:
                raise cause
        finally:
            deep(depth, ValueError(message))
    except ValueError as error:
        reason = reason_of(traceback_of(error), "epoch 1")
    assert headline_of(reason).startswith(f"ValueError: {message[:5].splitlines()[0]}")
    assert len(headline_of(reason)) <= LONGEST_HEADLINE + 4
    assert len(reason) < LONGEST + 200
    assert printed_in(reason) == "epoch 1"


def test_a_sentence_is_its_own_headline():
    assert headline_of(reason_of("it returned None", "a\nb")) == "it returned None"
