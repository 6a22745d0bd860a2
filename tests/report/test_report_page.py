import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from report.drawing import heatmap
from report.fabricated import cells_of, curves_of, functions_of
from report.measured import panels

from sweep.report.look.labels import number
from sweep.report.pages.content import ReportContent
from sweep.report.pages.page_tables import best_table, fixed_table, pivot_tables
from sweep.report.pages.report_page import build_report, escape_markdown
from sweep.report.pages.summary import summary
from sweep.training.network.kind import NetworkTraining

AXES = {"learning_rate": [0.03, 0.1, 0.5], "neurons": [3, 10], "epochs": [100, 1000]}
SETTING = {axis: AXES[axis] for axis in ("learning_rate", "neurons")}
NASTY = 'ゼロから作るDeep Learning <script>alert(1)</script> | *a* [b](c) `d` $e$ & "f"'


def content_of(**changes):
    content = ReportContent(
        title="x² on [0, 3]",
        source="part 5",
        config_text='title = "x²"\n[grid]\nneurons = [3, 10]\n',
        axes=AXES,
        cells=cells_of(AXES),
        replicates=32,
        planned_runs=384,
        stored_runs=384,
        curves=curves_of(SETTING),
        functions=functions_of(SETTING, n_replicates=5),
        targets=None,
        fixed={"function": "x**2", "interval": (0.0, 3.0), "layers": (), "batch_size": 10},
        versions={"sweep": "0.1.0", "numpy": "2.0.0"},
        training=NetworkTraining(),
    )
    return replace(content, **changes)


@pytest.fixture(scope="module")
def report():
    return build_report(content_of())


