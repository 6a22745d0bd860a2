"""A mistake in a config of a function is told in one line, with its place and what to do, and nothing is run."""

import pytest
from click.testing import CliRunner

from sweep import api
from sweep.cli import main
from sweep.errors import ConfigError

FILE = """
from math import sin
import sweep

open(__file__ + ".was_run", "w").close()

def train(learning_rate, width=32, *, seed):
    return learning_rate * width

def unseeded(learning_rate):
    return learning_rate

def curve(learning_rate, *, seed):
    while True:
        yield 1.0

def by_place(learning_rate, /, seed):
    return 1.0

def anything(*args):
    return 1.0

async def later(learning_rate):
    return 1.0

class Net:
    def fit(self):
        return 1.0

quick = lambda learning_rate: learning_rate

if True:
    def inside(learning_rate):
        return 1.0

def told_apart(replicates, seed):
    return 1.0

def middle(median, seed):
    return 1.0

@sweep.batched("learning_rat", "seed")
def misnamed(learning_rate, *, seed):
    return learning_rate

@sweep.batched("learning_rate")
def unseeded_batch(learning_rate, *, seed):
    return learning_rate

@sweep.batched(*NAMES)
def unreadable(learning_rate, *, seed):
    return learning_rate

@sweep.batched
def unnamed(learning_rate, *, seed):
    return learning_rate
"""

GRID = "[grid]\nlearning_rate = [0.1, 0.2]\n"


def function(call="digits.py:train", more="", metrics='{ error = "lower" }'):
    return f'[function]\ncall = "{call}"\nmetrics = {metrics}\n{more}'


