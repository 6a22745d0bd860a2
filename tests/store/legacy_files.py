"""Databases of the formats 1 and 2, written as older sweeps wrote them: by their own SQL and checksums."""

import sqlite3
import struct
import zlib

import numpy as np

from sweep.terms.outcome import Status

SCHEMAS = {
    "batches": "CREATE TABLE batches (id INTEGER PRIMARY KEY, trajectories INTEGER, seconds REAL, has_curves INTEGER, "
    "keys BLOB, replicates BLOB, epochs BLOB, losses BLOB, diverged_at BLOB, crc INTEGER)",
    "curves": "CREATE TABLE curves (id INTEGER PRIMARY KEY, trajectories INTEGER, epochs BLOB, losses BLOB, "
    "outputs BLOB, crc INTEGER)",
    "failures": "CREATE TABLE failures (id INTEGER PRIMARY KEY, trajectories INTEGER, keys BLOB, replicates BLOB, "
    "reason TEXT, crc INTEGER)",
    "weights": "CREATE TABLE weights (id INTEGER PRIMARY KEY, trajectories INTEGER, parameters BLOB, crc INTEGER)",
}


def write_legacy(path, outcomes):
    """Write a database of outcomes that older sweeps could have: with one metric, and curves and outputs or neither."""
    open_legacy(path, outcomes).close()


def open_legacy(path, outcomes, journal="DELETE"):
    """Write one, and leave it open; it has format 2 if there are weights."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA page_size = 16384")
    connection.execute("PRAGMA application_id = 0x73776570")
    connection.execute(f"PRAGMA journal_mode = {journal}").fetchall()
    has_weights = any("weights" in outcome.extras for outcome in outcomes)
    connection.execute("BEGIN IMMEDIATE")
    for name in list(SCHEMAS)[: 4 if has_weights else 3]:
        connection.execute(SCHEMAS[name])
    connection.execute(f"PRAGMA user_version = {2 if has_weights else 1}")
    for table, row_id, columns in _rows(outcomes):
        row = (row_id, *columns)
        connection.execute(
            f"INSERT INTO {table} VALUES ({', '.join('?' * (len(row) + 1))})", (*row, _crc(table, row))
        )
    connection.execute("COMMIT")
    return connection


def _rows(outcomes):
    n_batches = n_failures = 0
    for outcome in outcomes:
        n, identity = len(outcome), (outcome.keys.tobytes(), outcome.replicates.tobytes())
        if (outcome.status == Status.FAILED).any():
            n_failures += 1
            yield "failures", n_failures, (n, *identity, outcome.reasons[0])
            continue
        n_batches += 1
        (losses,) = outcome.metrics.values()
        has_curves, arrays = int(outcome.curves is not None), (outcome.steps, losses, outcome.ended_at)
        blobs = [array.tobytes() for array in arrays]
        yield "batches", n_batches, (n, outcome.seconds, has_curves, *identity, *blobs)
        if outcome.curves is not None:
            (along,) = outcome.curves.metrics.values()
            arrays = (outcome.curves.steps, along, outcome.extras["outputs"])
            yield "curves", n_batches, (n, *(array.tobytes() for array in arrays))
        if "weights" in outcome.extras:
            yield "weights", n_batches, (n, outcome.extras["weights"].astype(np.float64).tobytes())


def _crc(table, row):
    crc = zlib.crc32(table.encode())
    for value in row:
        content = value.encode() if isinstance(value, str) else value
        if isinstance(content, bytes):
            crc = zlib.crc32(content, zlib.crc32(struct.pack("<cq", b"b", len(content)), crc))
        else:
            kind = "<cd" if isinstance(content, float) else "<cq"
            crc = zlib.crc32(struct.pack(kind, b"f" if isinstance(content, float) else b"i", content), crc)
    return crc
