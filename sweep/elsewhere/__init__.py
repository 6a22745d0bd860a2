"""Results that were made elsewhere: a table becomes what a sweep gives back, with verdicts and a report.

`columns` reads what stands in a column, `layout` which rows are one training and which share their random numbers,
`experiment` turns that into a plan of exactly what is there, `outcomes` into outcomes, and `table` puts them together.
"""
