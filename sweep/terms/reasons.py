"""Why a run has no result, as one text: what was wrong, and below it the end of what the run had printed."""

LONGEST = 20_000
"""Characters of a traceback or sentence that are kept: its beginning and its end."""
LONGEST_HEADLINE = 300

_LOG = "\n\nThe end of what it printed:\n"


def reason_of(why: str, printed: str = "") -> str:
    """Return the reason of a run that ended without a result: a traceback or a sentence, and its log."""
    why = why.rstrip()
    if len(why) > LONGEST:
        why = f"{why[: LONGEST // 2]}\n...\n{why[-LONGEST // 2 :]}"
    return f"{why}{_LOG}{printed.rstrip()}" if printed.strip() else why


def why_of(reason: str) -> str:
    """Return a reason without the log: a traceback, or a sentence.

    >>> why_of(reason_of("ValueError: no", "epoch 1"))
    'ValueError: no'
    """
    return reason.partition(_LOG)[0].strip()


def headline_of(reason: str) -> str:
    r"""Return the line that says most of a reason: the last one of a traceback.

    >>> headline_of(reason_of("Traceback ...\n  File ...\nValueError: no", "epoch 1"))
    'ValueError: no'
    """
    line = (why_of(reason).splitlines() or [""])[-1]
    return line if len(line) <= LONGEST_HEADLINE else f"{line[:LONGEST_HEADLINE]}..."


def printed_in(reason: str) -> str:
    """Return the log in a reason; "" if nothing was printed."""
    return reason.partition(_LOG)[2].strip()
