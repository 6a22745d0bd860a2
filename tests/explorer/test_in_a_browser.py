"""The explorer as a reader uses it, in Chromium; skipped where there is none."""

from contextlib import contextmanager
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from explorer.browsing import Opened, browser
from explorer.sweeps import HOSTILE, NETWORK, network, of_five_axes, of_texts, of_two_axes

import sweep
from sweep.report.explorer import data
from sweep.report.look.labels import number

AXES = ["neurons", "learning_rate", "epochs"]


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return network(tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def report(found):
    sweep.write_report(found)
    return found.folder / "report.html"


@pytest.fixture(scope="module")
def tab(chromium):
    tab = Opened(chromium)
    yield tab
    tab.close()


@contextmanager
def opened(tab, path):
    """Open a page, and see afterwards that nothing was wrong on it."""
    tab.open(path)
    yield tab
    assert tab.faults == []


@contextmanager
def opened_with(chromium, path, **context):
    """Open a page in a tab of its own."""
    tab = Opened(chromium, **context)
    with opened(tab, path):
        yield tab
    tab.close()


@contextmanager
def explored(tab, tmp_path, found):
    found.explore().save(tmp_path / "explorer.html")
    with opened(tab, tmp_path / "explorer.html") as page:
        yield page


def test_every_number_is_that_of_the_tables(tab, report, found):
    rng, runs = np.random.default_rng(1), found.runs
    cells = found.cells.sample(10, random_state=1)
    with opened(tab, report) as page:
        for _, cell in cells.iterrows():
            page.slide("epochs", found.levels["epochs"].index(cell["epochs"]))
            x, y = (found.levels[axis].index(cell[axis]) for axis in ("neurons", "learning_rate"))
            lines = page.hovered(x, y)
            assert lines[1] == f"median final loss: {number(cell['median'], 4)}"
            quartiles = [number(cell[name], 4) for name in ("lower_quartile", "upper_quartile")]
            assert lines[2] == f"quartiles of the final loss: {quartiles[0]} to {quartiles[1]}"
            n = int(cell["n_diverged"])
            assert lines[3] == (f"5 runs, {n} diverged" if n else "5 runs")
            if rng.random() < 0.4:
                page.click(x, y)
                mine = runs[np.logical_and.reduce([runs[axis] == cell[axis] for axis in AXES])]
                shown = [row[:4] for row in page.rows(".explorer-runs")]
                assert shown == [
                    [str(row.replicate), number(row.final_loss, 4), number(row.rms_error, 4), row.status]
                    for row in mine.itertuples()
                ]
                assert page.place == lines


def test_rows_columns_metric_and_statistic_are_the_readers_choice(tab, report, found):
    with opened(tab, report) as page:
        page.choose("Rows", "epochs")
        page.choose("Columns", "neurons")
        page.choose("Metric", "rms error")
        page.choose("Statistic", "share below a bound")
        assert page.page.locator("input[type=text]").input_value() == "0.8"  # that of the claim
        page.page.fill("input[type=text]", "0.6")
        page.settle()
        page.slide("learning rate", 1)
        lines = page.hovered(2, 1)
        runs = found.runs.query("neurons == 5 and epochs == 60 and learning_rate == 0.03")
        share = (runs["rms_error"] < 0.6).mean()
        assert lines[1] == f"share of runs with rms error below 0.6: {number(share, 4)}"
        page.choose("Statistic", "share diverged")
        page.slide("learning rate", 3)
        runs = found.runs.query("neurons == 5 and epochs == 60 and learning_rate == 300")
        share = (runs["status"] == "diverged").mean()
        assert page.hovered(2, 1)[1] == f"share of runs that diverged: {number(share, 4)}"


def test_a_side_that_is_chosen_twice_changes_places_with_the_other(tab, report):
    with opened(tab, report) as page:
        before = page.value("document.querySelector('.explorer').explorer.choices")
        page.choose("Rows", before["columns"].replace("_", " "))
        after = page.value("document.querySelector('.explorer').explorer.choices")
        assert (after["rows"], after["columns"]) == (before["columns"], before["rows"])


def test_a_click_shows_curves_functions_and_runs(tab, report):
    with opened(tab, report) as page:
        page.click(0, 0)
        assert page.place[0] == "neurons = 2, learning rate = 0.01, epochs = 60"
        headings = page.page.locator(".explorer-columns h3").all_inner_texts()
        assert headings == ["Learning curves", "Learned functions", "Runs"]
        assert page.page.locator(".explorer-details [role=img]").count() == 2
        assert len(page.rows(".explorer-runs")) == 5


def test_arrow_keys_go_from_cell_to_cell(tab, report):
    with opened(tab, report) as page:
        page.click(0, 0)
        page.page.locator(".explorer-map").focus()
        for key in ("ArrowRight", "ArrowUp", "ArrowUp", "ArrowLeft", "ArrowLeft"):
            page.page.keyboard.press(key)
        page.page.wait_for_timeout(100)
        page.settle()
        assert page.place[0] == "neurons = 2, learning rate = 0.1, epochs = 60"


def test_cells_figure_and_config_can_be_taken_along(tab, report, found):
    with opened(tab, report) as page:
        cells = pd.read_csv(BytesIO(page.downloaded("Cells (CSV)")))
        pd.testing.assert_frame_equal(cells[AXES], found.cells[AXES], check_dtype=False)
        for name in ("median", "lower_quartile", "upper_quartile"):
            np.testing.assert_array_equal(cells[f"{name}_final_loss"], found.cells[name])
        np.testing.assert_array_equal(cells["n_diverged"], found.cells["n_diverged"])
        assert page.downloaded("Map (PNG)").startswith(b"\x89PNG")
        picture = page.downloaded("Map (SVG)").decode()
        assert picture.startswith("<svg")
        assert "neurons per hidden layer" in picture
        assert page.downloaded("Config (TOML)").decode() == found.experiment.read.text


def test_the_table_has_what_the_map_shows(tab, report, found):
    with opened(tab, report) as page:
        page.page.locator(".explorer summary").click()
        page.slide("epochs", 1)
        shown = page.rows(".explorer-side")
        table = found.pivot("learning_rate", "neurons", epochs=60)
        for row, (level, values) in zip(shown, table.iterrows(), strict=True):
            assert float(row[0]) == level
            expected = [number(v, 4) if np.isfinite(v) else "diverged" for v in values]
            assert row[1:] == expected


def test_new_data_are_drawn_with_the_readers_choices_kept(tab, report):
    with opened(tab, report) as page:
        page.choose("Metric", "rms error")
        page.slide("epochs", 0)
        before = page.hovered(1, 1)
        page.page.evaluate(
            """() => { const section = document.querySelector(".explorer");
            return section.explorer.take(JSON.parse(section.querySelector(".explorer-data").textContent)); }"""
        )
        page.settle()
        assert page.value("document.querySelector('.explorer').explorer.choices.metric") == "rms_error"
        assert page.hovered(1, 1) == before


def test_fifty_hostile_texts_do_nothing_but_be_read(tab, tmp_path):
    with explored(tab, tmp_path, of_texts()) as page:
        order = sorted(HOSTILE)
        for i in (0, 7, 23, 49):
            page.click(i, 0)
            assert page.place[0].startswith(HOSTILE[0].replace("_", " "))
            page.hovered(i, 1)
        page.choose("Rows", HOSTILE[0])
        page.page.locator(".explorer summary").click()
        page.settle()
        cells = pd.read_csv(BytesIO(page.downloaded("Cells (CSV)")), keep_default_na=False, dtype=str)
        assert cells.iloc[::2, 0].tolist() == order
        page.downloaded("Map (SVG)")
        assert page.value("window.hacked") is None
        assert (
            page.page.locator(".explorer img, .explorer iframe, .explorer object, .explorer a").count() == 0
        )


def test_of_two_numbers_that_are_equally_near_the_even_one_is_shown(tab, tmp_path):
    found = of_two_axes(1, 3, wild=[1024.5, 1025.5, 12345.5])
    with explored(tab, tmp_path, found) as page:
        shown = [page.hovered(x, 0)[1] for x in range(3)]
        assert shown == [f"median loss: {number(value, 4)}" for value in (1024.5, 1025.5, 12345.5)]
        assert shown[0].endswith("1024")


def test_numbers_of_all_sizes_are_written_as_in_the_rest_of_the_page(tab, tmp_path):
    wild = [1e198, 3.25e-30, 5e-324, 0.0, 1.0, 12345.678, 999999.5, 0.00012345, 1e15, np.inf, np.nan]
    found = of_two_axes(1, 12, wild=wild)
    with explored(tab, tmp_path, found) as page:
        for x, value in enumerate(wild):
            line = page.hovered(x, 0)[1]
            assert line.removeprefix("median loss: ") == (
                "all runs failed" if np.isnan(value) else number(value, 4)
            )


def test_many_axes_have_sliders_lists_and_a_picture_of_all(tab, tmp_path):
    with explored(tab, tmp_path, of_five_axes()) as page:
        assert page.page.get_by_text("All axes at once").count() == 1
        labels = page.page.locator(".explorer-controls label").all_inner_texts()
        assert len(labels) == 9  # four lists and the hidden bound, three held axes, the best share
        page.choose("Columns", "optimizer")
        page.choose("Metric", "seconds")


def test_scattered_cells_are_dots_with_a_number_each(tab, tmp_path):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"rate": 10 ** rng.uniform(-4, 0, 200), "width": rng.integers(1, 500, 200)})
    frame["loss"] = rng.random(200)
    found = sweep.from_table(frame, axes=["rate", "width"], metrics={"loss": "lower"})
    with explored(tab, tmp_path, found) as page:
        place = "document.querySelector('.explorer').explorer"
        for cell in (0, 57, 199):
            at = page.value(f"{place}.map.position({cell})")
            shown = float(page.hovered(at["x"], at["y"])[1].removeprefix("median loss: "))
            assert np.isclose(found.cells["median"], shown, rtol=1e-3).any()
        page.page.locator(".explorer summary").click()
        page.page.locator(".explorer-side tbody tr").first.wait_for()
        assert len(page.rows(".explorer-side")) == 200


