"""Trains what is missing of a sweep, stores it as it finishes, and stops where going on makes no sense."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sweep.ahead import imported_meanwhile
from sweep.dispatch.cluster.connection import Cluster
from sweep.dispatch.dispatch import dispatch
from sweep.dispatch.interrupts import interruptible
from sweep.dispatch.pool import choose_pool, on_cluster
from sweep.errors import CodeError, RunsError
from sweep.gather import Gathered, has_results
from sweep.pace import pace_beforehand
from sweep.plan import make_batches
from sweep.plan.batches import SECONDS_PER_BATCH
from sweep.progress import Reporter
from sweep.store import DatabaseWriter
from sweep.tables.collected import Collected
from sweep.tables.failures import Heading, likeness
from sweep.terms.outcome import Outcome
from sweep.terms.reasons import headline_of
from sweep.training.batch import Batch
from sweep.training.kind import Training

ALIKE = 10
"""When so many runs have failed alike, and none has gone well, the rest is not tried."""


@dataclass
class Trainer:
    """Trains and stores for one sweep."""

    writer: DatabaseWriter
    gathered: Gathered
    folder: Path
    workers: int
    reporter: Reporter
    needed_later: tuple[str, ...] = ()
    """Modules, which are imported while workers train, or compiled code in this process."""
    cluster: Cluster | None = None
    """Who trains in place of workers of this machine."""
    note: str = ""
    """The first of what the user is to be told of how runs were trained."""
    told: list[str] = field(default_factory=list)
    """What he was told at once."""

    def train(self, collected: Collected) -> tuple[Collected, bool]:
        """Train what is missing; return what is there then, and whether Ctrl-C stopped it.

        Raises
        ------
        RunsError
            If all runs of a user's own code fail, and alike.
        CodeError
            If that code changes meanwhile.
        """
        plan = collected.plan
        if not collected.missing.any():
            return collected, False
        batches = make_batches(plan, collected.missing, self.workers, pace_beforehand(collected))
        isolation = plan.training.isolation
        if self.cluster is None:
            pool = choose_pool(self.workers, len(batches), batches.seconds, isolation)
        else:
            pool = on_cluster(self.cluster, batches.examples if isolation is None else ())
        self.note = self.note or pool.note
        outcomes = dispatch(iter(batches), plan.training, pool, self.folder, self._tell)
        watch = _Watch(plan.training, is_new=not has_results(collected))
        try:
            prepare = partial(plan.training.prepare, batches.settings, here=pool.here)
            interruptible(prepare, is_told=False)
            with closing(outcomes), self.reporter, imported_meanwhile(self.needed_later):
                self.reporter.begin(plan.n_runs, collected.n_stored)
                self._store_all(watch.seen(outcomes), collected)
        except KeyboardInterrupt:  # perhaps between storing a batch and counting it
            return self.gathered.collect(plan), True
        return collected, False

    def _tell(self, line: str) -> None:
        self.told.append(line)
        self.reporter.tell(line)

    def _store_all(self, outcomes: Iterator[tuple[Batch, Outcome]], collected: Collected) -> None:
        for batch, outcome in outcomes:
            self.writer.append(outcome)
            collected.add(outcome, outcome.extras.keys())
            self.note = self.note or outcome.note
            self.reporter.advance(batch.n_runs)
            if not batch.seconds <= SECONDS_PER_BATCH / 2 or outcome.seconds > SECONDS_PER_BATCH / 2:
                self.writer.commit()  # the next may take as long: this one must not wait for it


@dataclass
class _Watch:
    """Looks at the outcomes of a user's own code as they pass; `is_new` says that nothing has gone well before."""

    training: Training
    is_new: bool
    reasons: Counter[str] = field(default_factory=Counter)
    code: dict[str, str] = field(default_factory=dict)
    heading: Heading = field(default_factory=Heading)

    def seen(self, outcomes: Iterator[tuple[Batch, Outcome]]) -> Iterator[tuple[Batch, Outcome]]:
        """Yield the outcomes. Raises `RunsError` once all have failed alike, `CodeError` if the code has changed."""
        for batch, outcome in outcomes:
            if outcome.code:
                self._compare(outcome)
            yield batch, outcome
            if self.is_new and self.training.isolation is not None:
                self._count(outcome)
                if self.reasons.total() >= ALIKE:
                    self._judge()
        if self.is_new:
            self._judge()

    def _compare(self, outcome: Outcome) -> None:
        """Raise if a part of the code is not what it was in another outcome: it was edited meanwhile."""
        changed = [name for name, was in self.code.items() if outcome.code.get(name, was) != was]
        if changed:
            raise CodeError(
                f"{', '.join(changed)} was edited while the sweep was running: what was trained before is stored. "
                "Run it again, and say what is to become of that: --code check, --code new or --code same"
            )
        self.code |= outcome.code

    def _count(self, outcome: Outcome) -> None:
        self.is_new = len(outcome.reasons) == len(outcome)
        for reason in outcome.reasons.values():
            headline = headline_of(reason)
            self.reasons[likeness(headline)] += 1
            if len(self.reasons) == 1:
                self.heading.add(headline)

    def _judge(self) -> None:
        if self.is_new and len(self.reasons) == 1:
            n = self.reasons.total()
            first = f"all {n} runs so far" if n > 1 else "the only run so far"
            why = str(self.heading)
            why += "" if why.endswith(".") else "."
            raise RunsError(
                f"stopped, since {first} failed alike: {why} Nothing else was tried; `sweep failures` shows "
                "the traceback, and once it is repaired the same command with --retry-failed goes on"
            )
