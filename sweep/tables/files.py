"""Tables as files: CSV with every digit, and Parquet."""

from pathlib import Path

import pandas as pd

ROWS_LOOKED_AT = 10_000
"""To tell columns of few values from those in which hardly any comes twice."""


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with every digit; pyarrow takes a seventh of the time that pandas does."""
    from pyarrow import Table
    from pyarrow.csv import WriteOptions
    from pyarrow.csv import write_csv as write

    plain = table.astype(dict.fromkeys(table.select_dtypes("category").columns, str))
    with path.open("wb") as file:
        file.write((",".join(map(str, table.columns)) + "\n").encode())
        write(
            Table.from_pandas(plain, preserve_index=False, nthreads=1),
            file,
            WriteOptions(include_header=False),
        )


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet, with its types."""
    from pyarrow import Table
    from pyarrow.parquet import write_table

    # opened here: a path that looks like an address would be one to pyarrow
    with path.open("wb") as file:
        plain = Table.from_pandas(table, preserve_index=False, nthreads=1)
        write_table(plain, file, use_dictionary=repetitive(table))


def repetitive(table: pd.DataFrame) -> list[str]:
    """Return the columns whose values repeat, by the first of them: those for which Parquet is to make a dictionary.

    Of losses it would make one in vain, and take twice as long. Categories are one, also those that do not occur.
    """
    first = table.iloc[:ROWS_LOOKED_AT]
    return [
        str(name)
        for name, kind in table.dtypes.items()
        if isinstance(kind, pd.CategoricalDtype) or 2 * first[name].nunique() <= len(first)
    ]


def n_rows(path: Path) -> int:
    """Return how many rows a table in Parquet has; -1 if there is none that can be read."""
    from pyarrow import ArrowException
    from pyarrow.parquet import read_metadata

    try:
        with path.open("rb") as file:
            return int(read_metadata(file).num_rows)
    except (OSError, ArrowException):
        return -1
