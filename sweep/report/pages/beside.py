"""What a second process does, which `sweep.aside` starts: it draws the figures of a report, the first one first."""

import gc
import os
import pickle
import select
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import BinaryIO

from sweep.report.pages.drawing import Images
from sweep.report.pages.findings import drawings_of, findings
from sweep.report.pages.pictures import pictures_of
from sweep.words import speaking

OF_HEATMAPS = ("scipy.special", "scipy.linalg", "scipy.sparse", "scipy.stats", "seaborn")
"""What a heatmap imports, in parts: it is imported while nothing is asked."""


def main() -> None:
    """Read what is asked, a language and the content of a report, and write number and images of each figure.

    Before the images stands None in their place: whoever asked can draw the others meanwhile.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends when nobody listens any more
    gc.disable()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anybody prints is no answer
    for module in OF_HEATMAPS:
        if not _is_asked(sys.stdin.buffer):
            import_module(module)
    with suppress(EOFError, BrokenPipeError):
        language, content = pickle.load(sys.stdin.buffer)
        with speaking(language):
            for number, drawing in enumerate(drawings_of(findings(content), pictures_of(content))):
                _write(answers, number, None)
                _write(answers, number, drawing.images)


def _write(answers: BinaryIO, number: int, images: Images | None) -> None:
    pickle.dump((number, images), answers)
    answers.flush()


def _is_asked(questions: BinaryIO) -> bool:
    return bool(select.select([questions], [], [], 0)[0])


if __name__ == "__main__":
    main()
