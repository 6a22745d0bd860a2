import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store.databases import bits, numbered_outcome, read, undamaged
from store.legacy_files import write_legacy

from sweep.store import DatabaseWriter

WRITER = """
import itertools, sys
from pathlib import Path
from store.databases import OBJECTIVE, numbered_outcome
from sweep.store import DatabaseWriter
with DatabaseWriter(Path(sys.argv[1]), OBJECTIVE) as store:
    start = sum(1 for _ in store.outcomes())
    assert not store.damage, store.damage
    print(start, flush=True)
    for i in itertools.count(start):
        store.append(numbered_outcome(i))
        if i % 3 == 0:
            store.commit()
            print(i + 1, flush=True)
"""
TESTS = str(Path(__file__).parents[1])


@pytest.mark.parametrize("begun", [False, True], ids=["a new file", "a file of an older sweep"])
def test_what_a_killed_writer_has_committed_is_whole(path, begun):
    if begun:
        write_legacy(path, [numbered_outcome(i) for i in range(4)])
    moments = random.Random(1)
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join([TESTS, os.environ.get("PYTHONPATH", "")])}
    for _ in range(5):
        arguments = [sys.executable, "-c", WRITER, str(path)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, env=paths) as process:
            assert process.stdout.readline().strip().isdigit()
            time.sleep(moments.uniform(0, 0.15))
            process.kill()
            told = process.stdout.read().split()
        outcomes = undamaged(path)
        assert len(outcomes) >= int(told[-1] if told else 0)
        assert all(bits(outcome) == bits(numbered_outcome(i)) for i, outcome in enumerate(outcomes))
    assert len(outcomes) > 5
    found, damage = read(path, use=DatabaseWriter)
    assert len(found) == len(outcomes)
    assert damage == []
