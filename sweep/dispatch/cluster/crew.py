"""The crew of a cluster: its workers come and go, and each is given two tasks a thread, by its name.

Whatever happens beside this thread becomes an event in one queue: a task has landed, a worker has joined or left, the
scheduler has answered. So nothing is waited for that could not come, and a lost scheduler ends every wait.
"""

import pickle
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sweep.dispatch.cluster.code_archive import contents
from sweep.dispatch.cluster.connection import Cluster
from sweep.dispatch.cluster.events import Begun, Ended, Event, Joined, Landed, Left, Looked, Present
from sweep.dispatch.cluster.hand import Hand
from sweep.dispatch.cluster.likeness import difference, likeness
from sweep.dispatch.cluster.messages import Brief, Glance, Order
from sweep.dispatch.cluster.wire import Wire, is_broken
from sweep.dispatch.crew import Crew
from sweep.dispatch.fates import Call, Death, Ending, Fate, after_death_as_a_whole
from sweep.dispatch.mark import NOTHING
from sweep.dispatch.tasks import Queue, Task
from sweep.errors import WorkersError
from sweep.terms.outcome import Status
from sweep.terms.reasons import WORKER_DIED

WINDOW = 2
"""Tasks a thread that are in flight: one is at work, and the next one is there when it is done."""
SECONDS_BETWEEN_LOOKS = 5.0
"""At who is there, in case that an event was lost."""
SECONDS_TO_BEGIN = 0.5
"""The same while somebody is there who is not ready yet, or who pauses: nobody is told when that is over."""
SECONDS_TO_ANSWER = 60.0
"""A scheduler that takes longer to say who is there is lost."""
SECONDS_TO_SAY = 20.0
"""After so long without any worker it is said what is waited for."""
SECONDS_WITHOUT_WORKERS = 600.0
"""So long it is waited for a first worker, or another one, unless Dask's `no-workers-timeout` says how long."""
SECONDS_UNHEARD = 60.0
"""Of a worker that is heard of every second or every few: it is stopped, or cut off. Dask waits five minutes or ten."""
MOST_TOLD = 10
"""Workers that are not used, each in a line."""
MOST_FALSE_STARTS = 30
"""So many workers in a row may die while they are looked at."""
MOST_BROKEN = 100
"""So many answers in a row may get lost on their way; what they were about is trained again."""
SECONDS_TO_SETTLE = 10.0
"""When none of the first workers can be used, others may be about to join."""
BYTES_AT_ONCE, FEWEST_AT_ONCE = 50_000_000, 10
"""So much of code is on its way to workers at once: all of it passes through the scheduler."""

UNREADABLE = "deserialization of the task graph"
"""So says a scheduler that lacks a module."""


