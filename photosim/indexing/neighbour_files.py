"""The file of the neighbours of all photos beside the index of a model: a cache."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from photosim.clustering.neighbour_graph import NeighbourGraph
from photosim.paths import create_private, make_private_folder, read_regular
from photosim.search.index_files import NEIGHBOURS_FILE

_log = logging.getLogger(__name__)

_MAX_BYTES = 2 << 30  # 20 million photos


def save(folder: Path, graph: NeighbourGraph) -> None:
    """Replace the file; without effect where the folder can't be written."""
    new = folder / f"{NEIGHBOURS_FILE}.new"
    try:
        make_private_folder(folder)
        new.unlink(missing_ok=True)
        create_private(new)
        with new.open("wb") as file:
            file.writelines(graph.stored())
        new.replace(folder / NEIGHBOURS_FILE)
    except OSError as error:
        _log.warning("The neighbours of the photos are not saved: %s", error)
        with suppress(OSError):
            new.unlink(missing_ok=True)


def load(folder: Path) -> NeighbourGraph | None:
    """Return what was saved last; None if there is nothing, or it is damaged."""
    try:
        return NeighbourGraph.from_bytes(read_regular(folder / NEIGHBOURS_FILE, _MAX_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        _log.warning("The neighbours of the photos are found again: %s", error)
        return None
