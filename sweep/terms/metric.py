"""Metrics: the numbers that a training gives, and which way is better."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sweep.terms.arrays import Bools, Floats
from sweep.words import ENGLISH, language, say, word

SPELLED_OUT = frozenset(("fid", "mae", "mape", "mse", "rmse", "rmsle", "ssim"))
"""Words with a vowel that are read letter by letter all the same."""


SHARE = "share"
"""The unit of what is between 0 and 1, and shown so."""


@dataclass(frozen=True)
class Derived:
    """How a metric is computed from another one and from parameters, so that it need not be stored.

    `compute(values, *parameters)` takes the values of the metric `of`, and of each of the `parameters` an array that
    broadcasts with them.
    """

    of: str
    parameters: tuple[str, ...]
    compute: Callable[..., Floats]


@dataclass(frozen=True)
class Metric:
    """A number that a training gives. The first metric of a training is its objective.

    Attributes
    ----------
    name
        As in tables and claims.
    better
        Whether lower or higher values are better.
    unit
        In words; "" if it has none.
    label
        Its words in full, "final loss"; the name with blanks if "".
    short
        Its words in sentences about one comparison, "loss"; those in full if "".
    many
        Its words for several values, "losses"; "values of the ..." if "".
    along
        Its words along a training, "checked loss"; those in full if "".
    along_caption
        What a learning curve of it shows, "The loss on the check points after each update"; composed if "".
    article
        "a" or "an" before its label; by the first letter if "".
    derived
        How it follows from another metric; None if the training gives it.
    """

    name: str
    better: Literal["lower", "higher"] = "lower"
    unit: str = ""
    label: str = ""
    short: str = ""
    many: str = ""
    along: str = ""
    along_caption: str = ""
    article: str = ""
    derived: Derived | None = None

    @property
    def words(self) -> str:
        """Its words in full."""
        return word(self.label or self.name.replace("_", " "))

    @property
    def short_words(self) -> str:
        """Its words in a sentence about one comparison."""
        return word(self.short) if self.short else self.words

    @property
    def many_words(self) -> str:
        """Its words for several values."""
        return word(self.many) if self.many else say("values of the {metric}", metric=self.short_words)

    @property
    def many_words_in_full(self) -> str:
        """Its words in full for several values, as in a heading: "final losses", "accuracy"."""
        return f"{self.words.removesuffix(word(self.short))}{word(self.many)}" if self.many else self.words

    @property
    def words_along(self) -> str:
        """Its words along a training."""
        return word(self.along) if self.along else self.words

    @property
    def a_words(self) -> str:
        """Its words in full with the indefinite article.

        >>> Metric("mse", article="an").a_words, Metric("accuracy", "higher").a_words, Metric("loss").a_words
        ('an mse', 'an accuracy', 'a loss')
        """
        return _with_article(self.words, self.article)

    @property
    def a_short_words(self) -> str:
        """Its words in a sentence about one comparison with the indefinite article."""
        return _with_article(self.short_words, self.article if self.short_words == self.words else "")

    @property
    def is_lower_better(self) -> bool:
        """Whether lower values are better."""
        return self.better == "lower"

    @property
    def worst(self) -> float:
        """What a run that diverged counts as: inf where lower is better, -inf where higher is."""
        return np.inf if self.is_lower_better else -np.inf

    def beats(self, one: Floats, other: Floats) -> Bools:
        """Return where one value is strictly better than another; False where either is NaN."""
        return np.asarray(one < other if self.is_lower_better else one > other)

    def badness(self, values: Floats) -> Floats:
        """Return the values with the sign that makes lower better."""
        return values if self.is_lower_better else np.negative(values)


def _with_article(words: str, article: str) -> str:
    """Return words with the indefinite article of the language, if it has one."""
    return f"{article or _article(words)} {words}" if language() == ENGLISH else words


def _article(words: str) -> str:
    """Return "a" or "an", by how the first word sounds: one without a vowel is read letter by letter.

    >>> [_article(words) for words in ("loss", "accuracy", "rms error", "f1", "mse", "log loss", "bleu", "nll")]
    ['a', 'an', 'an', 'an', 'an', 'a', 'a', 'an']
    """
    first = words.split()[0].lower() if words.split() else ""
    is_spelled = first in SPELLED_OUT or not any(letter in "aeiouy" for letter in first)
    return "an" if first[:1] in tuple("aefhilmnorsx" if is_spelled else "aeiou") else "a"
