"""A user's own function as a kind of training.

`signature` reads what it takes, `declared` the table [function] of a config, `origin` and `at_hand` say where it comes
from; `rows` trains its runs one by one, `together` many in one call, and `returned` looks at what they give; `trainer`
is what workers get of it. `code` is what tells that the code has changed, and `kind` is the training made of all that.

A user's function is read, not run, until it is trained: its parameters and defaults come from its syntax tree. Beside
each batch stands a fingerprint of the code that made it, so that changed code is neither reused nor trained anew in
silence.
"""
