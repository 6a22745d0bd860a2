"""Training: pure functions from arrays to arrays. Nothing here touches files, processes or the clock.

Read `target` (what is learned), `network` and `activation` (what learns), `reference` (how, readably), `task` (the
interface of a batch trainer), `engine` (how the sweep does it) and `rounds` (several networks in one run).
"""

SEMANTICS_VERSION = 1
"""Raised whenever the same setting and replicate would give other numbers: stored results are then trained anew."""
