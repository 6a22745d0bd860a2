import os
import sqlite3

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.errors import ResultsError
from sweep.store import KEY, Curves, Database, DatabaseWriter, Failure, Record, writer


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.sqlite"


def all_records(path, curves=True):
    with Database.read(path) as database:
        records = list(database.records(curves))
        assert database.damage == []
    return records


def test_records_come_back_in_order_and_bit_for_bit(path, make_record, bits):
    records = [make_record(seed, n=1 + seed, k=1 + seed % 3, c=seed % 4) for seed in range(8)]
    with DatabaseWriter(path) as store:
        for record in records[:5]:
            store.append(record)
    with DatabaseWriter(path) as store:
        for record in records[5:]:
            store.append(record)
        assert [bits(record) for record in store.records(curves=True)] == [bits(record) for record in records]
    assert [bits(record) for record in all_records(path)] == [bits(record) for record in records]
    assert all(record.curves is None for record in all_records(path, curves=False))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda n: st.tuples(st.just(n), st.binary(min_size=8 * 3 * n, max_size=8 * 3 * n))
    ),
    st.floats(0, 1e300),
)
def test_any_bits_of_a_loss_come_back(tmp_path_factory, bits, drawn, seconds):
    n, content = drawn
    losses = np.frombuffer(content, np.float64).reshape(n, 3)
    keys, numbers = np.frombuffer(bytes(16 * n), KEY), np.arange(n)
    curves = Curves(np.arange(3), losses, losses)
    record = Record(keys, numbers, np.array([1, 10, 10_000_000]), losses, numbers, seconds, curves)
    path = tmp_path_factory.mktemp("any") / "store.sqlite"
    with DatabaseWriter(path) as store:
        store.append(record)
    (found,) = all_records(path)
    assert bits(found) == bits(record)


def test_failures_come_back(path, make_record):
    keys, replicates = make_record(1).keys, make_record(1).replicates
    reasons = ["killed its worker 3 times", "Traceback:\n  ü \0 \ud800\n", ""]
    with DatabaseWriter(path) as store:
        for reason in reasons:
            store.append_failure(Failure(keys, replicates, reason))
        assert len(list(store.failures())) == 3
    with Database.read(path) as database:
        found = list(database.failures())
    assert [failure.reason for failure in found] == [*reasons[:1], "Traceback:\n  ü \0 \\ud800\n", ""]
    assert found[0].keys.tobytes() == keys.tobytes()
    assert found[0].replicates.tolist() == replicates.tolist()


def test_a_large_record_is_stored_as_several_rows(path, make_record, monkeypatch):
    monkeypatch.setattr(writer, "ROW_BYTES", 1000)
    record = make_record(1, n=50, k=2, c=7)
    with DatabaseWriter(path) as store:
        store.append(record)
    parts = all_records(path)
    assert len(parts) == 9
    assert np.concatenate([part.losses for part in parts]).tobytes() == record.losses.tobytes()
    assert np.concatenate([part.keys for part in parts]).tobytes() == record.keys.tobytes()
    assert (
        np.concatenate([part.curves.outputs for part in parts]).tobytes() == record.curves.outputs.tobytes()
    )
    assert sum(part.seconds for part in parts) == pytest.approx(record.seconds)


def test_an_empty_record_leaves_no_row(path, make_record):
    with DatabaseWriter(path) as store:
        store.append(make_record(1, n=3, k=2)[:0])
    assert all_records(path) == []


def test_a_missing_file_holds_no_records_and_is_not_created(path):
    assert all_records(path) == []
    with Database.read(path) as database:
        assert list(database.failures()) == []
    assert os.listdir(path.parent) == []


def test_a_closed_database_is_one_file(path, make_record):
    with DatabaseWriter(path) as store:
        store.append(make_record(1))
    assert os.listdir(path.parent) == ["store.sqlite"]


def test_what_was_appended_is_committed_by_the_second_and_by_the_thousand(path, make_record, monkeypatch):
    now = 100.0
    monkeypatch.setattr(writer.time, "monotonic", lambda: now)
    with DatabaseWriter(path) as store:
        store.append(make_record(1))
        assert len(all_records(path)) == 0
        now += 1.0
        store.append(make_record(2))
        assert len(all_records(path)) == 2
        store.append(make_record(3))
        assert len(all_records(path)) == 2
        store.append(make_record(4, n=writer.COMMIT_TRAJECTORIES))
        assert len(all_records(path)) == 4
        store.append(make_record(5, n=3, p=1_000_000, c=1, k=1))
        store.append(make_record(5, n=5, p=1_500_000, c=1, k=1))
        assert len(all_records(path, curves=False)) > 5
        n_rows = len(all_records(path, curves=False))
        store.append(make_record(6))
        assert len(all_records(path, curves=False)) == n_rows
        store.commit()
        assert len(all_records(path, curves=False)) == n_rows + 1


