"""Trained networks from inside, as part 10 of the articles draws them: a panel for each layer of weights.

Each line is one neuron: its weights to every neuron of the next layer. Beside them stands what the network learned.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sweep.errors import InputError
from sweep.report.look.axis_choice import spread
from sweep.report.look.labels import number
from sweep.report.look.placement import LINE, Layout
from sweep.report.look.scales import set_linear_ticks
from sweep.report.look.style import FAINT_INK, INK, drawn_in_style, line_colours
from sweep.terms.arrays import Floats
from sweep.training.shown import Portrait
from sweep.words import say, word

MOST_LAYERS = 6
_MOST_LINES, _MOST_DOTS = 50, 1000
_DOTS_UP_TO = 20
_DENSE_TICKS = 10
_RASTER_FROM = 5000
_EVERY = 8
_LEARNED = "#d55e00"
_TITLE = 8.5


def shown_layers(portraits: Sequence[Portrait]) -> list[int]:
    """Return which layers of weights are shown: all, or an even selection of them."""
    return spread(range(len(portraits[0].inside.weights)), MOST_LAYERS)


@drawn_in_style
def network_weights(portraits: Sequence[Portrait]) -> Figure:
    """Draw trained networks of the same layers, a row for each: what it learned, then its weights layer by layer.

    In a panel of weights, each line is a neuron of the layer before; to the right are the neurons of the next one. A
    layer of one neuron has a dot in place of each line. The panels below one another have the same frame.

    Raises
    ------
    InputError
        If there is no network to draw.

    """
    if not portraits:
        raise InputError("there is nothing to draw: no trained network is stored that did not diverge.")
    layers = shown_layers(portraits)
    layout = _layout(len(portraits), 1 + len(layers))
    figure, panels = layout.figure()
    for row, portrait in enumerate(portraits):
        first, *others = panels[row * layout.across : (row + 1) * layout.across]
        is_lowest = row == len(portraits) - 1
        _draw_function(first, portrait)
        first.set(xlabel="x" if is_lowest else "", ylabel="y")
        for axes, layer in zip(others, layers, strict=True):
            _draw_layer(
                axes,
                portrait.inside.weights[layer],
                _frame([each.inside.weights[layer] for each in portraits]),
            )
            axes.set_xlabel(_receiver(portrait, layer) if is_lowest else "")
            if row == 0:
                axes.set_title(_layer_title(portrait, layer), loc="left", size=_TITLE, pad=5)
    layout = layout.with_room(figure, panels)
    _add_legend(figure, layout, max(len(matrix[0]) for matrix in portraits[0].inside.weights))
    return figure


def _layout(rows: int, across: int) -> Layout:
    title = 2 * LINE
    return Layout(
        n_panels=rows * across,
        across=across,
        panel_width=1.75 if across > 4 else 2.3,
        panel_height=1.35 if across > 4 else 1.6,
        left=0.6,
        right=0.15,
        top=0.14 + title,
        bottom=0.85,
        gap_across=0.45,
        gap_down=0.3 + title,
    )


def _draw_function(axes: Axes, portrait: Portrait) -> None:
    """Draw what the network learned over the target, in the target's frame."""
    x, target = portrait.inside.x, portrait.inside.target
    margin = 0.35 * float(np.ptp(target)) or 1.0
    axes.plot(x, target, color=INK, lw=1.5)
    axes.plot(x[::_EVERY], portrait.inside.output[::_EVERY], "o", color=_LEARNED, ms=3.0, mew=0)
    set_linear_ticks(axes.yaxis, float(target.min()) - margin, float(target.max()) + margin, at_most=5)
    set_linear_ticks(axes.xaxis, float(x[0]), float(x[-1]), at_most=5)
    which = say("replicate {n}", n=portrait.replicate)
    if portrait.role:
        which = say("{role}: replicate {n}", role=word(portrait.role), n=portrait.replicate)
    is_finite = np.isfinite(portrait.value)
    loss = say("final loss {value}", value=number(portrait.value)) if is_finite else say("diverged")
    axes.set_title(f"{which}\n{loss}", loc="left", size=_TITLE, pad=5)


