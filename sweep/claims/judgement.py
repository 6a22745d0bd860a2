"""The verdicts on all claims of a plan, look by look.

One loop serves both who only asks what the stored results say and who trains until it is decided:

    judgement = Judgement(plan)
    while (replicates := judgement.wanted()) is not None:
        judgement.look(results of plan.with_replicates(replicates))

A look that finds results missing leaves its conditions as they stand, and ends them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sweep.claims.conditions import Conditions, conditions
from sweep.claims.evidence import Evidence, bound_of, evidence_of
from sweep.claims.looks import looks, spending
from sweep.claims.shares import detectable_share
from sweep.claims.unlike import Networks, evidence_of_networks
from sweep.claims.verdict import Decision, Outcome, Verdict, decide, needed, ratio_of
from sweep.config.claim import Claim, Unlike
from sweep.errors import PlanError
from sweep.plan import Plan
from sweep.tables.collected import Collected
from sweep.terms.arrays import Ints

NetworksOf = Callable[[int, int], Networks]
"""The trained networks of a cell: its number and how many replicates are wanted → networks."""

MOST_NEEDED = 10_000_000


class Judgement:
    """Comes to a verdict on every claim under every one of its conditions.

    Raises PlanError if a claim compares what is not in the plan.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        experiment = plan.experiment
        found = [conditions(claim, plan) for claim in experiment.claims]
        self.n_verdicts = sum(len(each) for each in found)
        self.error = (1.0 - experiment.confidence) / max(1, self.n_verdicts)
        self._cases = [_Case.of(number, found[number - 1], self) for number in range(1, len(found) + 1)]
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

    def look(self, collected: Collected, networks_of: NetworksOf | None = None) -> None:
        """Decide what can be decided by the results, which are those of the plan with the replicates wanted.

        `networks_of` is asked by claims of the form `unlike` alone.
        """
        for case in self._cases:
            if case.is_open:
                case.look(self._look, collected, networks_of)
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
    def of(number: int, found: Conditions, judgement: Judgement) -> "_Case":
        claim = judgement.plan.experiment.claims[number - 1]
        planned = int(judgement.plan.cells.replicates[found.cells[found.cells >= 0]].min())
        at = looks(planned, judgement.plan.experiment.most_replicates)
        errors = spending(judgement.error, len(at))
        return _Case(number, claim, found, at, errors, np.arange(len(found)))

    @property
    def is_open(self) -> bool:
        return len(self.open) > 0

    def look(self, number: int, collected: Collected, networks_of: NetworksOf | None) -> None:
        evidence = self._evidence(self.looks[number], collected, networks_of)
        exists = self.conditions.exists[self.open]
        complete = np.asarray((evidence.complete | ~exists).all(axis=1))
        decision = decide(evidence, exists, bound_of(self.claim.form), self.errors[number])
        decided = (decision.supported | decision.refuted) & complete
        is_last = number == len(self.looks) - 1
        following = self.errors[min(number + 1, len(self.errors) - 1)]
        more = needed(evidence, exists, bound_of(self.claim.form), following, self.looks[number])
        for row in range(len(self.open)) if number == 0 else np.flatnonzero(complete):
            outcome = _outcome(decision, int(row)) if complete[row] else "inconclusive"
            needs = int(more[row]) if outcome == "inconclusive" and more[row] <= MOST_NEEDED else None
            self._note(int(row), number, outcome, needs, evidence, decision, bool(complete[row]))
        self.open = self.open[complete & ~decided] if not is_last else self.open[:0]

    def _evidence(self, n: int, collected: Collected, networks_of: NetworksOf | None) -> Evidence:
        cells = self.conditions.cells[self.open]
        if not isinstance(self.claim.form, Unlike):
            return evidence_of(self.claim.form, cells, n, collected)
        assert networks_of is not None
        return evidence_of_networks(self.claim.form, cells[:, :, 0], n, networks_of)

    def _note(
        self,
        row: int,
        number: int,
        outcome: Outcome,
        needs: int | None,
        evidence: Evidence,
        decision: Decision,
        is_complete: bool,
    ) -> None:
        at = row, int(decision.part[row])
        n, successes = int(evidence.n[at]), int(evidence.successes[at])
        error = float(decision.error[row])
        condition = int(self.open[row])
        self.verdicts[condition] = Verdict(
            number=self.number,
            claim=self.claim,
            condition=dict(zip(self.conditions.axes, self.conditions.values[condition], strict=True)),
            outcome=outcome,
            pair=self.conditions.pairs[at[1]],
            share=successes / n if n else float("nan"),
            low=float(decision.low[at]),
            high=float(decision.high[at]),
            bound=bound_of(self.claim.form),
            confidence=1.0 - error,
            n=n,
            n_failed=int(evidence.n_failed[at]),
            replicates=self.looks[number],
            is_complete=is_complete,
            ratio=ratio_of(evidence, at, error),
            needed=needs,
        )


def _outcome(decision: Decision, row: int) -> Outcome:
    if decision.supported[row]:
        return "supported"
    return "refuted" if decision.refuted[row] else "inconclusive"
