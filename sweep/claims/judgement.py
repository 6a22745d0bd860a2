"""The verdicts on all claims of a plan, look by look.

One loop serves both who only asks what the stored results say and who trains until it is decided:

    judgement = Judgement(plan, resolve_claims(plan))
    while (replicates := judgement.wanted()) is not None:
        judgement.look(results of plan.with_replicates(replicates))

A look that finds results missing leaves its conditions as they stand, and ends them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from sweep.claims.claim import Claim
from sweep.claims.conditions import Conditions, conditions_of
from sweep.claims.decision import Decision, decide, needed, ratio_of
from sweep.claims.evidence import Evidence, evidence_of, evidence_of_kept
from sweep.claims.looks import looks, spending
from sweep.claims.shares import detectable_share
from sweep.claims.verdict import Count, Interval, Verdict
from sweep.errors import PlanError
from sweep.forms import Kept
from sweep.plan import Plan
from sweep.tables.collected import Collected
from sweep.terms.arrays import Ints

MOST_NEEDED = 10_000_000


@dataclass(frozen=True)
class Need:
    """That what is kept under a name is needed of the first n replicates of a cell."""

    cell: int
    name: str
    n: int


KeptOf: TypeAlias = Callable[[Sequence[Need]], Mapping[int, Kept]]
"""Gives what is needed, by cell; it is asked once a look, for all claims together."""


class Judgement:
    """Comes to a verdict on every claim under every one of its conditions.

    Raises PlanError if a claim compares what is not in the plan.
    """

    def __init__(self, plan: Plan, claims: Sequence[Claim]) -> None:
        self.plan = plan
        found = [conditions_of(claim, plan) for claim in claims]
        self.n_verdicts = sum(len(each) for each in found)
        self.error = (1.0 - plan.experiment.confidence) / max(1, self.n_verdicts)
        self._cases = [
            _Case.of(number, claim, each, self)
            for number, (claim, each) in enumerate(zip(claims, found, strict=True), start=1)
        ]
        self._look = 0

    def check_size(self) -> None:
        """Raise PlanError if judging to the end may take more runs than the limit of the experiment."""
        replicates = self.plan.cells.replicates.copy()
        for case in self._cases:
            cells = case.conditions.cells[case.conditions.cells >= 0]
            replicates[cells] = np.maximum(replicates[cells], case.looks[-1])
        most, limit = int(replicates.sum()), self.plan.experiment.max_runs
        if most > limit:
            remedy = f"Lower `most_replicates` in [claims], or raise the limit: `max_runs = {most:_}`."
            asked = f"until all claims are decided it may take {most:_} runs"
            raise PlanError(f"{asked}, more than `max_runs` = {limit:_}. {remedy}")

    def detectable(self) -> tuple[tuple[int, float | None], tuple[int, float | None]]:
        """Return the replicates of the first and the last look, and the share of pairs that each probably finds.

        Of the claim with the fewest replicates, for a comparison of two settings (one part, against a half).
        """
        case = min(self._cases, key=lambda case: case.looks[0])
        ends = ((case.looks[i], case.errors[i]) for i in (0, -1))
        first, last = ((n, detectable_share(0.5, n, error)) for n, error in ends)
        return first, last

    def wanted(self) -> Ints | None:
        """Return how many replicates of each cell the next look asks for, of shape (n_cells,); None after the last."""
        open_cases = [case for case in self._cases if case.is_open]
        if not open_cases:
            return None
        replicates = self.plan.cells.replicates.copy()
        for case in open_cases:
            cells = case.conditions.cells[case.open]
            cells = cells[cells >= 0]
            replicates[cells] = np.maximum(replicates[cells], case.looks[self._look])
        return replicates

    def look(self, collected: Collected, kept_of: KeptOf = lambda _needs: {}) -> None:
        """Decide what can be decided by the results, which are those of the plan with the replicates wanted.

        `kept_of` is asked if a claim's form needs what is kept beside the metrics.
        """
        open_cases = [case for case in self._cases if case.is_open]
        needs = [need for case in open_cases for need in case.needs(self._look)]
        kept = kept_of(needs) if needs else {}
        for case in open_cases:
            case.look(self._look, collected, kept)
        self._look += 1

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts so far, in the order of the claims and of their conditions."""
        return [verdict for case in self._cases for verdict in case.verdicts.values()]