def test_an_exception_commits_what_was_appended(path, make_record):
    def interrupted():
        with DatabaseWriter(path) as store:
            store.append(make_record(1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(all_records(path)) == 1


def test_a_commit_that_is_interrupted_after_it_went_through_is_not_repeated(path, make_record, monkeypatch):
    with DatabaseWriter(path) as store:
        store.append(make_record(1))
        insert = store._insert

        def interrupted():
            insert()
            raise KeyboardInterrupt

        monkeypatch.setattr(store, "_insert", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.commit()
        monkeypatch.undo()
        store.append(make_record(2))
    assert len(all_records(path)) == 2


def test_a_reader_and_the_writer_do_not_disturb_each_other(path, make_record, bits):
    with DatabaseWriter(path) as store:
        for seed in range(3):
            store.append(make_record(seed))
        store.commit()
        with Database.read(path) as database:
            records = database.records()
            first = next(records)
            store.append(make_record(3))
            store.commit()
            assert [bits(record) for record in [first, *records]] == [
                bits(make_record(seed)) for seed in range(3)
            ]
            assert len(list(database.records())) == 4
    assert len(all_records(path)) == 4


def test_a_full_disk_loses_nothing_that_waits(path, make_record):
    store = DatabaseWriter(path)
    store._connection.execute("PRAGMA max_page_count = 10")
    store.append(make_record(1, n=10_000, k=5))
    with pytest.raises(ResultsError, match="full"):
        store.commit()
    store._connection.execute("PRAGMA max_page_count = 100000")
    store.close()
    assert len(all_records(path)) == 1


def test_a_full_disk_at_the_end_is_told_and_the_file_is_closed(path, make_record):
    store = DatabaseWriter(path)
    store._connection.execute("PRAGMA max_page_count = 10")
    store.append(make_record(1, n=10_000, k=5))
    with pytest.raises(ResultsError, match="full"):
        store.close()
    assert all_records(path) == []


def test_a_closed_writer_refuses_records(path, make_record):
    store = DatabaseWriter(path)
    store.close()
    store.append(make_record(1))
    with pytest.raises(ResultsError, match="is closed"):
        store.commit()


def change_header(path, statement):
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("use", [DatabaseWriter, Database.read])
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("PRAGMA user_version = 3", r"newer sweep \(format 3, this one reads up to 2\): upgrade"),
        ("PRAGMA application_id = 7", "another program's database .*--results DIR"),
    ],
)
def test_a_newer_or_foreign_database_is_refused_untouched(path, make_record, tree, use, statement, message):
    with DatabaseWriter(path) as store:
        store.append(make_record(1))
    change_header(path, statement)
    before = tree(path.parent)
    with pytest.raises(ResultsError, match=message):
        use(path)
    assert tree(path.parent) == before


@pytest.mark.parametrize("use", [DatabaseWriter, Database.read])
def test_a_folder_in_place_of_the_database_is_refused(path, use):
    path.mkdir()
    with pytest.raises(ResultsError, match=r"store\.sqlite cannot be read: Is a directory"):
        use(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_database_in_a_read_only_folder_can_be_read(path, make_record):
    with DatabaseWriter(path) as store:
        store.append(make_record(1))
    path.parent.chmod(0o500)
    try:
        assert len(all_records(path)) == 1
        with pytest.raises(ResultsError):
            DatabaseWriter(path)
    finally:
        path.parent.chmod(0o700)


def test_a_path_with_the_signs_of_a_url_is_fine(tmp_path, make_record):
    folder = tmp_path / "50% of x? #1 ü"
    folder.mkdir()
    with DatabaseWriter(folder / "store.sqlite") as store:
        store.append(make_record(1))
    assert len(all_records(folder / "store.sqlite")) == 1
    assert os.listdir(tmp_path) == [folder.name]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keys": np.zeros(3, "V8")}, "`keys` must be"),
        ({"replicates": np.arange(2)}, r"`replicates` must be int64 of shape \(3,\)"),
        ({"replicates": np.arange(3, dtype=np.int32)}, "`replicates` must be int64"),
        ({"epochs": np.array([2, 1])}, "`epochs` must rise strictly"),
        ({"epochs": np.array([1, 1])}, "`epochs` must rise strictly"),
        ({"losses": np.zeros((2, 3))}, r"`losses` must be float64 of shape \(3, 2\)"),
        ({"losses": np.zeros((3, 2), np.float32)}, "`losses` must be float64"),
        ({"diverged_at": np.zeros(3)}, "`diverged_at` must be int64"),
        ({"seconds": float("nan")}, "`seconds` must be finite"),
        ({"curves": Curves(np.arange(2), np.zeros((4, 2)), np.zeros((4, 1)))}, "of 3 trajectories, got 4"),
    ],
)
def test_a_record_of_the_wrong_shape_is_refused(make_record, change, message):
    record = make_record(1, n=3, k=2)
    fields = {
        name: getattr(record, name) for name in ("keys", "replicates", "epochs", "losses", "diverged_at")
    }
    with pytest.raises(ValueError, match=message):
        Record(**{**fields, "seconds": 1.0, **change})
