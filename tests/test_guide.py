"""configs/README.md teaches by code that runs: every block of it, in the order of the page."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import sweep
from sweep import save
from sweep.cli import main

write = save._write_report

PAGE = (Path(__file__).parents[1] / "configs" / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the files that the page shows, each by the name in its first line."""
    folder = tmp_path_factory.mktemp("guide")
    for kind, text in BLOCKS:
        if named := re.match(r"# (\w+\.(?:py|toml))\n", text):
            assert kind == {"py": "python", "toml": "toml"}[named[1].rpartition(".")[2]]
            (folder / named[1]).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _few_reports(monkeypatch):
    """Let reports be written of two sweeps only: drawing takes longer than all the rest."""
    monkeypatch.setattr(
        save,
        "_write_report",
        lambda found, to, made: write(found, to, made) if to.path.name in ("bowl", "mine") else None,
    )


@pytest.mark.parametrize("block", [text for kind, text in BLOCKS if kind == "sh"])
def test_its_commands_do_what_it_says(block, folder, monkeypatch):
    monkeypatch.chdir(folder)
    for line in block.splitlines():
        line, _, code = line.partition("  # exit code ")
        program, *arguments = shlex.split(line)
        assert program == "sweep"
        if arguments[0] == "run":
            arguments += ["--workers", "2"]
        answer = CliRunner().invoke(main, arguments)
        assert answer.exit_code == int(code or 0), answer.output


def test_its_python_runs_in_a_notebook(folder, monkeypatch):
    monkeypatch.chdir(folder)
    names = {"__name__": "__main__"}
    for text in (text for kind, text in BLOCKS if kind == "python" and not text.startswith("# ")):
        exec(text, names)
    assert names["results"].verdicts["verdict"].tolist() == ["inconclusive"]
    assert names["mine"].verdicts["verdict"].tolist() == ["supported"] * 2
    assert names["one"](1.5) > 0
    assert names["trained"].losses[-1] < names["trained"].losses[0]
    assert names["squared"].cells["median"].min() == 0
    assert names["network"].is_complete
    assert (folder / "results" / "mine" / "report.html").exists()


def test_what_fails_in_it_fails_as_it_says(folder):
    found = sweep.load(folder / "fragile.toml", results=folder / "results" / "fragile").runs
    failed = found.query("replicate == 1").set_index("size")["status"]
    assert failed.to_dict() == {1: "ok", 2: "failed", 3: "timeout", 4: "killed"}
    assert found.query("replicate != 1")["status"].eq("ok").all()


def test_its_links_lead_somewhere():
    root = Path(__file__).parents[1]
    pages = (
        "README.md",
        "configs/README.md",
        "configs/own/README.md",
        "sweep/claims/README.md",
        "sweep/dispatch/cluster/README.md",
        "tests/README.md",
    )
    for path in map(root.joinpath, pages):
        text, base = path.read_text(encoding="utf-8"), path.parent
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            path, _, anchor = target.partition("#")
            assert (base / path).exists(), target
            if anchor:
                page = (base / path).read_text(encoding="utf-8") if path else text
                headings = re.findall(r"^#+ (.*)$", page, flags=re.MULTILINE)
                slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
                assert anchor in slugs, target
