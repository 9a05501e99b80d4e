"""What the window has not finished indexing, saved in the library so that the next start continues it."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from photosim.paths import write_atomic

_log = logging.getLogger(__name__)

FILE_NAME = "unfinished.json"

Folders = tuple[str, ...]
"""The folders of one indexing; empty: all folders of the library."""


@dataclass(frozen=True, slots=True)
class PendingIndexing:
    """Indexings in their order; the first one had begun.

    `paused`: the user paused it. `background`: the user did not request it.
    """

    queue: tuple[Folders, ...]
    paused: bool = False
    background: bool = False


def load_pending(library: Path) -> PendingIndexing | None:
    """Read what is left to index in a library; None when nothing is, or the file is damaged."""
    try:
        values = json.loads((library / FILE_NAME).read_text(encoding="utf-8"))
        queue = tuple(tuple(map(str, folders)) for folders in values["queue"] if isinstance(folders, list))
        return PendingIndexing(queue, bool(values["paused"]), bool(values["background"])) if queue else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        _log.warning("The pending indexing can't be read: %s", error)
        return None


def save_pending(library: Path, pending: PendingIndexing | None) -> None:
    """Replace what is left to index, None for nothing; where the library can't be written, only log that."""
    file = library / FILE_NAME
    try:
        if pending is None:
            file.unlink(missing_ok=True)
        else:
            write_atomic(file, json.dumps(asdict(pending)))
    except OSError as error:
        _log.warning("The pending indexing can't be saved: %s", error)
