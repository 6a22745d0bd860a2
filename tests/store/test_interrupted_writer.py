"""Ctrl-C at every line of the writer: what was appended is stored once, be it committed before or after."""

import sys
from itertools import count

import pytest
from store.databases import OBJECTIVE, bits, execute, make_outcome, undamaged, write_new

from sweep.store import DatabaseWriter, rebuild, writer

OUTCOMES = [make_outcome(seed, n=3) for seed in range(4)]
TRACED = {writer.__file__, rebuild.__file__}


def interrupted_at(line, work):
    """Do some work, and raise KeyboardInterrupt at the n-th line of it; return whether it had so many."""
    lines = count(1)

    def trace(frame, event, _argument):
        if frame.f_code.co_filename not in TRACED:
            return None
        if event == "line" and next(lines) == line:
            raise KeyboardInterrupt
        return trace

    sys.settrace(trace)
    try:
        work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return False


def append_and_commit(store):
    def work():
        for outcome in OUTCOMES[1:]:
            store.append(outcome)
        store.commit()

    return work


def of_store(path):
    found = [bits(outcome) for outcome in undamaged(path)]
    assert len(found) == len(set(found))
    return found


@pytest.fixture
def quick(monkeypatch):
    """Let nothing wait for the disk."""

    def without_waiting(open_file):
        def opened(path):
            connection = open_file(path)
            connection.execute("PRAGMA synchronous = OFF")
            return connection

        return opened

    monkeypatch.setattr(writer, "connect_to_write", without_waiting(writer.connect_to_write))
    monkeypatch.setattr(rebuild, "create", without_waiting(rebuild.create))
    monkeypatch.setattr(writer, "COMMIT_TRAJECTORIES", 6)


@pytest.mark.usefixtures("quick")
def test_what_is_appended_and_committed_is_stored_once_wherever_it_is_interrupted(path):
    every = [bits(outcome) for outcome in OUTCOMES]
    for line in count(1):
        path.unlink(missing_ok=True)
        with DatabaseWriter(path, OBJECTIVE) as store:
            store.append(OUTCOMES[0])
            was_interrupted = interrupted_at(line, append_and_commit(store))
            there = {bits(stored.outcome) for stored in store.outcomes()}
            for outcome in OUTCOMES:  # as the sweep goes on: what is not there is trained again
                if bits(outcome) not in there:
                    store.append(outcome)
        assert sorted(of_store(path), key=every.index) == every
        if not was_interrupted:
            break
    assert line > 50


@pytest.mark.usefixtures("quick")
def test_a_rebuilding_that_is_interrupted_anywhere_stores_all_once(path):
    whole = [bits(outcome) for outcome in OUTCOMES[1:]]
    write_new(path, OUTCOMES[:3])
    execute(path, "UPDATE outcomes SET seconds = seconds + 1 WHERE id = 1")
    content = path.read_bytes()
    for line in count(1, 2):
        for each in path.parent.iterdir():
            each.unlink()
        path.write_bytes(content)
        with DatabaseWriter(path, OBJECTIVE) as store:
            was_interrupted = interrupted_at(line, lambda store=store: list(store.outcomes()))
            store.append(OUTCOMES[3])
        with DatabaseWriter(path, OBJECTIVE) as store:
            list(store.outcomes())
        assert of_store(path) == whole
        if not was_interrupted:
            break
    assert line > 20
