"""A results folder is used by the config that it belongs to; everything else is told before anything is overwritten."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import SMALL, SMALL_RESULTS, files, start, sweep, write_config

import sweep as program
from sweep.errors import ResultsError
from sweep.store import ResultsFolder, SeriesFolder, lock

CLAIM = {"sentence": "s", "form": "better", "axis": "learning_rate", "value": 0.1, "over": ["neurons"]}
OTHER = SMALL | {"target": {"function": "x**3", "interval": [0, 3]}}
ALIKE = SMALL | {"grid": SMALL["grid"] | {"learning_rate": [0.1, 0.2]}}


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        Path(name).mkdir()


def config(path, tables=SMALL):
    Path(path).parent.mkdir(exist_ok=True)
    return write_config(Path(path), tables)


def refused(*arguments, told, folder=Path("results")):
    before = files(folder)
    error = sweep(*arguments, code=1)
    assert len(error.splitlines()) == 1
    assert error.startswith("Error: "), error
    for part in told:
        assert part in error
    assert {name: content for name, content in files(folder).items() if name.name != "store.sqlite"} == {
        name: content for name, content in before.items() if name.name != "store.sqlite"
    }


@pytest.mark.parametrize("tables", [ALIKE, OTHER], ids=["alike", "other"])
@pytest.mark.parametrize("command", ["run", "plan", "table", "report"])
def test_two_configs_of_one_name_do_not_share_a_folder(tables, command):
    config("a/small.toml")
    config("b/small.toml", tables)
    sweep("run", "a/small.toml", "--no-report")
    told = ["results/small belongs to another config of this name, a/small.toml", "--results DIR"]
    refused(command, "b/small.toml", told=told)
    sweep("run", "b/small.toml", "--no-report", "--results", "results/b")
    sweep("run", "a/small.toml", "--no-report")


def test_a_copy_of_a_config_may_be_run_until_it_is_edited():
    config("a/small.toml")
    sweep("run", "a/small.toml", "--no-report")
    config("b/small.toml")
    sweep("run", "b/small.toml", "--no-report")
    config("b/small.toml", ALIKE)
    refused(
        "run", "b/small.toml", told=["results/small belongs to another config of this name, a/small.toml"]
    )
    sweep("run", "a/small.toml", "--no-report")


def test_a_config_of_results_on_another_disk_is_known(tmp_path):
    Path("far/away/disk").mkdir(parents=True)
    Path("results").symlink_to(tmp_path / "far" / "away" / "disk")
    config("a/small.toml")
    config("b/small.toml", OTHER)
    sweep("run", "a/small.toml", "--no-report")
    refused("run", "b/small.toml", told=["belongs to another config of this name, a/small.toml"])


def test_a_config_may_be_edited_in_whole():
    config("small.toml")
    sweep("run", "small.toml", "--no-report")
    config("small.toml", OTHER)
    sweep("run", "small.toml", "--no-report")


def test_a_config_may_be_renamed():
    config("old.toml")
    sweep("run", "old.toml", "--no-report")
    Path("old.toml").rename("new.toml")
    config("new.toml", OTHER)
    sweep("run", "new.toml", "--no-report", "--results", "results/old")
    config("old.toml")
    refused("run", "old.toml", told=["results/old belongs to another config of this name, new.toml"])


def test_a_project_may_be_moved_and_copied(tmp_path, monkeypatch):
    config("a/small.toml")
    monkeypatch.chdir("a")
    sweep("run", "small.toml", "--no-report")
    monkeypatch.chdir(tmp_path)
    shutil.copytree("a", "copied")
    Path("a").rename("moved")
    for name in ("copied", "moved"):
        monkeypatch.chdir(tmp_path / name)
        sweep("run", "small.toml", "--no-report")


def test_a_link_to_a_config_is_that_config():
    config("a/small.toml")
    Path("b/small.toml").symlink_to(Path("a/small.toml").absolute())
    sweep("run", "a/small.toml", "--no-report")
    sweep("run", "b/small.toml", "--no-report")


def test_a_folder_that_is_named_may_be_shared_by_configs_with_settings_in_common():
    config("a.toml")
    config("b.toml", ALIKE)
    sweep("run", "a.toml", "--no-report")
    sweep("run", "b.toml", "--no-report", "--results", "results/a")
    sweep("run", "a.toml", "--no-report")


def test_a_folder_that_is_named_by_mistake_is_told():
    config("a.toml")
    config("b.toml", OTHER)
    sweep("run", "a.toml", "--no-report")
    told = ["results/a has results of no setting of this sweep, but of that of a.toml", "--results DIR"]
    refused("run", "b.toml", "--results", "results/a", told=told)


def test_a_folder_of_an_older_sweep_is_anybodys():
    config("a.toml")
    sweep("run", "a.toml", "--no-report")
    folder = ResultsFolder(Path("results/a"))
    assert json.loads(folder.marker.read_bytes())["config"] == "../../a.toml"
    folder.marker.write_text('{"made_by": "sweep", "format": 1}')
    config("b.toml", OTHER)
    sweep("run", "b.toml", "--no-report", "--results", "results/a")
    assert json.loads(folder.marker.read_bytes())["config"] == "../../b.toml"


@pytest.mark.parametrize("told", ["", "../../a.toml\0", 5, "/", "../../b.toml" * 999])
def test_an_owner_that_makes_no_sense_owns_nothing(told):
    config("a.toml")
    sweep("run", "a.toml", "--no-report")
    marker = ResultsFolder(Path("results/a")).marker
    marker.write_text(json.dumps({"made_by": "sweep", "format": 1, "config": told}))
    sweep("run", "a.toml", "--no-report")


def test_functions_of_one_name_and_different_parameters_do_not_share_a_folder():
    for name, parameter in (("a", "rate"), ("b", "width")):
        Path(f"{name}.py").write_text(
            "import sweep\n"
            f"def train({parameter}, *, seed): return {parameter}\n"
            "if __name__ == '__main__':\n"
            f"    sweep.run(train, grid={{'{parameter}': [1, 2]}}, metrics={{'loss': 'lower'}}, report=False)\n"
        )
    assert subprocess.run([sys.executable, "a.py"], check=False).returncode == 0
    before = files(Path("results"))
    done = subprocess.run([sys.executable, "b.py"], check=False, capture_output=True, encoding="utf-8")
    assert "results/train has results of no setting of this sweep, but of that of a.py" in done.stderr
    assert files(Path("results"))[Path("train/cells.csv")] == before[Path("train/cells.csv")]
    assert subprocess.run([sys.executable, "a.py"], check=False).returncode == 0


def test_a_table_of_results_made_elsewhere_does_not_go_into_the_folder_of_a_config():
    import pandas

    config("a.toml")
    sweep("run", "a.toml", "--no-report")
    frame = pandas.DataFrame({"rate": [1, 2], "loss": [0.1, 0.2]})
    found = program.from_table(frame, axes=["rate"], metrics={"loss": "lower"})
    before = files(Path("results"))
    with pytest.raises(ResultsError, match=r"results/a belongs to a\.toml: name another folder"):
        program.write_report(found, "results/a")
    assert files(Path("results")) == before


# sweep reproduce


def series(name="c", *names):
    for each in names or ("x", "y"):
        tables = {"figures": ["curves"], **SMALL, "claim": [CLAIM], "claims": {"most_replicates": 4}}
        config(f"{name}/{each}.toml", tables)
    return name


@pytest.mark.parametrize("name", ["report.md", "verdicts.csv", "series.json", "figures/x-claim-1.png"])
def test_a_reproduce_overwrites_nothing_that_is_not_its_own(name):
    series()
    path = Path("out", name)
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    told = [f"out holds {name.partition('/')[0]}, which is of no page of `sweep reproduce`", "--results DIR"]
    refused("reproduce", "c", "--results", "out", told=told, folder=Path("out"))


def test_a_reproduce_does_not_write_into_the_folder_of_a_sweep():
    series()
    config("small.toml")
    sweep("run", "small.toml")
    refused("reproduce", "c", "--results", SMALL_RESULTS, told=["results/small holds report.md"])


def test_a_reproduce_leaves_what_it_does_not_write():
    series()
    Path("out").mkdir()
    Path("out/notes.txt").write_text("mine")
    sweep("reproduce", "c", "--results", "out", "--workers", "1")
    assert Path("out/notes.txt").read_text() == "mine"
    sweep("reproduce", "c", "--results", "out", "--workers", "1")


def test_a_page_of_other_configs_is_not_overwritten():
    series("c", "x", "y")
    series("d", "z")
    sweep("reproduce", "c", "--results", "out", "--workers", "1")
    refused(
        "reproduce",
        "d",
        "--results",
        "out",
        told=["out holds the page on other configs (x, y)"],
        folder=Path("out"),
    )


def test_series_of_one_name_do_not_share_a_folder():
    series("a/c")
    series("b/c", "x", "z")
    config("b/c/x.toml", {"figures": ["curves"], **ALIKE, "claim": [CLAIM], "claims": {"most_replicates": 4}})
    sweep("reproduce", "a/c", "--workers", "1")
    refused("reproduce", "b/c", told=["results/c/x belongs to another config of this name, a/c/x.toml"])


def test_a_foreign_folder_of_one_config_is_told_before_anything_is_trained():
    series()
    Path("out/y").mkdir(parents=True)
    Path("out/y/mine.txt").write_text("mine")
    refused(
        "reproduce", "c", "--results", "out", told=["out/y is not a results folder"], folder=Path("out/y")
    )
    assert not Path("out/x").exists()


def test_a_second_reproduce_into_one_folder_is_told():
    series()
    folder = SeriesFolder(Path("out"))
    folder.prepare(["x"])
    with lock(folder, "sweep reproduce c --results out"):
        told = ["out is in use by process", "(sweep reproduce c --results out)"]
        refused("reproduce", "c", "--results", "out", told=told, folder=Path("out"))


def test_a_page_that_was_killed_half_way_is_made_again():
    series()
    sweep("reproduce", "c", "--results", "out", "--workers", "1")
    whole = files(Path("out"))
    Path("out/series.json").unlink()
    stamps = json.loads(Path("out/store.stamps.json").read_bytes())
    Path("out/store.stamps.json").write_text(json.dumps({"page": stamps["page"] | {"from": None}}))
    Path("out/report.md").write_text("half")
    sweep("reproduce", "c", "--results", "out", "--workers", "1")
    again = files(Path("out"))
    assert {name: again[name] for name in whole if name.name != "store.sqlite"} == {
        name: content for name, content in whole.items() if name.name != "store.sqlite"
    }


def test_figures_of_a_config_that_was_taken_out_are_removed_and_the_users_stay():
    series()
    sweep("reproduce", "c", "--results", "out", "--workers", "1")
    figures = Path("out/figures")
    (figures / "mine.png").write_text("mine")
    assert any(path.name.startswith("y-") for path in figures.iterdir())
    Path("c/y.toml").unlink()
    sweep("reproduce", "c", "--results", "out", "--workers", "1")
    assert not any(path.name.startswith("y-") for path in figures.iterdir())
    assert (figures / "mine.png").exists()
    assert any(path.name.startswith("x-") for path in figures.iterdir())


def test_configs_and_introduction_of_a_series_are_read_once():
    series()
    Path("c/README.md").write_text("# As it was\n")
    texts = {name: Path(f"c/{name}.toml").read_text() for name in ("x", "y")}

    def edit(_):
        for name in ("x", "y"):
            Path(f"c/{name}.toml").write_text("half an edit [")
        Path("c/README.md").unlink(missing_ok=True)

    program.reproduce("c", results="out", workers=1, on_result=edit)
    for name, text in texts.items():
        assert Path(f"out/{name}/config.toml").read_text() == text
    assert Path("out/report.md").read_text().startswith("# As it was\n")


def test_a_reproduce_that_is_killed_leaves_no_lock(tmp_path):
    series()
    with start("reproduce", "c", "--results", "out", cwd=tmp_path) as process:
        process.kill()
    sweep("reproduce", "c", "--results", "out", "--workers", "1")
