"""Which stored results count: those of the code as it is now, and what to do about those of other code."""

from typing import Literal, TypeAlias

import numpy as np

from sweep.store.decisions import Code, Decisions
from sweep.terms.outcome import WITHOUT_RESULT, Outcome
from sweep.training.kind import Training

Standing: TypeAlias = Literal["current", "retired", "changed"]


class MadeBy:
    """Tells of outcomes whether the code that made them is the code as it is now.

    `changed` collects the versions that are neither the same nor decided about, each with what it is now.
    """

    def __init__(self, training: Training, decisions: Decisions) -> None:
        self.training, self.decisions = training, decisions
        self.changed: list[tuple[Code, Code]] = []
        self._known: dict[tuple[tuple[str, str], ...], Standing] = {}

    def standing(self, outcome: Outcome) -> Standing:
        """Return "current" for what counts, "retired" for what does not, "changed" where nobody has decided."""
        if not outcome.code:
            return "current"
        name = tuple(sorted(outcome.code.items()))
        if np.isin(outcome.status, WITHOUT_RESULT).all():
            return "current" if self._is_current(dict(name)) else "retired"  # nothing is lost with it
        if name not in self._known:
            self._known[name] = self._judge(dict(name))
        return self._known[name]

    def forget(self, decisions: Decisions) -> None:
        """Judge all versions anew, by these decisions."""
        self.decisions, self.changed, self._known = decisions, [], {}

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader of the results must know: why some of older code count."""
        told = []
        if n := self.decisions.n_checked:
            again = f"{n} of them were trained again, spread over the axes, and came out bit for bit the same"
            told.append(f"Some results were made by older code: {again}.")
        if self.decisions.by_word:
            told.append("Some results were made by older code, and count by the word of who ran it.")
        return tuple(told)

    @property
    def changed_parts(self) -> list[str]:
        """The names of the parts that have changed."""
        return sorted({name for was, now in self.changed for name in was if was[name] != now[name]})

    def of_standing(self, *standings: Standing) -> list[Code]:
        """Return the versions that were met so far and stand so."""
        return [dict(name) for name, standing in self._known.items() if standing in standings]

    def reopened(self, *, by_word: bool) -> Decisions:
        """Return the decisions without those by which versions that were met so far count; see `Decisions.without`."""
        found = self.decisions
        for code in self.of_standing("current"):
            if self._now(code) != code:
                found = found.without(self._now(code), by_word=by_word)
        return found

    def _judge(self, code: Code) -> Standing:
        if self._is_current(code):
            return "current"
        if code in self.decisions.retired:
            return "retired"
        self.changed.append((code, self._now(code)))
        return "changed"

    def _is_current(self, code: Code) -> bool:
        now = self._now(code)
        return now == code or self.decisions.are_equal(code, now)

    def _now(self, code: Code) -> Code:
        return dict(self.training.code_now(list(code)))