@dataclass
class _Case:
    """A claim, its conditions, and which of them are still open."""

    number: int
    claim: Claim
    conditions: Conditions
    looks: tuple[int, ...]
    errors: tuple[float, ...]
    open: Ints
    verdicts: dict[int, Verdict] = field(default_factory=dict)

    @staticmethod
    def of(number: int, claim: Claim, found: Conditions, judgement: Judgement) -> "_Case":
        planned = int(judgement.plan.cells.replicates[found.cells[found.cells >= 0]].min())
        at = looks(planned, judgement.plan.experiment.most_replicates)
        errors = spending(judgement.error, len(at))
        return _Case(number, claim, found, at, errors, np.arange(len(found)))

    @property
    def is_open(self) -> bool:
        return len(self.open) > 0

    def needs(self, number: int) -> list[Need]:
        """Return what a look needs beside the metrics."""
        name, cells = self.claim.form.needs, self.conditions.cells[self.open][:, 0, 0]
        return [Need(int(cell), name, self.looks[number]) for cell in cells] if name else []

    def look(self, number: int, collected: Collected, kept: Mapping[int, Kept]) -> None:
        """Decide which of the open conditions can be decided."""
        look = self._evidence(number, collected, kept)
        error, bound = self.errors[number], self.claim.form.bound
        exists = self.conditions.exists[self.open]
        complete = np.asarray((look.complete | ~exists).all(axis=1))
        decision = decide(look, exists, bound, error)
        following = self.errors[min(number + 1, len(self.errors) - 1)]
        more = needed(look, exists, bound, following, self.looks[number])
        for row in range(len(self.open)) if number == 0 else np.flatnonzero(complete).tolist():
            verdict = self._verdict(row, self.looks[number], look, decision, is_complete=bool(complete[row]))
            is_undecided = verdict.ruling == "inconclusive" and more[row] <= MOST_NEEDED
            self.verdicts[int(self.open[row])] = (
                replace(verdict, needed=int(more[row])) if is_undecided else verdict
            )
        decided = (decision.supported | decision.refuted) & complete
        is_last = number == len(self.looks) - 1
        self.open = self.open[complete & ~decided] if not is_last else self.open[:0]

    def _evidence(self, number: int, collected: Collected, kept: Mapping[int, Kept]) -> Evidence:
        cells = self.conditions.cells[self.open]
        if self.claim.form.needs:
            return evidence_of_kept(self.claim.form, cells[:, 0, 0].tolist(), kept)
        return evidence_of(self.claim.form, cells, self.looks[number], collected)

    def _verdict(
        self, row: int, replicates: int, evidence: Evidence, decision: Decision, *, is_complete: bool
    ) -> Verdict:
        """Return the verdict on an open condition, by the part that decides."""
        at = row, int(decision.part[row])
        error = float(decision.error[row])
        return Verdict(
            number=self.number,
            claim=self.claim,
            condition=dict(
                zip(self.conditions.axes, self.conditions.values[int(self.open[row])], strict=True)
            ),
            ruling=decision.ruling(row) if is_complete else "inconclusive",
            count=Count(
                pair=self.conditions.pairs[at[1]],
                successes=int(evidence.successes[at]),
                n=int(evidence.n[at]),
                n_failed=int(evidence.n_failed[at]),
                replicates=replicates,
                is_complete=is_complete,
                note=evidence.notes[row] if evidence.notes else "",
            ),
            interval=Interval(float(decision.low[at]), float(decision.high[at]), 1.0 - error),
            ratio=ratio_of(evidence, at, error),
            needed=None,
        )
