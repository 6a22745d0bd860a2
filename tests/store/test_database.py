import os
import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
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

from sweep.errors import ResultsError
from sweep.store import Database, DatabaseWriter, everything, nothing, sqlite, writer
from sweep.terms.outcome import KEY, Curves, Outcome, Status


def open_to_write(path):
    return DatabaseWriter(path, OBJECTIVE)


def test_outcomes_come_back_in_order_and_bit_for_bit(path):
    outcomes = [make_outcome(seed, n=1 + seed, k=1 + seed % 3, c=seed % 4, w=seed % 3) for seed in range(8)]
    write_new(path, outcomes[:5])
    with open_to_write(path) as store:
        for outcome in outcomes[5:]:
            store.append(outcome)
        assert [bits(stored.outcome) for stored in store.outcomes(everything)] == list(map(bits, outcomes))
    assert list(map(bits, undamaged(path))) == list(map(bits, outcomes))


def names():
    return st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), st.none(), max_size=3).map(
        list
    )


def floats(shape):
    n_bytes = 8 * int(np.prod(shape))
    return st.binary(min_size=n_bytes, max_size=n_bytes).map(
        lambda b: np.frombuffer(b, np.float64).reshape(shape)
    )


def steps_of(n):
    return st.lists(st.integers(0, 10_000_000), min_size=n, max_size=n, unique=True).map(
        lambda steps: np.array(sorted(steps), np.int64)
    )


@st.composite
def any_outcome(draw):
    """Draw an outcome of any shape: with metrics and steps or without, with any status, and extras of any type."""
    n, k, c = draw(st.integers(1, 4)), draw(st.integers(0, 3)), draw(st.integers(0, 3))
    words = st.text(max_size=5)
    along = {name: draw(floats((n, c))) for name in draw(st.lists(words, unique=True, max_size=2))}
    dtypes = st.one_of(
        arrays_of.scalar_dtypes(),
        arrays_of.byte_string_dtypes(min_len=1),
        arrays_of.unicode_string_dtypes(min_len=1),
    )
    inner = arrays_of.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3)
    extras = {
        name: draw(arrays_of.arrays(draw(dtypes), (n, *draw(inner))))
        for name in draw(names())
        if name != "curves"
    }
    reasons = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    return Outcome(
        keys=np.frombuffer(draw(st.binary(min_size=16 * n, max_size=16 * n)), KEY),
        replicates=draw(arrays_of.arrays(np.int64, n)),
        steps=draw(steps_of(k)),
        metrics={name: draw(floats((n, k))) for name in draw(st.lists(words, unique=True, max_size=3))},
        status=draw(arrays_of.arrays(np.uint8, n, elements=st.sampled_from([*Status]).map(int))),
        ended_at=draw(arrays_of.arrays(np.int64, n)),
        seconds=draw(st.floats(0, 1e300)),
        reasons=draw(st.dictionaries(st.integers(0, n - 1), reasons)),
        curves=draw(st.sampled_from([None, Curves(draw(steps_of(c)), along)])),
        extras=extras,
    )


