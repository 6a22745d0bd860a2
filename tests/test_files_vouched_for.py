"""Tables, figures and pages in a results folder are those of the config that was run last, whatever came between."""

import json
import os
import shutil
from pathlib import Path

import pytest
from running import SMALL, SMALL_RESULTS, change, files, saved, sweep, write_config

from sweep import save
from sweep.report.pages import report_page
from sweep.store import ResultsFolder, lock, made
from sweep.store.made import read_stamps


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    change()


@pytest.fixture
def paths():
    return ResultsFolder(SMALL_RESULTS)


@pytest.fixture
def small_report(monkeypatch):
    """Reports of a page and two figures; their number can be changed."""
    names = ["curves.png", "heatmap.png"]

    def build(content):
        figures = {name: f"{name} of {content.config_text}".encode() for name in names}
        return report_page.Report(figures, f"# {content.config_text}", f"<p>{content.config_text}")

    monkeypatch.setattr(report_page, "build_report", build)
    return names


def of_learning_rates(*rates):
    change(learning_rate=list(rates))


def shown_files():
    """Return the contents of all files but the store, whose header changes with each writer."""
    return {name: content for name, content in files(SMALL_RESULTS).items() if name != Path("store.sqlite")}


class Killed(BaseException):
    """Stands for the end of the process: nothing after it is cleaned up."""


def killed_at(monkeypatch, module, name, number):
    """Let the process end at the n-th call of a function, so that nothing of what should follow happens."""
    real, calls = getattr(module, name), []

    def call(*arguments, **named):
        calls.append(arguments)
        if len(calls) > number:
            raise Killed
        return real(*arguments, **named)

    monkeypatch.setattr(module, name, call)


@pytest.mark.usefixtures("small_report")
@pytest.mark.parametrize("number", range(12))
def test_files_of_a_config_that_was_killed_while_they_were_written_do_not_stay(number, monkeypatch):
    sweep("run", "small.toml")
    whole = shown_files()
    of_learning_rates(0.5, 0.9)
    with monkeypatch.context() as patch:
        killed_at(patch, os, "replace", number)
        with pytest.raises(Killed):
            sweep("run", "small.toml")
    change()
    sweep("run", "small.toml")
    assert shown_files() == whole


@pytest.mark.usefixtures("small_report")
@pytest.mark.parametrize("harm", ["removed", "cut off", "emptied", "edited", "a folder"])
def test_a_file_that_is_not_as_it_was_written_is_made_again(harm):
    sweep("run", "small.toml")
    whole = shown_files()
    written = [name for name in whole if not name.name.startswith("store.") and name.name != "sweep.json"]
    assert {name.name for name in written} == {
        *("runs.parquet", "cells.csv", "cells.parquet", "config.toml"),
        *("report.md", "report.html", "curves.png", "heatmap.png"),
    }
    for name in written:
        path = SMALL_RESULTS / name
        if harm == "removed":
            path.unlink()
        elif harm == "cut off":
            path.write_bytes(path.read_bytes()[:-1])
        elif harm == "emptied":
            path.write_bytes(b"")
        elif harm == "edited":
            path.write_bytes(path.read_bytes().replace(b"0", b"1", 1)[:-1] + b"?")
        elif name.parent != Path("figures"):
            continue
        else:
            path.unlink()
            shutil.rmtree(SMALL_RESULTS / "figures")
        sweep("run", "small.toml")
        assert shown_files() == whole, name


@pytest.mark.usefixtures("small_report")
def test_what_is_as_it_was_written_is_left_alone(monkeypatch):
    sweep("run", "small.toml")
    before = {path: path.stat().st_mtime_ns for path in SMALL_RESULTS.rglob("*") if path.name != "store.lock"}
    monkeypatch.setattr(save, "_write_tables", None)
    monkeypatch.setattr(save, "_write_report", None)
    sweep("run", "small.toml")
    changed = {path for path, written in before.items() if path.stat().st_mtime_ns != written}
    assert changed <= {SMALL_RESULTS, SMALL_RESULTS / "store.sqlite"}


