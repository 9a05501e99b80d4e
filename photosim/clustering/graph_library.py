"""Import igraph when it is first needed: opening a window does not need it."""

from __future__ import annotations

import sys
from typing import Any


def load_igraph() -> Any:
    """Return igraph, imported as if Matplotlib were not installed.

    igraph imports pyplot for drawings that nobody makes here, which takes longer than most clusterings, and writes a
    cache of the system's fonts to the home folder.
    """
    modules: dict[str, Any] = sys.modules
    hides_matplotlib = modules.keys().isdisjoint({"igraph", "matplotlib"})
    if hides_matplotlib:
        modules["matplotlib"] = None  # makes its import fail
    try:
        import igraph
    finally:
        if hides_matplotlib:
            del modules["matplotlib"]
    return igraph
