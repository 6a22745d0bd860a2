"""A folder of configs becomes one page: what is on it, and what is told of a folder that cannot be run."""

import json
import re
from html import unescape
from pathlib import Path
from shutil import rmtree

import pandas as pd
import pytest
from click.testing import CliRunner
from running import SMALL, files, write_config

import sweep
from sweep.cli import main
from sweep.errors import ResultsError
from sweep.report.pages.introduction import introduction_html

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


def test_the_quick_form_says_so(configs, results):
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


# The page as one file


def test_the_page_is_one_file_too_with_its_pictures_in_it(results, page):
    html = (results / "report.html").read_text(encoding="utf-8")

    assert not re.findall(r'(?:src|href)="(?!data:image/|#)', html)
    assert html.count('src="data:image/') == page.count("![") == 4
    assert "<title>My series</title>" in html
    assert "<p>It <em>begins</em> so.</p>" in html
    assert "an article: First &lt;b&gt;</h2>" in html
    assert (
        set(re.findall(r'href="#([^"]+)"', html)) == {"a-1", "b-1"} < set(re.findall(r'id="([^"]+)"', html))
    )


def test_both_pages_say_the_same_of_every_claim(results, page):
    html = unescape((results / "report.html").read_text(encoding="utf-8"))

    found = re.findall(r"(?:supported|refuted|inconclusive) under \d+ of \d+ conditions", page)
    assert len(found) == 4
    assert all(html.count(verdict) == page.count(verdict) for verdict in found)


@pytest.mark.parametrize("source", ["", "an article", "part 5"])
def test_a_source_is_told_where_it_is_not_the_chapters(source, tmp_path):
    (tmp_path / "c").mkdir()
    write_config(
        tmp_path / "c" / "a.toml", tables("First", value=0.1, source=source) | {"figures": ["heatmap"]}
    )
    sweep.reproduce(tmp_path / "c", results=tmp_path / "r", workers=1)

    for name in ("report.md", "report.html"):
        told = (tmp_path / "r" / name).read_text(encoding="utf-8")
        assert "()" not in told.partition("[quick]")[0]
        assert ("(part 5)" in told) == (source == "part 5")


def test_marks_that_begin_a_paragraph_are_text_on_both_pages(tmp_path):
    (tmp_path / "c").mkdir()
    note = "1986. A year.\n\n- a dash\n\n---"
    write_config(tmp_path / "c" / "a.toml", SMALL | {"note": note, "figures": ["heatmap"]})
    sweep.reproduce(tmp_path / "c", results=tmp_path / "r", workers=1)

    assert "1986\\. A year.\n\n\\- a dash\n\n\\---\n" in (tmp_path / "r" / "report.md").read_text(
        encoding="utf-8"
    )
    html = (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    assert "<p>1986. A year.</p>\n<p>- a dash</p>\n<p>---</p>" in html


def test_replicates_of_two_grids_are_told_as_they_are(tmp_path):
    (tmp_path / "c").mkdir()
    grids = [{"neurons": [2, 3], "replicates": 2}, {"neurons": [4], "replicates": 5}]
    write_config(tmp_path / "c" / "a.toml", SMALL | {"grid": grids, "figures": ["heatmap"]})
    sweep.reproduce(tmp_path / "c", results=tmp_path / "r", workers=1)

    for name in ("report.md", "report.html"):
        told = (tmp_path / "r" / name).read_text(encoding="utf-8")
        assert "3 cells over 3 numbers of neurons, 2 to 5 replicates each. Of 9 runs" in told


def test_figures_that_were_deleted_are_drawn_again_and_those_of_a_claim_that_was_dropped_removed(tmp_path):
    (tmp_path / "c").mkdir()
    config, figures = tmp_path / "c" / "a.toml", tmp_path / "r" / "figures"
    write_config(config, tables("First"))
    sweep.reproduce(tmp_path / "c", results=tmp_path / "r", workers=1)
    drawn = {path.name for path in figures.iterdir()}
    assert drawn == {"a-claim-1.png", "a-curves.png"}
    rmtree(figures)
    (tmp_path / "r" / "report.html").unlink()
    sweep.reproduce(tmp_path / "c", results=tmp_path / "r", workers=1)
    assert {path.name for path in figures.iterdir()} == drawn
    assert (tmp_path / "r" / "report.html").exists()
    write_config(config, {name: value for name, value in tables("First").items() if name != "claim"})
    sweep.reproduce(tmp_path / "c", results=tmp_path / "r", workers=1)
    assert {path.name for path in figures.iterdir()} == {"a-curves.png"}
    assert "a-claim-1" not in (tmp_path / "r" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("A <b> & `x*y*z`.", "<p>A &lt;b&gt; &amp; <code>x*y*z</code>.</p>"),
        ("<script>go()</script>", "<p>&lt;script&gt;go()&lt;/script&gt;</p>"),
        ("[in](../a.md), [out](https://a.b/c)", '<p>in, <a href="https://a.b/c">out</a></p>'),
        ("[bad](javascript:x)", "<p>[bad](javascript:x)</p>"),
        ('[worse](https://"onclick=x)', '<p><a href="https://%22onclick=x">worse</a></p>'),
        ("![a *dot*](https://a.b/c.png)", "<p>a *dot*</p>"),
        ("[![dot](c.png)](d.md) here", "<p>dot here</p>"),
        ("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>"),
        ("```sh\na < b\n```", '<pre><code class="language-sh">a &lt; b\n</code></pre>'),
    ],
)
def test_an_introduction_is_shown_as_html_and_nothing_in_it_is_obeyed(markdown, html):
    assert introduction_html(markdown).strip() == html


# The quick form has folders of its own


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c").mkdir()
    return write_config(tmp_path / "c" / "a.toml", tables("First") | {"figures": ["heatmap"]})


def call(*arguments, code=0):
    answer = CliRunner().invoke(main, [*map(str, arguments)])
    assert answer.exit_code == code, answer.output
    return answer.output


@pytest.mark.usefixtures("small")
def test_the_quick_form_of_a_folder_never_writes_over_the_full_one():
    call("reproduce", "c", "--workers", 1)
    full = files(Path("results/c"))
    assert "the page is results/c-quick/report.html" in call("reproduce", "c", "--quick", "--workers", 1)
    told = call("reproduce", "c", "--quick", "--results", "results/c", code=1)

    assert told.startswith(
        "Error: results/c holds results of the full form, which the quick one never writes over: "
    )
    assert files(Path("results/c")) == full


def test_the_quick_form_of_a_config_never_writes_over_the_full_one(small):
    call("run", small, "-q")
    full = files(Path("results/a"))
    assert "tables, figures and report in results/a-quick" in call("run", small, "--quick")
    for command in ("run", "plan"):
        told = call(command, small, "--quick", "--results", "results/a", code=1)
        assert told.startswith("Error: results/a holds results of the full form")
    with pytest.raises(ResultsError, match="results of the full form"):
        sweep.write_report(sweep.load(small, quick=True), "results/a")

    assert files(Path("results/a")) == full
    assert " 2 " in call("table", small, "--quick", "--where", "neurons=2").splitlines()[1]


def test_the_full_form_may_go_on_from_the_quick_one_which_then_stays_away(small):
    call("run", small, "--quick", "--results", "r")
    call("run", small, "--quick", "--results", "r")
    call("run", small, "--results", "r")

    assert "quick" not in json.loads(Path("r/sweep.json").read_bytes())
    call("run", small, "--quick", "--results", "r", code=1)
