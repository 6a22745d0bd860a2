"""README.md holds for this code: its commands, its Python, what it shows of outputs, and its numbers."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import sweep
from sweep.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
PROSE = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
IN_THE_ENVIRONMENT = 2
"""So many of the first blocks of `sh` are run in a clone by whoever makes an environment: `.ci/run` does it as well."""


def blocks(kind):
    return [text for found, text in BLOCKS if found == kind]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the config that the README shows, in which its commands were run."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "my.toml").write_text(blocks("toml")[0], encoding="utf-8")
    return folder


def call(line):
    program, *arguments = shlex.split(line)
    assert program == "sweep"
    answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code == 0, answer.output
    return answer.output


CLAIMS = (ROOT / "sweep" / "claims" / "README.md").read_text(encoding="utf-8")
(SHOWN_CLAIMS,) = re.findall(r"^```text\n(.*?)^```$", CLAIMS, flags=re.MULTILINE | re.DOTALL)


def test_the_verdicts_that_the_page_on_claims_shows_are_those_of_its_config(tmp_path, monkeypatch):
    command, *shown = SHOWN_CLAIMS.splitlines()
    config = ROOT / command.split()[-1]
    monkeypatch.chdir(tmp_path)
    call(f"sweep run {config} --no-report")
    printed = CliRunner().invoke(main, ["claims", str(config)])

    assert printed.exit_code == 1
    assert shown.pop() == "..."
    assert printed.output.splitlines()[: len(shown)] == shown


@pytest.mark.parametrize("block", blocks("text"))
def test_what_it_shows_of_a_command_is_what_that_prints(block, folder, monkeypatch):
    monkeypatch.chdir(folder)
    command, *shown = block.splitlines()
    printed = call(command.removeprefix("$ ")).splitlines()

    for line in shown:
        while line.strip() != "...":
            assert printed, f"not printed: {line}"
            if (there := printed.pop(0)) == line or line.split()[:2] == [
                "estimated",
                "time",
            ] == there.split()[:2]:
                break


@pytest.mark.parametrize("block", blocks("sh")[IN_THE_ENVIRONMENT:])
def test_its_commands_do_their_work(block, folder, monkeypatch):
    monkeypatch.chdir(folder)
    for line in block.splitlines():
        assert call(line)


def test_the_blocks_that_make_an_environment_are_the_first_and_run_the_config_that_the_picture_is_of():
    run, test = (block.splitlines() for block in blocks("sh")[:IN_THE_ENVIRONMENT])

    assert run[:2] == ["python3 -m venv .venv", ".venv/bin/pip install --quiet --editable ."]
    assert run[2:] == [".venv/bin/sweep run configs/square.toml"]
    assert test[0] == run[0]
    assert test[1:] == [".venv/bin/pip install --quiet --editable '.[dev]'", ".venv/bin/python -m pytest"]
    assert (ROOT / "configs" / "square.toml").exists()


def test_its_function_of_ones_own_runs_as_it_stands_in_an_empty_folder(tmp_path):
    (code,) = blocks("python")
    (tmp_path / "bowl.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "bowl.py"], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1].startswith("learning_rate")
    assert (tmp_path / "results" / "train" / "report.html").exists()


def test_its_claim_can_be_made_of_its_config(folder, monkeypatch):
    monkeypatch.chdir(folder)
    config, claim = (tomllib.loads(text) for text in blocks("toml"))
    rates = re.search(r"learning_rate = .*", blocks("toml")[0])[0]
    Path("claimed.toml").write_text(
        blocks("toml")[0].replace(rates, "learning_rate = [0.03, 0.1]") + blocks("toml")[1], encoding="utf-8"
    )

    assert config["grid"].keys() >= {*claim["claim"][0]["over"]}
    assert "to be trained" in call("sweep plan claimed.toml")


def test_its_table_of_commands_has_all_of_them():
    rows = re.findall(r"^\| (`sweep .*?) \|", README, flags=re.MULTILINE)
    told = [word for row in rows for word in re.findall(r"`(?:sweep )?([a-z]+)", row)]

    assert sorted(told) == sorted(main.commands)


def test_the_commands_in_its_sentences_are_commands():
    for command in re.findall(r"`sweep ([a-z]\w*)", PROSE):
        assert command in main.commands
    for option in {*re.findall(r"`(--[a-z-]+)", PROSE)}:
        assert any(option in one.opts for command in main.commands.values() for one in command.params), option


def test_what_it_names_of_python_is_there():
    assert {*re.findall(r"`sweep\.([a-z_]+)", PROSE)} <= {*sweep.__all__}
    assert all(hasattr(sweep.Results, name) for name in re.findall(r"`results\.([a-z_]+)", PROSE))


def test_every_library_is_named_with_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [
        *project["dependencies"],
        *(one for name in extras.keys() - {"dev", "bench"} for one in extras[name]),
    ]
    libraries = {re.match(r"[\w-]+", one)[0] for one in wanted}
    table = README.partition("| for | library | why |")[2]

    assert not [name for name in libraries if not re.search(rf"\b{name}\b", table)]


def test_the_numbers_of_its_findings_are_those_of_the_committed_verdicts():
    verdicts = pd.read_csv(ROOT / "results" / "series" / "verdicts.csv").query("config == 'part-05-2-square'")
    counts = [
        tuple(int((found == word).sum()) for word in ("supported", "refuted", "inconclusive"))
        for _, found in verdicts.groupby("claim")["verdict"]
    ]
    rows = re.findall(r"^\| .* \| (\d+) \| (\d+) \| (\d+) \| .* \|$", README, flags=re.MULTILINE)

    assert [tuple(map(int, row)) for row in rows] == counts[:3]
    square = pd.read_csv(ROOT / "results" / "square" / "verdicts.csv")
    assert square["sentence"][0].startswith("With 0.1 x² could not be learned well")
    assert square[["n", "successes"]].iloc[0].tolist() == [32, 6]  # 6 of 32 fail with 0.1: 26 learn it
    assert "0.05, 0.1" in square["grounds"][2]


def test_it_is_short_and_says_what_it_is_not_for_in_the_third_line_of_its_text():
    lines = README.splitlines()

    assert len(lines) <= 186
    assert "it is not for" in lines[4]
