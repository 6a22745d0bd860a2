"""What a page about a running sweep shows: how far it is, the verdicts so far, and what the explorer holds."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sweep.claims.sentences import MOST_CONDITIONS_TOLD, condition_text, grounds, outcome_of, tally
from sweep.claims.verdict import Verdict
from sweep.results import Results
from sweep.store import ResultsFolder


@dataclass
class Pace:
    """How fast a sweep stores its runs, by what was seen of it."""

    began: float | None = None
    stored_then: int = 0

    def seconds_left(self, n_stored: int, n_planned: int) -> float | None:
        """Return in how many seconds the sweep is done at the pace so far; None if nothing was stored meanwhile."""
        now = time.monotonic()
        if self.began is None:
            self.began, self.stored_then = now, n_stored
        done = n_stored - self.stored_then
        return (now - self.began) / done * (n_planned - n_stored) if done else None


def state_of(found: Results, pace: Pace, *, is_running: bool) -> dict[str, Any]:
    """Return what the page shows of a sweep, as JSON."""
    from sweep.report.explorer.data import explorer_data

    return {
        "stored": found.n_stored,
        "planned": found.n_planned,
        "secondsLeft": pace.seconds_left(found.n_stored, found.n_planned) if is_running else None,
        "isRunning": is_running,
        "report": report_of(found),
        "claims": [_claim(list(of_one)) for _, of_one in groupby(found.judged, lambda one: one.number)],
        "explorer": explorer_data(found.explored),
    }


def _claim(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return what is shown of a claim: each of its verdicts, or of many what they come to."""
    rows = [
        {"ruling": one.ruling, "condition": condition_text(one), "grounds": grounds(one)} for one in verdicts
    ]
    if len(rows) > MOST_CONDITIONS_TOLD:
        rows = [{"ruling": outcome_of(verdicts), "condition": "", "grounds": tally(verdicts)}]
    return {"sentence": verdicts[0].claim.sentence, "tally": tally(verdicts), "verdicts": rows}


def report_of(found: Results) -> str | None:
    """Return where the report of a sweep is, as a user reads it; None if there is none."""
    from sweep.store.place import shown

    assert found.folder is not None  # it was loaded from there
    page = ResultsFolder(found.folder).page
    return shown(page) if page.exists() else None
