"""Imports run one way, along the line of the data, and the command line starts without what it does not need."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import sweep

PACKAGE = Path(sweep.__file__).parent

STAGES = (
    "sweep",  # the names in the package's own __init__: `__version__`, and those that it imports when they are used
    "at_once",
    "errors",
    "words",
    "arguments",
    "terms",
    "forms",
    "training",
    "config",
    "plan",
    "dispatch",
    "progress",
    "streams",
    "store",
    "tables",
    "claims",
    "report",
    "exports",
    "results",
    "elsewhere",
    "save",
    "terminal",
    "forecast",
    "gather",
    "ahead",
    "pace",
    "train",
    "recheck",
    "obedience",
    "api",
    "watch",
    "series",
    "cli",
    "__main__",
)
"""In the order in which they may be imported: each may import those before it."""

ONLY = {
    "at_once": set(),
    "errors": set(),
    "arguments": {"errors"},
    "words": set(),
    "terms": {"errors", "words"},
    "forms": {"errors", "words", "terms"},
    "training": {"errors", "words", "terms", "forms"},
    "dispatch": {"at_once", "errors", "terms", "training"},
    "progress": set(),
    "streams": {"terms"},
    "ahead": set(),
    "store": {"errors", "terms"},
    "report": {"at_once", "errors", "words", "terms", "training", "tables", "claims"},
}
"""Stages that need fewer than all that stand before them."""


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in PACKAGE.rglob("*.py")}


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield everything in a module, inside of functions too, but not what only a type checker sees."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        yield node
        yield from nodes(node)


def imported(module: str) -> set[str]:
    """Return the modules of the package that a module imports."""
    found = set()
    for node in nodes(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively: write the whole name"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return {name for name in found if name.split(".")[0] == "sweep"}


def stage(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def test_every_module_belongs_to_a_stage():
    assert {stage(module) for module in MODULES} == set(STAGES)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_from_earlier_stages_only(module):
    mine = stage(module)
    allowed = ONLY.get(mine, set(STAGES[: STAGES.index(mine)])) | {mine, "sweep"}
    assert {stage(other) for other in imported(module)} <= allowed


def test_no_modules_import_each_other():
    TopologicalSorter({module: imported(module) - {module} for module in MODULES}).prepare()


def modules_after(code: str) -> set[str]:
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"]
    tests = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, env=tests)
    return set(done.stdout.split())


SHOW_HELP = "from sweep.cli import main\nmain(['--help'], standalone_mode=False)"
HEAVY = {"numpy", "pandas", "matplotlib", "seaborn", "scipy", "loky", "pyarrow", "pydantic", "jinja2"}


@pytest.mark.parametrize("code", ["import sweep", SHOW_HELP], ids=["package", "help"])
def test_nothing_heavy_is_imported_before_it_is_needed(code):
    assert modules_after(code) & HEAVY == set()


def test_a_config_is_read_without_what_makes_tables_and_figures():
    needless = modules_after("import sweep.config") & HEAVY
    assert needless <= {"numpy", "pydantic"}


TRAIN_ALREADY_COMPILED = """
from network.tasks import make_task
from sweep.training.network.engine import train_engine
for sizes in ((1, 3, 1), (1, 3, 2, 1), (1, 20, 20, 1)):
    train_engine(make_task(layer_sizes=sizes))
"""


def test_code_that_is_kept_is_used_without_what_would_compile_it():
    modules_after(TRAIN_ALREADY_COMPILED)
    needless = {"numba.np.arraymath", "numba.np.linalg", "scipy.linalg", "pandas"}
    assert modules_after(TRAIN_ALREADY_COMPILED) & needless == set()


RUN_WITHOUT_HEATMAP = """
import sweep
grid = {"neurons": 2, "learning_rate": [0.01, 0.03], "epochs": 3, "replicates": 2}
sweep.run({"target": {"function": "x", "interval": [0, 1]}, "grid": grid}, results="results")
"""


def test_figures_without_a_heatmap_are_drawn_without_seaborn_and_scipys_statistics(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    needless = {"seaborn", "scipy.stats", "scipy.linalg", "scipy.special", "matplotlib.pyplot", "bokeh"}
    assert modules_after(RUN_WITHOUT_HEATMAP) & needless == set()
    assert (tmp_path / "results" / "figures" / "curves.svg").exists()


def test_dask_is_imported_by_nobody_who_has_no_cluster():
    assert (
        modules_after("import sweep.api, sweep.cli, sweep.dispatch.desk") & {"dask", "distributed"} == set()
    )


def test_public_names_are_found_and_listed_and_others_are_not():
    assert set(sweep.__all__) <= set(dir(sweep))
    for name in sweep.__all__:
        assert getattr(sweep, name).__name__ == name
        assert getattr(sweep, name).__doc__
    with pytest.raises(AttributeError, match="has no attribute 'swoop'"):
        sweep.swoop  # noqa: B018
