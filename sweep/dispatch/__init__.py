"""Dispatch: batches go to workers, and outcomes come back as they finish. Nothing is stored here.

`dispatch` is the way in, and `pool` says where it trains. `crew` is the loop, whoever trains: `workers` of this
machine, or those of a `cluster`. The former have `slots` in a `house`, each of which is one worker process; `desk` is
that process's side, and `mark` and `files` are what both sides share. `limits` says when a run has to be ended and
`families` ends it; `fates` says what follows from an end, for `tasks` still to be trained. `guard` ends workers without
a parent, and `interrupts` is what Ctrl-C does.

It trains in this process if starting others costs more than it saves, else in loky's processes, with a bounded number
of batches in flight. loky is taken by itself: joblib around it takes a worker longer to import than numpy. A worker
marks which run it is at: when it dies, or is ended for its time or its memory, that run is to blame for certain, and
those before it keep their results.
"""
