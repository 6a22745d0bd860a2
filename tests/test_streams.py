"""Whatever the standard streams are, a sweep is trained, and what is printed is harmless."""

import io
import os
import subprocess
import sys
import xml.dom.minidom
from pathlib import Path

import pytest
from running import COMMAND, SMALL, SMALL_RESULTS, stored_runs, sweep, write_config

import sweep as package
from sweep.progress import Bar, Silent, usual_reporter
from sweep.report.pages.report_page import escape_markdown
from sweep.terms.text import harmless

HOSTILE = "evil \x1b[31mred \x9b7m \u202eback\nError: a second line"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The current folder: a new one with `small.toml` in it, whose title, claim and note are hostile."""
    monkeypatch.chdir(tmp_path)
    claim = {"sentence": HOSTILE, "source": "\x07", "form": "better", "axis": "neurons", "value": 3}
    claim["where"] = {"learning_rate": 0.1}
    tables = {"title": f"x² {HOSTILE}", "note": HOSTILE, **SMALL, "claim": [claim]}
    write_config(tmp_path / "small.toml", tables)
    return tmp_path


def run(*arguments, **options):
    return subprocess.run([*COMMAND, *arguments], stderr=subprocess.PIPE, encoding="utf-8", **options)


class Logger:
    """What stands in the place of standard error in some programs: it can be written to, and nothing else."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


# Streams


@pytest.mark.parametrize("make", [lambda: None, Logger, closed], ids=["none", "logger", "closed"])
def test_a_sweep_is_trained_whatever_standard_error_is(make, monkeypatch):
    monkeypatch.setattr(sys, "stderr", make())
    found = package.run("small.toml", report=False)
    assert found.is_complete


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_command_runs_with_a_logger_in_the_place_of_a_stream(name, monkeypatch):
    from sweep.cli import main

    monkeypatch.setattr(sys, name, Logger())
    with pytest.raises(SystemExit) as ended:
        main(["run", "small.toml", "--no-report"])
    assert ended.value.code == 0
    with pytest.raises(SystemExit) as ended:
        main(["run", "missing.toml"])
    assert ended.value.code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="a shell that closes streams")
@pytest.mark.parametrize("streams", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_runs_with_closed_streams(streams):
    command = [sys.executable, "-m", "sweep", "run", "small.toml", "--no-report"]
    done = subprocess.run(
        ["sh", "-c", f'"$@" {streams}', "sh", *command], capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(stored_runs(SMALL_RESULTS)) == 12


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_what_cannot_be_told_does_not_change_the_exit_code():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, "plan", "missing.toml"], stderr=full)
    assert done.returncode == 2


