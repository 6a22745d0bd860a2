"""Measurements on a drawn figure: what a reader would see."""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def drawn(figure: Figure) -> Figure:
    """Put everything in a figure in its place, as when it is drawn, but colour no pixels."""
    FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    return figure


def panels(figure: Figure) -> list:
    """The panels of a figure, without its colour bar."""
    return [axes for axes in figure.axes if not hasattr(axes, "_colorbar")]


def tick_texts(axis) -> list[str]:
    return [label.get_text() for label in shown(axis.get_ticklabels())]


def shown(texts) -> list[Text]:
    return [text for text in texts if text.get_visible() and text.get_text()]


def legend_texts(figure: Figure) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def box(text: Text) -> Bbox:
    return text.get_window_extent()


def misplaced(figure: Figure) -> list[str]:
    """Texts that overlap others of their kind, or reach out of the figure."""
    drawn(figure)
    groups = [shown(axis.get_ticklabels()) for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    groups.append(shown(text for axes in figure.axes for text in (axes.title, axes._left_title)))
    groups.append(shown(text for legend in figure.legends for text in legend.get_texts()))
    groups.append(shown(figure.texts))
    groups.append(shown(label for axes in figure.axes for label in (axes.xaxis.label, axes.yaxis.label)))
    page = figure.bbox.padded(1.0)
    found = []
    for group in groups:
        boxes = [box(text) for text in group]
        for i, (text, one) in enumerate(zip(group, boxes, strict=True)):
            if not (page.x0 <= one.x0 and one.x1 <= page.x1 and page.y0 <= one.y0 and one.y1 <= page.y1):
                found.append(f"{text.get_text()!r} reaches out of the figure")
            found += [
                f"{text.get_text()!r} overlaps {group[j].get_text()!r}"
                for j in range(i)
                if one.overlaps(boxes[j])
            ]
    return found
