"""Every mistake in a claim is told with its key, its line and what to do."""

import pytest
from judging import resolved

from sweep.errors import ConfigError

GRID = """
[target]
function = "x"
[grid]
learning_rate = [0.03, 0.1, 0.3]
neurons = [2, 5]
epochs = [10, 20]
[[claim]]
"""  # 8 lines: the claim's keys begin at line 9

BETTER = 'sentence = "s"\nform = "better"\naxis = "learning_rate"\nvalue = 0.1\n'
OVER = 'over = ["neurons", "epochs"]\n'
REACHES = 'sentence = "s"\nform = "reaches"\nover = ["learning_rate", "neurons", "epochs"]\n'

MISTAKEN = {
    "a form that there is not": (
        REACHES.replace("reaches", "reach") + "below = 0.1\n",
        'line 10: `claim.form` must be one of "better", "alike", "best", "reaches", "fails"',
    ),
    "no form": (
        'sentence = "s"\n',
        "`claim.form` is missing: every claim needs it",
    ),
    "a bound that is none": (
        REACHES + 'below = "a little"\n',
        'line 12: `claim.below` must be a number, got "a little".',
    ),
    "a bound as the name of a metric": (
        REACHES + "below = 0.1\nrms_error = 0.1\n",
        'line 13: `claim.rms_error` is a metric: write `metric = "rms_error"`, and its bound as `below = ...`',
    ),
    "two bounds": (
        REACHES + "below = 0.1\nabove = 0.1\n",
        "line 13: `claim.above` does not go with `below`. Remove one of the two.",
    ),
    "a metric that there is not": (
        REACHES + 'below = 0.1\nmetric = "rms"\n',
        'line 13: `claim.metric` must be one of "final_loss", "rms_error", got "rms".',
    ),
    "no bound": (REACHES, '`claim.below` is missing: a claim of the form "reaches" needs it'),
    "a key of another form": (
        BETTER + OVER + "gain = 0.1\n",
        'line 14: `claim.gain` belongs to the form `enough`, not to "better". Remove it.',
    ),
    "a value that is not on the axis": (
        BETTER.replace("0.1", "0.2") + OVER,
        "line 12: `claim.value` must be a value of the axis `learning_rate`, got 0.2. The nearest one there is",
    ),
    "nothing to compare with": (
        BETTER + "than = []\n" + OVER,
        "line 13: `claim.than` must list one value or more, got []. Without `than` it is compared with all others.",
    ),
    "a value to compare with that is named twice": (
        BETTER + "than = [0.3, 0.3]\n" + OVER,
        "line 13: `claim.than` must list each value once, got 0.3 twice.",
    ),
    "an axis that is none of the sweep": (
        BETTER.replace("learning_rate", "learnin_rate") + OVER,
        'line 11: `claim.axis` must name axes of the sweep, got "learnin_rate"; did you mean `learning_rate`?',
    ),
    "an axis that would be averaged in silence": (
        BETTER + 'over = ["neurons"]\n',
        "`claim.where` must fix `epochs`, which has 2 values: write `where = { epochs = 10 }`",
    ),
    "an axis that is named twice": (
        BETTER + OVER + "where = { epochs = 10 }\n",
        "line 13: `claim.over` must not name `epochs`, which stands elsewhere in this claim.",
    ),
    "nothing beyond the value": (
        BETTER.replace("better", "enough").replace("0.1", "0.3") + "gain = 0.1\n" + OVER,
        "`claim.value` must have larger values after it on the axis, got the largest, 0.3.",
    ),
    "how far apart weights are, which is no longer stated": (
        'sentence = "s"\nform = "unlike"\nrms_difference = 0.1\ndistance = 0.5\nover = ["learning_rate", "neurons"]\n',
        "line 12: `claim.distance` is not a key any more: networks of equal outputs are compared with those of unequal",
    ),
    "weights that are not kept": (
        'sentence = "s"\nform = "unlike"\nrms_difference = 0.1\nover = ["learning_rate", "neurons"]\n',
        '`claim.form` needs the trained networks for "unlike": write `weights = true` under [store].',
    ),
}


@pytest.mark.parametrize("name", MISTAKEN)
def test_a_mistake_in_a_claim_is_told_in_one_line(name: str) -> None:
    claim, told = MISTAKEN[name]

    with pytest.raises(ConfigError) as raised:
        resolved(GRID + claim)

    (mistake,) = raised.value.mistakes
    assert told in str(mistake)
    assert "\n" not in str(mistake)


def test_a_claim_without_mistakes_is_read() -> None:
    (claim,) = resolved(GRID + BETTER + OVER)

    assert claim.over == ("neurons", "epochs")


def test_a_wrong_value_of_an_axis_beside_a_claim_on_it_is_a_message() -> None:
    with pytest.raises(ConfigError, match="must be a number > 0, got 0"):
        resolved(GRID.replace("0.3]", "0]") + BETTER + OVER)


def test_a_value_that_the_grid_leaves_out_is_told() -> None:
    excluded = GRID.replace("epochs", "exclude = [{ learning_rate = 0.1, neurons = 5 }]\nepochs")
    (claim,) = resolved(excluded + BETTER + OVER)

    assert claim.form.than == (0.03, 0.3)
