"""A sweep as one does it without this program: a training function, a library that calls it, pandas and seaborn.

The sweep is x² over 5 learning rates, 6 neuron counts, 3 epoch counts and 32 replicates. Each `with_*` module is a
whole program for one library:

    python -m tests.benchmarks.by_hand.with_joblib N_REPLICATES WAY

It trains, and writes `heatmap.png` and the table `runs.csv` into the current folder. The learning rates are such that
no two ways of rounding lead a training to different places. To these libraries epochs are an axis like any other, so
that each epoch count is a training of its own, as it is for most who use them; who has a training function give back
the losses at several epochs saves 4 in 14 epochs of training (`with_joblib` knows that way too, in a row of its own).
"""
