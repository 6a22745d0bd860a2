"""The report stage: tables in, pictures and pages out.

Reading order: `labels` (how a field and a number are written), `choose` (which axis goes where), `style` and
`layout` (how things look, and where they stand), `scales` and `ticks`. Then the figures: `squares` and the
four modules of the `heatmap`; `multiples`, `lines` and on them `curves`, `functions` and `neurons`. At last
the pages: `content`, `words`, `tables`, `pictures` and `page`.

This stage never touches a file and never trains: `build_report` returns texts and bytes, and whoever called
it writes them. The same content gives the same bytes: no dates, no names of machines.
"""
