"""Every mistake is told with its key, its line, what was expected, what was found and what to do."""

import time
from pathlib import Path

import pytest

from sweep.config import parse_experiment, read_experiment
from sweep.errors import ConfigError, InputError, Mistake

TARGET = '[target]\nfunction = "x**2"\n'  # two lines: what follows begins at line 3


def mistakes_in(text: str) -> tuple[Mistake, ...]:
    with pytest.raises(ConfigError) as raised:
        parse_experiment(text, "test", "test.toml")
    return raised.value.mistakes


MISTAKEN = {
    "nothing at all": ("", ("target.function", 1, ["is missing. Say what is to be learned"])),
    "empty lines": ("\n\n", ("target.function", 1, ["is missing. Say what is to be learned"])),
    # keys and tables
    "a near miss": (
        TARGET + "[training]\nlearning_rates = 0.1",
        ("training.learning_rates", 4, ["[training]", "did you mean `learning_rate`?"]),
    ),
    "a near miss among the axes": (
        TARGET + "[grid]\nlearnig_rate = [0.1]",
        ("grid.learnig_rate", 4, ["[grid]", "did you mean `learning_rate`?"]),
    ),
    "another word for it": (
        TARGET + "[training]\nlr = 0.1",
        ("training.lr", 4, ["did you mean `learning_rate`?"]),
    ),
    "another word, and another table": (
        TARGET + "[training]\nunits = 5",
        ("training.units", 4, ["did you mean `neurons`, which belongs in [network]?"]),
    ),
    "the wrong table": (
        TARGET + "[training]\nneurons = 5",
        ("training.neurons", 4, ["belongs in [network]; move it there"]),
    ),
    "a grid's key in another table": (
        TARGET + "[training]\nseed = 5",
        ("training.seed", 4, ["belongs in [grid]"]),
    ),
    "a key of the top level in a table": (
        TARGET + 'title = "mine"',
        ("target.title", 3, ["belongs at the top of the file"]),
    ),
    "a field at the top level": ("epochs = 5\n" + TARGET, ("epochs", 1, ["belongs in [training]"])),
    "a key that is like no other": (
        TARGET + "[network]\ndropout = 0.5",
        ("network.dropout", 4, ["is not a key of [network]", "`activation`", "`layers`"]),
    ),
    "a table that is misspelt": (TARGET + "[trainig]\n", ("trainig", 3, ["did you mean [training]?"])),
    "a table that is like no other": (
        TARGET + "[momentum]\n",
        ("momentum", 3, ["is not a key of the top level", "[training]"]),
    ),
    "a quoted key": (TARGET + '[network]\n"a b" = 5', ('network."a b"', 4, ["is not a key of [network]"])),
    "a value in place of a table": ("training = 3\n" + TARGET, ("training", 1, ["must be a table", "got 3"])),
    "a list in place of a table": (
        '[[target]]\nfunction = "x"',
        ("target", 1, ["must be a single table", "single brackets"]),
    ),
    "a grid that is no table": ("grid = 3\n" + TARGET, ("grid", 1, ["must be a table", "got 3"])),
    # single values
    "no function": ("[network]\nneurons = 3", ("target.function", 2, ["is missing", 'function = "x**2"'])),
    "no function in its table": ("[target]\ninterval = [0, 3]", ("target.function", 1, ["is missing"])),
    "a function in some grids only": (
        '[[grid]]\nfunction = "x"\n[[grid]]\nneurons = 3',
        ("target.function", 4, ["is missing"]),
    ),
    "a whole number with a point": (
        TARGET + "[network]\nneurons = 10.0",
        ("network.neurons", 4, ["a whole number from 1 to 10_000", "got 10.0", "Write 10"]),
    ),
    "a number too small": (
        TARGET + "[network]\nneurons = 0",
        ("network.neurons", 4, ["from 1 to 10_000", "got 0."]),
    ),
    "a number too large": (
        TARGET + "[training]\ncheck_points = 100001",
        ("training.check_points", 4, ["from 2 to 100_000", "got 100001"]),
    ),
    "zero where it must be positive": (
        TARGET + "[training]\nlearning_rate = 0",
        ("training.learning_rate", 4, ["a number > 0", "got 0."]),
    ),
    "not a number": (TARGET + "[training]\nlearning_rate = nan", ("training.learning_rate", 4, ["got nan"])),
    "infinity": (TARGET + "[network]\ninit_range = 1e999", ("network.init_range", 4, ["got inf"])),
    "truth for a number": (TARGET + "[training]\nepochs = true", ("training.epochs", 4, ["got true"])),
    "a number in quotes": (
        TARGET + '[training]\nlearning_rate = "0.1"',
        ("training.learning_rate", 4, ["a number > 0", 'got "0.1"', "Remove the quotes"]),
    ),
    "several values of a fixed field": (
        TARGET + "[training]\nlearning_rate = [0.1, 0.3]",
        ("training.learning_rate", 4, ["got [0.1, 0.3]", "move it to [grid]"]),
    ),
    "a choice that is none": (
        TARGET + '[network]\nactivation = "Relu"',
        ("network.activation", 4, ['"relu", "tanh", "sigmoid", "identity"', 'Did you mean "relu"?']),
    ),
    "a number for text": ("[target]\nfunction = 3", ("target.function", 2, ["an expression in x", '"3"'])),
    "an interval upside down": (
        TARGET + "interval = [3, 0]",
        ("target.interval", 3, ["low < high", "got [3, 0]", "Swap them"]),
    ),
    "several intervals in the target's table": (
        TARGET + "interval = [[0, 1], [0, 3]]",
        ("target.interval", 3, ["low < high", "move it to [grid]"]),
    ),
    "an interval without length": (
        TARGET + "interval = [3, 3]",
        ("target.interval", 3, ["low < high", "Its length is 0"]),
    ),
    "an interval of one number": (TARGET + "interval = [3]", ("target.interval", 3, ["two numbers", "[3]"])),
    "an endless interval": (TARGET + "interval = [0, inf]", ("target.interval", 3, ["got [0, inf]"])),
    "layers of no neurons": (
        TARGET + "[network]\nlayers = [10, 0]",
        ("network.layers", 4, ["whole numbers from 1 to 10_000", "got [10, 0]"]),
    ),
    "no layers": (TARGET + "[network]\nlayers = []", ("network.layers", 4, ["1 to 100", "got []"])),
    "text for truth": (
        TARGET + '[store]\ncurves = "false"',
        ("store.curves", 4, ["true or false", "Remove the quotes"]),
    ),
    "a negative seed": (TARGET + "[grid]\nseed = -1", ("grid.seed", 4, ["2**63 - 1", "got -1"])),
    "no replicates": (TARGET + "[grid]\nreplicates = 0", ("grid.replicates", 4, [">= 1", "got 0"])),
    "a number of very many digits": (
        TARGET + f"[network]\nneurons = 0x{'f' * 6000}",
        ("network.neurons", 4, ["got 0xfff", "..."]),
    ),
    "a date": (TARGET + "[network]\nneurons = 2020-01-01", ("network.neurons", 4, ["got 2020-01-01"])),
    # targets
    "an unknown name in the function": (
        '[target]\nfunction = "x**2 + y"',
        ("target.function", 2, ["cannot be used", "`y`", "character 8"]),
    ),
    "a function that is infinite": (
        '[target]\nfunction = "1 / x"',
        ("target.function", 2, ["infinite at x = 0", "[0, 1]"]),
    ),
    "a function in the grid": (
        '[grid]\nfunction = [\n  "x",\n  "x +",\n]',
        ("grid.function", 4, ["cannot be used", "something is missing"]),
    ),
    "a function that meets an interval where it is not finite": (
        '[grid]\nfunction = ["x", "log(x)"]\ninterval = [[1, 2], [0, 1]]',
        ("grid.function", 2, ["log(x)", "[0, 1]"]),
    ),
    # axes
    "a value twice": (
        TARGET + "[grid]\nneurons = [\n  8,\n  4,\n  8,\n]",
        ("grid.neurons", 7, ["must list each value once, got 8 twice", "`replicates`"]),
    ),
    "a value twice, written differently": (
        TARGET + "[grid]\nlearning_rate = [1, 1.0]",
        ("grid.learning_rate", 4, ["each value once", "got 1.0 twice"]),
    ),
    "an axis without values": (
        TARGET + "[grid]\nneurons = []",
        ("grid.neurons", 4, ["must list at least one value, got []"]),
    ),
    "a wrong value among right ones": (
        TARGET + "[grid]\nneurons = [\n1,\n2,\n0,\n]",
        ("grid.neurons", 7, ["from 1 to 10_000", "got 0"]),
    ),
    "a form with unknown keys": (
        TARGET + "[grid]\nneurons = { log = [1, 8], nums = 4 }",
        ("grid.neurons.nums", 4, ["is not a key of an axis", "did you mean `num`?"]),
    ),
    "a form without num": (
        TARGET + "[grid]\nneurons = { log = [1, 8] }",
        ("grid.neurons", 4, ["needs `num`"]),
    ),
    "a form of two kinds": (
        TARGET + "[grid]\nneurons = { log = [1, 8], linear = [1, 8], num = 3 }",
        ("grid.neurons", 4, ["one of `log`, `linear` or `range`", "got `log` and `linear`"]),
    ),
    "a form of no kind": (
        TARGET + "[grid]\nneurons = { num = 3 }",
        ("grid.neurons", 4, ["one of `log`, `linear` or `range`", "got none of them"]),
    ),
    "a step of a log axis": (
        TARGET + "[grid]\nneurons = { log = [1, 8], num = 3, step = 2 }",
        ("grid.neurons.step", 4, ["does not go with `log`"]),
    ),
    "a log axis from zero": (
        TARGET + "[grid]\nlearning_rate = { log = [0, 1], num = 3 }",
        ("grid.learning_rate.log", 4, ["must be two numbers > 0", "`linear`"]),
    ),
    "a linear axis out of the field's range": (
        TARGET + "[grid]\nlearning_rate = { linear = [0, 1], num = 3 }",
        ("grid.learning_rate.linear", 4, ["values of `learning_rate`", "a number > 0", "got 0.0"]),
    ),
    "a range upside down": (
        TARGET + "[grid]\nneurons = { range = [10, 1] }",
        ("grid.neurons.range", 4, ["got [10, 1]", "Swap them"]),
    ),
    "a range of fractions": (
        TARGET + "[grid]\nneurons = { range = [1, 2.5] }",
        ("grid.neurons.range", 4, ["two whole numbers", "got [1, 2.5]"]),
    ),
    "a step of zero": (
        TARGET + "[grid]\nneurons = { range = [1, 5], step = 0 }",
        ("grid.neurons.step", 4, ["got 0"]),
    ),
    "one value between two ends": (
        TARGET + "[grid]\nneurons = { linear = [1, 5], num = 1 }",
        ("grid.neurons.num", 4, ["at least 2", "got 1"]),
    ),
    "several values between equal ends": (
        TARGET + "[grid]\nneurons = { linear = [5, 5], num = 3 }",
        ("grid.neurons.num", 4, ["must be 1", "got 3"]),
    ),
    "a form of an axis of texts": (
        TARGET + "[grid]\nactivation = { log = [1, 5], num = 3 }",
        ("grid.activation", 4, ["must be a list of values", "for numbers"]),
    ),
    "a form of more values than there may be runs": (
        TARGET + "[grid]\nlearning_rate = { log = [0.1, 1], num = 1_000_000_000_000 }",
        (
            "grid.learning_rate.num",
            4,
            ["1_000_000_000_000 values x 10 replicates", "10_000_000", "List fewer"],
        ),
    ),
    "a range of more values than there may be runs": (
        "max_runs = 1000\n" + TARGET + "[grid]\nepochs = { range = [1, 1_000_000] }",
        ("grid.epochs.range", 5, ["10_000_000 runs", "`max_runs` = 1_000", "`max_runs = 10_000_000`"]),
    ),
    "more runs than the limit": (
        TARGET + "[grid]\nneurons = { range = [1, 10_000] }\nepochs = { range = [1, 1_000] }",
        (
            "grid",
            3,
            [
                "100_000_000 runs (10_000 x 1_000 x 10)",
                "10_000_000",
                "fewer values",
                "`max_runs = 100_000_000`",
            ],
        ),
    ),
    # zip and exclude
    "a zip that is no list": (TARGET + '[grid]\nzip = "neurons"', ("grid.zip", 4, ["lists of axes"])),
    "a zip of one axis": (
        TARGET + '[grid]\nneurons = [1, 2]\nzip = ["neurons"]',
        ("grid.zip", 5, ["two axes or more", '["neurons"]']),
    ),
    "a zip of what is no axis": (
        TARGET + '[grid]\nneurons = [1, 2]\nepochs = [1, 2]\nzip = [["neurons", "epoch"]]',
        ("grid.zip", 6, ['"epoch", which is no axis', "Did you mean `epochs`?"]),
    ),
    "axes of unequal length in a zip": (
        TARGET + '[grid]\nneurons = [1, 2]\nepochs = [1, 2, 3]\nzip = [["neurons", "epochs"]]',
        ("grid.zip", 6, ["equally many values", "`neurons` has 2", "`epochs` has 3"]),
    ),
    "an axis in two zips": (
        TARGET
        + "[grid]\nneurons = [1, 2]\nepochs = [1, 2]\nbatch_size = [1, 2]\n"
        + 'zip = [\n["neurons", "epochs"],\n["epochs", "batch_size"],\n]',
        ("grid.zip", 9, ["`epochs` twice"]),
    ),
    "a zip with a combination twice": (
        TARGET + '[grid]\nneurons = [1, 2, 1]\nepochs = [5, 5, 5]\nzip = ["neurons", "epochs"]',
        ("grid.zip", 6, ["each combination once", "got neurons = 1, epochs = 5 twice"]),
    ),
    "an exclude that is no list of tables": (
        TARGET + "[grid]\nneurons = [1, 2]\nexclude = { neurons = 1 }",
        ("grid.exclude", 5, ["must be a list of combinations", "{ neurons = 1 }"]),
    ),
    "an exclude of what is no axis": (
        TARGET + "[grid]\nneurons = [1, 2]\nexclude = [{ epochs = 1 }]",
        ("grid.exclude", 5, ['"epochs", which is no axis', "`neurons`"]),
    ),
    "an exclude of a value that is not there": (
        TARGET + "[grid]\nlearning_rate = [0.1, 0.3, 1.0]\nexclude = [\n{ learning_rate = 0.2999 }]",
        ("grid.exclude.learning_rate", 6, ["got 0.2999", "nearest one there is 0.3"]),
    ),
    "an exclude of a value that is near none": (
        TARGET
        + "[grid]\nlearning_rate = { log = [0.001, 1], num = 13 }\nexclude = [{ learning_rate = 0.0017782 }]",
        ("grid.exclude.learning_rate", 5, ["got 0.0017782", "nearest one there is 0.00177827941004"]),
    ),
    "an exclude that leaves nothing": (
        TARGET + "[grid]\nneurons = [1, 2]\nexclude = [{ neurons = [2, 1] }]",
        ("grid.exclude", 5, ["leaves nothing", "every value of `neurons`"]),
    ),
    "an empty exclude": (
        TARGET + "[grid]\nneurons = [1, 2]\nexclude = [{}]",
        ("grid.exclude", 5, ["leaves nothing", "empty"]),
    ),
    # all tables together
    "a field that is fixed and swept": (
        TARGET + "[training]\nlearning_rate = 0.1\n[grid]\nlearning_rate = [0.1, 0.3]",
        ("training.learning_rate", 4, ["would never be used", "Remove one of the two"]),
    ),
    "layers and neurons": (
        TARGET + "[network]\nlayers = [3, 3]\n[grid]\nneurons = [1, 2]",
        ("grid.neurons", 6, ["does not go with `layers`"]),
    ),
    "float32 and numerical gradients": (
        TARGET + '[training]\nprecision = "float32"\ngradient = "numerical"',
        ("training.precision", 4, ["does not go with `gradient`", "float64", "backprop"]),
    ),
    "float32 and numerical gradients that meet in a grid": (
        TARGET + '[grid]\ngradient = ["backprop", "numerical"]\nprecision = ["float64", "float32"]',
        ("grid.precision", 5, ["does not go with `gradient`"]),
    ),
    "layers and hidden_layers": (
        TARGET + "[network]\nhidden_layers = 2\nlayers = [3, 3]",
        ("network.hidden_layers", 4, ["does not go with `layers`"]),
    ),
    "two seeds": (
        TARGET + "[[grid]]\nseed = 1\n[[grid]]\nneurons = 3\n[[grid]]\nseed = 2",
        ("grid.seed", 8, ["must be 1", "got 2", "state `seed` once"]),
    ),
    # TOML itself
    "text without quotes": ("[target]\nfunction = x**2", ("", 2, ["column 12", "quotes"])),
    "a number that ends in a point": (TARGET + "[training]\nlearning_rate = 1.", ("", 4, ["end in a digit"])),
    "a table twice": (TARGET + TARGET, ("", 3, ["was there before", "[[grid]]"])),
    "a key twice": (TARGET + 'function = "x"', ("", 3, ["was there before"])),
    "a list that is not closed": ("a = [1,\n\n", ("", 1, ["end of the file"])),
    "lists in lists in lists": ("a = " + "[" * 20_000, ("", 1, ["nested too deeply"])),
    "a number of thousands of digits": ("a = " + "1" * 5000, ("", 1, ["thousands of digits"])),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKEN.values(), ids=MISTAKEN.keys())
