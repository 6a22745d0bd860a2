"""What people read, in their language.

A message stands in the code in English, with places for what changes: `say("{share} of {n} runs", share=..., n=...)`.
Another language is a table of messages beside this file, `ja.toml` for Japanese: the English on the left, with the same
places in whatever order that language needs. A test holds the tables against the code.
"""

from sweep.words.language import (
    ENGLISH,
    LANGUAGES,
    language,
    message,
    say,
    say_many,
    speaking,
    wanted,
    wanting,
    word,
)

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "language",
    "message",
    "say",
    "say_many",
    "speaking",
    "wanted",
    "wanting",
    "word",
]