def _draw_layer(axes: Axes, matrix: Floats, frame: tuple[float, float]) -> None:
    """Draw a layer's weights of shape (to, from), a line for each sending neuron that is shown."""
    to, senders = matrix.shape
    shown = _shown_senders(matrix)
    is_wide = to > _DOTS_UP_TO
    axes.axhline(0, color=FAINT_INK, lw=0.6, zorder=0)
    for sender, colour in zip(shown, line_colours(shown), strict=True):
        # The dots of a single receiving neuron stand side by side, so that they can be told apart.
        at = np.arange(1.0, to + 1) if to > 1 else np.array([0.7 + 0.6 * (sender + 0.5) / senders])
        axes.plot(
            at,
            matrix[:, sender],
            color=colour,
            lw=0.5 if is_wide and len(shown) > 1 else 1.0,
            marker="" if is_wide else "o",
            ms=3.0 if to > 1 or len(shown) > _MOST_LINES else 4.0,
            mew=0,
            rasterized=to * len(shown) > _RASTER_FROM,
        )
    set_linear_ticks(axes.xaxis, 0.5, to + 0.5, at_most=_DENSE_TICKS if to <= _DENSE_TICKS else 6, whole=True)
    if to == 1:
        axes.set_xticks([1], ["1"])
    set_linear_ticks(axes.yaxis, *frame, at_most=5)


def _shown_senders(matrix: Floats) -> list[int]:
    """Return the sending neurons of a layer that are shown: as many lines as can be followed, or all the dots."""
    to, senders = matrix.shape
    return spread(range(senders), _MOST_LINES if to > 1 else _MOST_DOTS)


def _frame(matrices: Sequence[Floats]) -> tuple[float, float]:
    """Return the ends of the frame that holds all shown weights that are finite, and 0."""
    shown = np.concatenate([matrix[:, _shown_senders(matrix)].ravel() for matrix in matrices])
    finite = shown[np.isfinite(shown)]
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    margin = 0.06 * (high - low) or 0.5
    return low - margin, high + margin


def _layer_title(portrait: Portrait, layer: int) -> str:
    def name(depth: int) -> str:
        if depth in (0, len(portrait.inside.weights)):
            return say("input") if depth == 0 else say("output")
        return say("hidden {n}", n=depth) if len(portrait.inside.weights) > 2 else say("hidden")

    senders, shown = portrait.inside.weights[layer].shape[1], _shown_senders(portrait.inside.weights[layer])
    layers = f"{name(layer)} → {name(layer + 1)}"
    if len(shown) == senders:
        return layers
    return f"{layers}\n{say('{n} of {of} neurons', n=len(shown), of=number(senders))}"


def _receiver(portrait: Portrait, layer: int) -> str:
    is_last = layer == len(portrait.inside.weights) - 1
    return say("output neuron") if is_last else say("neuron of the next layer")


def _add_legend(figure: Figure, layout: Layout, widest: int) -> None:
    handles = [
        Line2D([], [], color=INK, lw=1.5, label=say("target")),
        Line2D([], [], ls="", marker="o", color=_LEARNED, ms=3.0, mew=0, label=say("network")),
    ]
    if widest > 1:
        first, last = (line_colours(range(widest))[i] for i in (0, -1))
        handles.append(
            Line2D([], [], color=first, lw=1, marker="o", ms=3, label=say("weights of the first neuron"))
        )
        handles.append(
            Line2D([], [], color=last, lw=1, marker="o", ms=3, label=say("weights of the last one"))
        )
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=layout.place(layout.left, 0.1, 0, 0)[:2],
        ncols=len(handles),
        borderaxespad=0,
        borderpad=0,
        columnspacing=1.6,
    )
