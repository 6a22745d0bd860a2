"""Keys and sentences that several forms of claims have."""

from typing import Any

from sweep.forms.form import LEFT_OUT, Form, Found
from sweep.terms.keys import key
from sweep.words import say


def axis_key() -> Any:
    """Return the key of the axis along which cells are compared."""
    return key(
        meaning="the axis along which cells are compared, replicate by replicate and all else equal",
        range='an axis of the grid, such as "neurons"',
    )


def share_key() -> Any:
    """Return the key of the share that is the bound."""
    return key(0.5, meaning="the share of runs, or of pairs, that is the bound", gt=0, lt=1)


def beyond_key(how: str) -> Any:
    """Return the key of a bound: runs succeed whose metric is `how`, "smaller" or "larger"."""
    meaning = f"a run succeeds if its metric is {how} than this; a diverged run does not"
    return key(LEFT_OUT, meaning=meaning, range="a number")


def better_sentence(form: Form, found: Found) -> str:
    """Return in how many pairs the first value has the better metric."""
    one, other = found.values
    places = {
        "axis": form.axis_words,
        "one": one,
        "other": other,
        "metric": form.metric.short_words,
        "share": found.percent,
        "n": found.n_words,
    }
    if form.metric.is_lower_better:
        return say("{axis} {one} has the smaller {metric} than {other} in {share} of {n} pairs", **places)
    return say("{axis} {one} has the larger {metric} than {other} in {share} of {n} pairs", **places)
