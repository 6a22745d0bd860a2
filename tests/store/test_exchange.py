"""While a damaged database is exchanged for a rebuilt one: readers see all that is whole, and a kill costs nothing."""

import os
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
from store.databases import OBJECTIVE, bits, execute, make_outcome, read, undamaged, write_new

from sweep.store import Database, DatabaseWriter, opening

OUTCOMES = [make_outcome(seed, n=20, k=2, c=30 * (seed % 2)) for seed in range(6)]
WHOLE = [bits(outcome) for i, outcome in enumerate(OUTCOMES) if i != 2]
OPERATIONS = ("replace", "unlink", "rename", "remove")


class Killed(BaseException):
    pass


@contextmanager
def at_each_operation(monkeypatch, folder, happen):
    """Let something happen before each operation on a file of the folder that renames or removes it, and after it."""
    with monkeypatch.context() as patched:
        for name in OPERATIONS:
            real = getattr(os, name)

            def operation(path, *others, real=real, **options):
                if Path(path).parent != folder:
                    return real(path, *others, **options)
                happen()
                result = real(path, *others, **options)
                happen()
                return result

            patched.setattr(os, name, operation)
        yield


@pytest.fixture(params=["closed", "killed"])
def damaged(request, path):
    """Make a database with a damaged row, and return its files: one that was closed, or one with rows in its log."""
    write_new(path, OUTCOMES[:4])
    execute(path, "UPDATE outcomes SET seconds = seconds + 1 WHERE id = 3")
    with DatabaseWriter(path, OBJECTIVE) as store:
        for outcome in OUTCOMES[4:]:
            store.append(outcome)
        store.commit()
        if request.param == "killed":
            files = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    if request.param == "closed":
        files = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    path.unlink()
    return files


def put(path, files):
    for each in path.parent.iterdir():
        each.unlink()
    for name, content in files.items():
        path.with_name(name).write_bytes(content)


def found_in(path, use=Database.read):
    return [bits(stored.outcome) for stored in read(path, use=use)[0]]


def test_a_reader_sees_all_whole_rows_at_every_moment(path, monkeypatch, damaged):
    put(path, damaged)
    n_looks = 0

    def look():
        nonlocal n_looks
        n_looks += 1
        before = {each.name for each in path.parent.iterdir()}
        assert found_in(path) == WHOLE
        assert {each.name for each in path.parent.iterdir()} == before

    with at_each_operation(monkeypatch, path.parent, look):
        assert found_in(path, DatabaseWriter) == WHOLE
    assert n_looks >= 10
    assert [bits(outcome) for outcome in undamaged(path)] == WHOLE


def killed_at(moment, path, monkeypatch):
    """Rebuild a database, and be killed at a moment; return False if it had ended before."""
    moments = count(1)

    def kill():
        if next(moments) == moment:
            raise Killed

    with at_each_operation(monkeypatch, path.parent, kill), suppress(Killed):
        found_in(path, DatabaseWriter)
    return next(moments) > moment


def test_a_kill_at_every_moment_costs_nothing(path, monkeypatch, damaged):
    for moment in count(1):
        put(path, damaged)
        if not killed_at(moment, path, monkeypatch):
            break
        assert found_in(path) == WHOLE
        assert found_in(path, DatabaseWriter) == WHOLE
        assert [bits(outcome) for outcome in undamaged(path)] == WHOLE
        names = {each.name for each in path.parent.iterdir()} - {"store.sqlite.damaged-1-wal"}
        assert names == {"store.sqlite", "store.sqlite.damaged-1"}
    assert moment > 10


def test_a_reader_that_looks_between_two_names_creates_no_file(path, monkeypatch):
    write_new(path, OUTCOMES)
    rebuilt = path.with_name("store.sqlite.rebuilt")
    os.replace(path, rebuilt)
    look = opening.damaged_header

    def meanwhile(looked_at):
        found = look(looked_at)
        if looked_at == rebuilt:
            os.replace(rebuilt, path)
        return found

    monkeypatch.setattr(opening, "damaged_header", meanwhile)
    assert len(found_in(path)) == len(OUTCOMES)
    assert os.listdir(path.parent) == ["store.sqlite"]


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"notes of mine\n" * 1000, "half", "other"])
def test_what_is_called_rebuilt_and_is_no_whole_store_is_never_taken_for_it(path, content):
    write_new(path, OUTCOMES)
    rebuilt = path.with_name("store.sqlite.rebuilt")
    if content == "half":
        content = path.read_bytes()[:-20_000]
    if content == "other":
        execute(path.with_name("other"), "CREATE TABLE things (id INTEGER PRIMARY KEY)")
        content = path.with_name("other").read_bytes()
        path.with_name("other").unlink()
    rebuilt.write_bytes(content)
    every = [bits(outcome) for outcome in OUTCOMES]
    assert found_in(path) == every
    assert rebuilt.read_bytes() == content
    found, told = read(path, use=DatabaseWriter)
    assert [bits(stored.outcome) for stored in found] == every
    kept = path.with_name("store.sqlite.rebuilt.damaged-1")
    if content:
        assert told == [f"{rebuilt} is no whole database of sweep: it is kept as {kept.name}"]
        assert kept.read_bytes() == content
    assert set(os.listdir(path.parent)) == {"store.sqlite", *([kept.name] if content else [])}


def test_what_was_left_of_ours_is_removed_and_nothing_else(path):
    write_new(path, OUTCOMES)
    ours = ["store.sqlite.rebuilding", "store.sqlite.rebuilding-journal", "store.sqlite-shm"]
    others = ["store.sqlite.damaged-1", "store.sqlite.damaged-7-wal", "notes", "store.sqlite.bak"]
    for name in ours + others:
        path.with_name(name).write_bytes(b"x" * 100)
    assert len(found_in(path)) == len(OUTCOMES)
    assert {*os.listdir(path.parent)} == {"store.sqlite", *ours, *others}
    found, told = read(path, use=DatabaseWriter)
    assert (len(found), told) == (len(OUTCOMES), [])
    assert {*os.listdir(path.parent)} == {"store.sqlite", *others}


@pytest.mark.parametrize("left", ["-wal", "-journal"])
def test_what_is_left_of_a_store_that_was_moved_away_is_kept_and_not_replayed(path, left):
    path.with_name(f"store.sqlite{left}").write_bytes(b"x" * 40_000)
    with DatabaseWriter(path, OBJECTIVE) as store:
        store.append(OUTCOMES[0])
        (told,) = store.damage
    assert told == f"{path}{left} is not of store.sqlite as it is: it is kept as store.sqlite{left}.damaged-1"
    assert [bits(outcome) for outcome in undamaged(path)] == [bits(OUTCOMES[0])]
    assert {*os.listdir(path.parent)} == {"store.sqlite", f"store.sqlite{left}.damaged-1"}
