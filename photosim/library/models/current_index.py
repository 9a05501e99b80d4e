"""A neighbour index that is kept up to date with its file and the database."""

from __future__ import annotations

import threading
from collections.abc import Callable

from photosim.indexing.index_updater import IndexUpdater
from photosim.runtime.free_memory import return_free_memory
from photosim.search.exact import Ids
from photosim.search.index import NeighbourIndex
from photosim.search.index_files import HEADER_FILE


class CurrentIndex:
    """Loads a saved index when it is first asked for, and again when the indexing has saved a new one. Thread-safe."""

    def __init__(self, saved: IndexUpdater, revision: Callable[[], object], ids: Callable[[], Ids]) -> None:
        """`ids` returns what belongs in the index, `revision` a key that changes when that may."""
        self._saved, self._revision_of_ids, self._ids = saved, revision, ids
        self._index: NeighbourIndex | None = None
        self._revision: object = None
        self._saved_ns: int | None = None
        self._lock = threading.Lock()

    def get(self) -> NeighbourIndex:
        """Return the index, synchronized with the database."""
        with self._lock:
            revision, saved_ns = self._revision_of_ids(), self._time_of_file()
            is_loaded = self._index is not None and self._saved_ns == saved_ns
            if self._index is None or not is_loaded:
                self._index, self._revision = self._saved.load(for_searches=True), None
            if self._revision != revision:
                self._index.sync(self._ids(), self._saved.vectors_of)
                self._revision, self._saved_ns = revision, saved_ns
            if not is_loaded:
                return_free_memory()
            return self._index

    def _time_of_file(self) -> int | None:
        """Return when the index was saved, in nanoseconds since the epoch; None if it is not."""
        try:
            return (self._saved.folder / HEADER_FILE).stat().st_mtime_ns
        except OSError:
            return None
