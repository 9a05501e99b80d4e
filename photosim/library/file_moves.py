"""What copying, moving and throwing away files means for the library: it knows their new places at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence

from photosim.files.bundles import PhotoFiles
from photosim.files.fspaths import file_identity, is_unchanged, long_path
from photosim.files.transfer import MovedFile
from photosim.store.catalog import Catalog
from photosim.store.file_moves import FileMove
from photosim.store.thumbnails import ThumbnailCache


class FileMoveRecorder:
    """Tells the catalogue in one transaction; every method may be called from any thread.

    It does not wait for an indexing, which finds the files where they lie then. `changed` is called when the library
    shows other photos.
    """

    def __init__(self, catalog: Catalog, thumbnails: ThumbnailCache, changed: Callable[[], None]) -> None:
        self._catalog, self._thumbnails, self._changed = catalog, thumbnails, changed

    def check(self) -> None:
        """Raises ReadOnlyLibraryError when the library cannot be told of anything."""
        self._catalog.database.check_writable()

    def last_copies(self, bundles: Sequence[PhotoFiles]) -> list[PhotoFiles]:
        """Those of the photos with a file of which the library knows no other copy that is there and would stay."""
        doomed = {file for one in bundles for file in one.files}
        copies = self._catalog.file_moves.copies_of(sorted(doomed))
        going = {_identity(path) for path in doomed}
        stays = {
            one.photo_id
            for one in copies
            if one.entry.path not in doomed
            and is_unchanged(one.entry)
            and _identity(one.entry.path) not in going
        }
        content = {one.entry.path: one.photo_id for one in copies}
        # A file that the library does not know, or no longer as it is, may be the only one.
        known = {one.entry.path for one in copies if is_unchanged(one.entry)}
        return [
            one
            for one in bundles
            if any(content[file] not in stays or file not in known for file in one.files if file in content)
            or one.photo not in content
        ]

    def moved(self, placed: Iterable[MovedFile]) -> None:
        """Files were moved, or put back to where they lay."""
        moves = [FileMove(one.old, one.entry, one.origin) for one in placed if not one.copied]
        self._catalog.file_moves.move(moves)
        self._settle()

    def copied(self, placed: Iterable[MovedFile]) -> None:
        """Files were copied."""
        self._catalog.file_moves.copy([(one.old, one.entry) for one in placed])
        self._settle()

    def trashed(self, placed: Iterable[MovedFile]) -> None:
        """Files are in the trash; what is known of them is kept, since they may be put back."""
        self._catalog.file_moves.park([one.old for one in placed])
        self._settle()

    def forget_trashed(self) -> None:
        """What was moved out of the library or thrown away will not be put back by this program."""
        if not self._catalog.file_moves.delete_parked():
            return
        self._thumbnails.remove(self._catalog.delete_orphans())
        self._changed()

    def _settle(self) -> None:
        self._catalog.raw_pairs.update()
        self._changed()


def _identity(path: str) -> object:
    """What two names of one file have in common."""
    try:
        return file_identity(path, os.stat(long_path(path)))  # noqa: PTH116 - a path as text
    except (OSError, ValueError):
        return path
