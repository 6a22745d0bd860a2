"""Code that has changed since results were stored: nothing is reused, and nothing trained anew, in silence."""

import shutil

import pytest
from click.testing import CliRunner

import sweep
from sweep import api
from sweep.cli import main
from sweep.errors import CodeError
from sweep.training.function.code import fingerprint

FILES = {
    "train.py": '''
"""A training."""
from pathlib import Path
import helper
from pack.inner import offset

(Path(__file__).parent / "was_run").touch()

def train(rate, width=1, *, seed):
    """Train."""
    import lazy
    with open(Path(__file__).parent / "calls", "a") as file:
        file.write(".")
    return rate * helper.FACTOR + width + lazy.ADDED + offset() + seed % 5  # all of it
''',
    "helper.py": "FACTOR = 2\nUNUSED = 1\n",
    "lazy.py": "ADDED = 1\n",
    "pack/__init__.py": "",
    "pack/inner.py": "def offset():\n    return 0.5\n",
    "other.py": "NOBODY = 1\n",
    "train.toml": """
[function]
call = "train.py:train"
metrics = { error = "lower" }
[grid]
rate = [0.1, 0.2]
replicates = 2
""",
}


class Project:
    """A folder of code, and the results of its sweep."""

    def __init__(self, folder):
        self.folder = folder
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def edit(self, name, old, new):
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def run(self, **stated):
        stated = {"results": self.folder / "results", "workers": 1, "report": False, **stated}
        return sweep.run(self.folder / "train.toml", **stated)

    def load(self):
        return sweep.load(self.folder / "train.toml", results=self.folder / "results")

    def told(self, code=None):
        with pytest.raises(CodeError) as error:
            self.run(code=code)
        assert "\n" not in str(error.value)
        return str(error.value)

    @property
    def calls(self):
        """How often the function was called since this was asked last."""
        path = self.folder / "calls"
        n = len(path.read_text()) if path.exists() else 0
        path.unlink(missing_ok=True)
        return n

    def copy(self, folder):
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        copy = Project.__new__(Project)
        copy.folder = folder
        return copy


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("trained"))
    project.run()
    assert project.calls == 4
    return project


@pytest.fixture
def project(trained, tmp_path):
    return trained.copy(tmp_path)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("train.py", "# all of it", "# a comment"),
        ("train.py", '"""Train."""', '"""Train, and say how."""'),
        ("train.py", '"""A training."""\n', ""),
        ("train.py", "rate * helper.FACTOR + width", "(rate * helper.FACTOR) + width"),
        ("helper.py", "FACTOR = 2", "# two\nFACTOR = 2"),
        ("other.py", "NOBODY = 1", "NOBODY = 2"),
    ],
)
def test_what_means_the_same_is_no_change(project, name, old, new):
    project.edit(name, old, new)

    assert project.run().n_stored == 4
    assert project.calls == 0


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("train.py", "+ seed % 5", "+ seed % 7"),
        ("helper.py", "FACTOR = 2", "FACTOR = 3"),
        ("lazy.py", "ADDED = 1", "ADDED = 2"),
        ("pack/inner.py", "0.5", "0.75"),
        ("train.py", "width=1", "width=2"),
    ],
)
def test_what_means_something_else_stops_the_run_and_names_the_file(project, name, old, new):
    project.edit(name, old, new)
    part = "train(width)" if "width" in old else name

    told = project.told()

    assert part in told
    assert "--code check" in told
    assert project.calls == 0
    assert project.load().n_stored == 4
    assert part in project.load().messages[-1]


def test_a_change_that_matters_is_found_by_training_again(project):
    project.edit("helper.py", "FACTOR = 2", "FACTOR = 3")

    told = project.told("check")

    assert "the change matters: error of rate = 0.1, replicate = " in told
    assert 1 <= project.calls <= 5
    assert "helper.py has changed" in project.told()  # nothing was decided

    project.edit("helper.py", "FACTOR = 3", "FACTOR = 2")
    assert project.run().n_stored == 4
    assert project.calls == 0


def test_a_change_that_does_not_matter_is_remembered(project):
    project.edit("helper.py", "UNUSED = 1", "UNUSED = 2")

    assert project.run(code="check").n_stored == 4
    assert project.calls == 4
    project.edit("train.toml", "rate = [0.1, 0.2]", "rate = [0.1, 0.2, 0.3]")
    assert project.run().n_stored == 6
    assert project.calls == 2

    project.edit("helper.py", "UNUSED = 2", "UNUSED = 1")  # and back
    assert project.run().n_stored == 6
    assert project.calls == 0


