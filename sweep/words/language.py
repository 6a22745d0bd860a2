"""Messages, and the language in which they are said at the moment."""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files

ENGLISH = "en"
LANGUAGES = (ENGLISH, "ja")
"""What can be spoken: English, and each language that has a table of messages in this folder."""

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def language() -> str:
    """Return the language that is spoken, one of `LANGUAGES`."""
    return _spoken.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything in one of `LANGUAGES` meanwhile, in this thread."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def message(text: str) -> str:
    """Return a message as it is: one that stands here in English, and is said later by `say` or `word`."""
    return text


def say(text: str, /, **places: object) -> str:
    """Say a message with what stands in its places; a message that the table lacks is said in English.

    >>> say("{n} of {of} runs", n=2, of=3)
    '2 of 3 runs'
    """
    return _messages(_spoken.get()).get(text, text).format(**places)


def say_many(n: int, one: str, many: str, /, **places: object) -> str:
    """Say one of two messages, by a count; a table of messages has the one for several alone.

    >>> say_many(1, "{n} run", "{n} runs", n="1")
    '1 run'
    """
    if n == 1 and _spoken.get() == ENGLISH:
        return one.format(**places)
    return say(many, **places)


def word(text: str) -> str:
    """Say a word, such as the name of a metric: any text, which stays as it is where the table does not have it."""
    return _messages(_spoken.get()).get(text, text)


@cache
def _messages(language: str) -> Mapping[str, str]:
    """Return the messages of a language by the English ones."""
    if language == ENGLISH:
        return {}
    return tomllib.loads(files("sweep.words").joinpath(f"{language}.toml").read_text(encoding="utf-8"))
