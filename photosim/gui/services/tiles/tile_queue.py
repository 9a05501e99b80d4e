"""The queue of tiles to make, most urgent first: filled by the window, and emptied by several jobs together."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from photosim.gui.base.images import TileStyle

Key = tuple[int, TileStyle]
"""A photo id and the style of its tile."""


class ReadTask(NamedTuple):
    """Read the thumbnails of these tiles, and pass them to `add_data`."""

    keys: tuple[Key, ...]


class MakeTask(NamedTuple):
    """Make this tile."""

    key: Key
    data: bytes


class TileQueue:
    """Hands out tasks to any thread. A tile that was handed out is queued again only after `finish`."""

    def __init__(self, max_batch: int) -> None:
        """`max_batch`: how many thumbnails are read at once at most."""
        self._max_batch = max_batch
        self._lock = threading.Lock()
        self._rank: dict[Key, int] = {}
        self._unread: list[Key] = []  # this and the next are taken from their ends
        self._ready: list[Key] = []
        self._data: dict[Key, bytes] = {}
        self._in_progress: set[Key] = set()
        self._workers = 0

    def request(self, keys: Iterable[Key]) -> None:
        """Replace what is queued by these tiles, most urgent first."""
        with self._lock:
            self._rank = {key: rank for rank, key in enumerate(dict.fromkeys(keys))}
            self._data = {key: data for key, data in self._data.items() if key in self._rank}
            self._unread = [
                key for key in reversed(self._rank) if key not in self._data and key not in self._in_progress
            ]
            self._sort_ready()

    def workers_needed(self, max_workers: int) -> int:
        """How many jobs to start, so that at most so many run; they count as running from now on."""
        with self._lock:
            count = max(min(max_workers - self._workers, len(self._unread) + len(self._ready)), 0)
            self._workers += count
            return count

    def next_task(self) -> ReadTask | MakeTask | None:
        """The next task of a job; None when the job has to end."""
        with self._lock:
            if self._ready:
                key = self._ready.pop()
                self._in_progress.add(key)
                return MakeTask(key, self._data.pop(key))
            if not self._unread:
                self._workers -= 1
                return None
            # Half of what is queued, so that another job has as much to do.
            count = min((len(self._rank) + 1) // 2, self._max_batch)
            keys = tuple(reversed(self._unread[-count:]))
            del self._unread[-count:]
            self._in_progress.update(keys)
            return ReadTask(keys)

    def add_data(self, keys: Collection[Key], data: Mapping[int, bytes]) -> None:
        """Add the JPEG data of a `ReadTask` by photo id; what is no longer queued is dropped."""
        with self._lock:
            found = {key: data[key[0]] for key in keys if key[0] in data}
            self._in_progress.difference_update(found)
            self._data.update((key, jpeg) for key, jpeg in found.items() if key in self._rank)
            self._sort_ready()

    def finish(self, keys: Iterable[Key]) -> None:
        """Mark tiles as made, or as impossible to make."""
        with self._lock:
            self._in_progress.difference_update(keys)

    @property
    def is_idle(self) -> bool:
        """Whether no job is running and nothing is queued."""
        return not (self._workers or self._unread or self._ready)

    def _sort_ready(self) -> None:
        self._ready = sorted(self._data, key=self._rank.__getitem__, reverse=True)
