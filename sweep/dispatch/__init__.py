"""Dispatch: batches go to workers, and outcomes come back as they finish. Nothing is stored here.

`executors` is where batches are trained, `dispatch` the loop around it, `interrupts` what Ctrl-C does. What a worker
does with a batch is the training's.
"""
