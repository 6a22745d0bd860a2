import os
import tempfile
from functools import cache
from itertools import chain, combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.databases import (
    LEGACY,
    NEW,
    OBJECTIVE,
    bits,
    execute,
    make_failure,
    make_outcome,
    read,
    undamaged,
)
from store.legacy_files import open_legacy, write_legacy

from sweep.errors import ResultsError
from sweep.store import Database, DatabaseWriter, everything, rebuild

PAGE = 16384
PARTS = ("curves", "outputs", "weights")


def open_to_write(path):
    return DatabaseWriter(path, OBJECTIVE)


@pytest.fixture
def filled(path, kind):
    """Fill the database with six outcomes, the odd ones with curves, and return them."""
    outcomes = [make_outcome(seed, n=40, k=3, c=60 * (seed % 2)) for seed in range(6)]
    kind.write(path, outcomes)
    return outcomes


def all_bits(outcomes):
    return [bits(outcome) for outcome in outcomes]


def bits_in(database, wanted=everything):
    return [bits(stored.outcome) for stored in database.outcomes(wanted)]


def test_a_damaged_row_is_reported_and_passed_over(path, kind, filled):
    execute(path, f"UPDATE {kind.outcomes} SET {kind.values} = zeroblob(length({kind.values})) WHERE id = 3")
    before = path.read_bytes()
    with Database.read(path, OBJECTIVE) as database:
        found = bits_in(database)
        assert database.damage == [
            f"{path} has a damaged row 3 in `{kind.outcomes}`: its 40 trajectories will be trained anew"
        ]
        list(database.outcomes())
        assert len(database.damage) == 1
    assert found == all_bits(filled[:2] + filled[3:])
    assert path.read_bytes() == before


def test_a_writer_sets_the_damaged_file_aside_and_goes_on(path, kind):
    outcomes = [make_outcome(seed, n=40, k=3, c=60 * (seed % 2)) for seed in range(6)]
    failures = [make_failure("first"), make_failure("second")]
    kind.write(path, [*outcomes, *failures])
    execute(path, f"UPDATE {kind.outcomes} SET seconds = seconds + 1 WHERE id = 3")
    before = path.read_bytes()
    with open_to_write(path) as store:
        assert len(list(store.outcomes())) == 7
        assert f"row 3 in `{kind.outcomes}`: its 40 trajectories" in store.damage[0]
        assert "rebuilt with the 200 trajectories that are whole" in store.damage[1]
        assert store.damage[1].endswith("kept as store.sqlite.damaged-1")
        store.append(make_outcome(9))
        assert len(list(store.outcomes())) == 8
        assert len(store.damage) == 2
    # but for the header, where opening it to write has counted a change
    assert path.with_name("store.sqlite.damaged-1").read_bytes()[100:] == before[100:]
    expected = [*outcomes[:2], *outcomes[3:], *failures, make_outcome(9)]
    assert all_bits(undamaged(path)) == all_bits(expected)


@pytest.mark.usefixtures("filled")
def test_each_damaged_file_is_kept(path, kind):
    for row, table in ((1, kind.outcomes), (2, "outcomes")):
        execute(path, f"UPDATE {table} SET seconds = seconds + 1 WHERE id = {row}")
        with open_to_write(path) as store:
            list(store.outcomes())
    names = {"store.sqlite", "store.sqlite.damaged-1", "store.sqlite.damaged-2"}
    assert set(os.listdir(path.parent)) == names


@pytest.mark.parametrize("value", ["'text'", "NULL", "1e300", "X''"])
@pytest.mark.parametrize(
    ("kind", "column"), [(kind, column) for kind in (NEW, LEGACY) for column in kind.columns]
)
def test_no_column_can_change_unseen(path, kind, filled, column, value):
    execute(path, f"UPDATE {kind.outcomes} SET {column} = {value} WHERE id = 3")
    found, damage = read(path)
    assert len(damage) == 1
    assert [bits(stored.outcome) for stored in found] == all_bits(filled[:2] + filled[3:])


@pytest.mark.usefixtures("filled")
def test_rows_that_change_places_are_seen(path, kind):
    for statement in ("SET id = 100 WHERE id = 2", "SET id = 2 WHERE id = 4", "SET id = 4 WHERE id = 100"):
        execute(path, f"UPDATE {kind.outcomes} {statement}")
    found, damage = read(path)
    assert len(found) == 4
    assert len(damage) == 2


