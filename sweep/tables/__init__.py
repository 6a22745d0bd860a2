"""Analysis: from stored results to tables. Pure: no files, no processes, no clock.

`collect` puts stored results in the plan's order, `quantiles` is the arithmetic on losses that may be infinite,
`tables` makes the tables of runs and cells, `curves` the learning curves and learned functions.
"""
