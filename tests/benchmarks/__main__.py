"""How fast it is, beside what else there is: one table of ratios, measured in turns in one run on this machine.

    .venv/bin/pip install --editable '.[bench]'
    .venv/bin/python -m tests.benchmarks [--only PART] [--turns N] [--quick]

Rivals that are not installed, and Node.js, are left out with a word. Before anything is timed, all must have trained to
the same losses. Times are medians; compiling is left out, and so is drawing the samples, which every rival of the
engine is given. The whole table takes about 25 minutes, five of them Optuna's; `--quick` does a
tenth of the work, once.

What was learned is below.
"""

import argparse

from . import sweeps, training


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--only", default="", help="only rows whose title holds this")
    parser.add_argument("--turns", type=int, default=5, help="how often each is measured")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, once")
    options = parser.parse_args()
    few, turns = (10, 1) if options.quick else (1, options.turns)
    for stage in (training, sweeps):
        for title, measure in stage.rows(turns, few):
            if options.only in title:
                measured = measure(title)
                for row in measured if isinstance(measured, list) else [measured]:
                    print(row if not isinstance(row, str) else f"{title:<58} left out: {row}", flush=True)


if __name__ == "__main__":
    main()