MISTAKES = {
    "an axis that is slightly misspelt": (
        function() + "[grid]\nlearning_rat = [0.1]",
        "line 5: `grid.learning_rat` is no parameter of the function `train`, which has `learning_rate` and `width`; "
        "did you mean `learning_rate`?",
    ),
    "an axis that is no parameter": (
        function() + GRID + "gamma = [1, 2]",
        "line 6: `grid.gamma` is no parameter of the function `train`, which has `learning_rate` and `width`.",
    ),
    "a fixed value of no parameter": (
        function(more="[parameters]\ngamma = 3\n") + GRID,
        "line 5: `parameters.gamma` is no parameter of the function `train`, which has `learning_rate` and `width`.",
    ),
    "a fixed value that is misspelt": (
        function(more="[parameters]\nwidht = 3\n") + GRID,
        "line 5: `parameters.widht` is no parameter of the function `train`, which has `learning_rate` and `width`; "
        "did you mean `width`?",
    ),
    "any axis of a function without parameters": (
        function("digits.py:anything") + GRID,
        "line 5: `grid.learning_rate` is no parameter of the function `anything`, which has none.",
    ),
    "replicates misspelt": (function() + GRID + "replicats = 3", "did you mean `replicates`?"),
    "a seed as a parameter": (function(more="[parameters]\nseed = 3\n") + GRID, "belongs in [grid]"),
    "seeds as an axis": (function() + GRID + "seed = [1, 2]", "say how many by `replicates`"),
    "replicates as an axis": (function() + GRID + "replicate = [0, 1]", "leave it out. `replicates` says"),
    "a folder as an axis": (function() + GRID + 'folder = ["a"]', "is handed to a function that takes it"),
    "a parameter that is needed": (
        function() + "[grid]\nwidth = [1, 2]",
        "`parameters.learning_rate` is missing. Write `learning_rate = ...` under [parameters], or as an axis",
    ),
    "no grid": (function(), "`parameters.learning_rate` is missing."),
    "replicates without a seed": (
        function("digits.py:unseeded") + GRID + "replicates = 10",
        "line 6: `grid.replicates` must be 1, got 10: the function `unseeded` takes no seed. Give it a parameter "
        "`seed`, and start all its random numbers from that.",
    ),
    "epochs that it does not know": (
        function() + GRID + "epochs = [1, 2]",
        "line 6: `grid.epochs` is no parameter of the function `train`, and it does not yield: give it a parameter "
        "`epochs`, or let it yield once an epoch.",
    ),
    "a generator without epochs": (
        function("digits.py:curve") + GRID,
        "`parameters.epochs` is missing. The function yields once an epoch: say how often, by `epochs = ...`",
    ),
    "no epochs at all": (
        function("digits.py:curve") + GRID + "epochs = [0, 1]",
        "from 1 to 10_000_000, got 0",
    ),
    "epochs with a point": (
        function("digits.py:curve") + GRID + "epochs = 10.0",
        "Write 10, without a point.",
    ),
    "a file above": (
        function("../digits.py:train") + GRID,
        "line 2: `function.call` must name a file beside the config or below it, got ../digits.py. Move it there.",
    ),
    "a file elsewhere": (
        function("/tmp/digits.py:train") + GRID,
        "must name a file beside the config or below",
    ),
    "a link out of the folder": (function("link.py:train") + GRID, "link.py leads out of it."),
    "a file that is not there": (
        function("digit.py:train") + GRID,
        "line 2: `function.call` names digit.py, which is not there; did you mean digits.py?",
    ),
    "a folder that is not there": (function("code/mnist.py:train") + GRID, "is not there (looked for in "),
    "a folder in place of a file": (function("folder.py:train") + GRID, "cannot be read (Is a directory)"),
    "no Python": (
        function("broken.py:train") + GRID,
        "names broken.py, which is no valid Python (line 1: '(' was never closed). Repair it.",
    ),
    "a null byte": (function("null.py:train") + GRID, "names null.py, which is no valid Python ("),
    "no UTF-8": (function("latin.py:train") + GRID, "names latin.py, which is no text in UTF-8. Save it as"),
    "an empty file": (
        function("empty.py:train") + GRID,
        "cannot use empty.py:train: there is no function `train` at the top level of the file, it has none.",
    ),
    "a function that is misspelt": (
        function("digits.py:trian") + GRID,
        "line 2: `function.call` cannot use digits.py:trian: there is no function `trian` at the top level of the "
        "file; did you mean `train`?",
    ),
    "a function of no such name": (
        function("digits.py:zzz") + GRID,
        "it has `train`, `unseeded`, `curve`, `by_place`, `anything`, `later`, `told_apart` and `middle` and others.",
    ),
    "a lambda": (
        function("digits.py:quick") + GRID,
        "`quick` is no `def` of this file: write one that calls it",
    ),
    "something imported": (function("digits.py:sin") + GRID, "`sin` is no `def` of this file"),
    "a function within": (function("digits.py:inside") + GRID, "`def` it at the top level of the file"),
    "a class": (function("digits.py:Net") + GRID, "it is a class: write a `def` that makes one, and returns"),
    "an async function": (function("digits.py:later") + GRID, "it is `async`: write a plain `def`."),
    "a positional parameter": (
        function("digits.py:by_place") + GRID,
        "its parameter `learning_rate` cannot be given by name: take the `/` out of its parameters.",
    ),
    "a parameter named as a key": (
        function("digits.py:told_apart") + GRID,
        "its parameter `replicates` is a key of [grid] too. Choose another name.",
    ),
    "a parameter named as a column": (
        function("digits.py:middle") + "[grid]\nmedian = [1]",
        "its parameter `median` is a column of the tables too. Choose another name.",
    ),
    "no colon": (function("digits.py") + GRID, "Write a colon and the name of the function behind it."),
    "no file": (function("train") + GRID, "Write the file and a colon before it."),
    "a module": (
        function("pkg.mod:train") + GRID,
        'Write the file before the colon, such as "pkg/mod.py:train".',
    ),
    "a method": (
        function("digits.py:Net.fit") + GRID,
        "no more than the name of a function behind the colon.",
    ),
    "a call": (function("digits.py:train()") + GRID, "no more than the name of a function behind the colon."),
    "a number to be called": (
        function().replace('"digits.py:train"', "3") + GRID,
        'Put it in quotes: "3".',
    ),
    "nothing to be called": (
        '[function]\nmetrics = { error = "lower" }\n' + GRID,
        "line 1: `function.call` is missing: it must be a file and a function in it, such as",
    ),
    "a wrong direction": (
        function(metrics='{ error = "lowest" }') + GRID,
        'got { error = "lowest" }. Say of error whether "lower" or "higher" is better.',
    ),
    "metrics without directions": (
        function(metrics='["error"]') + GRID,
        'Write { error = "lower" } if lower is better.',
    ),
    "no metrics": (function(metrics="{}") + GRID, "line 3: `function.metrics` must be names with"),
    "metrics left out": (
        '[function]\ncall = "digits.py:train"\n' + GRID,
        "line 1: `function.metrics` is missing: it must be names with",
    ),
    "a metric without a name": (function(metrics='{ "" = "lower" }') + GRID, "Give the metric a name."),
    "a metric named as a column": (
        function(metrics='{ median = "lower" }') + GRID,
        "line 3: `function.metrics` cannot have `median`, which is a column of the tables too: choose another name.",
    ),
    "a metric named as a parameter": (
        function(metrics='{ width = "lower" }') + GRID,
        "line 3: `function.metrics` cannot have `width`, which is a parameter too: choose another name.",
    ),
    "a metric named as the median of another": (
        function(metrics='{ error = "lower", loss = "lower", median_loss = "lower" }') + GRID,
        "cannot have `median_loss`",
    ),
    "not a number": (
        function() + "[grid]\nlearning_rate = [nan]",
        "a finite number, or a list of these, got nan.",
    ),
    "an infinite number": (function() + "[grid]\nlearning_rate = [inf]", "a finite number"),
    "a date": (
        function() + "[grid]\nlearning_rate = [2026-01-01]",
        'Put it in quotes: "2026-01-01".',
    ),
    "a table as a value": (function() + "[grid]\nlearning_rate = [{ a = 1 }]", "got { a = 1 }."),
    "an empty axis": (function() + "[grid]\nlearning_rate = []", "must list at least one value, got []."),
    "a value twice": (
        function() + "[grid]\nlearning_rate = [1, 1]",
        "must list each value once, got 1 twice.",
    ),
    "fixed and an axis": (
        function(more="[parameters]\nlearning_rate = 1\n") + GRID,
        "line 5: `parameters.learning_rate` would never be used",
    ),
    "an axis without its number": (function() + "[grid]\nlearning_rate = { log = [1, 2] }", "needs `num`"),
    "a negative time": (function(more="timeout_seconds = -1\n") + GRID, "must be a number >= 0, got -1."),
    "a time in words": (function(more='timeout_seconds = "1 min"\n') + GRID, 'a number >= 0, got "1 min".'),
    "negative memory": (
        function(more="memory_gb = -4\n") + GRID,
        "`function.memory_gb` must be a number >= 0",
    ),
    "a negative device": (
        function(more="devices = [-1]\n") + GRID,
        "a list of whole numbers from 0 on, such as",
    ),
    "half a retry": (function(more="retries = 1.5\n") + GRID, "a whole number from 0 to 100, got 1.5."),
    "a version that is a number": (
        function(more="version = 2\n") + GRID,
        "must be text, got 2. Put it in quotes",
    ),
    "a key of nobody": (
        function(more="timeout = 3\n") + GRID,
        "line 4: `function.timeout` is not a key of [function]",
    ),
    "a key in another table": (
        function() + GRID + "timeout_seconds = 3",
        "belongs in [function]; move it there.",
    ),
    "a table of the network": (
        function(more="[training]\nepochs = 3\n") + GRID,
        "line 4: `training` is a table of the article's network, and the function `train` is trained instead: take "
        "it out; the parameters of a function stand under [parameters].",
    ),
    "another table of the network": (
        function(more="[network]\nneurons = 3\n") + GRID,
        "line 4: `network` is a table",
    ),
    "a table that is misspelt": (
        function().replace("[function]", "[functoin]") + GRID,
        "line 1: `functoin` is not a table of a config; did you mean [function]?",
    ),
    "a table that is a list": (
        function().replace("[function]", "[[function]]") + GRID,
        "line 1: `function` must be a single table: write [function] in a line of its own",
    ),
    "a table that is text": (
        'function = "digits.py:train"\n' + GRID,
        "line 1: `function` must be a single table",
    ),
    "parameters of no function": (
        "[parameters]\nwidth = 3\n" + GRID,
        "line 1: `parameters` belongs to a function, and the config names none",
    ),
    "an array of no parameter": (
        function("digits.py:misnamed") + GRID,
        "cannot use digits.py:misnamed: `sweep.batched` names `learning_rat`, which is no parameter of it.",
    ),
    "arrays without the seed": (
        function("digits.py:unseeded_batch") + GRID,
        "`sweep.batched` must name `seed` too: it differs within a batch.",
    ),
    "arrays of names that cannot be read": (
        function("digits.py:unreadable") + GRID,
        "must name parameters in quotes",
    ),
    "arrays of no names": (
        function("digits.py:unnamed") + GRID,
        "`sweep.batched` must name parameters in quotes",
    ),
    "weights of a function": (
        function() + GRID + "[store]\nweights = true",
        "line 7: `store.weights` is not a key of [store]. [store] has no keys for the function `train`",
    ),
    "a figure of a network": (
        'figures = ["functions"]\n' + function() + GRID,
        '"heatmap", "curves", "against"',
    ),
    "a claim on no metric": (
        function()
        + GRID
        + '[[claim]]\nsentence = "s"\nform = "reaches"\nmetric = "accuracy"\nabove = 0.1\nshare = 0.5',
        'line 9: `claim.metric` must be one of "error", got "accuracy".',
    ),
    "a claim on no axis": (
        function() + GRID + '[[claim]]\nsentence = "s"\nform = "better"\naxis = "width"\nvalue = 1\nthan = 2',
        'line 9: `claim.axis` must name axes of the sweep, got "width"; its axes are `learning_rate`.',
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("configs")
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "far.py"
    for path in (folder / "digits.py", elsewhere):
        path.write_text(FILE)
    (folder / "broken.py").write_text("def train(a:\n    return 1\n")
    (folder / "latin.py").write_bytes(b"def train(a):\n    return '\xff'\n")
    (folder / "null.py").write_bytes(b"def train(a):\n    return 1\0\n")
    (folder / "empty.py").touch()
    (folder / "folder.py").mkdir()
    (folder / "link.py").symlink_to(elsewhere)
    return folder


@pytest.mark.parametrize(("text", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_one_line(folder, text, told):
    config = folder / "digits.toml"
    config.write_text(text)

    with pytest.raises(ConfigError) as error:
        api.judgement_of(config)

    assert len(error.value.mistakes) == 1
    line = str(error.value)
    assert told in line
    assert line.startswith(f"{config}: ")
    assert "\n" not in line


def test_the_command_line_ends_with_the_line_and_two(folder):
    config = folder / "digits.toml"
    config.write_text(MISTAKES["an axis that is no parameter"][0])

    for command in ("run", "plan", "table", "claims", "report", "failures"):
        done = CliRunner().invoke(main, [command, str(config)])

        assert done.exit_code == 2
        assert done.output == f"Error: {config}: {MISTAKES['an axis that is no parameter'][1]}\n"


def test_several_mistakes_are_told_at_once(folder):
    config = folder / "digits.toml"
    config.write_text(function(more="[parameters]\nwidht = 3\n") + GRID + "gamma = [1]\nreplicates = 0")

    with pytest.raises(ConfigError) as error:
        api.judgement_of(config)

    assert [mistake.line for mistake in error.value.mistakes] == [5, 8, 9]


def test_nothing_of_the_file_was_run(folder):
    assert not list(folder.rglob("*.was_run"))