@pytest.mark.parametrize("code_page", ["cp932", "cp1252", "ascii"])
def test_what_a_code_page_lacks_is_replaced(code_page, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", code_page)
    write_config(Path("wrong.toml"), {"title": "x²", "target": {"function": "x²"}})
    done = subprocess.run([*COMMAND, "plan", "small.toml"], capture_output=True)
    assert done.returncode == 0
    assert done.stdout.decode(code_page).startswith("small (x")
    done = subprocess.run([*COMMAND, "plan", "wrong.toml"], capture_output=True)
    assert done.returncode == 2
    assert done.stderr.decode(code_page).startswith("Error: wrong.toml: line 3: `target.function` cannot be")


# What is printed


def test_nothing_that_a_terminal_obeys_is_printed_or_stands_on_a_page():
    texts = [sweep(command, "small.toml", code=None) for command in ("plan", "run", "claims", "report")]
    texts += [sweep("plan", "small.toml", f"--{HOSTILE}", code=2), sweep(HOSTILE, code=2)]
    texts += [sweep("table", "small.toml", "--where", f"{HOSTILE}=1", code=2), sweep("plan", HOSTILE, code=2)]
    texts += [Path(SMALL_RESULTS, "report.md").read_text("utf-8")]
    for text in texts:
        assert "\\x1b" in text or "figures and report" in text
        assert not [line for line in text.splitlines() if line.startswith("Error: a second")]
    for text in [*texts, Path(SMALL_RESULTS, "report.html").read_text("utf-8")]:
        assert harmless(text) == text


def test_a_hostile_value_of_an_axis_is_harmless_wherever_it_stands():
    Path("own.py").write_text("def train(kind, a, *, seed): return a * len(kind)")
    claim = {"sentence": "a", "form": "better", "axis": "a", "value": 1, "over": ["kind"]}
    grid = {"kind": [HOSTILE, "x\x00", "y"], "a": [1, 2], "replicates": 2}
    function = {"call": "own.py:train", "metrics": {"loss": "lower"}}
    write_config(Path("own.toml"), {"function": function, "grid": grid, "claim": [claim]})
    done = run("run", "own.toml", stdout=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, "")
    commands = [("plan",), ("claims",), ("table",), ("table", "--pivot", "kind", "a"), ("failures",)]
    for text in (done.stdout, *(sweep(command, "own.toml", *options) for command, *options in commands)):
        assert text
        assert harmless(text) == text
        assert not [line for line in text.splitlines() if line.startswith("Error")]
    assert "x\\x00 1 " in sweep("table", "own.toml", "--where", "kind=x\\x00")
    pictures = [path for path in Path("results", "own", "figures").iterdir() if path.suffix == ".svg"]
    assert len(pictures) > 1
    for path in pictures:
        xml.dom.minidom.parse(str(path))


def test_a_quiet_command_says_nothing_and_does_its_work():
    assert sweep("run", "small.toml", "-q") == ""
    assert sweep("report", "small.toml", "--quiet") == ""
    assert sweep("claims", "small.toml", "--quiet", code=None) == ""
    assert Path(SMALL_RESULTS, "report.md").exists()
    for command in ("plan", "table", "failures", "replay", "init"):
        there = ("--where", "neurons=2", "--where", "learning_rate=0.1") if command == "replay" else ()
        assert sweep(command, "new.toml" if command == "init" else "small.toml", *there, "-q") == ""
    assert Path("new.toml").exists()
    assert sweep("run", "missing.toml", "-q", code=2).startswith("Error: missing.toml")


def test_it_is_a_module_as_well():
    as_module = subprocess.run([sys.executable, "-m", "sweep", "plan"], capture_output=True, encoding="utf-8")
    assert as_module.returncode == 2
    assert as_module.stderr.startswith("Usage: sweep plan [OPTIONS] CONFIG")
    assert as_module.stderr == run("plan").stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1986. A year", "1986\\. A year"),
        ("2) two", "2\\) two"),
        ("- a dash", "\\- a dash"),
        ("---", "\\---"),
        ("+", "\\+"),
        ("-1.5", "-1.5"),
        ("0.5 - 1", "0.5 - 1"),
        ("5", "5"),
    ],
)
def test_a_paragraph_that_begins_with_a_mark_is_text(text, expected):
    assert escape_markdown(text) == expected


# The bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


SHOW_A_BAR = """
import io, sys
class Terminal(io.StringIO):
    def isatty(self):
        return True
sys.stderr = Terminal()
from sweep.progress import usual_reporter
with usual_reporter() as bar:
    bar.begin(10, 0)
    bar.advance(10)
print("runs" in sys.stderr.getvalue())
"""


@pytest.mark.parametrize(
    ("variables", "is_shown"),
    [({}, True), ({"TQDM_DISABLE": "1"}, False), ({"TQDM_MININTERVAL": "often"}, False)],
)
def test_the_bar_obeys_the_variables_of_tqdm(variables, is_shown):
    done = subprocess.run(
        [sys.executable, "-c", SHOW_A_BAR], capture_output=True, encoding="utf-8", env=os.environ | variables
    )
    assert (done.stdout, done.stderr) == (f"{is_shown}\n", "")


def test_a_bar_is_shown_on_a_terminal_only(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert isinstance(usual_reporter(), Bar)
    for other in (None, Logger(), closed(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", other)
        assert isinstance(usual_reporter(), Silent)


def test_what_the_user_is_to_know_at_once_is_a_line_also_in_a_log(monkeypatch):
    monkeypatch.setattr(sys, "stderr", log := io.StringIO())
    usual_reporter().tell("a worker is not used")
    assert log.getvalue() == "a worker is not used\n"
    for other in (None, Logger(), closed()):
        monkeypatch.setattr(sys, "stderr", other)
        usual_reporter().tell("nobody reads it")
