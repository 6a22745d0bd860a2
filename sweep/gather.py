"""What is stored of a sweep, as far as it counts: read from the store, for tables, claims and what is left to train."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sweep.claims import Need
from sweep.forms import Kept
from sweep.plan import Plan
from sweep.store import Database, DatabaseWriter, Stored
from sweep.store.stored import CODE_NAME
from sweep.tables.collected import Collected
from sweep.tables.examples import kept_of, last_steps
from sweep.tables.made_by import MadeBy
from sweep.terms.outcome import WITHOUT_RESULT


@dataclass
class Gathered:
    """The stored outcomes of a sweep.

    Attributes
    ----------
    stored
        The open store.
    made_by
        What tells of which code they are.
    retry_failed, retry_killed
        Whether what has no result counts as missing: all of it, or what was ended from outside.
    takes_changed
        Whether results of code that has changed since count, as long as nobody has decided.
    """

    stored: Database | DatabaseWriter
    made_by: MadeBy
    retry_failed: bool = False
    retry_killed: bool = False
    takes_changed: bool = True

    def collect(self, plan: Plan) -> Collected:
        """Return the stored results of the plan's runs."""
        collected = Collected(plan)
        demanded = plan.training.demanded & plan.experiment.keep
        code = frozenset({CODE_NAME}) if plan.training.has_code else frozenset()

        def wanted(each: Stored) -> frozenset[str]:
            """Read what is demanded: what is damaged is not there."""
            is_planned = (demanded or code) and (plan.settings_of(each.outcome.keys) >= 0).any()
            return demanded | code if is_planned else frozenset()

        if self.takes_changed and code:
            for each in self.stored.outcomes(wanted):
                if (
                    self.made_by.standing(each.outcome) == "changed"
                ):  # its failures say nothing about this code
                    collected.add(each.outcome, each.kept, retry_failed=True)
        for each in self.stored.outcomes(wanted):  # what is of this code goes before all else
            if self.made_by.standing(each.outcome) == "current":
                collected.add(
                    each.outcome,
                    each.kept,
                    retry_failed=self.retry_failed,
                    retry_killed=self.retry_killed,
                )
        collected.forget_without_kept()
        return collected

    def is_of_others(self, plan: Plan) -> bool:
        """Tell whether something is stored, and nothing of any setting of the plan."""
        known = [bool((plan.settings_of(each.outcome.keys) >= 0).any()) for each in self.stored.outcomes()]
        return bool(known) and not any(known)

    def needs_changed(self, plan: Plan) -> bool:
        """Tell whether any run of the plan has a result of changed code, and none of the code as it is now."""
        without = replace(self, takes_changed=False).collect(plan)
        return bool(self.made_by.changed) and bool(
            (without.missing & ~replace(self, takes_changed=True).collect(plan).missing).any()
        )

    def kept(self, plan: Plan, needs: Sequence[Need]) -> Mapping[int, Kept]:
        """Return what claims need beside the metrics, by cell; the store is read once for all of them."""
        names = {need.name for need in needs}
        setting_of = {
            need.cell: int(np.searchsorted(plan.first_cell, need.cell, side="right")) - 1 for need in needs
        }
        keys = plan.keys[list(setting_of.values())]

        def wanted(each: Stored) -> set[str]:
            return names if np.isin(each.outcome.keys.view("S16"), keys.view("S16")).any() else set()

        outcomes = [
            each.outcome for each in self.stored.outcomes(wanted) if names & each.outcome.extras.keys()
        ]
        found = {}
        for need in needs:
            setting = setting_of[need.cell]
            arrays = kept_of(plan, setting, need.name, last_steps(plan, setting), outcomes)
            first = {replicate: array for replicate, array in arrays.items() if replicate < need.n}
            found[need.cell] = Kept(plan.values(setting), first, need.n)
        return found


def has_results(collected: Collected) -> bool:
    """Tell whether any run has a result, be it one that diverged."""
    return bool((~np.isin(collected.status, (0, *WITHOUT_RESULT))).any())
