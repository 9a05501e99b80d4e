"""The folders of a library: which photos of them are missing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from photosim.core.records import Source
from photosim.errors import FolderError
from photosim.store.catalog import Catalog
from photosim.store.thumbnails import Thumbnails

Writing = Callable[[], AbstractContextManager[None]]
"""Takes the library's lock. Raises LibraryLockedError while another PhotoSim writes."""


class Folders:
    """What can be done with the folders that were added; every method may be called from any thread.

    Methods that write raise LibraryLockedError while another PhotoSim writes.
    """

    def __init__(self, catalog: Catalog, thumbnails: Thumbnails, writing: Writing) -> None:
        self._catalog, self._thumbnails, self._writing = catalog, thumbnails, writing

    def get(self, folder: str | Path) -> Source:
        """The added folder at this path. Raises FolderError when it was not added."""
        names = {
            str(folder),
            str(Path(folder).expanduser().absolute()),
            str(Path(folder).expanduser().resolve()),
        }
        for source in self._catalog.sources():
            if source.path in names:
                return source
        raise FolderError(f"The folder {folder} was not added to this library.")

    def forget_missing(self, folder: str | Path) -> int:
        """Forget the missing photos of an added folder, which the person deleted; returns how many these were."""
        source = self.get(folder)
        with self._writing():
            forgotten = self._catalog.absences.forget(source.path)
            self._thumbnails.remove(self._catalog.remove_orphans())
        return forgotten

    def keep_missing(self, folder: str | Path) -> None:
        """Keep the missing photos of an added folder, and ask no more about them; they may come back."""
        source = self.get(folder)
        with self._writing():
            self._catalog.absences.keep(source.path)