def test_all_can_be_trained_anew_or_taken_as_it_is(project, tmp_path_factory):
    project.edit("helper.py", "FACTOR = 2", "FACTOR = 3")
    other = project.copy(tmp_path_factory.mktemp("same"))
    before = project.load().runs["error"].tolist()

    anew = project.run(code="new")
    assert project.calls == 4
    assert (anew.runs["error"] > before).all()
    assert project.run().runs["error"].tolist() == anew.runs["error"].tolist()

    same = other.run(code="same")
    assert other.calls == 0
    assert same.runs["error"].tolist() == before
    assert other.run().n_stored == 4


def test_a_word_that_was_wrong_is_taken_back_by_training_anew(project):
    project.edit("helper.py", "FACTOR = 2", "FACTOR = 3")
    before = project.run(code="same").runs["error"].tolist()
    assert project.calls == 0

    anew = project.run(code="new")
    assert project.calls == 4
    assert (anew.runs["error"] > before).all()
    assert anew.remarks == anew.messages == ()
    assert project.run().runs["error"].tolist() == anew.runs["error"].tolist()
    assert project.calls == 0


def test_a_word_is_checked_when_that_is_asked_for_later(project):
    wrong = project.copy(project.folder / "wrong")
    project.edit("helper.py", "UNUSED = 1", "UNUSED = 2")
    assert "by the word of who ran it" in project.run(code="same").remarks[0]
    checked = project.run(code="check")
    assert project.calls == 4
    assert "came out bit for bit the same" in checked.remarks[0]
    assert len(checked.remarks) == 1

    wrong.edit("helper.py", "FACTOR = 2", "FACTOR = 3")
    wrong.run(code="same")
    assert "the change matters" in wrong.told("check")


@pytest.mark.parametrize("code", ["check", "new", "same"])
def test_it_is_told_where_nothing_has_changed(code, project):
    (message,) = project.run(code=code).messages
    assert message.startswith(f"--code {code} had no effect: no result ")
    assert project.run().messages == ()
    assert project.calls == 0


def test_a_changed_default_cannot_be_taken_as_the_same(project):
    project.edit("train.py", "width=1", "width=2")

    told = project.told("same")

    assert "the default of train(width) has changed" in told
    project.edit("train.toml", "[grid]", "[parameters]\nwidth = 1\n[grid]")


def test_a_helper_that_is_gone_is_told(project):
    (project.folder / "lazy.py").unlink()

    assert "lazy.py" in project.told()


def test_only_a_run_executes_the_file(project):
    (project.folder / "was_run").unlink()
    at = [str(project.folder / "train.toml"), "--results", str(project.folder / "results")]

    for command in ("plan", "table", "claims", "report", "failures"):
        assert CliRunner().invoke(main, [command, *at]).exit_code == 0
    api.preview(project.folder / "train.toml", results=project.folder / "results")
    project.run()

    assert not (project.folder / "was_run").exists()


EDITED = '    import lazy\n    Path(helper.__file__).write_text("FACTOR = 5")\n'


def test_a_file_that_is_edited_meanwhile_is_told_by_the_next_run(project):
    project.edit("train.py", "    import lazy\n", EDITED)

    assert project.run(code="new").n_stored == 4
    assert "helper.py has changed" in project.told()


def test_a_file_that_is_edited_between_two_processes_stops_the_sweep(project):
    project.edit("train.py", "    import lazy\n", EDITED)
    project.edit("train.toml", "[grid]", "fresh_process = true\n[grid]")

    assert "helper.py was edited while the sweep was running" in project.told("new")
    assert project.calls < 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 2"),
        ("x = 1", "x = 1.0"),
        ("def f():\n    return 'a'", "def f():\n    return 'b'"),
        ("'a'\nx = 'b'", "x = 'c'"),
        ("x = 1\ny = 2", "y = 2\nx = 1"),
        ("def f(a=1): pass", "def f(a=2): pass"),
        ("no python (", "no python ["),
    ],
)
def test_fingerprints_of_other_code_differ(one, other):
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 1  # one\n\n"),
        ("def f():\n    'doc'\n    return 1", "def f():\n    return 1"),
        ("class A:\n    'doc'", "class A:\n    pass"),
        ("'doc'\nx = 'a'", 'x = "a"'),
    ],
)
def test_fingerprints_of_the_same_code_are_the_same(one, other):
    assert fingerprint(one) == fingerprint(other)
