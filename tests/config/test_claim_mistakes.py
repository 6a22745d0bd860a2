"""Every mistake in a claim is told with its key, its line and what to do."""

import pytest

from sweep.config import parse_experiment
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
        REACHES.replace("reaches", "reach") + "rms_error = 0.1\n",
        'line 10: `claim.form` must be one of "better", "reaches", "fails"',
    ),
    "no form": (
        'sentence = "s"\n',
        "`claim.form` is missing: every claim needs it",
    ),
    "a bound that is none": (
        REACHES + "rms_error = -1\n",
        "line 12: `claim.rms_error` must be a number > 0, got -1.",
    ),
    "no bound": (REACHES, '`claim.rms_error` is missing: a claim of the form "reaches" needs it'),
    "a key of another form": (
        BETTER + OVER + "gain = 0.1\n",
        'line 14: `claim.gain` belongs to the form `enough`, not to "better". Remove it.',
    ),
    "a value that is not on the axis": (
        BETTER.replace("0.1", "0.2") + OVER,
        "line 12: `claim.value` must be a value of the axis `learning_rate`, got 0.2. The nearest one there is",
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
    "weights that are not kept": (
        'sentence = "s"\nform = "unlike"\nrms_difference = 0.1\ndistance = 0.5\nover = ["learning_rate", "neurons"]\n',
        '`claim.form` needs the trained networks for "unlike": write `weights = true` under [store].',
    ),
}


@pytest.mark.parametrize("name", MISTAKEN)
def test_a_mistake_in_a_claim_is_told_in_one_line(name: str) -> None:
    claim, told = MISTAKEN[name]

    with pytest.raises(ConfigError) as raised:
        parse_experiment(GRID + claim, "test")

    (mistake,) = raised.value.mistakes
    assert told in str(mistake)
    assert "\n" not in str(mistake)


def test_a_claim_without_mistakes_is_read() -> None:
    (claim,) = parse_experiment(GRID + BETTER + OVER, "test").claims

    assert claim.over == ("neurons", "epochs")
