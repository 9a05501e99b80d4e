"""The known files of a folder, compared with what a scan finds there."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping

from photosim.files.fspaths import with_separator
from photosim.records import FileStamp
from photosim.store.database import LibraryDatabase
from photosim.store.files.unlisted import UNLISTED_SIZE
from photosim.store.thumbnails import ThumbnailCache, joined_digests

_INSIDE = "files.path >= CAST(? AS TEXT) AND files.path < CAST(? AS TEXT)"


class KnownFiles:
    """Compares the known files of a folder with those that a scan finds.

    Files are compared as sets, batch by batch, without a record for each unchanged file. A scan must find each file
    only once.
    """

    def __init__(
        self,
        known: Iterable[FileStamp],
        incomplete: Collection[str] = (),
        missing: Mapping[str, int] | None = None,
    ) -> None:
        """`incomplete`: paths to read again; `missing`: ids by path of files that the last scan did not find."""
        self._known = set(known)
        self._incomplete = incomplete
        self._missing = missing or {}
        self._found: list[list[FileStamp]] = []
        self._changed: set[str] = set()

    def changed(self, found: list[FileStamp]) -> list[FileStamp]:
        """Add files that the scan found; returns those that are new or changed or that must be read again."""
        self._found.append(found)
        if not self._incomplete and self._known.issuperset(found):
            return []
        changed = [stamp for stamp in found if stamp not in self._known or stamp[0] in self._incomplete]
        self._changed.update(path for path, *_ in changed)
        return changed

    @property
    def count(self) -> int:
        """The number of files that were not missing before."""
        return len(self._known) - len(self._missing)

    @property
    def reappeared(self) -> list[int]:
        """The ids of the missing files that have been found."""
        if not self._missing:
            return []
        not_found = {path for path, *_ in self._not_found()}
        return [file_id for path, file_id in self._missing.items() if path not in not_found]

    @property
    def still_missing(self) -> dict[str, int]:
        """The ids, by path, of the missing files that have not been found."""
        if not self._missing:
            return {}
        not_found = {path for path, *_ in self._not_found()}
        return {path: file_id for path, file_id in self._missing.items() if path in not_found}

    @property
    def disappeared(self) -> set[FileStamp]:
        """The files that have not been found and were not missing before."""
        return {stamp for stamp in self._not_found() if stamp[0] not in self._missing}

    def _not_found(self) -> set[FileStamp]:
        if not self._changed and sum(map(len, self._found)) == len(self._known):
            return set()  # only known files were found, and as many as are known
        return {stamp for stamp in self._known.difference(*self._found) if stamp[0] not in self._changed}


def load_known_files(database: LibraryDatabase, folder: str, incomplete: Collection[int]) -> KnownFiles:
    """Load the known files in a folder; those of `incomplete` photos, by id, count as changed."""
    bounds = path_range(folder)
    sql = f"SELECT path, size, mtime_ns FROM files WHERE {_INSIDE} AND size <> {UNLISTED_SIZE}"  # noqa: S608
    known: list[FileStamp] = database.rows(sql, bounds)
    # The plus makes SQLite use the index of missing files instead of the one by path: few files are missing.
    sql = "SELECT path, id FROM files WHERE missing > 0 AND +path >= CAST(? AS TEXT) AND +path < CAST(? AS TEXT)"
    missing = dict(database.rows(sql, bounds))
    again: set[str] = set()
    if incomplete:
        rows = database.rows(f"SELECT path, photo_id FROM files WHERE {_INSIDE}", bounds)  # noqa: S608
        again = {path for path, photo_id in rows if photo_id in incomplete}
    return KnownFiles(known, again, missing)


def file_ids_of(database: LibraryDatabase, folder: str, files: Collection[FileStamp]) -> dict[str, int]:
    """Return the ids, by path, of those of these files in a folder whose stamps are unchanged in the database."""
    if not files:
        return {}
    sql = f"SELECT id, path, size, mtime_ns FROM files WHERE missing = 0 AND {_INSIDE}"  # noqa: S608
    return {
        path: file_id
        for file_id, path, *rest in database.rows(sql, path_range(folder))
        if (path, *rest) in files
    }


def incomplete_photos(database: LibraryDatabase, model: str, thumbnails: ThumbnailCache) -> set[int]:
    """Return the ids of the photos without facts, without a thumbnail or without an embedding of this model.

    Nearly always there are none, which comparing counts and joined digests shows without looking at single photos.
    """
    sql = "SELECT id FROM photos WHERE format = ''"
    incomplete: set[int] = {photo_id for (photo_id,) in database.rows(sql)}
    embedded = database.value("SELECT COUNT(*) FROM embeddings WHERE model = ?", (model,))
    if embedded != database.value("SELECT COUNT(*) FROM photos"):
        lacking = "SELECT 1 FROM embeddings WHERE model = ? AND photo_id = photos.id"
        rows = database.rows(f"SELECT id FROM photos WHERE NOT EXISTS ({lacking})", (model,))  # noqa: S608
        incomplete.update(photo_id for (photo_id,) in rows)
    digests = joined_digests(database, "photos")
    if digests is None or digests != thumbnails.joined_digests():
        present = thumbnails.digests()
        rows = database.rows("SELECT id, digest FROM photos")
        incomplete.update(photo_id for photo_id, digest in rows if digest not in present)
    return incomplete


def path_range(folder: str) -> tuple[bytes, bytes]:
    """Return the range [first, end) of the paths inside a folder, as bytes."""
    first = os.fsencode(with_separator(folder))
    return first, first[:-1] + bytes([first[-1] + 1])
