"""Every text of the explorer that a reader sees, but for names and values: the page carries them beside its data."""

from collections.abc import Mapping

from sweep.words import message, word


def spoken() -> Mapping[str, str]:
    """Return the texts in the language that is spoken, by the names that the script has for them; with their places."""
    return {name: word(text) for name, text in _TEXTS.items()}


_TEXTS = {
    "intro": message(
        "Choose what runs upwards and to the right, and what the colours show. A click shows what is behind "
        "a square; the arrow keys go on to the next."
    ),
    "introScattered": message(
        "Each dot is a cell. Choose what runs upwards and to the right, and what the colours show. A click "
        "on a dot shows what is behind it."
    ),
    "rows": message("Rows"),
    "columns": message("Columns"),
    "metric": message("Metric"),
    "statistic": message("Statistic"),
    "bound": message("Bound"),
    "none": message("none"),
    "median": message("median"),
    "lower_quartile": message("lower quartile"),
    "upper_quartile": message("upper quartile"),
    "share_diverged": message("share diverged"),
    "share_below": message("share below a bound"),
    "share_above": message("share above a bound"),
    "shareBelow": message("share of runs with {metric} below {bound}"),
    "shareAbove": message("share of runs with {metric} above {bound}"),
    "shareDiverged": message("share of runs that diverged"),
    "medianOf": message("median {metric}"),
    "lower_quartileOf": message("lower quartile of the {metric}"),
    "upper_quartileOf": message("upper quartile of the {metric}"),
    "lowerIsBetter": message("{what} (lower is better)"),
    "higherIsBetter": message("{what} (higher is better)"),
    "titleAt": message("{what}, {place}"),
    "mapOf": message("Map of the {what} over {rows} and {columns}. The arrow keys go from cell to cell."),
    "place": message("{axis} = {value}"),
    "placeJoint": message(", "),
    "value": message("{what}: {value}"),
    "quartiles": message("quartiles of the {metric}: {low} to {high}"),
    "counts": message("{n} runs"),
    "oneRun": message("1 run"),
    "countsDiverged": message("{n} runs, {diverged} diverged"),
    "countsFailed": message("{n} runs, {failed} failed"),
    "countsBoth": message("{n} runs, {diverged} diverged, {failed} failed"),
    "notRun": message("not run yet"),
    "notPlanned": message("not in the grid"),
    "allFailed": message("all runs failed"),
    "diverged": message("diverged"),
    "someDiverged": message("some runs diverged"),
    "above": message("above the colours"),
    "below": message("below the colours"),
    "noCell": message("There is no cell here: this combination is not in the grid."),
    "curves": message("Learning curves"),
    "curvesOf": message("Median of the replicates and the middle half of them; dashed: this cell."),
    "curvesOfOne": message("Of one replicate; dashed: this cell."),
    "curvesDiverged": message("Where half of the runs or more have diverged there is no line."),
    "noCurvesHere": message("The curves of this setting are not in this page."),
    "functions": message("Learned functions"),
    "functionsOf": message(
        "What each of {n} replicates has learned at the end of its training; the orange line is the target."
    ),
    "functionsLeftOut": message(
        "What each of {n} replicates has learned at the end of its training, but for {left} that diverged; the orange "
        "line is the target."
    ),
    "functionsOutside": message("Outside of the picture, above or below: {n}."),
    "noFunctionsHere": message("The learned functions of this setting are not in this page."),
    "runs": message("Runs"),
    "noRuns": message("Single runs are not in this page."),
    "replicate": message("replicate"),
    "status": message("status"),
    "divergedAt": message("diverged at"),
    "ok": message("ok"),
    "failed": message("failed"),
    "timeout": message("timeout"),
    "killed": message("killed"),
    "missing": message("not run"),
    "table": message("What the map shows, as a table"),
    "tableTooLarge": message(
        "The map has {n} squares, too many for a table: the cells as CSV have them all."
    ),
    "importance": message("Which axes matter"),
    "importanceOf": message(
        "How much of the variance between the cells (of the ranks of their medians) each axis explains: by itself, and "
        "with what it does together with the others."
    ),
    "importanceWith": message("{alone}, with the others {total}"),
    "parallel": message("All axes at once"),
    "parallelOf": message(
        "Each line is a cell, from axis to axis; its colour is the {what}. {n} of {of} cells are drawn, the "
        "best on top."
    ),
    "bestShare": message("The best {percent} %"),
    "save": message("Save"),
    "cellsCsv": message("Cells (CSV)"),
    "figureSvg": message("Map (SVG)"),
    "figurePng": message("Map (PNG)"),
    "configToml": message("Config (TOML)"),
}
