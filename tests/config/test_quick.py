"""[quick]: other values for a first look, in the places of the usual ones."""

import pytest
from judging import resolved

from sweep.config import parse_experiment
from sweep.errors import ConfigError

CONFIG = """
[target]
function = "x"

[training]
batch_size = 4

[grid]
learning_rate = [0.1, 0.2]
epochs = [10, 20]
replicates = 20

[claims]
most_replicates = 40

[[claim]]
sentence = "0.2 is better"
form = "better"
axis = "learning_rate"
value = 0.2
over = ["epochs"]

[quick]
"""  # 22 lines: what follows begins at line 24


def mistakes(quick: str, config: str = CONFIG) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        resolved(config + quick)
    return [str(mistake) for mistake in raised.value.mistakes]


def test_the_quick_form_has_its_values_and_the_usual_form_has_not():
    text = CONFIG + "replicates = 3\nepochs = [5]\nbatch_size = 2\nmost_replicates = 3\n"
    usual, quick = (parse_experiment(text, "test", quick=quick) for quick in (False, True))

    assert (usual.grids[0].replicates, quick.grids[0].replicates) == (20, 3)
    assert [len(experiment.grids[0].axes[1]) for experiment in (usual, quick)] == [2, 1]
    assert (usual.fixed["batch_size"], quick.fixed["batch_size"]) == (4, 2)
    assert (usual.most_replicates, quick.most_replicates) == (40, 3)
    assert (usual.is_quick, quick.is_quick) == (False, True)
    assert usual.claims == quick.claims


def test_a_value_goes_to_every_grid_that_has_one():
    grids = "\n[[grid]]\nepochs = [10]\nreplicates = 7\n[[grid]]\nepochs = [20]\nreplicates = 9\n"
    text = '[target]\nfunction = "x"\n' + grids + "[quick]\nreplicates = 2\n"

    assert [grid.replicates for grid in parse_experiment(text, "test", quick=True).grids] == [2, 2]


def test_usual_values_that_the_quick_form_lacks_leave_nothing_out_of_it():
    rules = "[{ neurons = [1, 2], epochs = 20 }, { neurons = 2, epochs = 10 }]"
    grid = f"[grid]\nneurons = [1, 2, 3]\nepochs = [10, 20]\nexclude = {rules}\n"
    text = f'[target]\nfunction = "x"\n{grid}[quick]\nneurons = [1, 3]\n'
    usual, quick = (parse_experiment(text, "test", quick=quick) for quick in (False, True))

    assert [dict(rule) for rule in usual.grids[0].exclude] == [
        {"neurons": (1, 2), "epochs": (20,)},
        {"neurons": (2,), "epochs": (10,)},
    ]
    assert [dict(rule) for rule in quick.grids[0].exclude] == [{"neurons": (1,), "epochs": (20,)}]


def test_a_wrong_value_is_told_with_its_line_under_quick_and_whichever_form_is_read():
    (mistake,) = mistakes("replicates = 0\n")

    assert mistake.startswith("line 24: `quick.replicates` must be a whole number >= 1, got 0.")


def test_a_key_that_stands_nowhere_else_is_a_mistake():
    assert mistakes("replicats = 3\n") == [
        "line 24: `quick.replicats` is not a key of a config; did you mean `replicates`?"
    ]
    assert mistakes("neurons = [3]\n") == [
        "line 24: `quick.neurons` has no usual value to replace: write `neurons = ...` under [network] as well, "
        "or take it out."
    ]
    assert mistakes("foo = 1\n") == [
        "line 24: `quick.foo` is not a key of a config. [quick] has keys of the other tables, such as `replicates = 4`."
    ]
    assert mistakes('title = "t"\n') == [
        "line 24: `quick.title` cannot be replaced, only keys of [target], [network], [training], [rounds], [grid], "
        "[store] and [claims] can: take it out."
    ]


def test_a_claim_must_hold_in_the_quick_form_too():
    (mistake,) = mistakes("learning_rate = [0.1, 0.3]\n")

    assert (
        "`claim.value` must be a value of the axis `learning_rate`, got 0.2. The nearest one there is"
        in mistake
    )


def test_mistakes_of_both_forms_are_told_at_once_and_each_once():
    wrong = CONFIG.replace("batch_size = 4", "batch_size = 0")

    assert [mistake.partition("` ")[0] for mistake in mistakes("replicates = 0\n", wrong)] == [
        "line 6: `training.batch_size",
        "line 24: `quick.replicates",
    ]


def test_quick_must_be_a_table():
    text = 'quick = 3\n[target]\nfunction = "x"\n'

    assert "must be a table of keys" in mistakes("", text)[0]


def test_a_config_without_quick_has_no_quick_form():
    with pytest.raises(ConfigError, match=r"`quick` is missing, and the quick form is asked for"):
        parse_experiment('[target]\nfunction = "x"\n', "test", quick=True)