@settings(deadline=None)
@given(st.lists(any_outcome(), min_size=1, max_size=3))
def test_any_outcomes_come_back(outcomes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        write_new(path, outcomes)
        found, damage = read(path)
        assert damage == []
    expected = [
        Outcome(**{**vars(o), "extras": {n: native(a) for n, a in o.extras.items()}}) for o in outcomes
    ]
    assert [bits(stored.outcome) for stored in found] == list(map(bits, expected))
    assert [stored.outcome.metrics.keys() for stored in found] == [o.metrics.keys() for o in outcomes]
    assert [stored.kept for stored in found] == [kept_of(outcome) for outcome in outcomes]


def native(array):
    """Return the same values in the byte order of this machine, as they come back."""
    return array.astype(array.dtype.newbyteorder("="))


def kept_of(outcome):
    return {*outcome.extras} | ({"curves"} if outcome.curves is not None else set())


def test_without_being_asked_no_curves_and_extras_are_read_but_what_is_kept_is_told(path, kind):
    outcomes = [make_outcome(seed, c=4 * (seed % 2), w=3 * (seed // 2)) for seed in range(4)]
    kind.write(path, outcomes)
    for use in (Database.read, DatabaseWriter):
        found, damage = read(path, nothing, use)
        assert damage == []
        assert [stored.kept for stored in found] == [kept_of(outcome) for outcome in outcomes]
        assert [bits(stored.outcome) for stored in found] == [bits(o, kept_of(o)) for o in outcomes]


def test_only_what_is_wanted_is_read(path, kind):
    outcomes = [make_outcome(seed, c=4, w=3) for seed in range(3)]
    kind.write(path, outcomes)
    mine = outcomes[1].keys.tobytes()
    found, _ = read(path, lambda stored: ["weights"] if stored.outcome.keys.tobytes() == mine else ["curves"])
    assert [[*stored.outcome.extras] for stored in found] == [[], ["weights"], []]
    assert [stored.outcome.curves is None for stored in found] == [False, True, False]
    assert all(stored.kept == {"curves", "outputs", "weights"} for stored in found)
    found, damage = read(path, lambda _: {"outputs", "unknown"})
    assert damage == []
    assert [[*stored.outcome.extras] for stored in found] == [["outputs"]] * 3


def test_a_table_is_made_for_what_is_kept_when_there_is_something(path):
    tables = {"outcomes"}
    for outcome, new in [
        (make_outcome(1), set()),
        (make_outcome(2, w=4), {"kept_weights"}),
        (make_outcome(3, c=2), {"kept_curves", "kept_outputs"}),
        (make_outcome(4, c=2, w=4), set()),
    ]:
        write_new(path, [outcome])
        tables |= new
        assert format_and_tables(path) == (3, tables)
    assert len(undamaged(path)) == 4


@pytest.mark.parametrize("name", ["Weights", "a b", "x;", "", "1st", "_x", "ü"])
def test_extras_need_plain_names(path, name):
    outcome = make_outcome(1)
    with open_to_write(path) as store:
        with pytest.raises(ValueError, match="must have a plain name"):
            store.append(Outcome(**{**vars(outcome), "extras": {name: np.zeros(3)}}))
        store.append(outcome)
    assert len(undamaged(path)) == 1


@pytest.mark.parametrize(
    ("extras", "message"),
    [
        ({"curves": np.zeros(3)}, "'curves', which has a meaning of its own"),
        (
            {"things": np.array([None, {}, "x"])},
            r"`extras\['things'\]` must be an array of plain values, got object",
        ),
        ({"pairs": np.zeros(3, "i4,f8")}, r"`extras\['pairs'\]` must be an array of plain values"),
    ],
)
def test_extras_that_cannot_be_kept_are_refused(path, extras, message):
    with open_to_write(path) as store, pytest.raises(ValueError, match=message):
        store.append(Outcome(**{**vars(make_outcome(1)), "extras": extras}))


def test_failures_come_back(path):
    reasons = ["killed its worker 3 times", "Traceback:\n  ü \0 \ud800\n", ""]
    failures = [make_failure(reason) for reason in reasons]
    write_new(path, failures)
    found = undamaged(path)
    assert [outcome.reasons[0] for outcome in found] == [*reasons[:1], "Traceback:\n  ü \0 \\ud800\n", ""]
    assert [bits(found[0]), bits(found[2])] == [bits(failures[0]), bits(failures[2])]


def test_a_reason_that_many_trajectories_share_is_stored_once(path):
    write_new(path, [make_failure("because " * 10_000, n=1000)])
    assert path.stat().st_size < 300_000
    (found,) = undamaged(path)
    assert found.reasons == dict.fromkeys(range(1000), "because " * 10_000)


def test_trajectories_of_one_outcome_may_end_differently(path):
    outcome = make_outcome(1, n=4)
    status = np.array([Status.OK, Status.FAILED, Status.TIMEOUT, Status.DIVERGED], np.uint8)
    mixed = Outcome(**{**vars(outcome), "status": status, "reasons": {1: "no", 2: "60 s are over"}})
    write_new(path, [mixed])
    assert list(map(bits, undamaged(path))) == [bits(mixed)]


def test_a_large_outcome_is_stored_as_several_rows(path, monkeypatch):
    monkeypatch.setattr(writer, "ROW_BYTES", 1000)
    outcome = make_outcome(1, n=50, k=2, c=7)
    write_new(path, [outcome])
    parts = undamaged(path)
    assert len(parts) == 9
    assert (
        np.concatenate([part.metrics[OBJECTIVE] for part in parts]).tobytes()
        == outcome.metrics[OBJECTIVE].tobytes()
    )
    assert np.concatenate([part.keys for part in parts]).tobytes() == outcome.keys.tobytes()
    outputs = np.concatenate([part.extras["outputs"] for part in parts])
    assert outputs.tobytes() == outcome.extras["outputs"].tobytes()
    assert sum(part.seconds for part in parts) == pytest.approx(outcome.seconds)


def test_large_extras_are_stored_as_several_rows(path, monkeypatch):
    monkeypatch.setattr(writer, "ROW_BYTES", 5000)
    outcome = make_outcome(1, n=40, w=31)
    write_new(path, [outcome])
    parts = undamaged(path)
    assert len(parts) > 2
    weights = np.concatenate([part.extras["weights"] for part in parts])
    assert weights.tobytes() == outcome.extras["weights"].tobytes()


def test_an_outcome_of_no_trajectories_leaves_no_row(path):
    write_new(path, [make_outcome(1, n=3, k=2)[:0]])
    assert undamaged(path) == []


def test_a_missing_file_holds_no_outcomes_and_is_not_created(path):
    assert undamaged(path) == []
    assert os.listdir(path.parent) == []


def test_a_closed_database_is_one_file(path):
    write_new(path, [make_outcome(1)])
    assert os.listdir(path.parent) == ["store.sqlite"]


def test_what_was_appended_is_committed_by_the_second_and_by_the_thousand(path, monkeypatch):
    now = 100.0
    monkeypatch.setattr(writer.time, "monotonic", lambda: now)
    with open_to_write(path) as store:
        store.append(make_outcome(1))
        assert len(undamaged(path)) == 0
        now += 1.0
        store.append(make_outcome(2))
        assert len(undamaged(path)) == 2
        store.append(make_outcome(3))
        assert len(undamaged(path)) == 2
        store.append(make_outcome(4, n=writer.COMMIT_TRAJECTORIES))
        assert len(undamaged(path)) == 4
        store.append(make_outcome(5, n=3, p=1_000_000, c=1, k=1))
        store.append(make_outcome(5, n=5, p=1_500_000, c=1, k=1))
        n_rows = len(undamaged(path, nothing))
        assert n_rows > 5
        store.append(make_outcome(6))
        assert len(undamaged(path, nothing)) == n_rows
        store.commit()
        assert len(undamaged(path, nothing)) == n_rows + 1


def test_an_exception_commits_what_was_appended(path):
    def interrupted():
        with open_to_write(path) as store:
            store.append(make_outcome(1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(undamaged(path)) == 1


def test_a_commit_that_is_interrupted_after_it_went_through_is_not_repeated(path, monkeypatch):
    with open_to_write(path) as store:
        store.append(make_outcome(1))
        insert = store._insert

        def interrupted():
            insert()
            raise KeyboardInterrupt

        monkeypatch.setattr(store, "_insert", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.commit()
        monkeypatch.undo()
        store.append(make_outcome(2))
    assert len(undamaged(path)) == 2


def test_a_reader_and_the_writer_do_not_disturb_each_other(path):
    with open_to_write(path) as store:
        for seed in range(3):
            store.append(make_outcome(seed))
        store.commit()
        with Database.read(path, OBJECTIVE) as database:
            outcomes = database.outcomes()
            first = next(outcomes)
            store.append(make_outcome(3))
            store.commit()
            found = [bits(stored.outcome) for stored in [first, *outcomes]]
            assert found == [bits(make_outcome(seed)) for seed in range(3)]
            assert len(list(database.outcomes())) == 4
    assert len(undamaged(path)) == 4


def test_a_full_disk_loses_nothing_that_waits(path):
    store = open_to_write(path)
    store._connection.execute("PRAGMA max_page_count = 10")
    store.append(make_outcome(1, n=10_000, k=5, w=1))
    with pytest.raises(ResultsError, match="full"):
        store.commit()
    store._connection.execute("PRAGMA max_page_count = 100000")
    store.close()
    assert len(undamaged(path)) == 1


def test_a_full_disk_at_the_end_is_told_and_the_file_is_closed(path):
    store = open_to_write(path)
    store._connection.execute("PRAGMA max_page_count = 10")
    store.append(make_outcome(1, n=10_000, k=5))
    with pytest.raises(ResultsError, match="full"):
        store.close()
    assert undamaged(path) == []


def test_a_closed_writer_refuses_outcomes(path):
    store = open_to_write(path)
    store.close()
    store.append(make_outcome(1))
    with pytest.raises(ResultsError, match="is closed"):
        store.commit()


@pytest.mark.parametrize("use", [DatabaseWriter, Database.read])
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("PRAGMA user_version = 4", r"newer sweep \(format 4, this one reads up to 3\): upgrade"),
        ("PRAGMA application_id = 7", "another program's database .*--results DIR"),
    ],
)
def test_a_newer_or_foreign_database_is_refused_untouched(path, kind, tree, use, statement, message):
    kind.write(path, [make_outcome(1)])
    execute(path, statement)
    before = tree(path.parent)
    with pytest.raises(ResultsError, match=message):
        use(path, OBJECTIVE)
    assert tree(path.parent) == before


@pytest.mark.parametrize("use", [DatabaseWriter, Database.read])
def test_a_folder_in_place_of_the_database_is_refused(path, use):
    path.mkdir()
    with pytest.raises(ResultsError, match=r"store\.sqlite cannot be read: Is a directory"):
        use(path, OBJECTIVE)


@pytest.mark.parametrize("use", [DatabaseWriter, Database.read])
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_place_of_the_database_is_refused_and_not_waited_for(path, use):
    os.mkfifo(path)
    with pytest.raises(ResultsError, match=r"store\.sqlite cannot be read: it is not a file that holds data"):
        use(path, OBJECTIVE)


def test_a_writer_that_a_reader_keeps_waiting_says_so(path, monkeypatch):
    write_new(path, [make_outcome(seed) for seed in range(3)])
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite.sqlite3, "connect", lambda *names, **options: connect(*names, timeout=0, **options)
    )
    with Database.read(path, OBJECTIVE) as reader:
        outcomes = reader.outcomes()
        next(outcomes)
        with pytest.raises(
            ResultsError, match=r"is being read by another program .*: wait until it has ended"
        ):
            open_to_write(path)
        assert len(list(outcomes)) == 2


def test_readers_with_no_right_to_write_see_what_a_sweep_commits(path, tree, monkeypatch):
    monkeypatch.setattr(sqlite.os, "access", lambda _, right: right != os.W_OK)
    with open_to_write(path) as store:
        assert undamaged(path) == []
        store.append(make_outcome(1))
        store.commit()
        with Database.read(path, OBJECTIVE) as first, Database.read(path, OBJECTIVE) as second:
            begun = first.outcomes()
            next(begun)
            store.append(make_outcome(2))
            store.commit()
            store._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            store.append(make_outcome(3))
            store.commit()
            assert len(list(second.outcomes())) == 3
            assert list(begun) == []
            assert len(list(first.outcomes())) == 3
        before = tree(path.parent).keys()
        assert len(undamaged(path)) == 3
        assert tree(path.parent).keys() == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_database_in_a_read_only_folder_can_be_read(path, kind):
    kind.write(path, [make_outcome(1)])
    path.parent.chmod(0o500)
    try:
        assert len(undamaged(path)) == 1
        with pytest.raises(ResultsError):
            open_to_write(path)
    finally:
        path.parent.chmod(0o700)


def test_a_path_with_the_signs_of_a_url_is_fine(tmp_path):
    folder = tmp_path / "50% of x? #1 ü"
    folder.mkdir()
    write_new(folder / "store.sqlite", [make_outcome(1)])
    assert len(undamaged(folder / "store.sqlite")) == 1
    assert os.listdir(tmp_path) == [folder.name]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keys": np.zeros(3, "V8")}, "`keys` must be"),
        ({"replicates": np.arange(2)}, r"`replicates` must be int64 of shape \(3,\)"),
        ({"replicates": np.arange(3, dtype=np.int32)}, "`replicates` must be int64"),
        ({"steps": np.array([2, 1])}, "`steps` must rise strictly"),
        ({"steps": np.array([1, 1])}, "`steps` must rise strictly"),
        ({"metrics": {"loss": np.zeros((2, 3))}}, r"`metrics\['loss'\]` must be float64 of shape \(3, 2\)"),
        ({"metrics": {"loss": np.zeros((3, 2), np.float32)}}, r"`metrics\['loss'\]` must be float64"),
        ({"status": np.zeros(3)}, "`status` must be uint8"),
        ({"ended_at": np.zeros(3)}, "`ended_at` must be int64"),
        ({"seconds": float("nan")}, "`seconds` must be finite"),
        ({"curves": Curves(np.arange(2), {"loss": np.zeros((4, 2))})}, r"must be float64 of shape \(3, 2\)"),
        (
            {"extras": {"weights": np.zeros((4, 2))}},
            r"`extras\['weights'\]` must be float64 of shape \(3, 2\)",
        ),
    ],
)
def test_an_outcome_of_the_wrong_shape_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Outcome(**{**vars(make_outcome(1, n=3, k=2)), **change})