def test_a_mistake_is_told_with_its_place_and_the_remedy(
    text: str, expected: tuple[str, int | None, list[str]]
) -> None:
    mistakes = mistakes_in(text)

    assert len(mistakes) == 1, mistakes
    (mistake,) = mistakes
    key, line, words = expected
    assert (mistake.key, mistake.line) == (key, line)
    assert [word for word in words if word not in mistake.message] == [], mistake.message
    assert "\n" not in str(mistake)
    assert len(str(mistake)) < 300


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = """
[grid]
neurons = [8, 4]
epochs = [0]
zip = [["neurons", "width"]]

[target]
function = "x**2 +"
interval = [1, 0]

[training]
learning_rates = 0.1
gradient = "exact"
"""

    mistakes = mistakes_in(text)

    assert [(mistake.line, mistake.key) for mistake in mistakes] == [
        (4, "grid.epochs"),
        (5, "grid.zip"),
        (8, "target.function"),
        (9, "target.interval"),
        (12, "training.learning_rates"),
        (13, "training.gradient"),
    ]


def test_an_error_reads_as_one_line_for_each_mistake_with_file_and_line() -> None:
    with pytest.raises(ConfigError) as raised:
        parse_experiment(TARGET + "[training]\nneurons = 5\nlr = 1", "mine", "configs/mine.toml")

    assert str(raised.value).splitlines() == [
        "configs/mine.toml: line 4: `training.neurons` belongs in [network]; move it there.",
        "configs/mine.toml: line 5: `training.lr` is not a key of [training]; did you mean `learning_rate`?",
    ]
    assert raised.value.exit_code == 2


