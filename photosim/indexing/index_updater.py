"""Brings a saved neighbour index up to date with the database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from photosim.errors import LibraryError
from photosim.runtime.control import JobControl
from photosim.search.exact import Ids
from photosim.search.hnsw import Fetch
from photosim.search.index import NeighbourIndex

_log = logging.getLogger(__name__)

_REPORT_INTERVAL_S = 0.2

_Result = TypeVar("_Result")
ShouldContinue = Callable[[int, int], bool]


class CancelledError(Exception):
    """The user cancelled during a computation."""


@dataclass(frozen=True, slots=True)
class IndexUpdater:
    """Updates the index saved in a folder; `vectors_of` returns the vectors (n, D) of ids (n,)."""

    folder: Path
    model: str
    dimensions: int
    vectors_of: Fetch
    reduced_dimensions: int | None = None

    def load(self, *, for_searches: bool = False) -> NeighbourIndex:
        """Return the index as it was saved, see `NeighbourIndex.load`; `NeighbourIndex.sync` comes next."""
        return NeighbourIndex.load(
            self.folder,
            self.model,
            self.dimensions,
            self.vectors_of,
            reduced_dimensions=self.reduced_dimensions,
            for_searches=for_searches,
        )

    def load_with(self, ids: Ids) -> NeighbourIndex:
        """Return the saved index with exactly these ids."""
        index = self.load()
        index.sync(ids, self.vectors_of)
        return index

    def update(self, control: JobControl, ids: Ids) -> Generator[tuple[int, int], None, NeighbourIndex]:
        """Update the saved index to these ids, yielding (done, total); returns the index."""
        index = self.load_with(ids)
        yield from reporting(index.merge_pending, control)
        try:
            index.save(self.folder)
        except LibraryError as error:
            # The file is only a cache: without it, searches are exact until the index is built again.
            _log.warning("%s", error)
        return index


def reporting(
    work: Callable[[ShouldContinue], _Result], control: JobControl
) -> Generator[tuple[int, int], None, _Result | None]:
    """Run work in a thread, yielding (done, total) meanwhile; returns its result, None when cancelled."""
    latest = (0, 0)

    def may_continue(done: int, total: int) -> bool:
        nonlocal latest
        latest = done, total
        return control.wait_while_paused()

    with ThreadPoolExecutor(1, "grouping") as thread:
        future = thread.submit(work, may_continue)
        while True:
            try:
                result = future.result(_REPORT_INTERVAL_S)
            except StillRunning:
                yield latest
            except CancelledError:
                return None
            else:
                return result
