"""A power loss, replayed: the folder as a disk may have it after each operation, with what was not synced yet lost.

All operations of a sweep on its files are recorded, those of SQLite too. For every prefix of them the disk is built in
four ways, which differ in what it has made of operations that nobody has waited for:

- none of them is there, neither contents nor names;
- the names are there (created, renamed, removed), and the contents are not: files are empty, or as they were before;
- all are there, but for the second half of the last write;
- of all writes that were not synced, some parts of 512 bytes are there, at random.

A name is taken to be durable once its folder was synced, or a new file itself was.
"""

import os
import pickle
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.bench import Bench, Reference, Trial, judged
from tests.faults.child import here
from tests.faults.killed import points_of
from tests.faults.sweeps import QUICK
from tests.faults.table import Tally, row
from tests.running import stored_runs

WAYS = ("nothing that was not synced", "names without contents", "the last write torn", "parts of writes")
SECTOR = 512
JOURNALS = ("-journal", "-wal")


@dataclass
class Content:
    """A file's content: what is on the disk for certain, and the changes since the last sync."""

    durable: bytes = b""
    changes: list[tuple[int, bytes] | int] = field(default_factory=list)
    """Writes as offset and bytes; truncations as a size."""
    name_is_durable: bool = False

    def sync(self) -> None:
        self.durable, self.changes = self.at_last(self.changes), []

    def at_last(self, changes: list[tuple[int, bytes] | int]) -> bytes:
        content = bytearray(self.durable)
        for change in changes:
            if isinstance(change, int):
                content = content[:change].ljust(change, b"\0")
                continue
            offset, written = change
            if len(content) < offset:
                content = content.ljust(offset, b"\0")
            content[offset : offset + len(written)] = written
        return bytes(content)

    def torn(self) -> bytes:
        if not self.changes or isinstance(self.changes[-1], int):
            return self.at_last(self.changes)
        offset, written = self.changes[-1]
        return self.at_last([*self.changes[:-1], (offset, written[: len(written) // 2])])

    def in_parts(self, chance: random.Random) -> bytes:
        parts: list[tuple[int, bytes] | int] = []
        for change in self.changes:
            if isinstance(change, int):
                parts += [change] if chance.random() < 0.5 else []
                continue
            offset, written = change
            for at in range(0, len(written), SECTOR):
                if chance.random() < 0.5:
                    parts.append((offset + at, written[at : at + SECTOR]))
        return self.at_last(parts)


@dataclass
class Disk:
    """The files of a results folder while it is written, by their relative paths."""

    root: str
    names: dict[str, Content] = field(default_factory=dict)
    durable_names: dict[str, Content] = field(default_factory=dict)
    committed: frozenset[object] = frozenset()

    def do(self, what: str, path: str, *details: object) -> None:
        name = os.path.relpath(path, self.root)
        match what:
            case "committed":
                (self.committed,) = details
            case "create" | "write" | "truncate":
                content = self.names.setdefault(name, Content())
                if what == "write":
                    content.changes.append((details[0], details[1]))
                elif what == "truncate":
                    content.changes.append(details[0])
            case "sync" if name in self.names:
                content = self.names[name]
                content.sync()
                if not content.name_is_durable:
                    content.name_is_durable = True
                    self.durable_names[name] = content
                    if name.endswith(JOURNALS):  # SQLite syncs the folder, once
                        self._sync_folder(os.path.dirname(name) or ".")
            case "sync":
                self._sync_folder(name)
            case "rename":
                self.names[os.path.relpath(details[0], self.root)] = self.names.pop(name)
            case "remove":
                self.names.pop(name, None)
                if any(details):
                    self._sync_folder(os.path.dirname(name) or ".")

    def _sync_folder(self, folder: str) -> None:
        for name in {*self.names, *self.durable_names}:
            if (os.path.dirname(name) or ".") != folder:
                continue
            if name in self.names:
                self.durable_names[name] = self.names[name]
            else:
                del self.durable_names[name]

    def after_power_loss(self, way: str, chance: random.Random) -> dict[str, bytes]:
        """Return the files with their contents."""
        if way == WAYS[0]:
            return {name: content.durable for name, content in self.durable_names.items()}
        if way == WAYS[1]:
            return {name: content.durable for name, content in self.names.items()}
        if way == WAYS[2]:
            return {name: content.torn() for name, content in self.names.items()}
        return {name: content.in_parts(chance) for name, content in self.names.items()}


@row(
    "power-loss",
    "power loss after every operation, in four ways (replayed: store and tables)",
    trials=4000,
    few=8,
)
def _(bench: Bench, trials: int) -> Tally:
    recorded = bench.folder / "power"
    recorded.mkdir(exist_ok=True)

    def record(trial: Trial) -> None:
        reference = bench.reference(QUICK, trial.lane)
        operations = points_of(trial, QUICK)
        root = str((trial.place / "counted" / "results" / QUICK.name).resolve())
        (recorded / "operations").write_bytes(pickle.dumps((root, operations, reference)))

    bench.each(1, record)
    _, operations, _ = pickle.loads((recorded / "operations").read_bytes())
    n_states = len(WAYS) * (len(operations) + 1)
    wanted = min(trials, n_states)
    return bench.spread(wanted, "tests.faults.power:losses", str(recorded / "operations"), n_states / wanted)


def losses(tally: Tally, numbers: list[int], seed: int, recorded: str, stride: float) -> None:
    """Make the trials: each a state of the disk, from which the same command goes on."""
    root, operations, reference = pickle.loads(Path(recorded).read_bytes())
    for number in numbers:
        state = int(number * stride)
        _lose(tally, root, operations, reference, state, random.Random(f"{seed} power {state}"))


def _lose(
    tally: Tally,
    root: str,
    operations: list[tuple[object, ...]],
    reference: Reference,
    state: int,
    chance: random.Random,
) -> None:
    at, way = divmod(state, len(WAYS))
    disk = Disk(root)
    for operation in operations[:at]:
        disk.do(*operation)
    last = " ".join(map(str, operations[at - 1][:1])) if at else "nothing"
    what = f"power loss after operation {at} of {len(operations)} ({last}), {WAYS[way]}"
    tally.trials += 1
    shutil.rmtree("results", ignore_errors=True)
    QUICK.write(Path())
    results = QUICK.results(Path())
    for name, content in disk.after_power_loss(WAYS[way], chance).items():
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).write_bytes(content)
    gone = disk.committed - set(stored_runs(results))
    if gone:
        tally.add("lost", f"{what}: {len(gone)} committed runs are gone")
    code, told = here(QUICK.command)
    if code != 0:
        tally.add("crashed", f"{what}: exit {code}: {told[-800:]}")
        return
    for column, said in judged(QUICK, results, reference):
        tally.add(column, f"{what}: {said}")
