import getpass
import json
import platform

import pytest
from report.test_report_page import content_of

import sweep
from sweep.report.pages.provenance import made_here, made_table
from sweep.save import report_content
from sweep.store import ResultsFolder
from sweep.store.surroundings import note_surroundings, read_surroundings
from sweep.terms.surroundings import Surroundings, surroundings_here

HERE = Surroundings({"sweep": "0.1.0", "CPython": "3.11.2"}, "Fast 3000", 8, "Linux (x86_64)")
CONFIG = {
    "target": {"function": "x**2", "interval": [0, 1]},
    "grid": {"learning_rate": [0.1], "epochs": [5], "replicates": 2},
}


def rows(table):
    return dict(table.rows)


def test_what_is_the_same_everywhere_is_told_in_both_pages_and_where_it_was_trained_in_one():
    content = content_of(command="sweep run mine.toml", seed=7, seconds=3.21, surroundings=(HERE,))
    assert rows(made_table(content)) == {
        "command": "sweep run mine.toml",
        "runs": f"384 planned, 384 done, of which {int(content.cells['n_diverged'].sum())} diverged and 0 failed",
        "seed": "7",
        "tables and figures": "sweep 0.1.0, numpy 2.0.0",
    }
    here = rows(made_here(content))
    assert here["trained with"] == "sweep 0.1.0, CPython 3.11.2"
    assert here["trained on"] == "Fast 3000, 8 cores, Linux (x86_64)"
    assert here["time of training"] == "3.2 s, the times of all trainings together"


def test_results_of_older_sweeps_say_nothing_of_where_they_were_trained():
    assert rows(made_here(content_of())) == rows(made_table(content_of()))


def test_a_sweep_keeps_what_it_was_trained_with_and_its_report_stays_the_same(tmp_path):
    folder = ResultsFolder(tmp_path / "results")
    found = sweep.run(CONFIG, results=folder.path, workers=1)
    (here,) = read_surroundings(folder)
    assert here.versions.keys() == {"sweep", platform.python_implementation(), "numpy", "numba", "llvmlite"}
    assert report_content(found).surroundings == (here,)
    assert report_content(found).seconds > 0
    before = folder.page.read_bytes()
    sweep.write_report(sweep.load(CONFIG, results=folder.path))
    assert folder.page.read_bytes() == before
    for name in (platform.node(), getpass.getuser()):
        assert f" {name}" not in str(here), "no names of machines or people"


def test_each_kind_of_surroundings_is_kept_once_and_a_damaged_file_is_none(tmp_path):
    folder = ResultsFolder(tmp_path)
    other = surroundings_here("0.2", ["no_such_package"])
    for one in (HERE, other, HERE):
        note_surroundings(folder, one, has_results=False)
    assert read_surroundings(folder) == (HERE, other)
    folder.surroundings.write_text(json.dumps([{"versions": 1}]))
    assert read_surroundings(folder) == ()


def test_what_was_trained_before_anything_was_kept_is_not_said_to_be_trained_here(tmp_path):
    folder = ResultsFolder(tmp_path / "results")
    sweep.run(CONFIG, results=folder.path, workers=1, report=False)
    folder.surroundings.unlink()
    more = CONFIG | {"grid": CONFIG["grid"] | {"replicates": 3}}
    content = report_content(sweep.run(more, results=folder.path, workers=1, report=False))
    here = rows(made_here(content))
    assert here["trained with (1)"] == "what an earlier sweep has not kept"
    assert here["trained with (2)"].startswith("sweep ")
    assert "trained on (1)" not in here


@pytest.mark.parametrize(
    ("gradient", "is_told"), [("backprop", False), ("numerical", True)], ids=["backprop", "numerical"]
)
def test_only_fields_that_matter_are_told(tmp_path, gradient, is_told):
    config = CONFIG | {"training": {"gradient": gradient}}
    fixed = report_content(sweep.run(config, results=tmp_path / "r", workers=1, report=False)).fixed
    assert ("difference_step" in fixed) is is_told
    assert "round_epochs" not in fixed
    assert fixed["batch_size"] == 10
