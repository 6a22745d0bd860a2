"""Claims → verdicts: what a sweep says about a sentence, how surely, and where. Pure: no files, no randomness.

`conditions` finds the cells that a claim compares, `evidence` counts successes among the replicates, `shares` says what
such a count allows to conclude, `looks` how often it may be asked, and `judgement` comes to the verdicts.
"""

from sweep.claims.judgement import Judgement
from sweep.claims.tables import verdicts_table
from sweep.claims.verdict import Verdict

__all__ = ["Judgement", "Verdict", "verdicts_table"]
