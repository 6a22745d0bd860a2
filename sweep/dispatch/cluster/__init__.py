"""A Dask cluster as a crew: batches go to its workers, and outcomes come back to this process, which owns the store.

`connection` makes a client of an address, and says what is there. `crew` is the loop on this side: it gives each
worker, a `hand`, two tasks a thread, and every task to one worker by name, so that who has died, and with what, is
known for certain. Dask would repeat the tasks of a dead worker by itself, and blame those that waited beside the
culprit. Tasks go by the `wire`, which makes `events` of all that happens.

`messages` are what travels: a `brief` to each worker, tasks, and answers. `code_archive` is the code beside the config:
it travels with the brief, and so reaches workers that join later, and those without a nanny, which Dask's plugin for
folders, `UploadDirectory`, does not. `likeness` tells whether a worker would give the same bits. `on_worker` is the
side of the worker, and `workplace` where its tasks are done: the network's in its threads, and a user's function in
slots, as on one machine.

`distributed` is imported by `connection` and `on_worker` alone, when they are called.
"""
