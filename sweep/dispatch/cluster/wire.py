"""The wire to the workers of a cluster: what is given to them, and an event in one queue for whatever happens.

Its coroutines run in the thread of the client.
"""

import asyncio
import uuid
from collections.abc import Collection, Coroutine, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from sweep.dispatch.cluster import on_worker
from sweep.dispatch.cluster.connection import SECONDS_TO_CLOSE
from sweep.dispatch.cluster.events import Begun, Ended, Event, Joined, Landed, Left, Looked, Present
from sweep.dispatch.cluster.messages import TOPIC, Brief, Glance, Order
from sweep.dispatch.interrupts import SECONDS_TO_HEAR

ALL = "all"
"""Under which a scheduler tells who joins and leaves."""

_CALL = "call"
"""The name of a task for anybody."""


class Wire:
    """What a dispatch has in flight, by a client of its own. Tasks have numbers as names, looks the addresses."""

    def __init__(self, client: Any, brief: Brief) -> None:
        self.client = client
        self.brief = brief
        self._futures: dict[int | str, Any] = {}
        self._events: SimpleQueue[Event] = SimpleQueue()
        for topic in (ALL, TOPIC):
            client.subscribe_topic(topic, self._hear)

    @property
    def is_open(self) -> bool:
        """Whether there is a scheduler at its other end, as far as is known."""
        return bool(self.client.status == "running")

    def events(self) -> Iterator[Event]:
        """Yield what has happened, or nothing if it is time to look whether all is well."""
        with suppress(Empty):
            yield self._events.get(timeout=SECONDS_TO_HEAR)
            while True:
                yield self._events.get_nowait()

    def give(self, order: Order, address: str) -> None:
        """Give a task to a worker; it will land."""
        future = self._futures[order.number] = self._submit(on_worker.do, order, str(order.number), address)
        self._follow(self._landed(order.number, future))

    def look(self, glance: Glance, address: str) -> None:
        """Look at a worker."""
        name = f"look-{uuid.uuid4().hex}"
        future = self._futures[address] = self._submit(on_worker.look, glance, name, address, priority=1)
        self._follow(self._has_looked(address, future))

    def ask(self) -> None:
        """Ask who is there."""
        self._follow(self._who_is_there())

    def call(self) -> None:
        """Have a task for anybody wait: a cluster that adapts itself starts workers for that, and for nothing else."""
        if _CALL not in self._futures or self._futures[_CALL].done():
            key = self._key(f"{_CALL}-{uuid.uuid4().hex}")
            self._futures[_CALL] = self.client.submit(int, key=key, pure=False)

    def stop_calling(self) -> None:
        """Take that one back."""
        self.take_back([_CALL])

    def is_awaited(self, look: Looked) -> bool:
        """Tell whether a look is the last one at its worker, and no earlier one; it is done with."""
        is_awaited = self._futures.get(look.address) is look.future
        if is_awaited:
            del self._futures[look.address]
        return is_awaited

    def has_landed(self, number: int) -> None:
        """Let go of a task."""
        del self._futures[number]

    def take_back(self, names: Collection[int | str]) -> None:
        """Cancel tasks, at work or not; whatever still comes of them is none of ours."""
        futures = [self._futures.pop(name) for name in names if name in self._futures]
        if futures:
            self._follow(self.client.cancel(futures, asynchronous=True))

    def close(self, workers: Collection[str]) -> None:
        """Cancel all that waits and runs there, and let workers forget this dispatch."""
        futures = list(self._futures.values())
        self._futures.clear()
        if self.is_open:
            with suppress(Exception):
                for topic in (ALL, TOPIC):  # else the scheduler logs that it can tell nobody
                    self.client.unsubscribe_topic(topic)
                self.client.sync(self._leave, futures, list(workers), callback_timeout=SECONDS_TO_CLOSE)

    async def _leave(self, futures: list[Any], workers: list[str]) -> None:
        if futures:
            await self.client.cancel(futures, asynchronous=True)
        if workers:
            await self.client.run(
                on_worker.close, self.brief.name, workers=workers, on_error="ignore", asynchronous=True
            )

    def _submit(self, function: Any, note: Any, name: str, address: str, priority: int = 0) -> Any:
        return self.client.submit(
            function,
            note,
            key=self._key(name),
            workers=[address],
            allow_other_workers=False,
            pure=False,
            retries=0,
            priority=priority,
        )

    def _key(self, name: str) -> str:
        return f"sweep-{self.brief.name}-{name}"

    def _follow(self, work: Coroutine[Any, Any, Any]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.client.loop.asyncio_loop)

    def _hear(self, event: Any) -> None:
        _, told = event
        match told:
            case {"action": "begun", "sweep": self.brief.name, "number": int(number)}:
                self._events.put(Begun(number))
            case {"action": "ended", "sweep": self.brief.name, "number": int(number)}:
                self._events.put(Ended(number))
            case {"action": "add-worker"}:
                self._events.put(Joined())
            case {"action": "remove-worker", "worker": address}:
                self._events.put(Left(address, bool(told.get("expected"))))

    async def _landed(self, number: int, future: Any) -> None:
        self._events.put(Landed(number, await self._result(future)))

    async def _has_looked(self, address: str, future: Any) -> None:
        self._events.put(Looked(address, future, await self._result(future)))

    async def _result(self, future: Any) -> Any:
        try:
            return await self.client.gather(future, asynchronous=True)
        except BaseException as error:
            return error

    async def _who_is_there(self) -> None:
        try:
            found = await self.client.scheduler.identity(n_workers=-1)
            self._events.put(Present(found["workers"]))
        except Exception as error:
            self._events.put(Present(error))


def is_broken(answer: object) -> bool:
    """Tell whether an answer is none of a worker's, and nobody is to blame for it.

    A connection broke while it was under way, or a task was cancelled, though not by this dispatch: somebody restarts
    the cluster, or the scheduler is lost, as is seen by the client then.
    """
    return isinstance(answer, OSError | asyncio.CancelledError) or type(answer).__name__ in (
        "CancelledError",
        "FutureCancelledError",
    )
