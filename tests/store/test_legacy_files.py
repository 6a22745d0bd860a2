"""Databases of older sweeps: read as before, written on in the newest format, and rebuilt to that alone."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from store.databases import (
    OBJECTIVE,
    bits,
    execute,
    format_and_tables,
    make_failure,
    make_outcome,
    read,
    undamaged,
    write_new,
)
from store.legacy_files import SCHEMAS, write_legacy

from sweep.errors import ResultsError
from sweep.store import Database, DatabaseWriter, everything, nothing, writer
from sweep.terms.outcome import Status

OLD_TABLES = {1: {"batches", "curves", "failures"}, 2: {"batches", "curves", "failures", "weights"}}


@pytest.fixture(params=[1, 2], ids=["format 1", "format 2"])
def version(request):
    return request.param


@pytest.fixture
def filled(path, version):
    """Fill a database as an older sweep did: with outcomes, some of them with curves and weights, and failures."""
    w = 7 * (version == 2)
    outcomes = [make_outcome(seed, n=40, c=9 * (seed % 2), w=w * (seed // 2)) for seed in range(4)]
    failures = [make_failure("first", n=40), make_failure("second", n=5)]
    write_legacy(path, [*outcomes[:2], failures[0], *outcomes[2:], failures[1]])
    assert format_and_tables(path) == (version, OLD_TABLES[version])
    return [*outcomes, *failures]  # failures are read after results


def old_rows(path):
    with closing(sqlite3.connect(path)) as connection:
        tables = sorted({*SCHEMAS} & format_and_tables(path)[1])
        return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def test_rows_of_older_sweeps_are_read_as_outcomes_and_the_file_is_not_touched(path, version, filled, tree):
    before = tree(path.parent)
    found, damage = read(path)
    assert damage == []
    assert [bits(stored.outcome) for stored in found] == [bits(outcome) for outcome in filled]
    assert found[3].kept == {"curves", "outputs"} | ({"weights"} if version == 2 else set())
    assert [stored.kept for stored in found] == [stored.kept for stored in read(path, nothing)[0]]
    assert tree(path.parent) == before


@pytest.mark.usefixtures("filled")
def test_what_older_sweeps_did_not_name_gets_the_name_of_the_objective(path):
    with Database.read(path, "final_loss") as database:
        found = [stored.outcome for stored in database.outcomes(everything)]
    assert [[*outcome.metrics] for outcome in found] == [["final_loss"]] * 4 + [[]] * 2
    assert [*found[1].curves.metrics] == ["final_loss"]


def test_an_epoch_of_divergence_becomes_the_status(path, filled):
    for stored in read(path, nothing)[0][:4]:
        diverged = stored.outcome.ended_at > 0
        np.testing.assert_array_equal(stored.outcome.status, np.where(diverged, Status.DIVERGED, Status.OK))
    assert any((outcome.status == Status.DIVERGED).any() for outcome in filled)


@pytest.mark.usefixtures("filled")
def test_opening_a_file_to_write_changes_neither_its_format_nor_its_rows(path, version):
    before = old_rows(path)
    found, damage = read(path, use=DatabaseWriter)
    assert len(found) == 6
    assert damage == []
    assert format_and_tables(path) == (version, OLD_TABLES[version])
    assert old_rows(path) == before


def test_what_is_appended_goes_into_new_tables_and_old_rows_stay_where_they_are(path, version, filled):
    before = old_rows(path)
    new = [make_outcome(11, c=3, w=4), make_failure("third"), make_outcome(12)]
    for number, outcome in enumerate(new, start=1):
        write_new(path, [outcome])
        assert [bits(o) for o in undamaged(path)] == [bits(o) for o in [*filled, *new[:number]]]
    kept = {"kept_curves", "kept_outputs", "kept_weights"}
    assert format_and_tables(path) == (3, OLD_TABLES[version] | {"outcomes"} | kept)
    assert old_rows(path) == before
    found, damage = read(path, use=DatabaseWriter)
    assert [bits(stored.outcome) for stored in found] == [bits(o) for o in [*filled, *new]]
    assert damage == []


def test_a_first_append_that_fails_leaves_the_file_as_it_was(path, version, filled, monkeypatch):
    before = old_rows(path)

    def interrupted(*_):
        raise KeyboardInterrupt

    store = DatabaseWriter(path, OBJECTIVE)
    store.append(make_outcome(11, w=3))
    monkeypatch.setattr(writer, "insert", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.commit()
    store._disconnect()
    assert format_and_tables(path) == (version, OLD_TABLES[version])
    assert old_rows(path) == before
    assert [bits(outcome) for outcome in undamaged(path)] == [bits(outcome) for outcome in filled]


def test_a_full_disk_at_the_first_append_loses_nothing(path, filled):
    store = DatabaseWriter(path, OBJECTIVE)
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    store.append(make_outcome(11, n=10_000, w=3))
    with pytest.raises(ResultsError, match="full"):
        store.commit()
    assert [bits(outcome) for outcome in undamaged(path)] == [bits(outcome) for outcome in filled]
    store._connection.execute("PRAGMA max_page_count = 100000")
    store.close()
    assert len(undamaged(path)) == 7
    assert format_and_tables(path)[0] == 3


def test_a_reader_that_is_at_it_sees_the_new_tables_when_it_reads_again(path, filled):
    with Database.read(path, OBJECTIVE) as database, DatabaseWriter(path, OBJECTIVE) as store:
        outcomes = database.outcomes(everything)
        first = next(outcomes)
        store.append(make_outcome(11, w=4))
        store.commit()
        assert [bits(stored.outcome) for stored in [first, *outcomes]] == [
            bits(outcome) for outcome in filled
        ]
        found = [bits(stored.outcome) for stored in database.outcomes(everything)]
        assert found == [bits(outcome) for outcome in [*filled, make_outcome(11, w=4)]]
        assert database.damage == []


@pytest.mark.parametrize("table", ["batches", "outcomes"])
def test_a_damaged_file_of_both_is_rebuilt_to_the_newest_format_alone(path, filled, table):
    new = [make_outcome(11, n=10, c=3, w=4), make_outcome(12, n=10)]
    write_new(path, new)
    execute(path, f"UPDATE {table} SET seconds = 7 WHERE id = 1")
    found, damage = read(path, use=DatabaseWriter)
    n = 40 if table == "batches" else 10
    assert damage[0] == f"{path} has a damaged row 1 in `{table}`: its {n} trajectories will be trained anew"
    assert f"rebuilt with the {180 - n} trajectories that are whole" in damage[1]
    left = [*filled[table == "batches" :], *new[table == "outcomes" :]]
    assert [bits(stored.outcome) for stored in found] == [bits(outcome) for outcome in left]
    assert [bits(outcome) for outcome in undamaged(path)] == [bits(outcome) for outcome in left]
    version, tables = format_and_tables(path)
    assert version == 3
    assert tables.isdisjoint(SCHEMAS)


@pytest.mark.parametrize(
    "statement", ["DELETE FROM batches WHERE id = 2", "DELETE FROM failures WHERE id = 1"]
)
def test_rows_that_are_missing_in_a_file_of_both_are_seen_on_opening_it(path, filled, statement):
    write_new(path, [make_outcome(11)])
    execute(path, statement)
    with DatabaseWriter(path, OBJECTIVE) as store:
        assert "are missing" in store.damage[0]
    lost = filled[1] if "batches" in statement else filled[4]
    left = [outcome for outcome in filled if outcome is not lost]
    assert [bits(outcome) for outcome in undamaged(path)] == [bits(o) for o in [*left, make_outcome(11)]]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("told_format", [1, 2])
def test_a_format_that_is_damaged_hides_no_rows(path, told_format):
    write_new(path, [make_outcome(11)])
    execute(path, f"PRAGMA user_version = {told_format}")
    found, _ = read(path)
    assert len(found) == 7
    with DatabaseWriter(path, OBJECTIVE) as store:
        assert "its tables are not those that sweep writes" in store.damage[0]
    assert len(undamaged(path)) == 7


def test_a_row_of_weights_that_is_gone_was_not_stored(path):
    outcomes = [make_outcome(seed, w=4) for seed in range(3)]
    write_legacy(path, outcomes)
    execute(path, "DELETE FROM weights WHERE id = 2")
    found, damage = read(path, use=DatabaseWriter)
    assert damage == []
    assert [stored.kept for stored in found] == [{"weights"}, set(), {"weights"}]
    without = [bits(outcome, ["weights"] if i == 1 else []) for i, outcome in enumerate(outcomes)]
    assert [bits(stored.outcome) for stored in found] == without


def test_weights_in_an_old_file_without_any_are_kept_in_the_new_table(path):
    write_legacy(path, [make_outcome(1, c=3)])
    write_new(path, [make_outcome(2, w=4)])
    assert format_and_tables(path) == (3, OLD_TABLES[1] | {"outcomes", "kept_weights"})
    assert [bits(outcome) for outcome in undamaged(path)] == [
        bits(make_outcome(1, c=3)),
        bits(make_outcome(2, w=4)),
    ]