def test_figures_that_belong_no_more_are_removed_and_those_of_the_user_stay(paths, small_report):
    sweep("run", "small.toml")
    (paths.figures / "mine.png").write_bytes(b"mine")
    (paths.figures / "curves.svg").write_bytes(b"mine")
    small_report.remove("curves.png")
    sweep("report", "small.toml")
    assert {path.name for path in paths.figures.iterdir()} == {"heatmap.png", "mine.png", "curves.svg"}


def test_a_stale_figure_that_the_user_has_changed_stays(paths, small_report):
    sweep("run", "small.toml")
    (paths.figures / "curves.png").write_bytes(b"with my arrows")
    small_report.remove("curves.png")
    sweep("report", "small.toml")
    assert (paths.figures / "curves.png").read_bytes() == b"with my arrows"


def test_the_real_figures_of_a_report_are_made_again_and_those_of_before_removed(paths):
    sweep("run", "small.toml")
    drawn = {path.name for path in paths.figures.iterdir()}
    shutil.rmtree(paths.figures)
    sweep("run", "small.toml")
    assert {path.name for path in paths.figures.iterdir()} == drawn > {"heatmap.png", "heatmap.svg"}
    write_config(Path("small.toml"), {"figures": ["heatmap"], **SMALL})
    sweep("run", "small.toml")
    assert {path.name for path in paths.figures.iterdir()} == {"heatmap.png", "heatmap.svg"}


def test_verdicts_of_claims_that_were_taken_out_are_removed(paths):
    claim = {"sentence": "s", "form": "better", "axis": "learning_rate", "value": 0.1, "over": ["neurons"]}
    write_config(Path("small.toml"), {**SMALL, "claim": [claim]})
    sweep("run", "small.toml", "--no-report")
    assert paths.verdicts.exists()
    change()
    sweep("run", "small.toml", "--no-report")
    assert not paths.verdicts.exists()


@pytest.mark.usefixtures("small_report")
def test_a_report_of_other_results_does_not_stay_beside_new_tables(paths):
    sweep("run", "small.toml")
    (paths.figures / "curves.png").write_bytes(b"with my arrows")
    report = {paths.report, paths.page, *paths.figures.iterdir()}
    sweep("run", "small.toml", "--no-report")
    assert all(path.exists() for path in report)
    of_learning_rates(0.5, 0.9)
    told = sweep("run", "small.toml", "--no-report")
    assert "tables in results/small; `sweep report small.toml` writes figures and report" in told
    assert [path.name for path in report if path.exists()] == ["curves.png"]
    sweep("run", "small.toml")
    assert all(path.exists() for path in report)
    assert b"0.9" in (paths.figures / "curves.png").read_bytes()


@pytest.mark.usefixtures("small_report")
def test_a_title_that_comes_from_a_new_name_is_a_new_report():
    sweep("run", "small.toml")
    before = read_stamps(SMALL_RESULTS / "store.stamps.json")["report"].origin
    Path("small.toml").rename("other.toml")
    sweep("run", "other.toml", "--results", SMALL_RESULTS)
    assert read_stamps(SMALL_RESULTS / "store.stamps.json")["report"].origin != before


@pytest.mark.parametrize(
    "stamps",
    [
        *('{"tables": "0", "report": "0"}', "", "[]", "null", '{"tables": {"from": "x"}}', "[" * 9999),
        '{"tables": {"from": "x", "files": {"cells.csv": []}}}',
    ],
)
def test_stamps_of_an_older_sweep_or_damaged_ones_vouch_for_nothing(stamps, paths):
    sweep("run", "small.toml", "--no-report")
    whole = saved(SMALL_RESULTS)
    paths.cells.write_text("of another config")
    paths.stamps.write_text(stamps)
    sweep("run", "small.toml", "--no-report")
    assert saved(SMALL_RESULTS) == whole


