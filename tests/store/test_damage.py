import os
import sqlite3
import tempfile
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweep.errors import ResultsError
from sweep.store import Database, DatabaseWriter, Failure, rebuild
from sweep.store.database import every

PAGE = 16384


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.sqlite"


@pytest.fixture
def filled(path, make_record):
    """Fill the database with six records, the odd ones with curves, and two failures."""
    records = [make_record(seed, n=40, k=3, c=60 * (seed % 2)) for seed in range(6)]
    with DatabaseWriter(path) as store:
        for record in records:
            store.append(record)
        for reason in ("first", "second"):
            store.append_failure(Failure(records[0].keys, records[0].replicates, reason))
    return records


def execute(path, statement, *values):
    connection = sqlite3.connect(path)
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def all_bits(records, bits):
    return [bits(record) for record in records]


def test_a_damaged_row_is_reported_and_passed_over(path, filled, bits):
    execute(path, "UPDATE batches SET losses = zeroblob(length(losses)) WHERE id = 3")
    before = path.read_bytes()
    with Database.read(path) as database:
        found = list(database.records(curves=True))
        assert database.damage == [
            f"{path} has a damaged row 3 in `batches`: its 40 trajectories will be trained anew"
        ]
        list(database.records())
        assert len(database.damage) == 1
    assert all_bits(found, bits) == all_bits(filled[:2] + filled[3:], bits)
    assert path.read_bytes() == before


def test_a_writer_sets_the_damaged_file_aside_and_goes_on(path, filled, bits, make_record):
    execute(path, "UPDATE batches SET seconds = seconds + 1 WHERE id = 3")
    before = path.read_bytes()
    with DatabaseWriter(path) as store:
        assert len(list(store.records())) == 5
        assert "row 3 in `batches`: its 40 trajectories" in store.damage[0]
        assert "rebuilt with the 200 trajectories that are whole" in store.damage[1]
        assert store.damage[1].endswith("kept as store.sqlite.damaged-1")
        store.append(make_record(9))
        assert len(list(store.records())) == 6
        assert len(store.damage) == 2
    # but for the header, where opening it to write has counted a change
    assert path.with_name("store.sqlite.damaged-1").read_bytes()[100:] == before[100:]
    with Database.read(path) as database:
        expected = [*filled[:2], *filled[3:], make_record(9)]
        assert all_bits(database.records(curves=True), bits) == all_bits(expected, bits)
        assert [failure.reason for failure in database.failures()] == ["first", "second"]
        assert database.damage == []


@pytest.mark.usefixtures("filled")
def test_each_damaged_file_is_kept(path):
    for row in (1, 2):
        execute(path, f"UPDATE batches SET seconds = seconds + 1 WHERE id = {row}")
        with DatabaseWriter(path) as store:
            list(store.records())
    names = {"store.sqlite", "store.sqlite.damaged-1", "store.sqlite.damaged-2"}
    assert set(os.listdir(path.parent)) == names


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE batches SET {} = 'text' WHERE id = 3",
        "UPDATE batches SET {} = NULL WHERE id = 3",
        "UPDATE batches SET {} = 1e300 WHERE id = 3",
        "UPDATE batches SET {} = X'' WHERE id = 3",
    ],
)
@pytest.mark.parametrize(
    "column",
    ["trajectories", "seconds", "has_curves", "keys", "replicates", "epochs", "losses", "diverged_at", "crc"],
)
def test_no_column_can_change_unseen(path, filled, bits, change, column):
    execute(path, change.format(column))
    with Database.read(path) as database:
        found = list(database.records(curves=True))
        assert len(database.damage) == 1
    assert all_bits(found, bits) == all_bits(filled[:2] + filled[3:], bits)


@pytest.mark.usefixtures("filled")
def test_rows_that_change_places_are_seen(path):
    for statement in ("SET id = 100 WHERE id = 2", "SET id = 2 WHERE id = 4", "SET id = 4 WHERE id = 100"):
        execute(path, f"UPDATE batches {statement}")
    with Database.read(path) as database:
        assert len(list(database.records())) == 4
        assert len(database.damage) == 2


