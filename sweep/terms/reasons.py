"""Why a run has no result, as one text: what was wrong, and below it the end of what the run had printed."""

import re

LONGEST = 20_000
"""Characters of a traceback or sentence that are kept: its beginning and its end."""
LONGEST_HEADLINE = 300

ENDED_BY = "its process was ended by "
"""So begins what is told of a process that a signal has ended, before the name of the signal."""
FROM_OUTSIDE = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT")
"""What an operator sends, or the system that lacks memory: no fault of a run's own raises these."""
WORKER_DIED = "the Dask worker that trained it died"
"""So it is told of a worker of a cluster, of which nobody here knows how it ended."""
_FROM_OUTSIDE = (WORKER_DIED, *(f"{ENDED_BY}{name}" for name in FROM_OUTSIDE))

_TRACEBACK = "Traceback (most recent call last):"
_HEADER = re.compile(r"^(?: *\+ Exception Group )?Traceback \(most recent call last\):\n", re.MULTILINE)
_LINKS = (
    "\nThe above exception was the direct cause of the following exception:\n",
    "\nDuring handling of the above exception, another exception occurred:\n",
)

_LOG = "\n\nThe end of what it printed:\n"


def reason_of(why: str, printed: str = "") -> str:
    """Return the reason of a run that ended without a result: a traceback or a sentence, and its log."""
    why = _shortened(why.rstrip())
    return f"{why}{_LOG}{printed.rstrip()}" if printed.strip() else why


def _shortened(why: str) -> str:
    """Return the beginning and the end of a text that is too long, so that its headline is still in it."""
    if len(why) <= LONGEST:
        return why
    half = LONGEST // 2
    found = f"{why[:half]}\n...\n{why[-half:]}"
    if headline_of(found) == headline_of(why):
        return found
    frames, message = _split(why)
    last_frames = frames[-half // 2 :].partition("\n")[2]
    first, last = message[: half // 2], message[half // 2 :][-half:]
    return f"{_TRACEBACK}\n  ...\n{last_frames}{first}\n...\n{last}" if frames else f"{first}\n...\n{last}"


def is_from_outside(reason: str) -> bool:
    """Tell whether a run has no result since its process was ended from outside, as far as can be known.

    >>> is_from_outside("its process was ended by SIGKILL"), is_from_outside("its process was ended by SIGSEGV")
    (True, False)
    """
    why = why_of(reason).partition("\n")[0]
    return any(sentence in why for sentence in _FROM_OUTSIDE) and _HEADER.match(reason) is None


def why_of(reason: str) -> str:
    """Return a reason without the log: a traceback, or a sentence.

    >>> why_of(reason_of("ValueError: no", "epoch 1"))
    'ValueError: no'
    """
    return reason.partition(_LOG)[0].strip()


def headline_of(reason: str) -> str:
    r"""Return the line that says most of a reason: of a traceback the type and the first line of what was raised last.

    >>> headline_of(reason_of(f"{_TRACEBACK}\n  File ...\nValueError: no", "epoch 1"))
    'ValueError: no'
    >>> headline_of(f"{_TRACEBACK}\n  File ...\nValueError: the shapes\n(2,)\n(3,)")
    'ValueError: the shapes ...'
    """
    message = _split(why_of(reason))[1]
    lines = [line for line in map(str.rstrip, message.splitlines()) if line.strip(" |")]
    line = lines[0].removeprefix("  | ") if lines else ""
    if line.endswith(":") and len(lines) > 1:  # it says what follows
        line = f"{line} {lines.pop(1).strip()}"
    if len(line) > LONGEST_HEADLINE:
        return f"{line[:LONGEST_HEADLINE]}..."
    return f"{line} ..." if len(lines) > 1 and not _is_group(message) else line


def _split(why: str) -> tuple[str, str]:
    """Return the frames of a traceback, with all before them, and what was raised there; of a sentence no frames.

    Of exceptions that were raised while others were handled it is the last one.
    """
    begin = max(why.rfind(link) + len(link) if link in why else 0 for link in _LINKS)
    header = _HEADER.search(why, begin)
    if header is None:
        return "", why
    place = header.end()
    for line in why[place:].splitlines(keepends=True):
        if not line.startswith(("  ", "...")) or (_is_group(line) and not line.startswith("  |  ")):
            break
        place += len(line)
    return why[:place], why[place:]


def _is_group(text: str) -> bool:
    return text.startswith("  | ")


def printed_in(reason: str) -> str:
    """Return the log in a reason; "" if nothing was printed."""
    return reason.partition(_LOG)[2].strip()