class ClusterCrew(Crew):
    """The workers of a cluster, for one dispatch; `tell` is called with lines for the user."""

    def __init__(self, queue: Queue, cluster: Cluster, brief: Brief, tell: Callable[[str], None]) -> None:
        super().__init__(queue, learns=brief.isolation is not None)
        self.cluster, self.brief, self.tell = cluster, brief, tell
        self.mine = likeness(brief, pickle.loads(brief.trainer), contents(brief.code))
        self.wire = Wire(cluster.client, brief)
        self.most_seconds = max(self.most_seconds, brief.seconds)
        self.most = 1 if self.learns else None  # a first run may take hours, and others are about to join
        self.hands: dict[str, Hand] = {}
        self.looked_at: dict[str, Hand] = {}
        self.refused: dict[str, str] = {}
        self.suspects: list[Task] = []
        self.n_given = self.n_false_starts = self.n_refused = self.n_broken = 0
        self._where: dict[int, Hand] = {}
        self._asked = self._with_hands = time.monotonic()
        self._is_asking = self._is_stale = self._is_complete = False
        self.most_looks = max(FEWEST_AT_ONCE, BYTES_AT_ONCE // max(1, len(brief.code) + len(brief.trainer)))
        self._misses_some = self._has_said = False
        self._ask()

    def close(self) -> None:
        """Cancel all that waits and runs there, and let the workers forget this dispatch."""
        self.wire.close([*self.hands, *self.looked_at, *self.refused])

    # what is given out

    def _give(self) -> bool:
        with self._unless_lost():
            while self.failure is None:
                hand = self._free_hand()
                task = self._next(hand) if hand is not None else None
                if hand is None or task is None:
                    break
                self._order(hand, task)
            nothing_waits_here = not self.suspects and self.queue.is_empty
            if nothing_waits_here:
                self._even_out()
        if self.failure is not None:
            return False
        return bool(self._where) or not nothing_waits_here

    def _free_hand(self) -> Hand | None:
        """Return a worker that can be given something; one is kept free where something has to be trained alone."""
        free = [hand for hand in self.hands.values() if hand.is_open]
        least = min(free, key=_load, default=None)
        if self.suspects and least is not None and least.flying:
            least = min((hand for hand in free if hand is not least), key=_load, default=None)
        return least if least is not None and least.load < WINDOW else None

    def _next(self, hand: Hand) -> Task | None:
        if self.suspects and not hand.flying:
            return self.suspects.pop(0)
        task = self.queue.next(self.most)
        if task is not None and task.alone:
            self.suspects.append(task)
            return self._next(hand)
        return task

    def _order(self, hand: Hand, task: Task) -> None:
        self.n_given += 1
        number = self.n_given
        hand.flying[number] = task
        hand.is_taken = task.alone
        self._where[number] = hand
        order = Order(self.brief.name, number, task, self.innocent)
        self.wire.give(order, hand.address)

    def _even_out(self) -> None:
        """Give what waits behind a long run to workers that have nothing to do, when nothing else is left."""
        for idle in [hand for hand in self.hands.values() if hand.is_open and hand.load < 1]:
            busy = max(self.hands.values(), key=lambda hand: len(hand.waiting))
            if not busy.waiting or busy.is_taken:
                return
            number = busy.waiting[-1]
            task = busy.flying.pop(number)
            self._take_back([number])
            self._order(idle, task)

    def _put_back(self, tasks: Sequence[Task]) -> None:
        self.suspects += [task for task in tasks if len(task) and task.alone]
        super()._put_back([task for task in tasks if not task.alone])

    def _in_flight(self) -> list[Task]:
        return [task for hand in self.hands.values() for task in hand.flying.values()]

    # what comes back

    def _land(self) -> Fate:
        fate = Fate([], [])
        with self._unless_lost():
            for event in self.wire.events():
                fate += self._take(event)
            if self.failure is None:
                self._check()
        return fate

    @contextmanager
    def _unless_lost(self) -> Iterator[None]:
        """Take what a client raises that has lost its scheduler as the end."""
        try:
            yield
        except Exception:
            if self.wire.is_open:
                raise
            self.failure = WorkersError(self.cluster.lost)

    def _take(self, event: Event) -> Fate:
        match event:
            case Landed():
                return self._landing(event)
            case Joined():
                self._is_stale = True
            case Begun():
                if hand := self._where.get(event.number):
                    hand.announced.add(event.number)
            case Ended():
                if hand := self._where.get(event.number):
                    hand.announced.discard(event.number)
            case Left():
                return self._left(event.address, expected=event.expected)
            case Looked():
                self._looked(event)
            case Present():
                return self._present(event)
        return Fate([], [])

    def _landing(self, event: Landed) -> Fate:
        hand = self._where.get(event.number)
        if hand is None:  # it was taken back, or its worker has left
            return Fate([], [])
        answer, task = event.answer, hand.flying.pop(event.number)
        hand.is_taken = hand.is_taken and bool(hand.flying)
        hand.announced.discard(event.number)
        del self._where[event.number]
        self.wire.has_landed(event.number)
        if is_broken(answer):
            self.n_broken += 1
            if self.n_broken > MOST_BROKEN:
                self.failure = WorkersError(
                    f"{self.n_broken} answers of the cluster in a row were lost, the last by {_line(answer)}"
                )
            return Fate([], [task])
        self.n_broken = 0
        if isinstance(answer, BaseException):  # it says nothing of the run: what arrives there cannot be read
            why = f"it cannot do a task ({_line(answer)})"
            return Fate([], [task, *self._refuse(hand.address, why)])
        if answer.is_unknown:
            left = self._left(hand.address, expected=True)
            self._look_at(hand)
            return left + Fate([], [task])
        if answer.n_trajectories < len(task):  # it was ended there, whoever did not want it
            return Fate([], [task])
        self.innocent += answer.innocent
        if self.brief.isolation is not None:  # those deaths are among the innocent ones already
            task = replace(task, kills=0)
        fate = Fate(
            [(replace(task, batch=batch), outcome) for batch, outcome in answer.outcomes], list(answer.back)
        )
        if answer.failure:
            fate += Fate([], self._refuse(hand.address, answer.failure))
        return fate

    def _left(self, address: str, *, expected: bool) -> Fate:
        """Return what becomes of the tasks of a worker that has left."""
        self.refused.pop(address, None)
        if address in self.looked_at:
            del self.looked_at[address]
            self.n_false_starts += not expected
            self.wire.take_back([address])
        hand = self.hands.pop(address, None)
        if hand is None:
            return Fate([], [])
        self._misses_some = True
        self._take_back(hand.flying)
        if expected or not hand.flying:
            self.innocent += not hand.flying and not expected
            return Fate([], list(hand.flying.values()))
        fate = Fate([], [])
        for number, task in hand.flying.items():
            fate += self._after_death(hand, number, task)
        return fate

    def _after_death(self, hand: Hand, number: int, task: Task) -> Fate:
        """Return what becomes of a task whose worker has died: what was at work there may be to blame.

        Of runs that have processes of their own hardly any ends the worker. Of others it is blamed what had nothing of
        this sweep beside it, and was sure to have begun: another sweep's tasks may have been at work in its place.
        """
        death = Death(Ending(Status.KILLED, WORKER_DIED), innocent=self.innocent, at_random=self.learns)
        if number not in hand.begun or (task.alone and number not in hand.announced):
            return Fate([], [task])
        if not (self.learns or task.alone):
            return Fate([], [replace(task, alone=True)])
        fate = after_death_as_a_whole(Call(number, task, [], None), NOTHING._replace(batch=number), death)
        return Fate(fate.outcomes, [replace(each, alone=task.alone) for each in fate.back])

    # who is there

    def _present(self, event: Present) -> Fate:
        self._is_asking = False
        if isinstance(event.workers, BaseException):
            self.failure = WorkersError(self.cluster.lost)
            return Fate([], [])
        fate, there = Fate([], []), event.workers
        status = {address: one.get("status", "running") for address, one in there.items()}
        for address in [*self.hands, *self.looked_at, *self.refused]:
            if status.get(address) not in ("running", "paused"):
                fate += self._left(address, expected=address in there)
            elif (hand := self.hands.get(address)) is not None:
                fate += self._seen(hand, float(there[address].get("last_seen", 0)))
                hand.is_pausing = status[address] == "paused"
        known = {*self.hands, *self.looked_at, *self.refused}
        new = [address for address in there if status[address] == "running" and address not in known]
        for address in new[: max(0, self.most_looks - len(self.looked_at))]:
            threads, host = int(there[address]["nthreads"]), str(there[address].get("host", ""))
            self._look_at(Hand(address, threads, host, self._first_of(host, threads)))
        known |= self.looked_at.keys()
        self._is_complete = all(status[address] == "running" and address in known for address in there)
        return fate

    def _seen(self, hand: Hand, last_seen: float) -> Fate:
        """Take note of when a worker was heard of. What one has that is silent for long is given to others."""
        if last_seen != hand.last_seen or not last_seen:
            hand.last_seen, hand.heard, hand.is_silent = last_seen, time.monotonic(), False
        elif time.monotonic() - hand.heard > SECONDS_UNHEARD and not hand.is_silent:
            hand.is_silent = True
            self.tell(
                f"the Dask worker {hand.address} has not been heard of for {SECONDS_UNHEARD:g} s: others do its work"
            )
            self._take_back(hand.flying)
            tasks = list(hand.flying.values())
            hand.flying.clear()
            hand.announced.clear()
            hand.is_taken = False
            return Fate([], tasks)
        return Fate([], [])

    def _first_of(self, host: str, threads: int) -> int:
        """Return the first of so many numbers in a row that no other worker of a host has."""
        taken = [hand for hand in (*self.hands.values(), *self.looked_at.values()) if hand.host == host]
        first = 0
        for hand in sorted(taken, key=lambda hand: hand.first):
            if first + threads <= hand.first:
                break
            first = max(first, hand.first + hand.threads)
        return first

    def _look_at(self, hand: Hand) -> None:
        address = hand.address
        self.looked_at[address] = Hand(address, hand.threads, hand.host, hand.first)
        self.wire.look(Glance(self.brief, hand.first), address)

    def _looked(self, event: Looked) -> None:
        if not self.wire.is_awaited(event):  # it has left meanwhile
            return
        found, address = event.found, event.address
        hand = self.looked_at.pop(address)
        if is_broken(found):
            self._is_complete = False  # it is looked at anew, if it is there
            return
        self.n_false_starts = 0
        if isinstance(found, BaseException) and UNREADABLE in str(found):
            self.failure = WorkersError(
                f"the Dask scheduler {self.cluster.address} cannot read what it is given: sweep has to be installed "
                f"there too, in the version of this machine ({_line(found)})"
            )
        elif isinstance(found, BaseException):
            self._refuse(address, f"it cannot take a task ({_line(found)}): is sweep installed there?")
        elif why := difference(self.mine, found):
            self._refuse(address, why)
        else:
            self.hands[address] = hand
            self.cluster.used(found.surroundings)

    def _refuse(self, address: str, why: str) -> list[Task]:
        """Do without a worker, and say why; return what it had in flight."""
        line = f"the Dask worker {address} is not used: {why}"
        self.refused[address] = line
        self.n_refused += 1
        if self.n_refused <= MOST_TOLD:
            self.tell(line if self.n_refused < MOST_TOLD else f"{line}; nor are others, which are not named")
        hand = self.hands.pop(address, None)
        if hand is None:
            return []
        self._take_back(hand.flying)
        return list(hand.flying.values())

    def _check(self) -> None:
        """Look whether it can go on, and ask who is there from time to time."""
        now, patience = time.monotonic(), _seconds_without_workers()
        missed = now - self._with_hands
        if not self.wire.is_open or (self._is_asking and now - self._asked > SECONDS_TO_ANSWER):
            self.failure = WorkersError(self.cluster.lost)
        elif self.n_false_starts >= MOST_FALSE_STARTS:
            self.failure = WorkersError(
                f"{self.n_false_starts} times in a row a Dask worker died as soon as it was used"
            )
        elif self.hands:
            self._with_hands = now
            self.wire.stop_calling()
        elif not (self.looked_at or self._misses_some) and self.refused and missed > SECONDS_TO_SETTLE:
            more = len(self.refused) - 1
            others = f" (and {more} more)" if more else ""
            self.failure = WorkersError(f"{next(iter(self.refused.values()))}{others}; no other is there")
        elif not self.looked_at and missed > patience:
            self.failure = WorkersError(
                f"no worker of the cluster {self.cluster.address} has been ready for {patience:g} s: start some by "
                "`dask worker`, and the same command goes on"
            )
        elif not self.looked_at:
            self.wire.call()
        if not self.hands and missed > SECONDS_TO_SAY:
            self._say_why_it_waits(patience)
        pause = SECONDS_BETWEEN_LOOKS if self._is_complete else SECONDS_TO_BEGIN
        if not self._is_asking and (self._is_stale or now - self._asked > pause):
            self._ask()

    def _say_why_it_waits(self, patience: float) -> None:
        if self._has_said:
            return
        self._has_said = True
        address = self.cluster.address
        if self.looked_at:
            self.tell(
                f"waiting for the workers of the cluster {address}: they are busy, perhaps with others' tasks"
            )
        else:
            self.tell(
                f"waiting for workers of the cluster {address}, up to {patience:g} s: start some by `dask worker`"
            )

    def _ask(self) -> None:
        self._asked, self._is_asking, self._is_stale = time.monotonic(), True, False
        self.wire.ask()

    def _take_back(self, numbers: Collection[int]) -> None:
        """Cancel tasks, at work or not."""
        for number in numbers:
            self._where.pop(number, None)
        self.wire.take_back(numbers)


def _load(hand: Hand) -> float:
    return hand.load


def _line(error: object) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _seconds_without_workers() -> float:
    import dask
    from dask.utils import parse_timedelta

    said = dask.config.get("distributed.scheduler.no-workers-timeout", None)
    return SECONDS_WITHOUT_WORKERS if said is None else float(parse_timedelta(said))