def test_a_large_map_is_an_image_with_a_number_for_every_cell(tab, tmp_path):
    found = of_two_axes(120, 130)
    with explored(tab, tmp_path, found) as page:
        for x, y in ((0, 0), (129, 119), (64, 31)):
            value = found.cells.query(f"down == {y + 1} and across == {x + 1}")["median"].item()
            assert page.hovered(x, y)[1] == f"median loss: {number(value, 4)}"


def test_what_is_beyond_the_colours_is_told_also_where_squares_have_no_room_for_marks(tab, tmp_path):
    found = of_two_axes(40, 40, wild=[1e200] * 40)
    with explored(tab, tmp_path, found) as page:
        place = "document.querySelector('.explorer').explorer"
        assert not page.value(f"{place}.map.hasCorners")
        assert page.value(f"[...{place}.map.seen]") == ["above"]


def test_a_page_without_runs_shows_the_statistics_that_it_holds(tab, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "MOST_RUN_BYTES", 300)
    found = of_two_axes(5, 5, 4, wild=[np.nan, np.inf])
    with explored(tab, tmp_path, found) as page:
        cell = found.cells.query("down == 3 and across == 2").iloc[0]
        page.click(2, 1)
        assert page.place[1:] == [f"median loss: {number(cell['median'], 4)}", "4 runs"]
        assert page.hovered(0, 0)[2] == "4 runs, 1 diverged, 1 failed"
        assert page.page.get_by_text("Single runs are not in this page.").is_visible()
        options = page.page.locator("label", has_text="Statistic").locator("option").all_inner_texts()
        assert options == ["median", "share diverged"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(chromium, report, scheme):
    with opened_with(chromium, report, viewport={"width": 390, "height": 800}, color_scheme=scheme) as page:
        edges = page.value(
            "[...document.querySelectorAll('.explorer, .explorer-body *')].map((it) => it.getBoundingClientRect())"
            ".filter((box) => box.width).map((box) => box.right)"
        )
        assert page.page.evaluate("document.querySelector('.explorer').scrollWidth") <= 390
        assert len(edges) > 20


def test_without_script_there_is_no_explorer_and_figures_stand(chromium, report):
    with opened_with(chromium, report, java_script_enabled=False) as page:
        assert not page.page.locator(".explorer").is_visible()
        assert page.page.locator("main img").count() >= 3


def test_print_shows_the_figures_and_no_explorer(tab, report):
    with opened(tab, report) as page:
        page.page.emulate_media(media="print")
        assert not page.page.locator(".explorer").is_visible()


def test_the_explorer_draws_under_the_policy_of_its_page(chromium, report):
    page, complaints = chromium.new_page(), []
    page.on(
        "console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(report.as_uri())
    page.locator(".explorer-runs table").wait_for(timeout=20_000)
    assert page.locator(".explorer-map").is_visible()
    assert complaints == []
    page.close()


def test_several_explorers_are_shown_in_one_notebook(chromium, tmp_path, found):
    cells = [found.explore()._repr_html_(), of_two_axes(2, 3).explore()._repr_html_()]
    (tmp_path / "notebook.html").write_text("<!doctype html><body>" + "".join(cells), encoding="utf-8")
    page = chromium.new_page(bypass_csp=True)
    page.goto((tmp_path / "notebook.html").as_uri())
    for frame in page.frames[1:]:
        frame.wait_for_function("document.querySelector('.explorer')?.explorer?.map?.view")
    titles = [frame.title() for frame in page.frames[1:]]
    assert titles == [NETWORK["title"], "table"]
    page.close()
