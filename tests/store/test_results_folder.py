import json
import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from store.databases import bits, make_outcome

from sweep.errors import ResultsError
from sweep.store import ResultsFolder, SeriesFolder, lock


@pytest.fixture
def folder(tmp_path):
    return ResultsFolder(tmp_path / "results" / "square")


def test_a_new_folder_gets_its_marker(folder):
    folder.check()
    assert not folder.path.exists()
    folder.prepare()
    assert os.listdir(folder.path) == ["sweep.json"]
    assert json.loads(folder.marker.read_text()) == {"made_by": "sweep", "format": 1}
    folder.prepare()
    folder.check()


def test_threads_that_prepare_one_folder_do_not_disturb_each_other(folder):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: folder.prepare(), range(64)))
    assert os.listdir(folder.path) == ["sweep.json"]


def test_a_folder_that_somebody_prepares_while_it_is_looked_at_is_not_taken_for_a_foreign_one(
    folder, monkeypatch
):
    folder.path.mkdir(parents=True)
    look = ResultsFolder._format

    def look_just_before_it_is_prepared(self):
        found = look(self)
        monkeypatch.setattr(ResultsFolder, "_format", look)
        folder.prepare()
        return found

    monkeypatch.setattr(ResultsFolder, "_format", look_just_before_it_is_prepared)
    folder.check()


def test_all_paths_are_in_the_folder(folder):
    paths = [folder.database, folder.lock_file, folder.owner, folder.marker, folder.runs, folder.cells]
    paths += [folder.figures, folder.report, folder.page, folder.config]
    assert {path.parent for path in paths} == {folder.path}
    assert len(set(paths)) == len(paths)


def test_what_is_written_to_the_folder_is_read_from_it(folder):
    folder.prepare()
    with folder.read("loss") as stored:
        assert list(stored.outcomes()) == []
    with folder.writer("loss") as store:
        store.append(make_outcome(1))
    with folder.read("loss") as stored:
        assert [bits(each.outcome) for each in stored.outcomes()] == [bits(make_outcome(1))]
    assert folder.database.exists()


def test_a_sweep_of_a_series_knows_the_folder_of_the_series(tmp_path):
    series = SeriesFolder(tmp_path / "series")
    assert ResultsFolder(series.sweep("square")).series == series


@pytest.mark.parametrize("name", [".gitkeep", ".DS_Store", ".sweep-17.partial.json"])
def test_an_empty_folder_becomes_a_results_folder(folder, name):
    folder.path.mkdir(parents=True)
    (folder.path / name).touch()
    folder.prepare()
    assert folder.marker.exists()


def refused(folder, tree, message):
    before = tree(folder.path.parent)
    for refuse in (folder.check, folder.prepare):
        with pytest.raises(ResultsError, match=message) as caught:
            refuse()
        assert "\n" not in str(caught.value)
        assert str(folder.path) in str(caught.value)
    assert tree(folder.path.parent) == before


def test_a_foreign_folder_is_refused_untouched(folder, tree):
    (folder.path / "photos").mkdir(parents=True)
    (folder.path / "zebra.txt").write_text("mine")
    refused(folder, tree, r"holds photos, and no sweep\.json .*--results DIR")


def test_a_folder_with_the_marker_of_another_program_is_refused_untouched(folder, tree):
    folder.path.mkdir(parents=True)
    folder.marker.write_text('{"made_by": "broom", "format": 1}')
    refused(folder, tree, r"holds sweep\.json, and no sweep\.json that sweep has written")


def test_a_file_is_refused_untouched(folder, tree):
    folder.path.parent.mkdir()
    folder.path.write_text("mine")
    refused(folder, tree, "is a file, expected a folder")


def test_a_path_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ResultsError, match="cannot be written"):
        ResultsFolder(tmp_path / "file" / "results").prepare()


def test_a_folder_of_a_newer_sweep_is_refused_untouched(folder, tree):
    folder.prepare()
    folder.marker.write_text('{"made_by": "sweep", "format": 2}')
    refused(folder, tree, re.escape("made by a newer sweep (format 2, this one reads up to 1): upgrade"))


@pytest.mark.parametrize(
    "marker", ["", "{", "[]", '{"made_by": "sweep"}', '{"made_by": "sweep", "format": true}']
)
def test_a_marker_that_cannot_be_read_is_written_again_where_the_database_is_ours(folder, tree, marker):
    folder.prepare()
    good = folder.marker.read_text()
    folder.marker.write_text(marker)
    refused(folder, tree, "is not a results folder")
    folder.writer("loss").close()
    folder.check()
    folder.prepare()
    assert folder.marker.read_text() == good


def test_a_folder_with_a_marker_and_without_a_database_is_fine(folder):
    folder.prepare()
    folder.report.write_text("# Square")
    folder.prepare()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_refused(folder):
    folder.prepare()
    folder.path.chmod(0o500)
    try:
        folder.check()
        with pytest.raises(ResultsError, match="cannot be written"):
            folder.prepare()
    finally:
        folder.path.chmod(0o700)


def test_a_file_is_written_in_one_step(folder):
    folder.prepare()
    folder.write(folder.report, "x² \r\n")
    assert folder.report.read_bytes() == b"x\xc2\xb2 \r\n"
    assert sorted(os.listdir(folder.path)) == ["report.md", "sweep.json"]


def test_a_file_is_as_it_was_when_writing_fails(folder):
    folder.prepare()
    folder.write(folder.cells, "old")

    def fail():
        with lock(folder) as held, held.making("tables", "of these") as made:
            made.write(folder.runs, "whole")
            with made.replacing(folder.cells) as partial:
                assert partial.suffix == ".csv"
                partial.write_text("half")
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert folder.cells.read_text() == "old"
    assert sorted(os.listdir(folder.path)) == ["cells.csv", "store.lock", "sweep.json"]


def test_a_file_that_cannot_be_replaced_is_told(folder):
    folder.cells.mkdir(parents=True)
    with pytest.raises(ResultsError, match=r"cells\.csv cannot be written: Is a directory"):
        folder.write(folder.cells, "new")
