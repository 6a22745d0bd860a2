"""Lets matplotlib be imported whatever MPLBACKEND says: everything here is drawn without a backend of a window."""

import os

BACKENDS = (
    *(
        "agg",
        "cairo",
        "gtk3agg",
        "gtk3cairo",
        "gtk4agg",
        "gtk4cairo",
        "inline",
        "ipympl",
        "macosx",
        "nbagg",
        "notebook",
    ),
    *(
        "pdf",
        "pgf",
        "ps",
        "qt5agg",
        "qt5cairo",
        "qtagg",
        "qtcairo",
        "svg",
        "template",
        "tkagg",
        "tkcairo",
        "webagg",
    ),
    *("widget", "wx", "wxagg", "wxcairo"),
)
"""What MPLBACKEND may say: with any other name matplotlib cannot be imported. Here figures are drawn without it."""

_named = os.environ.get("MPLBACKEND", "")
if _named and not _named.startswith("module://") and _named.lower() not in BACKENDS:
    del os.environ["MPLBACKEND"]
    import matplotlib

    assert matplotlib
    os.environ["MPLBACKEND"] = _named
