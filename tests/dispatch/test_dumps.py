"""What a run that was ended leaves behind shows the user's frames, and none of the machinery's."""

from pathlib import Path

import sweep
from sweep.dispatch.dumps import without_machinery

OWN = f'  File "{Path(sweep.__file__).parent}/train.py", line 9 in work'
MINE = '  File "/mine/train.py", line 3 in train'

DEATH = f"""epoch 1
Fatal Python error: Aborted

Thread 0x00007ffb315806c0 (most recent call first):
{OWN}
  File "/usr/lib/python3.11/threading.py", line 982 in run

Current thread 0x00007ffb38bcdb80 (most recent call first):
  File "/usr/lib/numpy/linalg.py", line 7 in solve
{MINE}
{OWN}
  File "/usr/lib/python3.11/runpy.py", line 88 in _run_code

Extension modules: psutil, numpy (total: 2)
"""


def test_a_stack_ends_where_the_users_code_was_called():
    assert without_machinery(DEATH).splitlines() == [
        "epoch 1",
        "Fatal Python error: Aborted",
        "",
        "Current thread 0x00007ffb38bcdb80 (most recent call first):",
        '  File "/usr/lib/numpy/linalg.py", line 7 in solve',
        MINE,
        "",
    ]


def test_what_a_run_printed_itself_stays_as_it_is():
    printed = f"{OWN}\nExtension modules: mine\n\n\nmost recent call first\nno end of line"
    assert without_machinery(printed) == printed
