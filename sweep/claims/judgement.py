"""The verdicts on all claims of a plan.

One loop serves both who only asks what the stored results say and who trains until it is decided:

    judgement = Judgement(plan, resolve_claims(plan))
    while (replicates := judgement.wanted()) is not None:
        judgement.look(results of plan.with_replicates(replicates))

A verdict holds however often one looks, so nothing is kept of the looks: it follows from the results that there are. A
look that finds results missing judges those before them, and is the last one for its conditions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np

from sweep.claims.claim import Claim
from sweep.claims.conditions import Conditions, conditions_of
from sweep.claims.decision import Decision, decide, effect_of, needed, shared_error, unbeaten
from sweep.claims.evidence import Evidence, evidence_of, evidence_of_kept
from sweep.claims.sequences import POWER, detectable_share
from sweep.claims.verdict import Count, Interval, Verdict
from sweep.errors import PlanError
from sweep.forms import Form, Kept
from sweep.plan import Plan
from sweep.tables.collected import Collected
from sweep.terms.arrays import Ints
from sweep.terms.values import Value, exactly

MOST_NEEDED = 10_000_000

GROWTH = 1.5
"""A claim that is not decided is looked at again when there are so many times the replicates."""


@dataclass(frozen=True)
class Need:
    """That what is kept under a name is needed of the first n replicates of a cell."""

    cell: int
    name: str
    n: int


KeptOf: TypeAlias = Callable[[Sequence[Need]], Mapping[int, Kept]]
"""Gives what is needed, by cell; it is asked once a look, for all claims together."""


@dataclass(frozen=True)
class Reach:
    """What so many replicates are likely to find for a claim: the share of them, None if they decide nothing."""

    number: int
    form: Form
    replicates: int
    share: float | None


class Judgement:
    """Comes to a verdict on every claim under every one of its conditions.

    `sweeps` is the number of sweeps whose verdicts are shown together: they share the error equally.

    Raises PlanError if a claim compares what is not in the plan.
    """

    def __init__(self, plan: Plan, claims: Sequence[Claim], sweeps: int = 1) -> None:
        self.plan, self.claims = plan, tuple(claims)
        found = [conditions_of(claim, plan) for claim in claims]
        self.n_verdicts = sum(len(each) for each in found)
        self.limit: int | None = plan.experiment.most_replicates
        """So many replicates of a cell are wanted at most."""
        self.error = (1.0 - plan.experiment.confidence) / sweeps / max(1, self.n_verdicts)
        self._cases = [
            _Case(number, claim, each, plan, self.error, sweeps)
            for number, (claim, each) in enumerate(zip(claims, found, strict=True), start=1)
        ]

    def among(self, sweeps: int) -> "Judgement":
        """Return the same before any look, with verdicts that are shown with those of other sweeps."""
        return Judgement(self.plan, self.claims, sweeps)

    def check_size(self) -> None:
        """Raise PlanError if judging to the end may take more runs than the limit of the experiment."""
        replicates = self.plan.cells.replicates.copy()
        for case in self._cases:
            cells = case.conditions.cells[case.conditions.cells >= 0]
            replicates[cells] = np.maximum(replicates[cells], self.plan.experiment.most_replicates)
        most, limit = int(replicates.sum()), self.plan.experiment.max_runs
        if most > limit:
            remedy = f"Lower `most_replicates` in [claims], or raise the limit: `max_runs = {most:_}`."
            asked = f"may make {most:_} runs of it, until all claims are decided"
            told = f"{asked}, more than `max_runs` = {limit:_}. {remedy}"
            raise PlanError(self.plan.experiment.read.told(("claims", "most_replicates"), told))

    def reaches(self) -> list[Reach]:
        """Return what the planned replicates, and the most there may be, are likely to find for each claim."""
        most = self.plan.experiment.most_replicates
        return [
            case.reach(n)
            for case in self._cases
            for n in dict.fromkeys((case.planned, max(case.planned, most)))
        ]

    def wanted(self) -> Ints | None:
        """Return how many replicates of each cell the next look asks for, of shape (n_cells,); None after the last."""
        open_cases = [case for case in self._cases if len(case.open)]
        if not open_cases:
            return None
        replicates = self.plan.cells.replicates.copy()
        for case in open_cases:
            cells = case.conditions.cells[case.open]
            at = np.broadcast_to(case.at[case.open][:, None, None], cells.shape)
            np.maximum.at(replicates, cells[cells >= 0], at[cells >= 0])
        return replicates

    def look(self, collected: Collected, kept_of: KeptOf = lambda _needs: {}) -> None:
        """Decide what can be decided by the results, which are those of the plan with the replicates wanted.

        `kept_of` is asked if a claim's form needs what is kept beside the metrics.
        """
        open_cases = [case for case in self._cases if len(case.open)]
        needs = [need for case in open_cases for need in case.needs()]
        kept = kept_of(needs) if needs else {}
        for case in open_cases:
            case.look(collected, kept, self.limit)

    def without_limit(self) -> None:
        """Want whatever is stored, also beyond the most replicates: for looks that train nothing."""
        self.limit = None

    def go_on(self) -> None:
        """Want what was missing at the last look, up to the most replicates, after looks without a limit."""
        self.limit = self.plan.experiment.most_replicates
        for case in self._cases:
            case.go_on(self.limit)

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts so far, in the order of the claims and of their conditions."""
        return [verdict for case in self._cases for verdict in case.verdicts.values()]


