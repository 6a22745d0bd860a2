"""The notebook of a researcher, executed in a real kernel: every figure is a picture in its output."""

import base64
import json
import subprocess
import sys
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

NOTEBOOK = Path(__file__).parents[1] / "configs" / "own" / "notebook.ipynb"

EXECUTE = """
import sys
import nbclient, nbformat

notebook = nbformat.read(sys.argv[1], 4)
nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""

FIGURES = (
    *("heatmap(", "against(", "curves_figure(", "share_map(", "importance(", "subplots("),
    *("functions_figure(", "weights_figure(", "verdict_map(", "threshold_figure("),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    pytest.importorskip("nbclient", reason="nbclient is not installed: pip install 'sweep[dev]'")
    if find_spec("ipykernel") is None:  # imported, it would make a notebook of this process, with bars
        pytest.skip("ipykernel is not installed: pip install 'sweep[dev]'")
    folder = tmp_path_factory.mktemp("researcher")
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE, str(NOTEBOOK), "executed.ipynb"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=150,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture(scope="module")
def cells(folder):
    notebook = json.loads((folder / "executed.ipynb").read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def shown(cells, part):
    """Return what the outputs of the cells with a text show, by kinds."""
    found = [cell for cell in cells if part in "".join(cell["source"])]
    assert found, f"no cell has {part}"
    return [
        {kind: "".join(text) for output in cell["outputs"] for kind, text in output.get("data", {}).items()}
        for cell in found
    ]


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_is_a_picture_in_the_output(figure, cells):
    for output in shown(cells, figure):
        picture = Image.open(BytesIO(base64.b64decode(output["image/png"])))
        assert min(picture.size) > 150
        assert len(picture.convert("RGB").getcolors(1_000_000)) > 20


def test_no_cell_shows_a_picture_twice_or_complains(cells):
    for cell in cells:
        assert sum("image/png" in output.get("data", {}) for output in cell["outputs"]) <= 1
        streams = [output for output in cell["outputs"] if output["output_type"] == "stream"]
        assert not [output for output in streams if "Warning" in "".join(output["text"])]


def test_a_preview_results_verdicts_and_a_pivot_show_themselves(cells):
    (preview,) = shown(cells, "sweep.preview(")
    assert "to be trained" in preview["text/plain"]
    assert "in 81 cells" in shown(cells, "results = sweep.run(")[0]["text/html"]
    assert "<table" in shown(cells, "results.pivot(")[0]["text/html"]
    assert "<td>supported</td>" in shown(cells, "network.verdicts")[0]["text/html"]


def test_what_was_exported_is_there(folder):
    assert (folder / "paper" / "cells.csv").read_text().startswith("learning_rate,momentum,epochs,n_runs")
    assert r"\toprule" in (folder / "paper" / "medians.tex").read_text()
