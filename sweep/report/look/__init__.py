"""How things look and where they stand: labels, style, placement, scales, ticks, and which axis goes where."""

from sweep.report.look import backend  # noqa: F401 - before anything here imports matplotlib
