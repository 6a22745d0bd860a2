"""The report stage: tables in, pictures and pages out.

Read `look` first (how names and numbers are written, how things look and where they stand, which axis goes where), then
`figures` (a module for each, the heatmap in a folder of its own), and at last `pages`: what they are made from, what is
best (`standing`), what is said first (`answer`) and warned of (`cautions`), sentences, tables, pictures and findings,
how it was made (`provenance`), and the two pages.

Nothing here knows what was trained: words, axes, colours and the way that is better follow the training's parameters
and metrics. This stage never touches a file and never trains: `build_report` returns texts and bytes, and whoever
called it writes them. The same content gives the same bytes: no dates, no names of machines or
people.
"""
