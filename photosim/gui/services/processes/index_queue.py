"""What the window has not finished indexing, saved in the library so that the next start continues it."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from photosim.files.fspaths import is_inside
from photosim.paths import read_json, write_atomic

_log = logging.getLogger(__name__)

FILE_NAME = "unfinished.json"

Folders = tuple[str, ...]
"""The folders of one indexing; empty: all folders of the library."""


@dataclass(frozen=True, slots=True)
class StoppedIndexing:
    """Indexings that the user cancelled, in their order; `left` photos of them were found but not analyzed, if known."""

    queue: tuple[Folders, ...]
    left: int | None = None

    def without(self, folders: Folders) -> StoppedIndexing | None:
        """Return what is left to do when these folders are indexed, None where that is nothing."""
        rest = tuple(stopped for stopped in self.queue if not _covers(folders, stopped))
        return replace(self, queue=rest) if rest else None

    def concerns(self, folder: str) -> bool:
        """Return whether indexing this folder would do a part of it."""
        return any(
            not stopped or any(is_inside(folder, path) or is_inside(path, folder) for path in stopped)
            for stopped in self.queue
        )


@dataclass(frozen=True, slots=True)
class PendingIndexing:
    """Indexings in their order, of which the first one had begun, and those that the user cancelled.

    `paused`: the user paused it. `background`: the user did not request it.
    """

    queue: tuple[Folders, ...]
    paused: bool = False
    background: bool = False
    stopped: StoppedIndexing | None = None


def load_pending(library: Path) -> PendingIndexing | None:
    """Read what is left to index in a library; None when nothing is, or the file is damaged."""
    try:
        values = read_json(library / FILE_NAME)
        queue, stopped = _parse_queue(values["queue"]), _parse_stopped(values.get("stopped"))
        if not queue and stopped is None:
            return None
        return PendingIndexing(queue, bool(values["paused"]), bool(values["background"]), stopped)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
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


def _covers(folders: Folders, others: Folders) -> bool:
    """Return whether indexing these folders indexes the others, too."""
    if not folders or not others:
        return not folders
    return all(any(is_inside(other, folder) for folder in folders) for other in others)


def _parse_queue(values: Any) -> tuple[Folders, ...]:
    return tuple(tuple(map(str, folders)) for folders in values if isinstance(folders, list))


def _parse_stopped(values: Any) -> StoppedIndexing | None:
    if values is None:
        return None
    left = values["left"]
    queue = _parse_queue(values["queue"])
    return StoppedIndexing(queue, left if isinstance(left, int) else None) if queue else None
