"""From stored outcomes to tables. Pure: no files, no processes, no clock.

`collected` puts outcomes in the plan's order; `runs` and `cells` are the tables, with `axes` as their columns;
`curves` are learning curves and learned functions, `examples` which of the trained things stand for the others;
`importance` says which axes the cells depend on;
`quantiles` is the arithmetic on values that may be infinite.
"""
