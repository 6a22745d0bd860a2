"""Machine code that is kept on disk is that of the function it is kept for."""

import os
import subprocess
import sys

import pytest

AT_ONCE = """
import os, time
from pathlib import Path
from numba.core.caching import IndexDataCacheFile
from sweep.training.network.engine.compiling import compiled

def make(factor):
    @compiled
    def times(x):
        return factor * x
    return times

def seen(name, at_most):
    until = time.monotonic() + at_most
    while not Path(name).exists() and time.monotonic() < until:
        time.sleep(0.01)

save_index, save_data = IndexDataCacheFile._save_index, IndexDataCacheFile._save_data

# Both have read the index; then the first writes it, the second writes it, and its code, and the first its code.
def first_index(self, overloads):
    Path("first read").touch()
    seen("second read", 1)
    save_index(self, overloads)
    Path("first index").touch()

def first_data(self, name, data):
    seen("second data", 1)
    save_data(self, name, data)

def second_index(self, overloads):
    Path("second read").touch()
    seen("first index", 10)
    save_index(self, overloads)

def second_data(self, name, data):
    save_data(self, name, data)
    Path("second data").touch()

make(1)(1)  # what comes first takes longest
child = os.fork()
if child:
    IndexDataCacheFile._save_index, IndexDataCacheFile._save_data = first_index, first_data
    make(2)(1)
    assert os.waitpid(child, 0)[1] == 0
    print(make(2)(1), make(3)(1))
else:
    seen("first read", 10)
    IndexDataCacheFile._save_index, IndexDataCacheFile._save_data = second_index, second_data
    make(3)(1)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_code_that_two_processes_keep_at_once_is_not_mixed_up(tmp_path):
    (tmp_path / "at_once.py").write_text(AT_ONCE)
    done = subprocess.run(
        [sys.executable, "at_once.py"],
        cwd=tmp_path,
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "kept")},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2 3\n"
