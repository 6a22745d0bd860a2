"""Trained networks in the store: kept beside their results, read for those that are wanted, and lost alone."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from sweep.store import Database, DatabaseWriter, writer
from sweep.store.database import every


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.sqlite"


@pytest.fixture
def filled(path, make_record):
    """Fill the database with six records, the odd ones with weights, some of them with curves."""
    records = [make_record(seed, n=40, k=3, c=60 * (seed % 3), w=31 * (seed % 2)) for seed in range(6)]
    with DatabaseWriter(path) as store:
        for record in records:
            store.append(record)
    return records


def execute(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def format_of(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def read(path, use=Database.read, weights=every):
    with use(path) as database:
        records = list(database.records(curves=True, weights=weights))
        return records, database.damage


@pytest.mark.parametrize("use", [Database.read, DatabaseWriter])
def test_weights_come_back_bit_for_bit(path, filled, bits, use):
    records, damage = read(path, use)
    assert [bits(record) for record in records] == [bits(record) for record in filled]
    assert [record.weights is not None for record in records] == [False, True] * 3
    assert damage == []


def test_only_those_that_are_wanted_are_read(path, filled):
    wanted = filled[3].keys.tobytes()
    records, _ = read(path, weights=lambda record: record.keys.tobytes() == wanted)
    assert [record.weights is not None for record in records] == [False, False, False, True, False, False]
    with Database.read(path) as database:
        assert all(record.weights is None for record in database.records(curves=True))


def test_a_database_gets_the_table_when_weights_are_stored(path, make_record, bits):
    records = [make_record(1, c=3), make_record(2, w=4), make_record(3)]
    for number, (record, expected) in enumerate(zip(records, (1, 2, 2), strict=True), start=1):
        with DatabaseWriter(path) as store:
            store.append(record)
        assert format_of(path) == expected
        found, damage = read(path)
        assert [bits(record) for record in found] == [bits(record) for record in records[:number]]
        assert damage == []


@pytest.mark.parametrize(
    "change", ["parameters = zeroblob(length(parameters))", "trajectories = 39", "crc = 1"]
)
def test_damaged_weights_leave_the_losses_valid(path, filled, bits, change):
    execute(path, f"UPDATE weights SET {change} WHERE id = 4")
    records, damage = read(path)
    lost = "its 40 trajectories lose their weights, and keep their losses"
    assert damage == [f"{path} has a damaged row 4 in `weights`: {lost}"]
    assert [record.weights is not None for record in records] == [False, True, False, False, False, True]
    without = [bits(record, weights=i != 3) for i, record in enumerate(filled)]
    assert [bits(record) for record in records] == without
    read(path, DatabaseWriter)  # sets the damaged file aside
    again, damage = read(path)
    assert damage == []
    assert [bits(record) for record in again] == without


def test_a_row_of_weights_that_is_gone_was_not_stored(path, filled, bits):
    execute(path, "DELETE FROM weights WHERE id = 4")
    records, damage = read(path, DatabaseWriter)
    assert damage == []
    assert [bits(record) for record in records] == [bits(r, weights=i != 3) for i, r in enumerate(filled)]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DROP TABLE weights", "its tables are not those that sweep writes"),
        ("INSERT INTO weights VALUES (7, 1, x'00', 5)", "there are weights without a batch"),
        ("PRAGMA user_version = 1", "its tables are not those that sweep writes"),
    ],
)
def test_a_table_that_does_not_fit_is_set_aside_and_costs_no_losses(path, filled, bits, statement, told):
    execute(path, statement)
    with DatabaseWriter(path) as store:
        assert told in store.damage[0]
        store.append(filled[1])
    records, damage = read(path)
    assert damage == []
    assert [bits(r, weights=False) for r in records] == [bits(r, weights=False) for r in [*filled, filled[1]]]
    np.testing.assert_array_equal(records[-1].weights, filled[1].weights)


def test_large_weights_are_stored_as_several_rows(path, make_record, monkeypatch):
    monkeypatch.setattr(writer, "ROW_BYTES", 5000)
    record = make_record(1, n=40, w=31)
    with DatabaseWriter(path) as store:
        store.append(record)
    records, _ = read(path)
    assert len(records) > 2
    assert np.concatenate([part.weights for part in records]).tobytes() == record.weights.tobytes()


def test_weights_of_the_wrong_shape_are_refused(make_record):
    from dataclasses import replace

    with pytest.raises(ValueError, match="`weights` must be float64 of shape"):
        replace(make_record(1), weights=np.zeros((4, 2)))
    with pytest.raises(ValueError, match="`weights` must be float64 of shape"):
        replace(make_record(1), weights=np.zeros((3, 2), dtype=np.float32))
