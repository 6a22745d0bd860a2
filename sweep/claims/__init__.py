"""Claims → verdicts: what a sweep says about a sentence, how surely, and where. Pure: no files, no randomness.

`resolve` finds what is written on the axes of a plan, `conditions` the cells that a claim compares (among its
`candidates`), `evidence` counts successes among the replicates as the claim's form says (see `sweep.forms`),
`sequences` says what such counts allow to conclude however often one looks, `decision` what follows, and `judgement`
comes to the verdicts; `sentences` and `verdicts_table` show them, `thresholds` and `cases` are the data of pictures.
"""

from sweep.claims.claim import Claim
from sweep.claims.judgement import Judgement, Need
from sweep.claims.resolve import resolve_claims
from sweep.claims.verdict import Verdict
from sweep.claims.verdicts_table import verdicts_table

__all__ = ["Claim", "Judgement", "Need", "Verdict", "resolve_claims", "verdicts_table"]
