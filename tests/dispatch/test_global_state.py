"""What a run does to its process as a whole is undone before the next one."""

import os
import sys
from pathlib import Path

import sweep
from sweep.terms.reasons import LONGEST, LONGEST_HEADLINE, headline_of, printed_in, reason_of


def disturb(case, *, seed):
    if case == 1:
        sys.stdout = None
    if case == 3:
        sys.stdout.close()
    if case == 5:
        os.chdir("/")
    if case == 7:
        os.closerange(0, 3)
    print("case", case)
    if case == 8:
        raise ValueError("said what it printed?")
    return len(str(Path.cwd())) + seed / 2**32


def test_streams_and_working_folder_are_as_they_were(tmp_path):
    found = sweep.run(
        disturb,
        grid={"case": range(12)},
        replicates=1,
        metrics={"e": "lower"},
        results=tmp_path / "r",
        report=False,
        workers=1,
    )
    runs = found.runs.set_index("case")
    assert runs.index[runs["status"] != "ok"].tolist() == [3, 7, 8]  # who closes its stream cannot print
    assert runs["e"].drop([3, 5, 7, 8]).nunique() == 1
    assert "case 8" in {one.printed for one in found.failed}


def test_reasons_are_cut_where_they_are_endless():
    reason = reason_of("x" * 10_000_000, "printed")
    assert len(reason) < LONGEST + 100
    assert len(headline_of(reason)) <= LONGEST_HEADLINE + 3
    assert printed_in(reason) == "printed"