@pytest.mark.usefixtures("filled")
def test_a_missing_row_is_reported(path, kind):
    execute(path, f"DELETE FROM {kind.outcomes} WHERE id IN (2, 3)")
    found, damage = read(path)
    assert len(found) == 4
    assert damage == [
        f"{path} is damaged (rows of `{kind.outcomes}` are missing): what cannot be read will be trained anew",
        f"{path} has lost rows 2 to 3 of `{kind.outcomes}`: their trajectories will be trained anew",
    ]
    with open_to_write(path) as store:
        assert len(list(store.outcomes(everything))) == 4
        assert store.damage
    assert len(undamaged(path)) == 4


@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = zeroblob(3)", "DELETE FROM {}"])
def test_damaged_curves_leave_the_metrics_valid(path, kind, filled, statement):
    execute(path, f"{statement.format(kind.curves, kind.curve_values)} WHERE id = 2")
    found, damage = read(path)
    lost = "its 40 trajectories lose their curves, and keep their metrics"
    assert damage == [f"{path} has a damaged row 2 in `{kind.curves}`: {lost}"]
    assert found[1].outcome.curves is None
    assert "curves" not in found[1].kept
    assert found[3].outcome.curves is not None
    metrics = [bits(outcome, PARTS) for outcome in filled]
    assert [bits(stored.outcome, PARTS) for stored in found] == metrics
    with open_to_write(path) as store:
        assert [bits(stored.outcome, PARTS) for stored in store.outcomes(everything)] == metrics
        assert len(list(store.outcomes(everything))) == 6
        assert len(store.damage) == 2


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (LEGACY, "UPDATE failures SET reason = 'firsT' WHERE id = 1"),
        (NEW, "UPDATE outcomes SET reasons = replace(reasons, 'first', 'firsT') WHERE id = 1"),
    ],
)
def test_a_damaged_failure_is_reported(path, kind, change):
    kind.write(path, [make_failure("first"), make_failure("second")])
    execute(path, change)
    with open_to_write(path) as store:
        assert [stored.outcome.reasons[0] for stored in store.outcomes()] == ["second"]
        assert f"row 1 in `{change.split()[1]}`" in store.damage[0]


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"not a database\n" * 100])
def test_a_file_that_is_no_database_is_set_aside(path, content):
    path.write_bytes(content)
    found, damage = read(path)
    assert found == []
    assert "store.sqlite is damaged" in damage[0]
    with open_to_write(path) as store:
        assert store.damage
        store.append(make_outcome(1))
    assert path.with_name("store.sqlite.damaged-1").read_bytes() == content
    assert len(undamaged(path)) == 1


@pytest.mark.parametrize(
    ("kind", "table"),
    [(kind, table) for kind in (NEW, LEGACY) for table in (kind.outcomes, kind.curves)]
    + [(LEGACY, "failures")],
)
def test_a_lost_table_costs_only_its_own_rows(path, kind, filled, table):
    execute(path, f"DROP TABLE {table}")
    n_left = 0 if table == kind.outcomes else 6
    found, damage = read(path)
    assert len(found) == n_left
    assert damage
    with open_to_write(path) as store:
        assert len(list(store.outcomes())) == n_left
        list(store.outcomes(everything))
        store.append(filled[0])
    assert bits(undamaged(path)[-1]) == bits(filled[0])


def test_a_log_without_its_database_is_not_replayed(path):
    with open_to_write(path) as store:
        store.append(make_outcome(1))
        store.commit()
        log = path.with_name("store.sqlite-wal").read_bytes()
    path.unlink()
    path.with_name("store.sqlite-wal").write_bytes(log)
    with open_to_write(path) as store:
        assert list(store.outcomes()) == []


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_rebuilding_that_is_killed_is_completed(path, kind, monkeypatch, at):
    execute(path, f"UPDATE {kind.outcomes} SET seconds = seconds + 1 WHERE id = 3")
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

    with open_to_write(path) as store:
        monkeypatch.setattr(rebuild.os, "replace", killed)
        with pytest.raises(Killed):
            list(store.outcomes())
        monkeypatch.undo()
    assert len(read(path)[0]) == 5
    assert len(read(path, use=DatabaseWriter)[0]) == 5
    assert len(undamaged(path)) == 5


