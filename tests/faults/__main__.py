"""What happens when things go wrong: one table of faults that were injected, and of what came of them.

    .venv/bin/python -m tests.faults [--only ROW ...] [--trials N] [--few] [--list] [--write]

Everything is made anew on this machine, in some twenty minutes on two cores: sweeps are killed, interrupted, starved of
disk, flipped in every file, raced and fed with hostile texts; then the same command is run again, and what it gives is
held against a run without faults, bit for bit. The goal is 0 in every column. What went wrong is told on stderr, each
with its trial, whose random numbers depend on the seed alone. `--write` puts the table into `tests/README.md`.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.faults import (  # noqa: F401 - each adds its rows
    cache,
    flips,
    hostile_configs,
    hostile_expressions,
    hostile_paths,
    hostile_texts,
    killed,
    power,
    signals,
    surroundings,
    together,
    writes,
)
from tests.faults.bench import Bench
from tests.faults.table import COLUMNS, ROWS, table_text
from tests.made_on import when_and_where

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- table of faults -->", "<!-- end of the table of faults -->"
MOST_TOLD = 5
"""So many findings of a row and column are told."""


def main(arguments=None):
    options = read(arguments)
    if options.list:
        print("\n".join(f"{row.name:20} {row.trials:7,}  {row.what}" for row in ROWS.values()))
        return
    results, started = [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        bench = Bench(Path(folder).resolve(), options.lanes, options.seed)
        try:
            for name in options.only or ROWS:
                row = ROWS[name]
                trials = options.trials or (row.few if options.few else row.trials)
                if not trials:
                    continue
                before = time.monotonic()
                tally = row.run(bench, trials)
                tell(row, tally, time.monotonic() - before)
                results.append((row, tally))
        finally:
            bench.close()
    minutes = (time.monotonic() - started) / 60
    text = f"{setup(options, minutes)}\n\n{table_text(results)}"
    print(text)
    if options.write:
        write(text)
    sys.exit(any(tally.found for _, tally in results))


def read(arguments):
    summary, _, rest = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=summary,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", choices=ROWS, metavar="ROW", help="these rows; see --list")
    parser.add_argument("--trials", type=int, metavar="N", help="so many of each row")
    parser.add_argument("--few", action="store_true", help="as many as in the suite: seconds")
    parser.add_argument("--lanes", type=int, default=min(2, os.cpu_count() or 1), help="trials side by side")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers of all trials")
    parser.add_argument("--list", action="store_true", help="say which rows there are")
    parser.add_argument("--write", action="store_true", help="put the table into tests/README.md")
    return parser.parse_args(arguments)


def tell(row, tally, seconds):
    """Tell on stderr how a row went, and what went wrong."""
    print(f"{row.name}: {tally.trials:,} trials in {seconds:.0f} s", file=sys.stderr, flush=True)
    for column in COLUMNS:
        words = [what for one, what in tally.found if one == column]
        for what in words[:MOST_TOLD]:
            print(f"  {column}: {what}", file=sys.stderr)
        if len(words) > MOST_TOLD:
            print(f"  {column}: and {len(words) - MOST_TOLD} more", file=sys.stderr, flush=True)


def setup(options, minutes):
    """Return when and where the table was made."""
    return (
        f"{when_and_where(README.parent)}; "
        f"seed {options.seed}, {options.lanes} trials side by side, {minutes:.0f} minutes."
    )


def write(text):
    """Put the table into its place in tests/README.md."""
    page = README.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
