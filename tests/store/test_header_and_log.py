"""Flipped bits and lost ends: in the header of a database, and in the log that a killed sweep has left."""

import struct

import numpy as np
import pytest
from store.databases import OBJECTIVE, bits, execute, make_outcome, read, undamaged, write_new
from store.legacy_files import write_legacy

from sweep.errors import ResultsError
from sweep.store import Database, DatabaseWriter
from sweep.store.header import PAGE_SIZE
from sweep.store.log import damaged_log, frames_of

N = 12
OUTCOMES = [make_outcome(seed, n=30, k=2, c=40 * (seed % 2)) for seed in range(N)]
BITS = [bits(outcome) for outcome in OUTCOMES]


def write_mixed(path, outcomes):
    """Write some outcomes as an older sweep did, and go on as this one does."""
    write_legacy(path, outcomes[:4])
    with DatabaseWriter(path, OBJECTIVE) as store:
        for outcome in outcomes[4:]:
            store.append(outcome)


def flipped(content, bit):
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def stored_bits(path, use=Database.read):
    found, damage = read(path, use=use)
    return [bits(stored.outcome) for stored in found], damage


@pytest.mark.parametrize(("write", "step"), [(write_new, 1), (write_mixed, 7)])
def test_no_flipped_bit_of_the_header_costs_a_row(path, tree, write, step):
    write(path, OUTCOMES[:5])
    content = path.read_bytes()
    for bit in range(0, 800, step):
        path.write_bytes(flipped(content, bit))
        before = tree(path.parent)
        found, told = stored_bits(path)
        assert found == BITS[:5]
        assert tree(path.parent) == before
        if bit % 133 == 0:  # a writer waits for the disk
            found, told_by_writer = stored_bits(path, DatabaseWriter)
            assert found == BITS[:5]
            assert set(told) <= set(told_by_writer)
            assert [bits(outcome) for outcome in undamaged(path)] == BITS[:5]
            for kept in path.parent.glob("*.damaged-*"):
                assert kept.read_bytes()[100:] == content[100:]
                kept.unlink()


@pytest.mark.parametrize("field", [60, 68])
def test_a_store_without_rows_is_not_taken_for_one_of_others_by_a_flipped_bit(path, field):
    write_new(path, [])
    content = path.read_bytes()
    for bit in range(8 * field, 8 * field + 32):
        path.write_bytes(flipped(content, bit))
        assert read(path)[0] == []


def test_a_database_of_others_is_refused_by_one_bit_too(path, tree):
    execute(path, "CREATE TABLE things (id INTEGER PRIMARY KEY)")
    execute(path, f"PRAGMA application_id = {0x73776570 ^ 4}")
    before = tree(path.parent)
    for use in (Database.read, DatabaseWriter):
        with pytest.raises(ResultsError, match="is another program's database"):
            use(path, OBJECTIVE)
    assert tree(path.parent) == before


def test_a_first_page_that_is_lost_costs_no_row(path):
    write_mixed(path, OUTCOMES)
    content = path.read_bytes()
    path.write_bytes(bytes(PAGE_SIZE) + content[PAGE_SIZE:])
    found, told = stored_bits(path, DatabaseWriter)
    assert found == BITS
    assert "does not begin as a database" in told[0]
    assert path.with_name("store.sqlite.damaged-1").read_bytes()[PAGE_SIZE:] == content[PAGE_SIZE:]


@pytest.fixture
def killed(path):
    """Return the files of a database whose writer was killed: three commits are in the file, nine in its log."""
    with DatabaseWriter(path, OBJECTIVE) as store:
        for i, outcome in enumerate(OUTCOMES):
            store.append(outcome)
            store.commit()
            if i == 2:
                store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        files = {name: path.with_name(f"store.sqlite{name}").read_bytes() for name in ("", "-wal", "-shm")}
    path.unlink()
    return files


def put(path, files):
    for name, content in files.items():
        path.with_name(f"store.sqlite{name}").write_bytes(content)


def test_the_log_of_a_killed_writer_is_read_as_sqlite_reads_it(path, killed):
    put(path, killed)
    frames = frames_of(path)
    assert sum(frame.ends_commit for frame in frames) == 9
    assert all(frame.is_whole and frame.is_replayed for frame in frames)
    assert damaged_log(path) is None
    assert stored_bits(path) == (BITS, [])
    assert stored_bits(path, DatabaseWriter) == (BITS, [])


