"""What Python writes of its stacks when a process is ended or dies, without the frames that are this program's own."""

import re
from collections.abc import Iterator
from pathlib import Path

_PACKAGE = str(Path(__file__).parents[1])
_STACK = re.compile(r"^(Thread |Current thread |Stack ).*\(most recent call first\):$", re.MULTILINE)
_FRAME = re.compile(r'  File "([^"]*)"')


def without_machinery(log: str) -> str:
    r"""Return a log whose stacks end where the user's code was called; one without such code is left out.

    >>> log = 'epoch 1\nStack (most recent call first):\n  File "/mine/train.py", line 3 in train\n'
    >>> without_machinery(log + f'  File "{_PACKAGE}/train.py", line 9 in work\nExtension modules: numpy (total: 1)\n')
    'epoch 1\nStack (most recent call first):\n  File "/mine/train.py", line 3 in train\n'
    """
    return "".join(f"{line}\n" for line in _kept(log.splitlines())) if _STACK.search(log) else log


def _kept(lines: list[str]) -> Iterator[str]:
    header, is_in_stack, is_own = "", False, False
    for line in lines:
        frame = _FRAME.match(line) if is_in_stack else None
        if _STACK.match(line):
            header, is_in_stack, is_own = line, True, True
        elif frame is not None:
            is_own = is_own and not frame[1].startswith(_PACKAGE)
            if is_own:
                yield from (header, line) if header else (line,)
                header = ""
        else:
            is_blank_after_nothing = is_in_stack and header and not line
            is_in_stack, header = False, ""
            if not (is_blank_after_nothing or line.startswith("Extension modules:")):
                yield line
