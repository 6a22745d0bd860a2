"""A user's file may be called as a module of Python's own."""

import subprocess
import sys

import pytest

CONFIG = """
[function]
call = "NAME.py:train"
metrics = { error = "lower" }
[grid]
rate = [0.1, 0.2]
"""


@pytest.mark.parametrize("name", ["queue", "random"])
def test_a_file_that_is_named_as_a_module_of_python_is_trained_in_silence(name, tmp_path, tmp_path_factory):
    (tmp_path / f"{name}.py").write_text("def train(rate):\n    return rate\n")
    (tmp_path / "c.toml").write_text(CONFIG.replace("NAME", name))
    program = tmp_path_factory.mktemp("bin") / "program.py"
    program.write_text("from sweep.cli import main\n\nmain()\n")
    done = subprocess.run(
        [sys.executable, program, "run", "c.toml", "--no-report", "--workers", "1"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )
    assert (done.returncode, done.stderr) == (0, "")
