"""The tiles that are still to be made, most urgent first: the window fills it, and several jobs empty it together."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from photosim.gui.base.images import TileStyle

Key = tuple[int, TileStyle]
"""A photo and how its tile is to look."""


class ReadTask(NamedTuple):
    """A task: get the thumbnails of these, and bring them with `have_read`."""

    keys: tuple[Key, ...]


class MakeTask(NamedTuple):
    """A task: make this tile."""

    key: Key
    data: bytes


class TileQueue:
    """Hands out tasks, to any thread. What is handed out does not come back into it until it is `done`."""

    def __init__(self, most_read: int) -> None:
        """`most_read`: so many thumbnails are asked for at once."""
        self._most_read = most_read
        self._lock = threading.Lock()
        self._rank: dict[Key, int] = {}
        self._unread: list[Key] = []  # this and the next are taken from their ends
        self._ready: list[Key] = []
        self._data: dict[Key, bytes] = {}
        self._out: set[Key] = set()
        self._hands = 0

    def request(self, keys: Iterable[Key]) -> None:
        """Say what is wanted now, most urgent first; all else is dropped at once."""
        with self._lock:
            self._rank = {key: rank for rank, key in enumerate(dict.fromkeys(keys))}
            self._data = {key: data for key, data in self._data.items() if key in self._rank}
            self._unread = [
                key for key in reversed(self._rank) if key not in self._data and key not in self._out
            ]
            self._sort_ready()

    def workers_needed(self, most: int) -> int:
        """How many more jobs should come for tasks, for at most so many to be there; they are counted on."""
        with self._lock:
            more = max(min(most - self._hands, len(self._unread) + len(self._ready)), 0)
            self._hands += more
            return more

    def next_task(self) -> ReadTask | MakeTask | None:
        """What a job does next; None when it is not needed any more, and goes."""
        with self._lock:
            if self._ready:
                key = self._ready.pop()
                self._out.add(key)
                return MakeTask(key, self._data.pop(key))
            if not self._unread:
                self._hands -= 1
                return None
            # Half of what is wanted, so that another has as much to do.
            number = min((len(self._rank) + 1) // 2, self._most_read)
            keys = tuple(reversed(self._unread[-number:]))
            del self._unread[-number:]
            self._out.update(keys)
            return ReadTask(keys)

    def add_data(self, keys: Collection[Key], data: Mapping[int, bytes]) -> None:
        """Bring what was found for a `Read` task; what is not wanted any more is let go."""
        with self._lock:
            found = {key: data[key[0]] for key in keys if key[0] in data}
            self._out.difference_update(found)
            self._data.update((key, jpeg) for key, jpeg in found.items() if key in self._rank)
            self._sort_ready()

    def finish(self, keys: Iterable[Key]) -> None:
        """These were made, or will not be."""
        with self._lock:
            self._out.difference_update(keys)

    @property
    def is_idle(self) -> bool:
        """Whether nobody has anything to do."""
        return not (self._hands or self._unread or self._ready)

    def _sort_ready(self) -> None:
        self._ready = sorted(self._data, key=self._rank.__getitem__, reverse=True)