@pytest.mark.usefixtures("filled")
def test_a_missing_row_is_reported(path):
    execute(path, "DELETE FROM batches WHERE id IN (2, 3)")
    with Database.read(path) as database:
        assert len(list(database.records())) == 4
        assert database.damage == [
            f"{path} has lost rows 2 to 3 of `batches`: their trajectories will be trained anew"
        ]
    with DatabaseWriter(path) as store:
        assert len(list(store.records(curves=True))) == 4
        assert store.damage
    with Database.read(path) as database:
        assert len(list(database.records(curves=True))) == 4
        assert database.damage == []


@pytest.mark.parametrize(
    "statement", ["UPDATE curves SET outputs = zeroblob(3) WHERE id = 2", "DELETE FROM curves WHERE id = 2"]
)
def test_damaged_curves_leave_the_losses_valid(path, filled, bits, statement):
    execute(path, statement)
    with Database.read(path) as database:
        records = list(database.records(curves=True))
        lost = "its 40 trajectories lose their curves, and keep their losses"
        assert database.damage == [f"{path} has a damaged row 2 in `curves`: {lost}"]
    assert records[1].curves is None
    assert records[3].curves is not None
    losses = [bits(record, curves=False) for record in filled]
    assert [bits(record, curves=False) for record in records] == losses
    with DatabaseWriter(path) as store:
        assert [bits(record, curves=False) for record in store.records(curves=True)] == losses
        assert len(list(store.records(curves=True))) == 6
        assert len(store.damage) == 2


@pytest.mark.usefixtures("filled")
def test_a_damaged_failure_is_reported(path):
    execute(path, "UPDATE failures SET reason = 'firsT' WHERE id = 1")
    with DatabaseWriter(path) as store:
        assert [failure.reason for failure in store.failures()] == ["second"]
        assert "row 1 in `failures`" in store.damage[0]


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"not a database\n" * 100])
def test_a_file_that_is_no_database_is_set_aside(path, make_record, content):
    path.write_bytes(content)
    with Database.read(path) as database:
        assert list(database.records()) == []
        assert "store.sqlite is damaged" in database.damage[0]
    with DatabaseWriter(path) as store:
        assert store.damage
        store.append(make_record(1))
    assert path.with_name("store.sqlite.damaged-1").read_bytes() == content
    with Database.read(path) as database:
        assert len(list(database.records())) == 1


@pytest.mark.parametrize("table", ["batches", "curves", "failures"])
def test_a_lost_table_costs_only_its_own_rows(path, filled, bits, table):
    execute(path, f"DROP TABLE {table}")
    with Database.read(path) as database:
        assert len(list(database.records(curves=True))) == (0 if table == "batches" else 6)
        list(database.failures())
        assert database.damage
    with DatabaseWriter(path) as store:
        assert len(list(store.records())) == (0 if table == "batches" else 6)
        store.append(filled[0])
    with Database.read(path) as database:
        assert bits(list(database.records())[-1]) == bits(filled[0])


def test_a_log_without_its_database_is_not_replayed(path, make_record):
    with DatabaseWriter(path) as store:
        store.append(make_record(1))
        store.commit()
        log = path.with_name("store.sqlite-wal").read_bytes()
    path.unlink()
    path.with_name("store.sqlite-wal").write_bytes(log)
    with DatabaseWriter(path) as store:
        assert list(store.records()) == []


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_rebuilding_that_is_killed_is_completed(path, monkeypatch, at):
    execute(path, "UPDATE batches SET seconds = seconds + 1 WHERE id = 3")
    calls = 0
    replace = os.replace

    class Killed(BaseException):
        pass

    def killed(*names):
        nonlocal calls
        calls += 1
        if calls == at:
            raise Killed
        return replace(*names)

    with DatabaseWriter(path) as store:
        monkeypatch.setattr(rebuild.os, "replace", killed)
        with pytest.raises(Killed):
            list(store.records())
        monkeypatch.undo()
    with Database.read(path) as database:
        assert len(list(database.records())) == 5
    with DatabaseWriter(path) as store:
        assert len(list(store.records())) == 5
    with Database.read(path) as database:
        assert len(list(database.records(curves=True))) == 5
        assert database.damage == []


