"""The table of faults in its short form: a few trials of each row, and nothing goes wrong in any of them.

The whole of it is `python -m tests.faults`; see tests/README.md.
"""

import sys

import pytest

from tests.faults import __main__ as faults
from tests.faults.bench import Bench
from tests.faults.table import COLUMNS, ROWS, Row, Tally, table_text

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    it = Bench(tmp_path_factory.mktemp("faults"), lanes=1, seed=0)
    yield it
    it.close()


@pytest.mark.parametrize("name", [row.name for row in ROWS.values() if row.few])
def test_a_fault_does_no_harm(name, bench):
    tally = ROWS[name].run(bench, ROWS[name].few)
    assert tally.trials
    assert tally.found == []


def test_the_table_counts_what_went_wrong_in_its_column():
    tally = Tally(trials=1000)
    tally.add("lost", "one run")
    tally.add("left", "a file")
    tally.notes.append("without a disk of its own")
    row = Row("some", "some fault", 1000, 1, lambda _bench, _trials: tally)
    assert table_text([(row, tally)]).splitlines() == [
        "| what is done | trials | lost | doubled | silent | hung | blamed | left behind | crashed |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| some fault; without a disk of its own | 1,000 | 1 | 0 | 0 | 0 | 0 | 1 | 0 |",
    ]


def test_the_page_says_what_every_column_counts():
    page = faults.README.read_text(encoding="utf-8")
    assert all(f"**{name}**" in page for name in COLUMNS)
    assert page.index(faults.BEGIN) < page.index(faults.END)
