"""A folder of configs becomes one page: what is on it, and what is told of a folder that cannot be run."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner
from running import SMALL, write_config

import sweep
from sweep.cli import main

CLAIM = {"sentence": "0.1 | is *better*", "source": "part 5", "form": "better", "axis": "learning_rate"}
QUICK = {"replicates": 2, "most_replicates": 2}


def tables(title, **claim):
    made = CLAIM | {"value": 0.1, "over": ["neurons"]} | claim
    return SMALL | {
        "title": title,
        "source": "an article",
        "note": "What it states.\n\nOur choices.",
        "figures": ["curves"],
        "grid": SMALL["grid"] | {"neurons": [2, 3, 4, 5]},
        "claims": {"most_replicates": 8},
        "claim": [made],
        "quick": QUICK,
    }


@pytest.fixture(scope="module")
def configs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("series") / "mine"
    folder.mkdir()
    write_config(folder / "b.toml", tables("Second", value=0.03, sentence="the other"))
    write_config(folder / "a.toml", tables("First <b>"))
    (folder / "README.md").write_text("# My series\n\nIt *begins* so.\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def results(configs):
    folder = configs.parent / "results"
    told = []
    found = sweep.reproduce(configs, results=folder, workers=1, on_result=told.append)
    assert told == found
    return folder


@pytest.fixture(scope="module")
def page(results):
    return (results / "report.md").read_text(encoding="utf-8")


def test_the_page_begins_with_the_readme_of_the_configs_as_it_is(page):
    assert page.startswith("# My series\n\nIt *begins* so.\n")


def test_every_claim_stands_in_the_table_at_the_top_and_in_its_chapter(page):
    top, *chapters = page.split("<a name=")

    assert top.index("0.1 \\| is \\*better\\*") < top.index("the other")
    assert "| an article | [the other](#b) (part 5) |" in top
    assert [chapter.partition(">")[0] for chapter in chapters] == ['"a"', '"b"']
    assert "## an article: First &lt;b&gt;" in chapters[0]
    assert "What it states.\n\nOur choices." in chapters[0]


def test_every_condition_has_its_verdict_with_an_interval(page):
    rows = [row for row in page.splitlines() if row.startswith(("| 2 |", "| 3 |", "| 4 |", "| 5 |"))]

    assert len(rows) == 8
    assert all(" %\\]" in row and "pairs" in row for row in rows)


def test_the_page_shows_the_figures_that_are_asked_for_and_all_are_there(page, results):
    shown = {row.partition("(figures/")[2].partition(")")[0] for row in page.splitlines() if "![" in row}

    assert shown == {"a-claim-1.png", "a-curves.png", "b-claim-1.png", "b-curves.png"}
    assert shown == {path.name for path in (results / "figures").iterdir()}


def test_all_verdicts_are_in_one_table(results):
    verdicts = pd.read_csv(results / "verdicts.csv")

    assert verdicts["config"].tolist() == ["a"] * 4 + ["b"] * 4
    assert set(verdicts["verdict"]) <= {"supported", "refuted", "inconclusive"}


def test_replicates_are_added_until_the_claims_are_decided_or_have_the_most(results):
    assert set(pd.read_csv(results / "verdicts.csv")["replicates"]) <= {3, 5, 8}


def test_all_verdicts_of_a_page_together_have_the_confidence_and_the_page_says_so(results, page):
    verdicts = pd.read_csv(results / "verdicts.csv")

    assert (1 - verdicts["confidence"]).sum() == pytest.approx(0.05)
    assert (1 - verdicts["confidence"]).groupby(verdicts["config"]).sum().tolist() == pytest.approx(
        [0.025] * 2
    )
    assert page.count("so that those of all 2 sweeps on the page together are with 95 %") == 2


def test_the_same_configs_give_the_same_page(configs, results, page):
    sweep.reproduce(configs, results=results, workers=1)

    assert (results / "report.md").read_text(encoding="utf-8") == page


def test_the_quick_form_says_so_and_uses_what_is_stored(configs, results):
    quick = CliRunner().invoke(
        main, ["reproduce", str(configs), "--quick", "--results", str(results.with_name("quick"))]
    )
    page = (results.with_name("quick") / "report.md").read_text(encoding="utf-8")

    assert quick.exit_code == 0, quick.output
    assert quick.output.splitlines()[0].startswith("a: 16 runs in 8 cells")
    assert "**This is the quick form" in page
    assert json.loads((results.with_name("quick") / "series.json").read_bytes())["quick"] is True
    assert json.loads((results / "series.json").read_bytes())["quick"] is False


def test_plan_of_a_folder_tells_each_config_and_the_sum(configs, tmp_path):
    answer = CliRunner().invoke(main, ["plan", str(configs), "--results", str(tmp_path / "none")])

    assert answer.exit_code == 0
    rows = [line.split()[:2] for line in answer.output.splitlines()[1:4]]
    assert rows == [["a", "24"], ["b", "24"], ["all", "48"]]
    assert not (tmp_path / "none").exists()


def test_plan_of_a_folder_keeps_to_the_limit_of_runs(configs, tmp_path):
    done = CliRunner().invoke(main, ["plan", str(configs), "--results", str(tmp_path), "--max-runs", "5"])
    assert done.exit_code == 2
    assert "more than `max_runs` = 5" in done.output


def test_nothing_is_trained_if_any_config_has_a_mistake(tmp_path):
    folder = tmp_path / "configs"
    folder.mkdir()
    write_config(folder / "a.toml", tables("First"))
    write_config(folder / "b.toml", tables("Second", axis="neuron"))

    answer = CliRunner().invoke(main, ["reproduce", str(folder), "--results", str(tmp_path / "results")])

    assert answer.exit_code == 2
    assert "b.toml: line" in answer.output
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(("name", "told"), [("none", "is no folder"), ("empty", "holds no config")])
def test_a_folder_without_configs_is_told_in_a_line(name, told, tmp_path):
    (tmp_path / "empty").mkdir()

    answer = CliRunner().invoke(main, ["reproduce", str(tmp_path / name)])

    assert answer.exit_code == 2
    assert told in answer.output
    assert len(answer.output.splitlines()) == 1
