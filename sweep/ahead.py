"""Imports that the end of a sweep needs, while its workers train and this process waits for them.

Not what draws heatmaps: of the two processes that draw, one imports it while the other draws the rest.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module

TABLES = ("pyarrow.parquet", "pyarrow.csv")
REPORT = ("sweep.report.look.backend", "matplotlib.figure", "sweep.report.pages.report_page")


@contextmanager
def imported_meanwhile(modules: tuple[str, ...]) -> Iterator[None]:
    """Import modules, one after another, beside what is done in the block; at its end those not begun yet are left."""
    if not modules:
        yield
        return
    ended = threading.Event()

    def import_all() -> None:
        for module in modules:
            if not ended.is_set():
                with suppress(Exception):  # it is told where it is needed
                    import_module(module)

    # No daemon: at the end of the process a module that is half imported would take it down.
    thread = threading.Thread(target=import_all, name="sweep imports")
    with suppress(RuntimeError):  # no thread is to be had
        thread.start()
    try:
        yield
    finally:
        ended.set()