@cache
def undamaged(make_record):
    """Return 24 records, and the files of their database while it is written and after it was closed."""
    records = [
        make_record(seed, n=1 + seed * 3 % 50, k=1 + seed % 3, c=40 * (seed % 3), w=31 * (seed % 2))
        for seed in range(24)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        with DatabaseWriter(path) as store:
            for record in records:
                store.append(record)
            store.append_failure(Failure(records[0].keys, records[0].replicates, "reason"))
            store.commit()
            written = {name: (path.parent / name).read_bytes() for name in os.listdir(folder)}
        return records, written, {"store.sqlite": path.read_bytes()}


@st.composite
def damages(draw):
    """Draw a function that damages the bytes of a file at random places."""
    kind = draw(st.sampled_from(["flip", "flip many", "truncate", "zero", "garbage", "head of a page"]))
    places = draw(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=30))
    seed = draw(st.binary(min_size=1, max_size=60))

    def damage(content):
        changed = bytearray(content)
        place = int(places[0] * len(changed))
        page = place // PAGE * PAGE
        if kind == "truncate":
            del changed[place:]
        elif kind == "zero":
            changed[page : page + PAGE] = bytes(len(changed[page : page + PAGE]))
        elif kind == "garbage":
            n = len(changed[page : page + PAGE])
            changed[page : page + PAGE] = (seed * n)[:n]
        elif kind == "head of a page":
            changed[page + len(places) : page + len(places) + len(seed)] = seed
        else:
            for place in places[: 1 if kind == "flip" else None]:
                bit = int(place * len(changed) * 8)
                changed[bit // 8] ^= 1 << bit % 8
        return bytes(changed)

    return damage


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damage=damages(), live=st.booleans(), data=st.data())
def test_wherever_the_file_is_damaged_no_wrong_number_comes_out(make_record, bits, damage, live, data):
    records, *states = undamaged(make_record)
    parts = list(product((True, False), repeat=2))  # curves and weights may be lost
    known = {bits(record, curves, weights) for record in records for curves, weights in parts}
    files = states[0] if live else states[1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        for name, content in files.items():
            (path.parent / name).write_bytes(content)
        # the index of the log is made anew by whoever opens the file, unless somebody has it open
        damaged = path.with_name(
            data.draw(st.sampled_from(sorted(name for name in files if "shm" not in name)))
        )
        path.with_name("store.sqlite-shm").unlink(missing_ok=True)
        damaged.write_bytes(damage(damaged.read_bytes()))
        try:
            with Database.read(path) as database:
                read = [bits(record) for record in database.records(curves=True, weights=every)]
                assert all(failure.reason == "reason" for failure in database.failures())
                assert len(read) == len(records) or database.damage or live
            assert set(read) <= known
            with DatabaseWriter(path) as store:
                assert len(list(store.records(curves=True, weights=every))) >= len(read)
                assert len(list(store.failures())) <= 1
                store.append(make_record(99, c=2))
            with Database.read(path) as database:
                *read, last = [bits(record) for record in database.records(curves=True, weights=every)]
                list(database.failures())
                assert database.damage == []
            assert set(read) <= known
            assert last == bits(make_record(99, c=2))
        except ResultsError as refusal:
            # the bytes that say whose the file is, and of what format
            refused = str(refusal)
        else:
            return
        assert "another program's" in refused or "newer sweep" in refused
        assert damaged.read_bytes()[60:72] != files["store.sqlite"][60:72]
