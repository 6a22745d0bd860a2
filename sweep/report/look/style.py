"""How figures look, applied only while one is drawn; and how they become bytes.

The settings of matplotlib are global; here they are changed within a context and never left changed.
"""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache, wraps
from io import BytesIO
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import Colormap, to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from sweep.report.look.axis_choice import is_numeric
from sweep.report.look.fonts import boxes_without_warnings, font_families, speaking_drawably
from sweep.report.look.labels import Level
from sweep.report.look.wishes import wishes
from sweep.terms.metric import Metric

P = ParamSpec("P")

INK = "#22262b"
FAINT_INK = "#6b7280"
ON_COLOUR = "#000000"
"""Of letters on a colour, where white has less contrast."""
GRID_COLOUR = "#e5e7eb"
NOT_RUN_COLOUR = "#ffffff"
_BRIGHTER, _DARKER = "#fdf8c2", "#17001c"

_PIXELS_PER_INCH = 144
_TEN_COLOURS = (
    *("#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc"),
    *("#ca9161", "#fbafe4", "#949494", "#ece133", "#56b4e9"),
)
"""Those of seaborn's palette `colorblind`. It is not asked for them: its import takes longer than a small sweep."""

TICKS: dict[str, Any] = {
    "axes.axisbelow": True,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "grid.color": ".8",
}
"""What is seen of seaborn's style `ticks`, and is not matplotlib's own."""

_STYLE: dict[str, Any] = {
    **TICKS,
    "font.size": 9,
    "axes.titlesize": 9,
    # Titles stay where they are put; otherwise every drawing measures all ticks for their sake.
    "axes.titley": 1.0,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.title_fontsize": 8,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.dpi": _PIXELS_PER_INCH,
    "savefig.dpi": _PIXELS_PER_INCH,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT_INK,
    "axes.linewidth": 0.8,
    "xtick.color": FAINT_INK,
    "ytick.color": FAINT_INK,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "hatch.linewidth": 0.6,
    # A dollar sign in a target's expression or a title is a dollar sign.
    "text.parse_math": False,
    "svg.hashsalt": "sweep",
    # Letters as TrueType: journals refuse the default, Type 3.
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
}


class StyledFigure(Figure):
    """A figure that keeps this look when a person saves it: matplotlib's settings count when a picture is written.

    A notebook shows it where it is the last line of a cell, without `%matplotlib inline`.
    """

    def savefig(self, *args: Any, **kwargs: Any) -> None:
        """Write the figure as `Figure.savefig` does."""
        with mpl.rc_context(_own_settings()), boxes_without_warnings():
            super().savefig(*args, **kwargs)

    def _repr_png_(self) -> bytes:
        return png(self)


def drawn_in_style(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw with the settings of this module, and leave matplotlib's own as they were."""

    @wraps(draw)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with speaking_drawably(), mpl.rc_context(_own_settings()), boxes_without_warnings():
            return draw(*args, **kwargs)

    return in_style


def png(figure: Figure) -> bytes:
    """Return the figure as a PNG; the same figure gives the same bytes."""
    return _saved(figure, "png", {"Software": None})


def svg(figure: Figure) -> bytes:
    """Return the figure as an SVG; the same figure gives the same bytes."""
    return _saved(figure, "svg", {"Date": None, "Creator": None})


def value_colours(metric: Metric) -> Colormap:
    """Return the colours of a metric's values: even steps to any eye, also a colour-blind one; bright is better.

    What is beyond the scale has a colour of its own: brighter or darker than any on it. Colours that are wished for are
    as they are.
    """
    if (wished := wishes().cmap) is not None:
        return wished
    under, over = (_BRIGHTER, _DARKER) if metric.is_lower_better else (_DARKER, _BRIGHTER)
    colours = mpl.colormaps["viridis_r" if metric.is_lower_better else "viridis"]
    return colours.with_extremes(under=under, over=over)


def line_colours(levels: Sequence[Level]) -> list[str]:
    """Return a colour for each value: along a scale for numbers, as different as can be for text."""
    wished = wishes().cmap
    if wished is not None:
        return [to_hex(wished(i / max(len(levels) - 1, 1))) for i in range(len(levels))]
    if not is_numeric(levels):
        return [_TEN_COLOURS[i % len(_TEN_COLOURS)] for i in range(len(levels))]
    # Another scale than that of the values, without its bright end: a yellow line cannot be seen on white.
    scale = mpl.colormaps["plasma"]
    return [to_hex(scale(0.82 * i / max(len(levels) - 1, 1))) for i in range(len(levels))]


def text_width(text: str, size: float) -> float:
    """Return the width of a text in points, when written at `size` points; of several lines that of the widest."""
    return _text_width(text, size, font_families())


@lru_cache(maxsize=4096)
def _text_width(text: str, size: float, families: tuple[str, ...]) -> float:
    font = FontProperties(family=list(families), size=size)
    with boxes_without_warnings():
        return max(
            float(_ruler().get_text_width_height_descent(line, font, False)[0]) for line in text.split("\n")
        )


def widest(texts: Sequence[str], size: float) -> float:
    """Return the width of the widest of some texts in points, 0 if there is none."""
    return max((text_width(text, size) for text in set(texts)), default=0.0)


def broken(text: str, width: float, size: float) -> str:
    r"""Return a text in lines of at most `width` points, when written at `size` points.

    A line ends after a blank, a comma or an operator if there is one in its second half, else anywhere.

    >>> broken("function = exp(-(x-1.5)**2) - 0.5", 100, 8.0)
    'function = exp(-(x-\n1.5)**2) - 0.5'
    """
    return "\n".join(part for line in text.split("\n") for part in _pieces(line, width, size))


def _pieces(line: str, width: float, size: float) -> list[str]:
    pieces = []
    while line and text_width(line, size) > width:
        fits = (n for n in range(len(line) - 1, 0, -1) if text_width(line[:n].rstrip(), size) <= width)
        n = next(fits, 1)
        ends = [
            end
            for end in range(n, n // 2, -1)
            if line[end - 1] in " ,+-/*" and line[end - 1 : end + 1] != "**"
        ]
        at = next((end for end in ends if line[end - 1] in " ,"), ends[0] if ends else n)
        pieces.append(line[:at].rstrip())
        line = line[at:].lstrip()
    return [*pieces, line] if line or not pieces else pieces


def _own_settings() -> Any:  # stubs of matplotlib differ in how they type the names of settings
    return _settings(font_families())


@cache
def _settings(families: tuple[str, ...]) -> Any:
    # From matplotlib's defaults, so that nobody's matplotlibrc shows through; the backend is no look.
    defaults: dict[str, Any] = {}
    defaults.update((key, value) for key, value in mpl.rcParamsDefault.items() if "backend" not in key)
    return {**defaults, **_STYLE, "font.family": list(families)}


@cache
def _ruler() -> Any:
    renderer: Any = RendererAgg
    return renderer(1, 1, 72)


def _saved(figure: Figure, kind: str, metadata: dict[str, None]) -> bytes:
    FigureCanvasAgg(figure)
    data = BytesIO()
    figure.savefig(data, format=kind, metadata=metadata)
    return data.getvalue()