@dataclass
class _Case:
    """A claim, its conditions, and which of them are still open, with the replicates at which each is looked at."""

    number: int
    claim: Claim
    conditions: Conditions
    plan: Plan
    error: float
    sweeps: int
    verdicts: dict[int, Verdict] = field(default_factory=dict)

    def __post_init__(self) -> None:
        cells = self.conditions.cells
        replicates = np.where(cells >= 0, self.plan.cells.replicates[cells], np.iinfo(np.int64).max)
        self.at: Ints = np.asarray(replicates.min(axis=(1, 2)), dtype=np.int64)
        self.asked = self.at.copy()
        """How many replicates the plan has under each condition; what is added is not missing where it is not there."""
        self.planned = int(self.at.min())
        self.seen: Ints = np.zeros(len(self.conditions), dtype=np.int64)
        """How many replicates were complete at the last look."""
        self.short: Ints = np.zeros(0, dtype=np.int64)
        """The conditions whose last look found results missing, and that are not decided."""
        self.open: Ints = np.arange(len(self.conditions))

    def reach(self, n: int) -> Reach:
        """Return what n replicates are likely to find: of all parts together, under the condition with the most."""
        form, exists = self.claim.form, self.conditions.exists
        errors = shared_error(exists, self.conditions.groups, self.error)
        error, n_groups = float(errors.support.min()), int(errors.n_groups.max())
        counted = n // form.replicates_a_count
        return Reach(
            self.number, form, n, detectable_share(form.bound, counted, error, POWER ** (1 / n_groups))
        )

    def needs(self) -> list[Need]:
        """Return what a look needs beside the metrics."""
        name = self.claim.form.needs
        places = self.open.tolist() if name else []
        return [Need(int(self.conditions.cells[i, 0, 0]), name, int(self.at[i])) for i in places]

    def go_on(self, limit: int) -> None:
        """Open the conditions again whose last look found results missing, where there may be more replicates."""
        at = np.minimum(self.at[self.short], limit)
        may_have_more = at > self.seen[self.short]
        self.open = self.short[may_have_more]
        self.at[self.open] = at[may_have_more]
        self.short = self.short[:0]

    def look(self, collected: Collected, kept: Mapping[int, Kept], limit: int | None) -> None:
        """Decide which of the open conditions can be decided; those that want more stay open, up to the limit."""
        form, groups, bound = self.claim.form, self.conditions.groups, self.claim.form.bound
        evidence, exists = self._evidence(collected, kept), self.conditions.exists[self.open]
        may_hold = np.asarray(exists.all(axis=1) | (not form.names_all))
        decision = decide(evidence, exists, groups, bound, self.error, may_hold)
        more = needed(evidence, exists, groups, bound, self.error)
        among = self._among(collected)
        for row, place in enumerate(self.open.tolist()):
            self.verdicts[place] = self._verdict(row, evidence, decision, more[row], among[row])
        is_complete = ((evidence.n_seen >= self.at[self.open][:, None]) | ~exists).all(axis=1)
        self.seen[self.open[is_complete]] = self.at[self.open[is_complete]]
        self.short = np.append(self.short, self.open[decision.is_open & ~is_complete])
        self.open = self.open[is_complete & decision.is_open]
        if limit is not None:
            self.open = self.open[self.at[self.open] < limit]
        further = np.ceil(GROWTH * self.at[self.open]).astype(np.int64)
        self.at[self.open] = further if limit is None else np.minimum(limit, further)

    def _evidence(self, collected: Collected, kept: Mapping[int, Kept]) -> Evidence:
        cells = self.conditions.cells[self.open]
        if self.claim.form.needs:
            return evidence_of_kept(self.claim.form, cells[:, 0, 0].tolist(), kept)
        return evidence_of(self.claim.form, cells, self.at[self.open], collected)

    def _verdict(
        self, row: int, evidence: Evidence, decision: Decision, more: float, among: tuple[Value, ...]
    ) -> Verdict:
        """Return the verdict on an open condition, by the part that decides."""
        place, part = int(self.open[row]), int(decision.part[row])
        at, exists = (row, part), self.conditions.exists[place]
        ruling = decision.rulings[row]
        is_undecided = ruling == "inconclusive" and more <= MOST_NEEDED
        return Verdict(
            number=self.number,
            claim=self.claim,
            condition=dict(zip(self.conditions.axes, self.conditions.values[place], strict=True)),
            ruling=ruling,
            count=Count(
                pair=self.conditions.pairs[part],
                successes=int(evidence.successes[at]),
                n=int(evidence.n[at]),
                replicates=int(evidence.n_seen[at]),
                planned=int(self.asked[place]),
                n_failed=int(evidence.n_failed[at]),
                n_lost=int(evidence.n_lost[at]),
                n_equal=int(evidence.n_equal[at]),
                measured=() if evidence.values is None else self.claim.form.measured(*evidence.values[at]),
                note=evidence.notes[row] if evidence.notes else "",
            ),
            interval=Interval(float(decision.low[row]), float(decision.high[row]), 1.0 - self.error),
            effect=effect_of(evidence, at, int(np.count_nonzero(exists)), self.error),
            needed=max(int(more), int(evidence.n_seen[at]) + 1) if is_undecided else None,
            missing=tuple(
                pair for pair, is_there in zip(self.conditions.pairs, exists, strict=True) if not is_there
            ),
            sweeps=self.sweeps,
            among=among,
        )

    @cached_property
    def _contest(self) -> tuple[Form, Conditions] | None:
        """What compares every value with every other, if the claim is about the best one."""
        form = self.claim.form.contest
        if form is None:
            return None
        found = conditions_of(replace(self.claim, form=form), self.plan)
        # it may have conditions under which the claim itself compares nothing
        place = {tuple(map(exactly, values)): i for i, values in enumerate(found.values)}
        rows = [place[tuple(map(exactly, values))] for values in self.conditions.values]
        values = tuple(found.values[row] for row in rows)
        return form, replace(found, values=values, cells=found.cells[rows])

    def _among(self, collected: Collected) -> list[tuple[Value, ...]]:
        """Return for each open condition those values of which none is found to be better."""
        if self._contest is None:
            return [()] * len(self.open)
        form, conditions = self._contest
        cells, exists = conditions.cells[self.open], conditions.exists[self.open]
        evidence = evidence_of(form, cells, self.at[self.open], collected)
        return unbeaten(evidence, exists, conditions.pairs, form.bound, self.error / 2)