@pytest.mark.parametrize("has_index", [True, False])
def test_a_flipped_bit_of_the_log_costs_at_most_its_own_row_and_is_told(path, tree, killed, has_index):
    files = killed if has_index else {name: killed[name] for name in ("", "-wal")}
    n_bits, moments = 8 * len(killed["-wal"]), np.random.default_rng(1)
    for bit in [*range(0, 256, 5), *moments.integers(n_bits, size=40), n_bits - 1]:
        put(path, files | {"-wal": flipped(killed["-wal"], int(bit))})
        before = tree(path.parent)
        found, told = stored_bits(path)
        assert tree(path.parent) == before
        assert len(found) >= N - 1
        assert set(found) <= set(BITS) | {bits(outcome, ["curves"]) for outcome in OUTCOMES}
        assert "of its write-ahead log" in told[0] or bit < 256


def test_the_writer_heals_a_flipped_log_and_keeps_it(path, killed):
    log = flipped(killed["-wal"], 8 * (32 + 24 + 5000))
    put(path, killed | {"-wal": log})
    found, told = stored_bits(path, DatabaseWriter)
    assert len(found) >= N - 1
    assert "pages can be replayed" in told[0]
    assert told[-1].endswith("kept as store.sqlite.damaged-1")
    assert path.with_name("store.sqlite.damaged-1").read_bytes() == killed[""]
    assert path.with_name("store.sqlite.damaged-1-wal").read_bytes() == log
    assert len(undamaged(path)) == len(found)


def test_a_log_that_is_cut_off_is_told(path, killed):
    for size in [0, 20, 32, 5000, len(killed["-wal"]) - 1]:
        put(path, killed | {"-wal": killed["-wal"][:size]})
        found, told = stored_bits(path)
        assert len(found) >= 3
        assert "pages can be replayed" in told[0]


@pytest.mark.parametrize("has_index", [True, False])
@pytest.mark.parametrize("n_bytes", [32, PAGE_SIZE])
def test_a_log_whose_beginning_is_lost_is_told_and_read_all_the_same(path, killed, has_index, n_bytes):
    files = killed if has_index else {name: killed[name] for name in ("", "-wal")}
    put(path, files | {"-wal": bytes(n_bytes) + killed["-wal"][n_bytes:]})
    found, told = stored_bits(path)
    assert len(found) >= N - 1
    assert "write-ahead log" in told[0]
    assert stored_bits(path, DatabaseWriter)[0] == found


def test_what_a_killed_writer_had_not_committed_is_no_damage(path, killed):
    frame = PAGE_SIZE + 24
    last = killed["-wal"][-frame:]
    salts, begun = killed["-wal"][16:24], struct.pack(">2I", 7, 0)
    for rest in (begun + salts + bytes(8) + last[24:], begun + salts, last[:24] + bytes(100)):
        put(path, killed | {"-wal": killed["-wal"] + rest})
        assert stored_bits(path) == (BITS, [])


def test_a_log_without_its_index_is_read_without_making_one(path, tree, killed):
    put(path, {name: killed[name] for name in ("", "-wal")})
    before = tree(path.parent)
    assert stored_bits(path) == (BITS, [])
    assert tree(path.parent) == before


def test_a_store_that_was_copied_without_its_log_is_read_without_making_one(path, tree, killed):
    put(path, {"": killed[""]})
    before = tree(path.parent)
    assert stored_bits(path) == (BITS[:3], [])
    assert tree(path.parent) == before
    assert stored_bits(path, DatabaseWriter) == (BITS[:3], [])


@pytest.mark.parametrize("use", [Database.read, DatabaseWriter])
def test_the_log_of_another_database_is_not_replayed(path, killed, use):
    write_new(path, OUTCOMES[:2])
    put(path, {name: killed[name] for name in ("-wal", "-shm")})
    found, told = stored_bits(path, use)
    assert found == BITS[:2]
    if use is DatabaseWriter:
        assert told == [
            f"{path}-wal is not of store.sqlite as it is: it is kept as store.sqlite-wal.damaged-1"
        ]
        assert path.with_name("store.sqlite-wal.damaged-1").read_bytes() == killed["-wal"]
        assert stored_bits(path, use) == (BITS[:2], [])
