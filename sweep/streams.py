"""Standard output and standard error: the one place where the command line's text goes out.

Whatever a title, a name or a path holds, what arrives is harmless; and whatever a stream is, closed, full or of another
code page, what can be told is told.
"""

import os
import sys
from contextlib import suppress
from typing import TextIO

from sweep.terms.text import harmless


def open_streams() -> None:
    """Make the standard streams of this process fit for use.

    What was closed by whoever started it goes nowhere: else the next file that is opened would be taken for standard
    error, and be written to. What a stream's code page lacks is replaced.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
    if hasattr(sys.stdout, "reconfigure"):
        with suppress(OSError, ValueError):
            sys.stdout.reconfigure(errors="replace")


def say(text: str, *, nl: bool = True) -> None:
    """Print a text. Raises an `OSError` that names the output, which may be a file on a full disk."""
    try:
        _write(sys.stdout, text + "\n" * nl)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, f"the output cannot be written ({error.strerror})") from None


def warn(text: str, *, nl: bool = True) -> None:
    """Print a text to standard error, if anybody can be reached there."""
    with suppress(OSError, ValueError):  # the terminal may have gone
        _write(sys.stderr, text + "\n" * nl)


def discard_output() -> None:
    """Let the rest of standard output go nowhere, so that Python does not fail on it once more at its end."""
    with suppress(OSError, ValueError, AttributeError):  # it may be somebody's own, without a number
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # Python's own word for one that was closed
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(harmless(text).encode(encoding, "replace").decode(encoding))
    if hasattr(stream, "flush"):
        stream.flush()