@pytest.mark.usefixtures("small_report")
def test_a_stamp_removes_nothing_outside_of_its_folder(paths):
    sweep("run", "small.toml")
    Path("mine.txt").write_text("mine")
    stamps = json.loads(paths.stamps.read_bytes())
    for name in ("../../mine.txt", str(Path("mine.txt").absolute())):
        stamps["report"]["files"][name] = [made.hash_of(Path("mine.txt"))]
        paths.stamps.write_text(json.dumps(stamps))
        sweep("report", "small.toml")
        assert Path("mine.txt").read_text() == "mine"


@pytest.mark.usefixtures("small_report")
def test_everything_is_on_the_disk_before_a_stamp_vouches_for_it(monkeypatch):
    told = []

    def note(name):
        real = getattr(os, name)

        def call(*arguments):
            shown = [Path(os.readlink(f"/proc/self/fd/{arguments[0]}"))] if name == "fsync" else arguments
            told.append((name, *(Path(path).name for path in shown)))
            return real(*arguments)

        monkeypatch.setattr(os, name, call)

    note("fsync")
    note("replace")
    sweep("run", "small.toml")
    stamped = [i for i, each in enumerate(told) if each[0] == "replace" and each[-1] == "store.stamps.json"]
    assert len(stamped) == 4  # the tables and the report, before and after
    for before, after in ((stamped[0], stamped[1]), (stamped[2], stamped[3])):
        moved = [each for each in told[before + 1 : after] if each[0] == "replace"]
        assert len(moved) in (3, 4)
        for _, partial, _ in moved:
            assert told.index(("fsync", partial)) < before
        assert ("fsync", "small") in told[before + 1 : after]
    assert ("fsync", "figures") in told[stamped[2] : stamped[3]]


@pytest.mark.parametrize(
    "left", [".runs-{}.partial.parquet", "figures/.3-{}.partial.png", ".0-{}.partial.json"]
)
def test_what_a_killed_writer_has_left_is_removed_by_the_next(left, paths):
    sweep("run", "small.toml", "--no-report")
    names = files(SMALL_RESULTS).keys()
    paths.figures.mkdir()
    (SMALL_RESULTS / left.format(2**22 + 1)).write_text("half")
    (SMALL_RESULTS / ".mine-3.partial.d.txt").write_text("mine")
    paths.owner.write_text('{"process": 1}')
    sweep("run", "small.toml", "--no-report")
    assert files(SMALL_RESULTS).keys() - names == {Path(".mine-3.partial.d.txt")}


@pytest.mark.parametrize("n_bytes", [0, 100, 2000])
def test_tables_that_find_no_room_leave_the_old_ones_and_say_which(n_bytes, monkeypatch):
    resource = pytest.importorskip("resource")
    sweep("run", "small.toml", "--no-report")
    whole = shown_files()
    of_learning_rates(0.5, 0.9)
    sweep("plan", "small.toml")
    real = save._write_tables

    def with_little_room(*arguments):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
        try:
            real(*arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    with monkeypatch.context() as patch:
        patch.setattr(save, "_write_tables", with_little_room)
        told = sweep("run", "small.toml", "--no-report", code=1)
    assert told.startswith("Error: results/small/runs.parquet cannot be written: File too large")
    assert shown_files() == whole


def test_two_parts_do_not_know_each_others_files(paths):
    paths.prepare()
    with lock(paths) as held:
        with held.making("tables", "a") as tables:
            tables.write(paths.cells, "cells")
        with held.making("report", "a") as report:
            report.write(paths.report, "report")
        with held.making("report", "b") as report:
            report.write(paths.page, "page")
        assert held.is_vouched("tables", "a")
        assert not held.is_vouched("report", "a")
        assert held.is_vouched("report", "b")
    assert paths.cells.exists()
    assert not paths.report.exists()
