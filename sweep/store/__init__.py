"""The store: durable outcomes, and the only owner of the paths in a results folder.

Read `stored` (what comes out), `rows` and `outcomes` (how an outcome becomes rows that know when they are damaged),
`legacy` (rows of older sweeps), `formats` (which tables there are), `header` and `log` (whose a file is, and whether it
is as it was written) and `sqlite` (how files are opened); then `salvage` and `recovery` (what is whole in a damaged
file), `database` (reading), `rebuild` (what becomes of a damaged file), `writer` (appending), `place`, `folder` and
`locking` (where, and for whom), `made` (the files that are made from what is stored).
Nothing here knows what an outcome means: that is the plan's.

A store is one SQLite file (WAL, synchronous FULL) with one writer. A row holds the trajectories of a batch as column
blobs, and a CRC over all of it: SQLite has no checksums of its own. Damaged rows are told, set aside and trained
anew; where the header, the schema or the log is damaged, whole rows are found page by page. Readers create no file.
What is kept beside the metrics (curves, outputs, trained networks) has a table of its own each, made when the first
of it is kept. Files of older versions are read, and written on. An exclusive lock, freed by the kernel when a process
dies, keeps a second sweep out.
"""

from sweep.store.database import Database
from sweep.store.folder import Folder, ResultsFolder, SeriesFolder
from sweep.store.locking import Held, lock
from sweep.store.stored import Stored, everything, nothing
from sweep.store.writer import DatabaseWriter

__all__ = [
    "Database",
    "DatabaseWriter",
    "Folder",
    "Held",
    "ResultsFolder",
    "SeriesFolder",
    "Stored",
    "everything",
    "lock",
    "nothing",
]
