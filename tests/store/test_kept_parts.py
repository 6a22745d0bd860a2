"""Learning curves and extras in the store: kept beside their outcomes, read where they are wanted, and lost alone."""

import pytest
from store.databases import OBJECTIVE, bits, execute, make_outcome, read, undamaged, write_new

from sweep.store import Database, DatabaseWriter, nothing


@pytest.fixture
def filled(path, kind):
    """Fill the database with six outcomes, the odd ones with weights, some of them with curves."""
    outcomes = [make_outcome(seed, n=40, k=3, c=60 * (seed % 3), w=31 * (seed % 2)) for seed in range(6)]
    kind.write(path, outcomes)
    return outcomes


def has(name, found):
    return [name in stored.outcome.extras for stored in found]


@pytest.mark.parametrize("use", [Database.read, DatabaseWriter])
def test_weights_come_back_bit_for_bit(path, filled, use):
    found, damage = read(path, use=use)
    assert [bits(stored.outcome) for stored in found] == [bits(outcome) for outcome in filled]
    assert has("weights", found) == [False, True] * 3
    assert damage == []


@pytest.mark.parametrize("change", ["{} = zeroblob(length({}))", "trajectories = 39", "crc = 1"])
def test_damaged_weights_leave_the_metrics_valid(path, kind, filled, change):
    change = change.replace("{}", kind.weight_values)
    execute(path, f"UPDATE {kind.weights} SET {change} WHERE id = 4")
    found, damage = read(path)
    lost = "its 40 trajectories lose their weights, and keep their metrics"
    assert damage == [f"{path} has a damaged row 4 in `{kind.weights}`: {lost}"]
    assert has("weights", found) == [False, True, False, False, False, True]
    assert ["weights" in stored.kept for stored in found] == has("weights", found)
    without = [bits(outcome, ["weights"] if i == 3 else []) for i, outcome in enumerate(filled)]
    assert [bits(stored.outcome) for stored in found] == without
    read(path, use=DatabaseWriter)  # sets the damaged file aside
    found, damage = read(path, nothing)
    assert damage == []
    assert ["weights" in stored.kept for stored in found] == [False, True, False, False, False, True]
    assert [bits(outcome) for outcome in undamaged(path)] == without


def test_what_is_damaged_is_found_where_it_is_asked_for(path, kind, filled):
    execute(path, f"UPDATE {kind.weights} SET crc = 1 WHERE id = 4")
    for wanted in (nothing, lambda _: ["curves"]):
        found, damage = read(path, wanted)
        assert damage == []
        assert ["weights" in stored.kept for stored in found] == [False, True] * 3
    _, damage = read(path, lambda stored: ["weights"] if stored.outcome.seconds == filled[1].seconds else [])
    assert damage == []
    found, damage = read(path, lambda _: ["weights"])
    assert len(damage) == 1
    assert "weights" not in found[3].kept


def test_damaged_curves_are_lost_with_their_outputs_only_in_older_files(path, kind, filled):
    execute(path, f"UPDATE {kind.curves} SET crc = 1 WHERE id = 2")
    found, damage = read(path, lambda _: ["curves"])
    assert damage == [
        f"{path} has a damaged row 2 in `{kind.curves}`: its 40 trajectories lose their curves, and keep their metrics"
    ]
    lost = {"curves"} if kind.name == "new" else {"curves", "outputs"}
    assert found[1].kept == {"curves", "outputs", "weights"} - lost
    without = [bits(outcome, lost if i == 1 else []) for i, outcome in enumerate(filled)]
    for use in (Database.read, DatabaseWriter, Database.read):
        found, _ = read(path, use=use)
        assert [bits(stored.outcome) for stored in found] == without


def test_a_row_that_is_gone_is_lost(path):
    outcomes = [make_outcome(seed, n=40, w=31) for seed in range(2)]
    write_new(path, outcomes)
    execute(path, "DELETE FROM kept_weights WHERE id = 2")
    for use in (Database.read, DatabaseWriter):
        found, damage = read(path, use=use)
        lost = "its 40 trajectories lose their weights, and keep their metrics"
        assert damage[0] == f"{path} has a damaged row 2 in `kept_weights`: {lost}"
        assert has("weights", found) == [True, False]
    found = [bits(outcome) for outcome in undamaged(path)]
    assert found == [bits(outcomes[0]), bits(outcomes[1], ["weights"])]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DROP TABLE {}", ""),
        ("ALTER TABLE {} ADD COLUMN more", "its tables are not those that sweep writes"),
        ("INSERT INTO {} VALUES (7, 1, {}x'00', 5)", "there are rows of `{}` without those of `{}`"),
        ("PRAGMA user_version = 1", "its tables are not those that sweep writes"),
    ],
)
def test_a_table_that_does_not_fit_is_set_aside_and_costs_no_metrics(path, kind, filled, statement, told):
    execute(path, statement.format(kind.weights, "'', " if kind.name == "new" else ""))
    with DatabaseWriter(path, OBJECTIVE) as store:
        assert told.format(kind.weights, kind.outcomes) in " ".join(store.damage)
        list(store.outcomes(lambda _: ["weights"]))
        store.append(filled[1])
    found = undamaged(path)
    assert [bits(o, ["weights"]) for o in found] == [bits(o, ["weights"]) for o in [*filled, filled[1]]]
    assert bits(found[-1]) == bits(filled[1])
