"""The article's network: a function of one variable, trained by plain gradient descent. Arrays in, arrays out.

Read `setting` and `metrics` (what a training takes and gives), `target` (what is learned), `model` and `activation`
(what learns), `readable` (how, one number at a time), `task` (what a trainer of many networks is given), `engine` (how
the sweep does it), `rounds` (several networks in one run), `streams` (the random numbers), `batch` (a batch of
trajectories becomes a task), and `kind` (all of it as a kind of training). `unlike` is a form of claim that only
networks have, on how far apart their weights are by `matching`.

Nothing here touches files, processes or the clock.
"""