def test_of_many_wrong_values_of_an_axis_a_few_are_told_and_the_rest_counted() -> None:
    mistakes = mistakes_in(TARGET + f"[grid]\nneurons = {[0] * 1000}")

    assert len(mistakes) == 4
    assert "997 more wrong values" in " ".join(mistake.message for mistake in mistakes)


def test_a_huge_axis_is_refused_before_it_is_made() -> None:
    text = TARGET + "[grid]\nlearning_rate = { linear = [0.1, 1], num = 1_000_000_000_000 }"
    start = time.perf_counter()

    mistakes_in(text)

    assert time.perf_counter() - start < 1


def test_a_function_that_is_not_finite_in_an_excluded_combination_is_no_mistake() -> None:
    grid = '[grid]\nfunction = ["x", "log(x)"]\ninterval = [[1, 2], [0, 1]]\n'
    exclude = 'exclude = [{ function = "log(x)", interval = [0, 1] }]'

    experiment = parse_experiment(grid + exclude, "test")

    assert experiment.grids[0].exclude == ({"function": ("log(x)",), "interval": ((0.0, 1.0),)},)


def test_float32_and_numerical_gradients_may_stand_in_a_config_if_they_never_meet() -> None:
    axes = 'gradient = ["backprop", "numerical"]\nprecision = ["float32", "float64"]\n'
    for apart in (
        'zip = [["gradient", "precision"]]',
        'exclude = [{ gradient = "numerical", precision = "float32" }]',
    ):
        parse_experiment(TARGET + "[grid]\n" + axes + apart, "test")
    first, second = 'gradient = "numerical"', 'precision = "float32"'
    parse_experiment(TARGET + f"[[grid]]\n{first}\n[[grid]]\n{second}", "test")


def test_a_file_that_is_not_there_is_told_with_its_nearest_neighbour(tmp_path: Path) -> None:
    (tmp_path / "square.toml").write_text(TARGET)

    with pytest.raises(ConfigError, match=r"there is no such file; did you mean `.*square\.toml`\?"):
        read_experiment(tmp_path / "sqare.toml")
    with pytest.raises(ConfigError, match=r"there is no such file; `sweep init"):
        read_experiment(tmp_path / "nowhere" / "other.toml")


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder"):
        read_experiment(tmp_path)


def test_a_file_that_is_no_utf8_is_told_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b'[target]\ntitle = "x\xb2"\n')

    with pytest.raises(ConfigError, match=r"line 2: must be UTF-8 text, got the byte 0xb2"):
        read_experiment(path)


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(InputError, match="must be the path of a file"):
        read_experiment("a\0b.toml")
