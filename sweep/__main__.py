"""The way in, of `sweep` and of `python -m sweep`: small, so that Ctrl-C is answered while the rest is imported."""

import os
import sys


def main() -> None:
    """Run the command line, as a process of its own."""
    _leave_current_folder()
    from sweep.at_once import end_when_told, is_done

    end_when_told()
    from sweep.cli import main

    try:
        main(prog_name="sweep")
    finally:
        is_done()


def _leave_current_folder() -> None:
    """Take the current folder, which `python -m` puts first, off the path: a `random.py` in it is not Python's own."""
    by_module = getattr(sys.modules["__main__"], "__spec__", None) is not None
    # where sweep is not installed, it is found by that folder
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if by_module and not sys.flags.safe_path and sys.path[0] != home:
        del sys.path[0]


if __name__ == "__main__":
    main()
