"""What a page says about claims: the sentence, the verdict, its grounds; where there are many, a table and a map."""

from dataclasses import dataclass
from functools import partial
from itertools import groupby

from sweep.claims.sentences import Outcome, grounds, outcome_of, tally, where_it_holds
from sweep.claims.verdict import RULINGS, Verdict
from sweep.report.figures.verdict_map import MOST_PANELS, verdict_map
from sweep.report.look.labels import short_words
from sweep.report.pages.content import ReportContent
from sweep.report.pages.drawing import Drawing
from sweep.report.pages.page_tables import PageTable
from sweep.report.pages.pictures import Picture, share_within
from sweep.report.pages.summary import together
from sweep.report.pages.threshold_picture import threshold_picture
from sweep.terms.values import value_words
from sweep.words import say, word

FEWEST_FOR_A_MAP = 4
_MOST_ROWS = 60


@dataclass(frozen=True)
class Finding:
    """A claim on a page: `verdict` in a word or a tally, `grounds` if there is one condition, else table and map.

    `share` is a map of the runs within its bound, `curves` show what other bounds would have said, if it has a bound.
    `where` says on what the verdict depends most, if there are conditions and it does.
    """

    sentence: str
    source: str
    outcome: Outcome
    verdict: str
    grounds: str
    where: str
    table: PageTable | None
    map: Picture | None
    share: Picture | None
    curves: Picture | None

    @property
    def pictures(self) -> list[Picture]:
        """The pictures that there are, in the order in which a page shows them."""
        return [picture for picture in (self.map, self.share, self.curves) if picture is not None]


def findings(content: ReportContent, name: str = "claim") -> list[Finding]:
    """Return the claims with their verdicts, in the order of the config; `name` begins the names of the maps' files."""
    by_claim = groupby(content.verdicts, key=lambda verdict: verdict.number)
    return [_finding(list(of_one), content, name) for _, of_one in by_claim]


def _finding(verdicts: list[Verdict], content: ReportContent, name: str) -> Finding:
    claim = verdicts[0].claim
    alone = len(verdicts) == 1 and not verdicts[0].condition
    return Finding(
        claim.sentence,
        claim.source,
        outcome_of(verdicts),
        word(verdicts[0].ruling) if alone else tally(verdicts),
        grounds(verdicts[0]) if alone else "",
        where_it_holds(verdicts),
        None if alone or len(verdicts) > _MOST_ROWS else _table(verdicts),
        _map(verdicts, content, f"{name}-{verdicts[0].number}")
        if len(verdicts) >= FEWEST_FOR_A_MAP
        else None,
        share_within(content, verdicts[0].number, f"{name}-{verdicts[0].number}-share"),
        _curves(verdicts[0].number, content, f"{name}-{verdicts[0].number}-bound"),
    )


def _curves(number: int, content: ReportContent, name: str) -> Picture | None:
    threshold = content.thresholds.get(number)
    return None if threshold is None else threshold_picture(threshold, content, name)


def _table(verdicts: list[Verdict]) -> PageTable:
    axes = list(verdicts[0].condition)
    head = [*(short_words(axis) for axis in axes), say("verdict"), say("grounds")]
    rows = [
        [*(value_words(v.condition[axis]) for axis in axes), word(v.ruling), grounds(v)] for v in verdicts
    ]
    return PageTable("", head, rows, len(axes))


def _map(verdicts: list[Verdict], content: ReportContent, name: str) -> Picture:
    draw = partial(verdict_map, verdicts, content.choice, content.labels)
    counts = {ruling: sum(v.ruling == ruling for v in verdicts) for ruling in RULINGS}
    told = [say("{n} {outcome}", n=n, outcome=word(ruling)) for ruling, n in counts.items() if n]
    caption = [
        say(
            "In each square the share of replicates that speak for the claim, held against {bound}.",
            bound=f"{100 * verdicts[0].bound:.0f} %",
        )
    ]
    if len({tuple(v.condition.values())[2:] for v in verdicts}) > MOST_PANELS:
        caption.append(say("{n} panels are shown, evenly selected.", n=MOST_PANELS))
    alt = say("Map of the conditions: {counts}.", counts=say(", ").join(told))
    return Picture(name, "", together(caption), alt, Drawing(draw))
