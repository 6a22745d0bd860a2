"""The examples of configs/own run as they stand, and show what they are there for."""

import importlib.util
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import sweep
from sweep.cli import main

OWN = Path(__file__).parents[1] / "configs" / "own"
NAMES = sorted(path.stem for path in OWN.glob("*.toml"))


def command(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def module(name, monkeypatch):
    monkeypatch.syspath_prepend(str(OWN))
    spec = importlib.util.spec_from_file_location(f"own_{name}", OWN / f"{name}.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The folder of a page on all examples, in their quick forms, with fewer figures."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copytree(OWN, folder / "own", ignore=shutil.ignore_patterns("__pycache__"))
    for name in {*NAMES} - {"wild"}:  # drawing takes longer than training here
        config = folder / "own" / f"{name}.toml"
        config.write_text('figures = ["heatmap"]\n' + config.read_text(encoding="utf-8"), encoding="utf-8")
    told = command("reproduce", folder / "own", "--quick", "--workers", 2, "--results", folder / "page")
    assert told.exit_code == 0, told.output
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_planned_without_running_it(name, tmp_path):
    told = command("plan", OWN / f"{name}.toml", "--results", tmp_path / "results")
    assert told.exit_code == 0, told.output
    assert "to be trained" in told.output


def test_a_folder_of_both_kinds_of_training_makes_one_page(page):
    text = (page / "page" / "report.md").read_text(encoding="utf-8")
    titles = {
        name: tomllib.loads((OWN / f"{name}.toml").read_text(encoding="utf-8"))["title"] for name in NAMES
    }
    assert text.startswith((OWN / "README.md").read_text(encoding="utf-8").strip())
    for name, title in titles.items():
        assert f'<a name="{name}"></a>' in text
        assert title.replace("[", "\\[").replace("]", "\\]") in text
    assert "(#by_hand)" in text
    assert "solver upwards and learning rate to the right; bright is high" in text


def test_the_classifier_is_ranked_by_its_accuracy_and_the_claims_on_it_hold(page):
    found = sweep.load(page / "own" / "digits.toml", results=page / "page" / "digits", quick=True)
    best = found.cells.loc[found.cells["median"].idxmax()]
    assert (best["solver"], best["learning_rate"], best["epochs"]) == ("adam", 0.01, 6)
    assert 0.8 < best["median"] < 1
    assert best["median_log_loss"] == found.cells["median_log_loss"].min()
    assert not found.verdicts["verdict"].eq("refuted").any()
    assert found.verdicts["verdict"].eq("supported").sum() >= 5


def test_the_network_by_hand_comes_to_no_other_verdict_than_the_built_in_one(page):
    by_hand, built_in = (
        sweep.load(page / "own" / f"{name}.toml", results=page / "page" / name, quick=True).verdicts
        for name in ("by_hand", "built_in")
    )
    assert len(by_hand) == 12
    assert by_hand[["sentence", "batch_size", "epochs"]].equals(
        built_in[["sentence", "batch_size", "epochs"]]
    )
    both = list(zip(by_hand["verdict"], built_in["verdict"], strict=True))
    assert not {("supported", "refuted"), ("refuted", "supported")} & set(both)
    assert sum(one == other for one, other in both) >= 9  # some are undecided in one of them
    assert {("supported",) * 2, ("refuted",) * 2} <= set(both)


@pytest.mark.parametrize(("learning_rate", "batch_size"), [(0.03, 1), (0.03, 10), (0.1, 10)])
def test_the_readable_trainer_has_the_same_losses_with_the_same_random_numbers(
    learning_rate, batch_size, monkeypatch
):
    epochs, seed, neurons = 300, 7, 10
    own = module("by_hand", monkeypatch)
    yielded = own.train(learning_rate, neurons, batch_size, seed=seed)
    losses = [next(yielded)["loss"] for _ in range(epochs)]

    random = np.random.default_rng(seed)
    w, b, v, c = own.start(random, neurons, 0.5)
    samples = random.uniform(own.LOW, own.HIGH, size=(epochs, batch_size))
    network = sweep.Network(weights=[w[:, None], v[None, :]], biases=[b, [c]], activation="relu")
    target = sweep.Target("x**2", interval=(own.LOW, own.HIGH))
    trained = sweep.train_network(network, target, samples, learning_rate=learning_rate)
    np.testing.assert_allclose(losses, trained.losses, rtol=1e-12)


def test_many_runs_in_one_call_give_the_numbers_of_each_by_itself(monkeypatch):
    rates, seeds = np.array([0.01, 0.03, 0.1, 0.3, 0.03]), np.array([1, 1, 2, 3, 4])
    alone, together = (module(name, monkeypatch).train for name in ("by_hand", "together"))
    many = together(rates, neurons=10, batch_size=10, seed=seeds)
    each = [alone(float(rate), 10, 10, seed=int(seed)) for rate, seed in zip(rates, seeds, strict=True)]
    for _ in range(250):
        ours, theirs = next(many), [next(one) for one in each]
        for metric in ("loss", "rms_error"):
            assert ours[metric].tolist() == [one[metric] for one in theirs]


def test_the_sweep_of_the_batched_function_has_the_numbers_of_the_plain_one(page):
    options = {"quick": True, "results": page / "page" / "together"}
    together = sweep.load(page / "own" / "together.toml", **options).runs
    one = together.query("learning_rate == 0.03 and neurons == 10")
    plain = sweep.load(page / "own" / "by_hand.toml", results=page / "page" / "by_hand", quick=True).runs
    other = plain.query("learning_rate == 0.03 and batch_size == 10 and epochs == 100")
    mine = one.query("epochs == 100").set_index("replicate")["loss"]
    assert mine.equals(other.set_index("replicate")["loss"][: len(mine)])


def test_what_goes_wrong_costs_no_other_run_its_result(page):
    config, results = page / "own" / "wild.toml", page / "page" / "wild"
    found = sweep.load(config, results=results, quick=True)
    by_danger = dict(iter(found.runs.groupby("danger")))
    for danger, status in {
        "nothing": "ok",
        "a moody server": "ok",  # it was tried again
        "an exception": "failed",
        "an endless loop": "timeout",
        "greed": "killed",
        "a crash": "killed",
    }.items():
        assert by_danger[danger].sort_values("replicate")["status"].tolist() == ["ok", "ok", status]


def test_failures_says_why_and_replay_shows_where(page):
    config, options = page / "own" / "wild.toml", ("--quick", "--results", page / "page" / "wild")
    told = command("failures", config, *options).output
    assert "4 trainings have no result, for 4 reasons" in told
    assert "1 failed: ValueError: the matrix is singular" in told
    assert "replicate 2: beware of an exception" in told
    again = command("replay", config, *options, "--where", "danger=an exception", "--replicate", 2)
    assert again.exit_code == 1
    assert 'raise ValueError("the matrix is singular")' in again.output
    well = command("replay", config, *options, "--where", "danger=nothing", "--replicate", 1)
    assert (well.exit_code, "error = 0.5" in well.output) == (0, True)


def test_the_pages_say_what_failed(page):
    config, results = page / "own" / "wild.toml", page / "page" / "wild"
    sweep.write_report(sweep.load(config, results=results, quick=True), page / "wild")
    for text in (
        (page / "wild" / "report.md").read_text(encoding="utf-8"),
        (page / "wild" / "report.html").read_text(encoding="utf-8"),
        (page / "page" / "report.md").read_text(encoding="utf-8"),
    ):
        assert "ValueError: the matrix is singular" in text
        assert "danger = an exception, replicate = 2" in text


def test_the_time_of_a_folder_is_told_as_far_as_it_is_known(tmp_path):
    told = command("plan", OWN, "--quick", "--results", tmp_path)
    assert told.exit_code == 0, told.output
    assert told.output.split("\n  all ")[1].split("\n")[0].endswith("2 s, and what is not known")


def test_a_folder_of_configs_without_claims_makes_a_page_too(tmp_path):
    configs = tmp_path / "configs"
    configs.mkdir()
    (configs / "mine.py").write_text("def train(kind):\n    return len(kind)\n")
    (configs / "mine.toml").write_text(
        '[function]\ncall = "mine.py:train"\nmetrics = { length = "higher" }\n'
        '[grid]\nkind = ["a", "bb"]\nreplicates = 1\n'
    )
    told = command("reproduce", configs, "--results", tmp_path / "page")
    assert told.exit_code == 0, told.output
    assert "0 claims" not in (tmp_path / "page" / "report.md").read_text()
