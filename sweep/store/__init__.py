"""The store: durable results, and the only owner of the paths in a results folder.

Read `records` (what is kept), `folder` and `locking` (where, and for whom), `rows` (how a record becomes a
row that knows when it is damaged), `database` (reading), `writer` (appending), `rebuild` (what becomes of a
damaged file) and `sqlite` (how files are opened). Nothing here knows what a record means: that is the plan's.
"""

from sweep.store.database import Database
from sweep.store.folder import ResultsFolder, SeriesFolder
from sweep.store.locking import lock
from sweep.store.records import KEY, Curves, Failure, Record
from sweep.store.writer import DatabaseWriter

__all__ = [
    "KEY",
    "Curves",
    "Database",
    "DatabaseWriter",
    "Failure",
    "Record",
    "ResultsFolder",
    "SeriesFolder",
    "lock",
]
