import random
import subprocess
import sys
import time

import numpy as np

from sweep.store import KEY, Database, DatabaseWriter

WRITER = """
import itertools, sys
from pathlib import Path
import numpy as np
from sweep.store import KEY, Curves, DatabaseWriter, Record
with DatabaseWriter(Path(sys.argv[1])) as store:
    start = sum(1 for _ in store.records())
    assert not store.damage, store.damage
    print(start, flush=True)
    for i in itertools.count(start):
        n = 1 + i % 300
        losses = np.random.default_rng(i).random((n, 3))
        curves = Curves(np.arange(20), np.full((n, 20), float(i)), np.full((n, 11), -float(i)))
        keys = np.frombuffer(i.to_bytes(16) * n, KEY)
        store.append(Record(keys, np.arange(n), np.arange(1, 4), losses, np.zeros(n, np.int64), 1.0, curves))
        if i % 3 == 0:
            store.commit()
            print(i + 1, flush=True)
"""


def test_what_a_killed_writer_has_committed_is_whole(tmp_path):
    path = tmp_path / "store.sqlite"
    moments = random.Random(1)
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout.readline().strip().isdigit()
            time.sleep(moments.uniform(0, 0.15))
            process.kill()
            told = process.stdout.read().split()
        with Database.read(path) as database:
            records = list(database.records(curves=True))
            assert database.damage == []
        assert len(records) >= int(told[-1] if told else 0)
        for i, record in enumerate(records):
            assert record.keys.tobytes() == np.frombuffer(i.to_bytes(16) * (1 + i % 300), KEY).tobytes()
            assert record.losses.tobytes() == np.random.default_rng(i).random((1 + i % 300, 3)).tobytes()
            assert (record.curves.losses == i).all()
            assert (record.curves.outputs == -i).all()
    assert len(records) > 5
    with DatabaseWriter(path) as store:
        assert len(list(store.records())) == len(records)
        assert store.damage == []
