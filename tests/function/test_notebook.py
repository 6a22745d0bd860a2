"""Functions of a script or a notebook: run again they train nothing, and a cell that was edited is told."""

import json
import os
import subprocess
import sys

import pytest

NOTEBOOK = '''
import functools, json, linecache, os, sys

def cell(text):
    """Run a cell as a notebook does: in `__main__`, with its source where tracebacks look for it."""
    global n_cells
    n_cells = globals().get("n_cells", 0) + 1
    name = f"<ipython-input-{n_cells}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), globals())

def n_calls():
    n = len(open("calls").read()) if os.path.exists("calls") else 0
    open("calls", "w").close()
    return n

told = {}

def step(name, run):
    try:
        found = run()
        told[name] = {"calls": n_calls(), "stored": found.n_stored, "error": found.runs["error"].tolist()}
    except Exception as error:
        told[name] = {"calls": n_calls(), "kind": type(error).__name__, "told": str(error)}
    told[name]["cwd"] = os.listdir(".")

if __name__ == "__main__":
    cell("""
import sweep
FACTOR = 2
TABLE = {"a": 1}
def note():
    with open(CALLS, "a") as file:
        file.write(".")
CALLS = __import__("os").path.abspath("calls")
""")
    cell("def helper(rate):\\n    return rate * FACTOR\\n")
    CELL = "def train(rate, *, seed):\\n    note()\\n    return helper(rate) + seed % 5\\n"
    cell(CELL)

    def swept(function=None, rates=(0.1, 0.2), **stated):
        function = function or train
        return sweep.run(function, grid={"rate": list(rates)}, metrics={"error": "lower"}, replicates=2, workers=1,
                         report=False, **stated)

    step("first", swept)
    step("again", swept)
    cell(CELL)
    step("the same cell again", swept)
    step("extended", lambda: swept(rates=(0.1, 0.2, 0.3)))
    cell(CELL.replace("note()", "note()  # a comment"))
    step("a comment", swept)
    cell(CELL.replace("seed % 5", "seed % 7"))
    step("edited", swept)
    step("checked", lambda: swept(code="check"))
    cell(CELL)
    step("back", swept)
    cell("FACTOR = 3")
    step("a constant", swept)
    cell("FACTOR = 2")
    cell("def helper(rate):\\n    return rate * FACTOR + 1\\n")
    step("a helper", swept)
    cell("def helper(rate):\\n    return rate * FACTOR\\n")
    step("all as it was", swept)

    step("a lambda", lambda: swept(lambda rate, seed: (note(), rate)[1], name="by_lambda"))
    step("another lambda", lambda: swept(lambda rate, seed: (note(), 2 * rate)[1], name="by_lambda"))

    def made(offset):
        def inside(rate, seed):
            note()
            return rate + offset
        return inside

    step("a closure", lambda: swept(made(1)))
    step("the closure again", lambda: swept(made(1)))
    step("another closure", lambda: swept(made(2)))

    def scaled(rate, scale, *, seed):
        note()
        return rate * scale

    step("a partial", lambda: swept(functools.partial(scaled, scale=2.0)))
    step("the partial again", lambda: swept(functools.partial(scaled, scale=2.0)))
    step("another partial", lambda: swept(functools.partial(scaled, scale=3.0)))

    class Net:
        def __init__(self, bias):
            self.bias = bias
        def __call__(self, rate, *, seed):
            note()
            return rate + self.bias

    def scaled(rate, scale, *, seed):
        note()
        return rate * scale + 1

    step("a partial of other code", lambda: swept(functools.partial(scaled, scale=2.0)))

    step("an object", lambda: swept(Net(1)))
    step("the object again", lambda: swept(Net(1)))
    step("another object", lambda: swept(Net(2)))

    class Net:
        def __init__(self, bias):
            self.bias = bias
        def __call__(self, rate, *, seed):
            note()
            return rate + self.bias + self.more()
        def more(self):
            return 1

    step("an object of another class", lambda: swept(Net(1)))

    KINDS = {"a": 1, "b": [1, 2], "c": {"x", "y"}}

    def by_table(rate, *, seed):
        note()
        return rate * KINDS["a"]

    step("a table", lambda: swept(by_table))
    step("the table again", lambda: swept(by_table))
    KINDS["a"] = 2
    step("another table", lambda: swept(by_table))

    class Model:
        def fit(self, rate):
            return rate

    def by_class(rate, *, seed):
        note()
        return Model().fit(rate)

    step("a class", lambda: swept(by_class))

    class Model:
        def fit(self, rate):
            return 2 * rate

    step("another class", lambda: swept(by_class))
    print(json.dumps(told))
'''


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "notebook.py").write_text(NOTEBOOK)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "notebook.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_it_trains_what_is_new(told):
    assert told["first"]["calls"] == told["first"]["stored"] == 4
    assert told["extended"] == told["extended"] | {"calls": 2, "stored": 6}


@pytest.mark.parametrize(
    "step",
    [
        *("again", "the same cell again", "a comment", "back", "all as it was"),
        *("the closure again", "the partial again", "the object again", "the table again"),
    ],
)
def test_it_trains_nothing_again(told, step):
    assert told[step]["calls"] == 0, told[step]
    assert told[step]["stored"] >= 4


@pytest.mark.parametrize(
    ("step", "part"),
    [
        ("edited", "train has changed"),
        ("a constant", "FACTOR has changed"),
        ("a helper", "helper has changed"),
        ("another lambda", "has changed"),
        ("another closure", "offset has changed"),
        ("another partial", "has changed"),
        ("another object", "Net.bias has changed"),
        ("a partial of other code", "scaled has changed"),
        ("an object of another class", "Net.__call__ has changed"),
        ("another table", "KINDS has changed"),
        ("another class", "Model.fit has changed"),
    ],
)
def test_what_was_edited_is_told(told, step, part):
    assert told[step]["kind"] == "CodeError", told[step]
    assert part in told[step]["told"]
    assert 'code="check"' in told[step]["told"]
    assert told[step]["calls"] == 0


def test_an_edit_that_matters_is_found(told):
    assert "the change matters: error of rate = 0.1" in told["checked"]["told"]
    assert told["checked"]["calls"] > 0


@pytest.mark.parametrize("step", ["a lambda", "a closure", "a partial", "an object", "a table", "a class"])
def test_whatever_can_be_called_is_trained(told, step):
    assert told[step]["stored"] == told[step]["calls"] == 4