@cache
def whole_files(begun):
    """Return 25 outcomes, and the files of their database while it is written and after it was closed.

    The first ones of as many as `begun` says were written by an older sweep.
    """
    outcomes = [
        make_outcome(seed, n=1 + seed * 3 % 50, k=1 + seed % 3, c=40 * (seed % 3), w=31 * (seed % 2))
        for seed in range(24)
    ]
    outcomes.insert(begun, make_failure("reason"))  # the last one of an older sweep, which are read first
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"

        def files():
            return {name: (path.parent / name).read_bytes() for name in os.listdir(folder)}

        if begun == len(outcomes) - 1:
            connection = open_legacy(path, outcomes, journal="WAL")
            written = files()
            connection.execute("PRAGMA journal_mode = DELETE").fetchall()
            connection.close()
            return outcomes, written, files()
        if begun:
            write_legacy(path, outcomes[: begun + 1])
        with open_to_write(path) as store:
            for outcome in outcomes[begun + bool(begun) :]:
                store.append(outcome)
            store.commit()
            written = files()
        return outcomes, written, files()


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


def known_bits(outcomes):
    """Return the bits of outcomes, whatever parts of them are lost."""
    lost = list(chain.from_iterable(combinations(PARTS, n) for n in range(len(PARTS) + 1)))
    return {bits(outcome, without) for outcome in outcomes for without in lost}


@pytest.mark.parametrize("has_index", [True, False])
@pytest.mark.parametrize(
    ("start", "stop", "instead"),
    [
        (20, 40, "2b10dd7226dd8b3ea1e55b84c9b551d71a157832"),
        (2, 22, "e6d6cf5ec8c04a424a7f88df50ac8b69a40cffab"),
        (2, 40, "a273724e039de1c2038b2dc10138a1f71c806b5b"),
        (0, 1, "0f"),
        (4, 5, "01"),
    ],
    ids=["places of rows", "number of rows", "shorter", "kind", "fewer rows"],
)
def test_a_damaged_head_of_a_page_costs_no_row_and_reader_and_writer_see_the_same(
    path, start, stop, instead, has_index
):
    outcomes, files, _ = whole_files(10)
    for name, content in files.items():
        path.with_name(name).write_bytes(content)
    if not has_index:
        path.with_name("store.sqlite-shm").unlink()
    damaged = bytearray(path.read_bytes())
    damaged[PAGE + start : PAGE + stop] = bytes.fromhex(instead)
    path.write_bytes(damaged)
    found, told = read(path)
    found_by_writer, told_by_writer = read(path, use=DatabaseWriter)
    metrics = [bits(outcome, PARTS) for outcome in outcomes]
    assert sorted(bits(stored.outcome, PARTS) for stored in found) == sorted(metrics)
    assert [bits(stored.outcome) for stored in found_by_writer] == [bits(stored.outcome) for stored in found]
    assert "store.sqlite is damaged" in told[0]
    assert set(told) < set(told_by_writer)
    assert path.with_name("store.sqlite.damaged-1").read_bytes() == damaged
    assert path.with_name("store.sqlite.damaged-1-wal").read_bytes() == files["store.sqlite-wal"]


@pytest.mark.parametrize("begun", [0, 10, 24], ids=["new", "mixed", "legacy"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damage=damages(), live=st.booleans(), data=st.data())
def test_wherever_the_file_is_damaged_no_wrong_number_comes_out(begun, damage, live, data):
    outcomes, *states = whole_files(begun)
    known = known_bits(outcomes)
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
            found, told = read(path)
            assert len(found) == len(outcomes) or told or live
            assert {bits(stored.outcome) for stored in found} <= known
            with open_to_write(path) as store:
                assert bits_in(store) == [bits(stored.outcome) for stored in found]
                assert set(told) <= set(store.damage)
                store.append(make_outcome(99, c=2))
            *found, last = undamaged(path)
            assert {bits(outcome) for outcome in found} <= known
            assert bits(last) == bits(make_outcome(99, c=2))
        except ResultsError as refusal:
            # the bytes that say whose the file is, and of what format
            refused = str(refusal)
        else:
            return
        assert "another program's" in refused or "newer sweep" in refused
        assert damaged.read_bytes()[60:72] != files["store.sqlite"][60:72]
