"""The interactive part of a page: its data (`data`, `columns`), the page's part (`fragment`), its script (`parts`).

A reader chooses rows, columns and statistic; the script, which the page holds, computes what is shown from the runs.
"""
