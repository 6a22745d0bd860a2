"""Dispatch: batches go to workers, and outcomes come back as they finish. Nothing is stored here.

`work` is what a worker does with a batch, `executors` where it does so, `dispatch` the loop between them, `progress`
what a person sees meanwhile, `interrupts` what Ctrl-C does.
"""
