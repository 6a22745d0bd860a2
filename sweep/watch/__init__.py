"""A running sweep as a page in a browser: what is stored so far (`look`), a page, and who hands it out (`server`).

The page is read-only and stays on this machine: it is handed out on the loopback address alone, by a process of its own
that reads the store as any reader does.
"""

from sweep.watch.loop import watch, watching

__all__ = ["watch", "watching"]
