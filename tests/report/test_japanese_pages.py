"""Pages in Japanese: whatever a report has to say, no word of it is left in English but what is called so anywhere."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from report.fabricated import cells_of, curves_of, functions_of
from report.test_answer import of_losses
from report.test_report_page import AXES, SETTING, content_of
from report.test_weights_figure import portrait
from running import SMALL, write_config

import sweep
from sweep.report.pages.drawing import Drawing, Images
from sweep.report.pages.report_page import build_report
from sweep.report.pages.series_page import build_series, make_chapter
from sweep.save import language_of, report_content
from sweep.tables.curves import Coverage
from sweep.tables.failures import Failures
from sweep.terms.surroundings import UNKNOWN, Surroundings
from sweep.words import speaking

NAMES = re.compile(
    "sweep|numpy|CPU|Linux|run|failures|until|decided|CONFIG|judged|toml|csv|parquet|cells|"
    "replicates|exclude|curves|false|quick|learning_rate|neurons|epochs|layers|"
    "relu|identity|printed|backprop|mean|float64|ValueError|CSV|RMS|Dvoretzky|Kiefer|Wolfowitz|min|inf"
)
"""Programs and machines, commands, what is called so in a config or anywhere, people, a unit, a number."""

GRID = {"learning_rate": [0.1, 0.2, 0.3], "neurons": [2, 3, 4], "epochs": [5, 10], "replicates": 12}
CLAIMS = [
    {
        "sentence": "主張1",
        "form": "better",
        "axis": "learning_rate",
        "value": 0.1,
        "than": 0.3,
        "over": ["neurons", "epochs"],
    },
    {
        "sentence": "主張2",
        "form": "fails",
        "metric": "rms_error",
        "below": 0.3,
        "where": {"learning_rate": 0.1, "neurons": 2, "epochs": 10},
    },
    {
        "sentence": "主張3",
        "form": "reaches",
        "metric": "final_loss",
        "above": 0.001,
        "over": ["neurons", "learning_rate"],
        "where": {"epochs": 10},
    },
]


def scattered():
    axes = {name: list(np.geomspace(0.01, 1, 40)) for name in ("learning_rate", "neurons", "epochs")}
    cells = cells_of({"learning_rate": axes["learning_rate"]})
    cells.insert(1, "neurons", axes["neurons"][::-1])
    cells.insert(2, "epochs", axes["epochs"])
    return content_of(axes=axes, cells=cells, curves=None, functions=None)


def failed():
    cells = cells_of(AXES)
    cells["n_failed"] = 2
    return content_of(
        cells=cells,
        failures=[
            Failures(status, "ValueError: 3", 2, {"learning_rate": 0.1}, 1, "", "")
            for status in ("failed", "timeout", "killed")
        ],
        stored_runs=200,
        seconds=4000.0,
        command="sweep run",
        seed=1,
        surroundings=[UNKNOWN, Surroundings({"numpy": "2"}, "CPU", 2, "Linux")],
    )


def diverged(share):
    cells = cells_of(AXES)
    cells["n_diverged"] = (share * cells["n_runs"]).astype(int)
    cells.loc[:3, ["median", "upper_quartile"]] = np.inf
    return content_of(cells=cells, recorded=Coverage(2, 3, 32), kept=Coverage(3, 3, 32))


def of_targets(n):
    axes = {"function": [f"x**{i}" for i in range(n)], **AXES}
    setting = {name: axes[name] for name in ("function", "learning_rate", "neurons")}
    return content_of(
        axes=axes, cells=cells_of(axes), curves=curves_of(setting), functions=functions_of(setting, 3)
    )


def of_many_axes():
    axes = {**AXES, "batch_size": [1, 2, 3, 4], "init_range": [0.1, 0.2, 0.3]}
    return content_of(axes=axes, cells=cells_of(axes), curves=None, functions=None)


CONTENTS = {
    "usual": content_of,
    "one cell": lambda: content_of(
        axes={"neurons": [3]}, cells=cells_of({"neurons": [3]}), curves=None, functions=None, replicates=1
    ),
    "one axis": lambda: content_of(
        axes={"neurons": [3, 5, 9]}, cells=cells_of({"neurons": [3, 5, 9]}), curves=None, functions=None
    ),
    "no result": lambda: content_of(
        cells=cells_of(AXES).iloc[:0].assign(), stored_runs=0, curves=None, functions=None, is_quick=True
    ),
    "failures": failed,
    "some diverged": lambda: diverged(0.3),
    "all diverged": lambda: diverged(1),
    "two targets": lambda: of_targets(2),
    "ten targets": lambda: of_targets(10),
    "many axes": of_many_axes,
    "scattered": scattered,
    "told apart": lambda: of_losses(
        {0.1: np.linspace(1, 2, 20), 0.2: np.linspace(5, 6, 20), 0.3: np.full(20, 9.0)}
    ),
    "hardly told apart": lambda: of_losses({0.1: np.linspace(1, 2, 20), 0.2: np.linspace(1.01, 2.01, 20)}),
    "few replicates": lambda: of_losses({0.1: [1.0, 2.0], 0.2: [3.0, 4.0], 0.3: [5.0, np.inf]}),
    "weights": lambda: content_of(
        figures=("weights",),
        portraits=[portrait((1, 3, 1), role, 1, 0.1) for role in ("best", "median", "worst")],
        portrayed={"learning_rate": 0.1},
    ),
    "excluded": lambda: content_of(excluded=3, curves=curves_of(SETTING).iloc[:0], functions=None),
}


def english_in(page):
    """Return the English words that a reader of a page sees or hears."""
    text = re.sub(r"<(style|script).*?</\1>|data:[^\"]*|```.*?```|<pre.*?</pre>", "", page, flags=re.DOTALL)
    heard = re.findall(r'(?:alt|aria-label)="([^"]*)"', text) if "<html" in text else []
    text = re.sub(r"<[^>]*>|\]\([^)]*\)", " ", text).replace("\\", "").replace("&amp;", "&")
    return sorted(
        {
            word
            for word in re.findall(r"[A-Za-z_]{3,}\d*", " ".join([text, *heard]))
            if not NAMES.fullmatch(word)
        }
    )


@pytest.fixture(autouse=True)
def _blank_pictures(monkeypatch):
    """Draw no figures: they are no words of a page, `test_japanese_figures.py` reads them, and they take longest."""
    monkeypatch.setattr(Drawing, "images", Images(b"", b'<svg width="400pt"></svg>'))


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("judged")
    training = {"batch_size": 3}
    config = write_config(
        folder / "judged.toml", {**SMALL, "training": training, "grid": GRID, "claim": CLAIMS}
    )
    content = report_content(sweep.run(config, results=folder / "results", report=False))
    return replace(content, versions={"sweep": "1"}, surroundings=())


def in_japanese(content):
    with speaking("ja"):
        return build_report(replace(content, title="題", source="", config_text=""))


@pytest.mark.parametrize("name", CONTENTS)
def test_no_word_of_a_page_is_left_in_english(name):
    report = in_japanese(CONTENTS[name]())
    assert english_in(report.markdown) == []
    assert english_in(report.html) == []
    assert '<html lang="ja">' in report.html


def test_no_word_about_a_claim_is_left_in_english(judged):
    report = in_japanese(judged)
    assert "主張3" in report.markdown
    assert english_in(report.markdown) == []
    assert english_in(report.html) == []


def test_the_page_of_a_series_speaks_japanese_too(judged):
    with speaking("ja"):
        chapter = make_chapter("sweep", replace(judged, title="題", source="", config_text=""))
        page = build_series("# 題", [chapter], is_quick=True, versions=["sweep 1"])
    assert english_in(page.markdown) == []
    assert english_in(page.html) == []
    assert '<html lang="ja">' in page.html


def test_names_of_users_stay_as_they_are():
    name = "my <b>{loss}</b> %s"
    axes = {name: ["{n}", "of {of}"], "neurons": [1, 2, 3]}
    cells = cells_of({"neurons": axes["neurons"], name: axes[name]})
    report = in_japanese(content_of(axes=axes, cells=cells, curves=None, functions=None))
    assert "my &lt;b&gt;{loss}&lt;/b&gt; %s = of {of}" in report.html


def test_a_series_speaks_the_language_of_all_its_configs_and_english_where_they_differ():
    japanese, english = (SimpleNamespace(lang=lang) for lang in ("ja", "en"))
    assert language_of([japanese, japanese]) == "ja"
    assert language_of([japanese, english]) == "en"
