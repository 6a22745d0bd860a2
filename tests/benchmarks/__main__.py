"""How fast this is, beside what else there is: one table of ratios, measured in turns in one run on one machine.

    .venv/bin/pip install --editable '.[bench]'
    .venv/bin/python -m tests.benchmarks [--quick] [--only PART] [--turns N] [--json FILE] [--write]

The extra `bench` installs the rivals; for PyTorch, `torch>=2.13`, which on Linux brings some gigabytes of CUDA unless a
build for CPUs is installed before. What is not installed is left out with a word, and so are Node.js and a C compiler.
The whole table takes half an hour, `--quick` (a tenth of the work, once) five minutes. No other work should run
meanwhile. `--write` puts the table into `README.md` beside this file: the one that is committed.

Before anything is timed, all have trained to the same losses, checked after the same epochs; and of the ways to write
a rival the fastest is taken. Times are medians; ratios are the medians of the ratios of each turn, so that a machine
whose speed changes between turns does not change them. In comparisons of trainings, times are those of one training and
epoch; compiling is left out, and so is drawing the samples, which every rival is given. Sweeps are timed as processes,
from their start to their end. The parts, in the order of their files:

- `training`: the engine beside JAX, numpy, PyTorch, C and the articles' program; tanh and sigmoid beside ReLU.
- `sweeps`: whole sweeps alone, and one way to run them beside another.
- `libraries`: a whole sweep beside joblib, pipefunc, xyzpy and Optuna; what they run is in `by_hand`.
- `functions`: sweeps of functions of one's own, beside their work alone, joblib, pipefunc and Optuna.
- `estimates`: what `sweep plan` says that a sweep takes, beside what it takes.
- `cluster`: a Dask cluster beside this machine's workers; what a batch costs; how many workers a parent feeds.

What limits it there. Article's case: additions, maxima and comparisons share a processor's adders, so an epoch takes at
least 770 cycles for eight networks, 27 ns each; the rest is loads, loop ends and the drawing of samples. tanh and
sigmoid take 2.5 times ReLU's time: the division alone is 9 cycles for eight numbers, during which the multipliers wait.
1-100-100-1: three products of 100 x 100 x 13 lanes at one fused multiply-add a cycle (a Zen 4 has no more) are 108 µs
on a core of 3.6 GHz; the whole epoch takes 128, with 110 in the products. Half a lane of the 13 is filling; half lanes
for it, and slopes and updates at the end of a product, would give 1 to 2 % each. 1-10-10-10-10-1: 3.3 µs are
multiplications and additions, of 6; the rest is loads, since a group's values do not fit the first cache. Trainings
with a stream of samples each cost 65 to 75 ns instead of 46, beside f at every sample.

JAX by itself uses the second core but in part. Told that the CPU is two devices, and given half of the streams on each,
it is often faster; this way to write it has rows of its own. Checking the loss after every update costs it little,
since its time goes into the loop around small operations; it costs the engine a forward pass of as many points as the
update has samples.
"""

import argparse
import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks import cluster, estimates, functions, libraries, sweeps, training
from tests.benchmarks.table import Row, table_text
from tests.benchmarks.turns import Size
from tests.made_on import when_and_where

PARTS = {
    part.__name__.replace("_", "-"): part
    for part in (
        training.article,
        training.larger,
        training.cores,
        training.loops,
        training.activations,
        training.numerical,
        sweeps.million,
        sweeps.ten_million,
        sweeps.overhead,
        sweeps.epochs,
        sweeps.workers,
        sweeps.smallest,
        sweeps.square,
        libraries.by_hand,
        functions.functions,
        estimates.estimates,
        cluster.cluster,
    )
}
PACKAGES = (
    "numpy",
    "numba",
    "jax",
    "torch",
    "joblib",
    "pandas",
    "seaborn",
    "pipefunc",
    "xyzpy",
    "optuna",
    "distributed",
)
FULL_TURNS = 5
README, BEGIN = Path(__file__).with_name("README.md"), "<!-- table of measures -->"


def main(arguments=None):
    options = read(arguments)
    size = Size(0.1 if options.quick else 1.0, options.turns or (1 if options.quick else FULL_TURNS))
    rows, words = measure(options.only or list(PARTS), size)
    text = report(rows, words, size)
    print(text)
    if options.write:
        write(text)
    if options.json:
        record = {"share": size.share, "turns": size.turns, "setup": setup(), "left_out": words}
        record["rows"] = [row.record() for row in rows]
        options.json.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(arguments):
    summary, _, rest = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=summary,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, once: judges nothing")
    parser.add_argument(
        "--only",
        action="append",
        choices=PARTS,
        metavar="PART",
        help=f"one of {', '.join(PARTS)}; may be repeated",
    )
    parser.add_argument(
        "--turns", type=int, help=f"how often each is measured; {FULL_TURNS}, or once with --quick"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure of every turn")
    parser.add_argument("--write", action="store_true", help="put the table into README.md beside this file")
    return parser.parse_args(arguments)


def measure(parts, size):
    """Return the rows of the parts, and the words on what was left out; which part it is at goes to stderr."""
    rows, words = [], []
    for name in parts:
        print(f"{name} ...", file=sys.stderr, flush=True)
        for found in PARTS[name](size):
            (rows if isinstance(found, Row) else words).append(found)
    return rows, list(dict.fromkeys(words))


def report(rows, words, size):
    """Return the table with what has to be said about it."""
    is_full = size.share == 1.0
    made = "" if is_full else f" {size.share:g} of the work, so that nothing is judged."
    heading = f"Medians of {size.turns} turn{'s' * (size.turns > 1)}.{made} {setup()}"
    return "\n".join([heading, "", table_text(rows, is_full), *(f"\n{word}" for word in words)])


def setup():
    """Return when and on what it was measured, and with which libraries."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return f"{when_and_where(Path(__file__).parent)}, {', '.join(found)}."


def write(text):
    """Put the table into its place in README.md."""
    before, begin, _ = README.read_text(encoding="utf-8").partition(BEGIN)
    README.write_text(f"{before}{begin}\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
