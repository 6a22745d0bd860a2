"""Messages, and the language in which they are said at the moment."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

ENGLISH = "en"
LANGUAGES = (ENGLISH, "ja")
"""What can be spoken: English, and each language that has a table of messages in this folder."""

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)
_wanted: ContextVar[str | None] = ContextVar("wanted", default=None)


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


@contextmanager
def wanting(language: str | None) -> Iterator[None]:
    """Let what is written meanwhile for a person be in this language, whatever a config says; None for as it says."""
    token = _wanted.set(language)
    try:
        yield
    finally:
        _wanted.reset(token)


def wanted(usual: str) -> str:
    """Return the language in which something is to be written whose own language is `usual`."""
    return _wanted.get() or usual


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
    """Say one of two messages, by a count; a table of messages may have the one for several alone.

    >>> say_many(1, "{n} run", "{n} runs", n="1")
    '1 run'
    """
    spoken = _spoken.get()
    return say(one if n == 1 and (spoken == ENGLISH or one in _messages(spoken)) else many, **places)


def word(text: str) -> str:
    """Say a word, such as the name of a metric: any text, which stays as it is where the table does not have it."""
    return _messages(_spoken.get()).get(text, text)


@cache
def _messages(language: str) -> Mapping[str, str]:
    """Return the messages of a language by the English ones."""
    if language == ENGLISH:
        return {}
    import tomllib
    from pathlib import Path

    return tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8"))