class Page(HTMLParser):
    """The tags and the text of an HTML page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def attributes(self, name):
        return [attributes.get(name) for _, attributes in self.tags if name in attributes]


def test_the_same_content_gives_the_same_bytes(report):
    again = build_report(content_of())
    assert again.figures == report.figures
    assert (again.markdown, again.html) == (report.markdown, report.html)


def test_pictures_carry_no_date_and_no_version_of_a_program(report):
    for name, data in report.figures.items():
        assert (b"Matplotlib" in data) is False, name
        assert (b"<dc:date>" in data) is False, name
        assert (b"tEXt" in data) is False, name


FIGURES = ["heatmap", "diverged", "importance", "curves", "functions", "neurons"]


def test_all_figures_are_there_as_png_and_svg(report):
    assert set(report.figures) == {f"{name}.{kind}" for name in FIGURES for kind in ("png", "svg")}
    assert all(data.startswith(b"\x89PNG") for name, data in report.figures.items() if name.endswith("png"))


def test_the_markdown_page_shows_every_picture_with_text_for_the_blind(report):
    pictures = re.findall(r"!\[(.+)\]\((.+)\)", report.markdown)
    assert [path for _, path in pictures] == [f"figures/{name}.png" for name in FIGURES]
    assert all(len(alt) > 20 for alt, _ in pictures)


def test_the_html_page_needs_no_other_file_and_is_small(report):
    page = Page(report.html)
    assert all(source.startswith("data:image/") for source in page.attributes("src"))
    assert page.attributes("href") == []
    assert [len(alt) > 20 for alt in page.attributes("alt")] == [True] * 6
    assert not re.search(r"url\(|@import|<script", report.html)
    assert len(report.html) < 2_000_000


def test_sections_come_in_the_order_in_which_they_are_read(report):
    expected = ["The answer", "Before you rely on it", "Heatmap", "Diverged runs", "Which axes matter"]
    expected += ["Learning curves", "Learned functions", "Loss against neurons"]
    expected += ["Best cells", "Median final losses", "How it was made"]
    assert re.findall(r"^## (.+)$", report.markdown, re.MULTILINE) == expected
    assert re.findall(r"<h2[^>]*>(.+)</h2>", report.html) == expected


def test_the_summary_says_each_number_of_the_table():
    content = content_of()
    cells = content.cells
    text = " ".join(summary(content))
    best = cells.loc[cells["median"].idxmin()]
    n_diverged = int(cells["n_diverged"].sum())
    assert (
        "12 cells over 3 learning rates, 2 numbers of neurons and 2 numbers of epochs, 32 replicates each."
        in text
    )
    assert (
        f"Of 384 runs, {n_diverged} ({number(100 * n_diverged / 384, 2)}\N{NO-BREAK SPACE}%) diverged" in text
    )
    assert "none failed" in text
    place = f"learning rate = {best['learning_rate']}, neurons = {best['neurons']:.0f}, epochs = {best['epochs']:.0f}"
    assert f"The best cell is {place}: median final loss {number(best['median'])}" in text
    assert f"quartiles {number(best['lower_quartile'])} and {number(best['upper_quartile'])}" in text
    n_infinite = int(np.isinf(cells["median"]).sum())
    assert f"The median diverged in {n_infinite} cells; the largest finite median is" in text
    assert "not complete" not in text


def test_a_sweep_that_is_not_complete_says_how_far_it_is():
    cells = content_of().cells
    cells["n_runs"] = [5, 12] * 6
    content = content_of(cells=cells, stored_runs=102, curves=None, functions=None)
    text = " ".join(summary(content))
    assert "not complete: 102 of 384 runs have a result, 5 to 12 of 32 replicates so far" in text
    assert "The median final loss of 5 to 12 of 32 replicates so far, " in build_report(content).markdown


def test_a_sweep_without_any_result_has_a_page_too():
    content = content_of(
        cells=content_of().cells.head(0), stored_runs=0, curves=pd.DataFrame(), functions=None
    )
    report = build_report(content)
    assert not report.figures
    assert "No run has a result yet; 384 runs are planned." in report.markdown
    assert "No run has a result yet" in report.html


@pytest.mark.parametrize("median", [np.inf, np.nan])
def test_a_sweep_without_any_finite_median_has_a_page_too(median):
    cells = content_of().cells
    cells["median"] = median
    report = build_report(content_of(cells=cells))
    assert "Best cells" not in report.markdown
    expected = (
        "The median diverged in 12 cells, and is finite in none."
        if median == np.inf
        else "No cell has a median."
    )
    assert expected in report.markdown


def test_the_text_of_users_is_escaped_everywhere():
    content = content_of(
        title=NASTY, source=NASTY, config_text=NASTY + "\n```\n</code>", fixed={"function": NASTY}
    )
    report = build_report(content)
    page = Page(report.html)
    assert NASTY in page.text
    assert "script" not in [tag for tag, _ in page.tags]
    heading = report.markdown.splitlines()[0]
    assert heading == (
        "# ゼロから作るDeep Learning &lt;script&gt;alert(1)&lt;/script&gt; "
        '\\| \\*a\\* \\[b\\](c) \\`d\\` \\$e\\$ &amp; "f"'
    )
    # A fence longer than any in the config keeps it from ending its code block.
    assert f"````toml\n{NASTY}\n```\n</code>\n````" in report.markdown


def test_the_text_of_an_axis_is_escaped_in_tables():
    axes = {"function": ["abs(x) | x**2", "where(x<1, x, 1)"], "epochs": [100, 1000]}
    report = build_report(content_of(axes=axes, cells=cells_of(axes), curves=None, functions=None))
    rows = [line for line in report.markdown.splitlines() if line.startswith("|")]
    assert any("where(x&lt;1, x, 1)" in row for row in rows)
    assert any(r"abs(x) \| x\*\*2" in row for row in rows)
    assert "<1" not in report.html


def test_switched_off_curves_are_said_and_not_drawn():
    report = build_report(content_of(curves=None, functions=None))
    assert {name.split(".")[0] for name in report.figures} == {"heatmap", "diverged", "importance", "neurons"}
    assert "There are no learning curves" in report.markdown
    assert "There are no learned functions" in report.html


def test_there_is_no_heatmap_and_no_neurons_figure_for_a_single_cell():
    axes = {"epochs": [1000]}
    content = content_of(axes=axes, cells=cells_of(axes), curves=curves_of({}), functions=functions_of({}))
    report = build_report(content)
    assert {name.split(".")[0] for name in report.figures} == {"curves", "functions"}
    assert "no axis of the sweep has two values" in report.markdown


def test_rows_and_captions_that_differ_are_written_differently():
    functions = [f"sin(2*pi*x) + 0.5*cos(4*pi*x) + 0.{n}" for n in (1, 2)]
    axes = {"learning_rate": np.geomspace(0.1, 0.11, 10).tolist(), "init_range": [0.12345, 0.12346]}
    axes |= {"function": functions}
    content = content_of(axes=axes, cells=cells_of(axes, n_replicates=2))
    best = best_table(content)
    assert best is not None
    assert len({tuple(row[:3]) for row in best.rows}) == len(best.rows)
    captions = [table.caption for table in pivot_tables(content)]
    assert len(set(captions)) == len(captions) == 2
    figure = heatmap(content.cells, "learning_rate", "init_range")
    titles = {axes.get_title(loc="left") for axes in panels(figure)}
    assert len(titles) == 2


def test_the_best_table_is_sorted_and_counts_what_diverged():
    cells = content_of().cells
    table = best_table(content_of())
    assert table is not None
    finite = cells[np.isfinite(cells["median"])].sort_values("median").head(10)
    assert [row[3] for row in table.rows] == [number(median) for median in finite["median"]]
    assert [row[6] for row in table.rows] == [f"{n} of 32" for n in finite["n_diverged"]]
    assert all(len(row) == len(table.head) for row in table.rows)


def test_the_pivot_shows_the_median_of_every_cell_and_names_what_has_none():
    cells = content_of().cells
    cells.loc[cells.index[-1], ["median", "n_failed"]] = [np.nan, 32]
    tables = pivot_tables(content_of(cells=cells.drop(index=0)))
    assert [table.caption for table in tables] == ["epochs = 100", "epochs = 1000"]
    assert tables[0].head == ["learning rate \\ neurons", "3", "10"]
    assert tables[0].rows[0][1] == "–"
    assert tables[1].rows[2][2] == "failed"
    assert tables[1].rows[0][1] == number(float(cells["median"][1]))
    assert "diverged" in {text for table in tables for row in table.rows for text in row}


def test_a_large_sweep_has_no_pivot():
    axes = {"learning_rate": [0.1, 0.2], "neurons": list(range(1, 102)), "epochs": [10]}
    assert pivot_tables(content_of(axes=axes, cells=cells_of(axes, n_replicates=2))) == []


def test_fixed_fields_are_listed_and_empty_ones_are_not():
    table = fixed_table(content_of())
    assert table is not None
    assert table.rows == [["target function", "x**2"], ["interval", "[0, 3]"], ["batch size", "10"]]


def test_the_page_names_the_programs_and_no_machine(report):
    assert report.markdown.rstrip().endswith("sweep 0.1.0, numpy 2.0.0")
    assert "sweep 0.1.0, numpy 2.0.0" in report.html


def test_markdown_is_escaped_to_one_line():
    assert escape_markdown("a\n\n# b") == r"a \# b"


def test_drawing_leaves_the_settings_of_matplotlib_alone():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    build_report(content_of(curves=None, functions=None))
    assert dict(mpl.rcParams) == before
