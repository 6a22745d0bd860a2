"""The inside of a heatmap's panel: colours, numbers and marks."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Colormap
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import NDArray

from sweep.report.figures.heatmap.glyphs import write_centred
from sweep.report.figures.heatmap.legend import ABOVE, BELOW, PARTLY_DIVERGED, STATE_LOOKS
from sweep.report.figures.heatmap.sizes import Sizes
from sweep.report.figures.heatmap.squares import BEST, DIVERGED, MEASURED, Panel
from sweep.report.look.scales import ColourScale, square_number
from sweep.report.look.style import ON_COLOUR, value_colours
from sweep.terms.metric import Metric
from sweep.words import word

_RASTER_FROM = 1000
"""From this number of squares on a panel is an image within the SVG, not a shape for each square."""
_EVEN_LUMINANCE = 0.179
"""Of a colour with which black and white have the same contrast."""
_MOST_TEXTS = 40
"""Of more numbers than that in a panel each is no object of its own."""

_LOW = 16.0
"""Points of a square that a thin frame is around."""
_FRAME_GAP = 1.5
"""Points between a square and the middle of the frame around it."""


@dataclass(frozen=True)
class Paint:
    """The colours of values, and the scale on which they are."""

    scale: ColourScale
    colours: Colormap

    @staticmethod
    def of(scale: ColourScale | None, metric: Metric) -> "Paint | None":
        """Return the colours of a metric on a scale; None without one."""
        return None if scale is None else Paint(scale, value_colours(metric))


def paint_panel(axes: Axes, panel: Panel, paint: Paint | None, sizes: Sizes) -> None:
    """Paint every square of a panel, write the numbers that fit, and mark diverged runs and the best cell."""
    # Without borders, the edges of shapes beside one another show as hairlines in a vector picture.
    raster = panel.value.size >= _RASTER_FROM or not sizes.bordered
    if raster:
        _lay_ground(axes, panel)
    if paint is not None:
        _paint_values(axes, panel, paint, sizes, raster)
    _paint_states(axes, panel, sizes, raster)
    rows, columns = panel.value.shape
    axes.set(xlim=(0, columns), ylim=(0, rows))
    for spine in axes.spines.values():
        spine.set_visible(True)
    if sizes.font:
        _write_numbers(axes, panel, paint, sizes)
    if sizes.corner:
        _mark_partly_diverged(axes, panel, paint, sizes)
        if paint is not None:
            _mark_beyond(axes, panel, paint, sizes)
    for i, j in panel.outlined:
        _outline(axes, i, j, sizes)


def _lay_ground(axes: Axes, panel: Panel) -> None:
    # Squares smaller than a pixel are lost as shapes, and would leave holes that look like missing runs.
    colours = np.zeros((len(STATE_LOOKS) + 1, 3), dtype=np.uint8)
    for state, look in STATE_LOOKS.items():
        colours[state] = list(bytes.fromhex(look.colour.removeprefix("#")))
    colours[MEASURED] = colours[DIVERGED]
    rows, columns = panel.state.shape
    ground = colours[panel.state]
    axes.imshow(ground, extent=(0, columns, 0, rows), origin="lower", aspect="auto", interpolation="nearest")


def _paint_values(axes: Axes, panel: Panel, paint: Paint, sizes: Sizes, raster: bool) -> None:
    import seaborn as sns  # brings scipy's statistics, which take longer to import than all else: only for heatmaps

    sns.heatmap(
        paint.scale.within(panel.value),
        mask=~panel.measured,
        ax=axes,
        norm=paint.scale.norm,
        vmin=paint.scale.low,
        vmax=paint.scale.high,
        cmap=paint.colours,
        cbar=False,
        xticklabels=False,
        yticklabels=False,
        linewidths=0.6 if sizes.bordered else 0,
        linecolor="white",
        rasterized=raster,
    )


def _paint_states(axes: Axes, panel: Panel, sizes: Sizes, raster: bool) -> None:
    for state, look in STATE_LOOKS.items():
        if (panel.state == state).any():
            # One path for all of them: a hundred times as fast as a hatched shape for each.
            covered = _rectangles(panel.state == state, inset=0.03 if sizes.bordered else 0.0)
            axes.add_patch(
                PathPatch(
                    Path.make_compound_path_from_polys(covered),
                    facecolor="none" if raster else look.colour,
                    edgecolor=look.ink,
                    linewidth=0,
                    hatch=look.hatch,
                    label=look.label,
                    rasterized=raster,
                )
            )


def _rectangles(covered: NDArray[np.bool_], inset: float) -> NDArray[np.float64]:
    """Return rectangles over the true squares, (n, 4, 2); without inset, neighbours in a row share one."""
    if inset:
        low, left = np.nonzero(covered)
        right = left + 1
    else:
        edges = np.diff(np.pad(covered, ((0, 0), (1, 1))).astype(np.int8), axis=1)
        (low, left), (_, right) = np.nonzero(edges == 1), np.nonzero(edges == -1)
    x0, x1, y0, y1 = left + inset, right - inset, low + inset, low + 1 - inset
    return np.stack(
        [np.stack(corner, axis=-1) for corner in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))], axis=1
    )


def _write_numbers(axes: Axes, panel: Panel, paint: Paint | None, sizes: Sizes) -> None:
    scale = None if paint is None else paint.scale
    inks = np.full(panel.state.shape, ON_COLOUR)
    inks[panel.measured] = _contrast(paint, panel.value[panel.measured])
    if np.count_nonzero(panel.measured) > _MOST_TEXTS:
        i, j = np.nonzero(panel.measured)
        texts = [square_number(value, scale) for value in panel.value[i, j].tolist()]
        places = np.stack([j + 0.5, i + 0.5], axis=1)
        write_centred(axes, texts, places, inks[i, j].tolist(), sizes.font, sizes.square)
        inks[i, j] = ""
    for i, j in np.argwhere(inks != ""):
        state = int(panel.state[i, j])
        if state == MEASURED:
            text = square_number(float(panel.value[i, j]), scale)
        else:
            text = word(STATE_LOOKS[state].text) if state in sizes.texts else ""
        if text:
            axes.text(
                j + 0.5, i + 0.5, text, color=inks[i, j], size=sizes.font, ha="center", va="center_baseline"
            )


def _mark_partly_diverged(axes: Axes, panel: Panel, paint: Paint | None, sizes: Sizes) -> None:
    """Put a triangle into the corner of squares whose value is finite although some of their runs diverged."""
    i, j = np.nonzero(panel.partly_diverged)
    if not len(i):
        return
    across, up = sizes.corner / sizes.square[0], sizes.corner / sizes.square[1]
    x, y = j + 1 - 0.4 * across, i + 1 - 0.4 * up
    corners = np.stack(
        [np.stack(corner, axis=-1) for corner in ((x - across, y), (x, y), (x, y - up))], axis=1
    )
    inks = _contrast(paint, panel.value[i, j]).tolist()
    axes.add_collection(PolyCollection(list(corners), facecolor=inks, linewidth=0, label=PARTLY_DIVERGED))


def _mark_beyond(axes: Axes, panel: Panel, paint: Paint, sizes: Sizes) -> None:
    """Put an arrowhead into the left corner of squares whose value is beyond the scale, up or down."""
    across, up = sizes.corner / sizes.square[0], sizes.corner / sizes.square[1]
    scale, value = paint.scale, panel.value
    for beyond, tip, label in ((scale.is_above(value), 1.0, ABOVE), (scale.is_below(value), 0.0, BELOW)):
        i, j = np.nonzero(beyond & panel.measured)
        if len(i):
            x, y = j + 0.4 * across, i + 1 - 0.4 * up
            at = [(x, y - tip * up), (x + across, y - tip * up), (x + across / 2, y - (1 - tip) * up)]
            heads = np.stack([np.stack(corner, axis=-1) for corner in at], axis=1)
            inks = _contrast(paint, value[i, j]).tolist()
            axes.add_collection(PolyCollection(list(heads), facecolor=inks, linewidth=0, label=label))


def _outline(axes: Axes, i: int, j: int, sizes: Sizes) -> None:
    """Put a frame around the best square, or a ring if the square is smaller than a frame's line."""
    is_low = min(sizes.square) < _LOW  # the numbers beside it need the room more than the one within
    width, gap = (1.3, 0.2) if is_low else (2.0, _FRAME_GAP)
    casing = [Stroke(linewidth=width + 1.2, foreground="white"), Normal()]
    if sizes.bordered:
        # Around the square, not on its edge: the number within needs the room.
        across, up = (gap / points for points in sizes.square)
        frame = Rectangle((j - across, i - up), 1 + 2 * across, 1 + 2 * up, label=BEST)
        frame.set(fill=False, edgecolor="black", lw=width, clip_on=False, zorder=5, path_effects=casing)
        axes.add_patch(frame)
    else:
        (ring,) = axes.plot([j + 0.5], [i + 0.5], "o", ms=11, mfc="none", mec="black", mew=1.8, label=BEST)
        ring.set(clip_on=False, zorder=5, path_effects=casing)


def _contrast(paint: Paint | None, values: NDArray[np.float64]) -> NDArray[np.str_]:
    """Black or white, whichever has more contrast with the colour of each value: 4.5 at least (WCAG)."""
    if paint is None:
        return np.full(values.shape, ON_COLOUR)
    colours = paint.colours(paint.scale.norm(paint.scale.within(values)))[:, :3]
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return np.where(linear @ [0.2126, 0.7152, 0.0722] > _EVEN_LUMINANCE, ON_COLOUR, "white")
