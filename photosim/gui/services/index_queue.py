"""What the window has not finished indexing, kept in the library so that the next start goes on with it."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from photosim.paths import write_atomic

_log = logging.getLogger(__name__)

FILE_NAME = "unfinished.json"

Folders = tuple[str, ...]
"""What one indexing was asked to look through; empty: all that were added."""


@dataclass(frozen=True, slots=True)
class PendingIndexing:
    """Indexings in their order, the first of which had begun; whether the person paused it, or never asked for it."""

    queue: tuple[Folders, ...]
    paused: bool = False
    quiet: bool = False


def load(library: Path) -> PendingIndexing | None:
    """What is left to do in the library in this folder; None when nothing is, or the file is damaged."""
    try:
        kept = json.loads((library / FILE_NAME).read_text(encoding="utf-8"))
        queue = tuple(tuple(map(str, folders)) for folders in kept["queue"] if isinstance(folders, list))
        return PendingIndexing(queue, bool(kept["paused"]), bool(kept["quiet"])) if queue else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        _log.warning("What was left to index is not known: %s", error)
        return None


def save(library: Path, left: PendingIndexing | None) -> None:
    """Remember it, replacing the file at once; None: nothing is left. Where it cannot be kept it is not."""
    file = library / FILE_NAME
    try:
        if left is None:
            file.unlink(missing_ok=True)
        else:
            write_atomic(file, json.dumps(asdict(left)))
    except OSError as error:
        _log.warning("What is left to index cannot be remembered: %s", error)
