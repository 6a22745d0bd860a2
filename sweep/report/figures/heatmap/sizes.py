"""How large the squares of a heatmap are, what fits into them, and how many panels stand side by side."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sweep.report.figures.heatmap.legend import MARKED_FROM, STATE_LOOKS, bar_width, key_height
from sweep.report.figures.heatmap.squares import Squares
from sweep.report.look.axis_choice import is_numeric
from sweep.report.look.labels import level_labels, wheres
from sweep.report.look.placement import LINE, Layout
from sweep.report.look.scales import square_number
from sweep.report.look.style import broken, widest
from sweep.report.look.ticks import TICK_SIZE, Ticks, column_ticks, row_ticks
from sweep.report.look.wishes import wishes
from sweep.words import word

_WIDEST = 10.4  # inches: a wider figure has letters that cannot be read on a page
_HIGHEST = 7.0  # inches: of panels whose squares would else be too low for their marks
_MARKED = (MARKED_FROM + 0.1) / 72
_LEAST_WIDTH = 4.8  # inches: for the key
_FONTS = (8.0, 7.5, 7.0, 6.5, 6.0)
_MOST_NUMBERS = 2000
_GAP = 0.22  # inches between panels
_RIGHT = 0.2  # inches for half a tick label
_LEAST_SIDE = 0.3  # inches; smaller panels are refused later


@dataclass(frozen=True)
class Sizes:
    """The measures of a heatmap: squares, font and corner marks in points.

    `font` is 0 where no numbers are written, `corner` 0 where marks do not fit; `texts` are the states whose
    word fits into a square; `bordered` says whether squares have borders.
    """

    layout: Layout
    square: tuple[float, float]
    rows: Ticks
    columns: Ticks
    font: float
    texts: tuple[int, ...]
    corner: float
    bordered: bool


def measure(squares: Squares, row_words: str, head_lines: int) -> Sizes:
    """Return the measures for these squares, their rows labelled `row_words`, below lines of text."""
    numbers = _numbers(squares)
    left = 0.46 + widest(level_labels(squares.rows), TICK_SIZE) / 72
    n_panels, beside = len(squares.panels), bar_width(squares)
    across = _aligned(_across(squares, numbers, left, beside), squares)
    square_width = _square_width(across, squares, left, beside)
    square_height = _square_height(-(-n_panels // across), len(squares.rows))
    if numbers and square_width >= _MARKED and across == n_panels and len(squares.rows) * _MARKED <= _HIGHEST:
        square_height = max(square_height, _MARKED)
    square = 72 * square_width, 72 * square_height
    columns = column_ticks(squares.columns, square[0])
    panel_width = square_width * len(squares.columns)
    panel_height = square_height * len(squares.rows)
    # Low panels are kept apart so that the label at their side, which is longer than they are high, has room.
    overhang = max(0.0, widest([row_words], 9.5) / 72 - panel_height)
    titles = panel_titles(squares, 72 * panel_width)
    title = LINE * max(text.count("\n") + 1 if text else 0 for text in titles)
    width = max(left + _RIGHT + across * (panel_width + _GAP + beside) - _GAP, _LEAST_WIDTH)
    foot = 0.12 + columns.depth / 72 + 0.24
    layout = Layout(
        n_panels=n_panels,
        across=across,
        panel_width=panel_width,
        panel_height=panel_height,
        left=left,
        right=_RIGHT + beside,
        top=max(0.13 + head_lines * 1.3 * LINE + title, overhang / 2 + 0.06),
        bottom=foot + key_height(squares, width - left, min(square)),
        gap_across=_GAP + beside,
        gap_down=max(0.19 + title, overhang + 0.1),
        least_width=_LEAST_WIDTH,
    )
    if wishes().room:  # it is the panels that give way
        square = 72 * layout.panel_width / len(squares.columns), 72 * layout.panel_height / len(squares.rows)
    font = _font(numbers, square)
    return Sizes(
        layout=layout,
        square=square,
        rows=row_ticks(squares.rows, square[1]),
        columns=columns,
        font=font,
        texts=tuple(
            s for s, look in STATE_LOOKS.items() if font and widest([word(look.text)], font) + 3 <= square[0]
        ),
        corner=min(0.2 * min(square), 5.0) if min(square) >= MARKED_FROM else 0.0,
        bordered=min(square) >= MARKED_FROM,
    )


def panel_titles(squares: Squares, panel_width: float) -> list[str]:
    """Return the places of the panels; one axis a line if the panels (in points) are too narrow for any of them."""
    places = [panel.place for panel in squares.panels]
    in_a_line = wheres(places)
    narrow = widest(in_a_line, TICK_SIZE + 0.5) > panel_width
    lines = wheres(places, join="\n") if narrow else in_a_line
    return [broken(title, panel_width, TICK_SIZE + 0.5) for title in lines]


def _numbers(squares: Squares) -> list[str]:
    """Return what is to be written into the squares; nothing if there are too many to be read."""
    n_squares = len(squares.rows) * len(squares.columns) * len(squares.panels)
    if n_squares > _MOST_NUMBERS:
        return []
    return [
        square_number(value, scale)
        for panel, scale in zip(squares.panels, squares.scales, strict=True)
        for value in panel.value[panel.measured].tolist()
    ]


def _across(squares: Squares, numbers: Sequence[str], left: float, beside: float) -> int:
    """Return as many panels side by side as leave room for numbers, or for 2.4 inches without them."""
    n_panels = len(squares.panels)
    for across in range(min(n_panels, 4), 1, -1):
        width = _square_width(across, squares, left, beside)
        if 72 * width >= widest(numbers, 7) + 3 if numbers else width * len(squares.columns) >= 2.4:
            return across
    return 1 if numbers or n_panels < 3 else 3


def _aligned(at_most: int, squares: Squares) -> int:
    """Return the panels of a row: a round of the last axis if it fits, else rows of about the same length."""
    last = [list(panel.place.values())[-1:] for panel in squares.panels]
    a_round = last[1:].index(last[0]) + 1 if last[0] in last[1:] else 0
    if 1 < a_round <= at_most and last == last[:a_round] * (len(last) // a_round):
        return a_round
    return math.ceil(len(last) / math.ceil(len(last) / at_most))


def _square_width(across: int, squares: Squares, left: float, beside: float) -> float:
    columns, titles = squares.columns, wheres([panel.place for panel in squares.panels], "\n")
    if (wished := wishes().room) is not None:
        room = (wished[0] - left - _RIGHT - (across - 1) * _GAP) / across - beside
        return max(room, _LEAST_SIDE) / len(columns)
    room = (_WIDEST - left - _RIGHT - (across - 1) * _GAP) / across - beside
    label = 0 if is_numeric(columns) else widest(level_labels(columns), TICK_SIZE) / 72 + 0.1
    title = widest([line for title in titles for line in title.split("\n")], TICK_SIZE + 0.5) / 72
    roomy = max(0.6 if len(columns) > 4 else 0.9, min(label, 1.6), min(title, 1.8) / len(columns))
    return min(roomy, (room if len(columns) <= 25 else min(room, 5.4)) / len(columns))


def _square_height(down: int, n_rows: int) -> float:
    return min(0.36 if n_rows > 4 else 0.5, (5.4 if down == 1 else 3.4) / n_rows)


def _font(numbers: Sequence[str], square: tuple[float, float]) -> float:
    fits = (size for size in _FONTS if widest(numbers, size) + 3 <= square[0] and 1.3 * size <= square[1])
    return next(fits, 0.0) if numbers else 0.0
