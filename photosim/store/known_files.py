"""What the library remembers of the files in a folder, and how that differs from what a scan finds there."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping

from photosim.files.fspaths import with_separator
from photosim.records import FileStamp
from photosim.store.database import LibraryDatabase
from photosim.store.thumbnails import ThumbnailCache, joined_digests

_INSIDE = "files.path >= CAST(? AS TEXT) AND files.path < CAST(? AS TEXT)"


class KnownFiles:
    """The known files of one folder, for comparing what a scan finds with them.

    They are compared a folder at a time, as sets: no record is made of a file that is as it was. A scan finds each
    file once.
    """

    def __init__(
        self,
        known: Iterable[FileStamp],
        unfinished: Collection[str] = (),
        missing: Mapping[str, int] | None = None,
    ) -> None:
        """`unfinished`: paths of those to be read again; `missing`: ids by path of those not found last time."""
        self._known = set(known)
        self._unfinished = unfinished
        self._missing = missing or {}
        self._found: list[list[FileStamp]] = []
        self._changed: set[str] = set()

    def changed(self, found: list[FileStamp]) -> list[FileStamp]:
        """Note what was found; returns what of it is new, has changed or must be read for another reason."""
        self._found.append(found)
        if not self._unfinished and self._known.issuperset(found):
            return []
        changed = [one for one in found if one not in self._known or one[0] in self._unfinished]
        self._changed.update(path for path, *_ in changed)
        return changed

    @property
    def reappeared(self) -> list[int]:
        """The ids of the files that were missing and have been found."""
        if not self._missing:
            return []
        lost = {path for path, *_ in self._lost()}
        return [file_id for path, file_id in self._missing.items() if path not in lost]

    @property
    def disappeared(self) -> set[FileStamp]:
        """The files that have not been found and were not missing before, as they were last seen."""
        return {one for one in self._lost() if one[0] not in self._missing}

    def _lost(self) -> set[FileStamp]:
        """The known files that have not been found."""
        if not self._changed and sum(map(len, self._found)) == len(self._known):
            return set()  # each that was found is known, and so many are
        return {one for one in self._known.difference(*self._found) if one[0] not in self._changed}


def load_known_files(store: LibraryDatabase, folder: str, unfinished: Collection[int]) -> KnownFiles:
    """The files at or below a folder; those with one of these photos, by id, are to be read again."""
    bounds = path_range(folder)
    known: list[FileStamp] = store.rows(f"SELECT path, size, mtime_ns FROM files WHERE {_INSIDE}", bounds)  # noqa: S608
    # The plus keeps SQLite from the index by path: few files are missing, if any.
    sql = "SELECT path, id FROM files WHERE missing > 0 AND +path >= CAST(? AS TEXT) AND +path < CAST(? AS TEXT)"
    missing = dict(store.rows(sql, bounds))
    again: set[str] = set()
    if unfinished:
        rows = store.rows(f"SELECT path, photo_id FROM files WHERE {_INSIDE}", bounds)  # noqa: S608
        again = {path for path, photo_id in rows if photo_id in unfinished}
    return KnownFiles(known, again, missing)


def file_ids_of(store: LibraryDatabase, folder: str, files: Collection[FileStamp]) -> dict[str, int]:
    """The ids by path of files below a folder that are still remembered as they are given, and not missing."""
    if not files:
        return {}
    sql = f"SELECT id, path, size, mtime_ns FROM files WHERE missing = 0 AND {_INSIDE}"  # noqa: S608
    return {
        path: file_id
        for file_id, path, *rest in store.rows(sql, path_range(folder))
        if (path, *rest) in files
    }


def incomplete_photos(store: LibraryDatabase, model: str, thumbnails: ThumbnailCache) -> set[int]:
    """The ids of the photos that lack a thumbnail, or an embedding of this model.

    Nearly always there are none, which three comparisons of the whole tell: no photo is looked at alone then.
    """
    unfinished: set[int] = set()
    embedded = store.value("SELECT COUNT(*) FROM embeddings WHERE model = ?", (model,))
    if embedded != store.value("SELECT COUNT(*) FROM photos"):
        lacking = "SELECT 1 FROM embeddings WHERE model = ? AND photo_id = photos.id"
        rows = store.rows(f"SELECT id FROM photos WHERE NOT EXISTS ({lacking})", (model,))  # noqa: S608
        unfinished.update(photo_id for (photo_id,) in rows)
    digests = joined_digests(store, "photos")
    if digests is None or digests != thumbnails.joined_digests():
        present = thumbnails.digests()
        rows = store.rows("SELECT id, digest FROM photos")
        unfinished.update(photo_id for photo_id, digest in rows if digest not in present)
    return unfinished


def path_range(folder: str) -> tuple[bytes, bytes]:
    """The range of paths inside a folder: from its separator to the character after it."""
    first = os.fsencode(with_separator(folder))
    return first, first[:-1] + bytes([first[-1] + 1])
