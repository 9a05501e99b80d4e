"""Sources: their drives, whether they are watched, and moving them with all their files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from photosim.files.fspaths import is_inside, with_separator
from photosim.store.database import LibraryDatabase

_AT_PATH = "path = CAST(? AS TEXT)"
_MOVING = b"\0"
"""Prefix of paths while their folder is being moved, so that old and new paths cannot collide."""

_MAX_MISSING = 2
"""The largest value of the column `files.missing`."""


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A source and its last known location: the identity of the drive and the path on it, or None."""

    path: str
    volume: str | None
    volume_path: str | None
    watched: bool


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A photo file as the library knows it."""

    path: str
    size: int
    digest: bytes


class SourceTable:
    """The locations in the table `sources`, and the paths of their files."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def all(self) -> list[SourceLocation]:
        """Return all sources by path."""
        rows = self._database.rows("SELECT path, volume, volume_path, watched FROM sources ORDER BY path")
        return [SourceLocation(path, volume, place, bool(watched)) for path, volume, place, watched in rows]

    def photo_ids(self, folders: Iterable[str]) -> set[int]:
        """Return the ids of the photos in these sources."""
        found: set[int] = set()
        sql = f"SELECT photo_id FROM sources JOIN files ON source_id = sources.id WHERE sources.{_AT_PATH} AND photo_id > 0"  # noqa: S608
        for folder in folders:
            [ids] = self._database.scan_ids(("photo_id",), sql, (os.fsencode(folder),))
            found.update(ids.tolist())
        return found

    def set_location(self, folder: str, volume: str | None, volume_path: str | None) -> None:
        """Save the drive of a source and its path there."""
        encoded = None if volume_path is None else os.fsencode(volume_path)
        with self._database.transaction(bump_revision=False) as db:
            sql = f"UPDATE sources SET volume = ?, volume_path = CAST(? AS TEXT) WHERE {_AT_PATH}"  # noqa: S608
            db.execute(sql, (volume, encoded, os.fsencode(folder)))

    def set_watched(self, folder: str, watched: bool) -> None:
        """Save whether a source is watched for changes."""
        with self._database.transaction(bump_revision=False) as db:
            sql = f"UPDATE sources SET watched = ? WHERE {_AT_PATH}"  # noqa: S608
            db.execute(sql, (int(watched), os.fsencode(folder)))

    def sample_files(self, folder: str, count: int, *, missing: bool = False) -> list[SampleFile]:
        """Return up to `count` photos of a source, spread over it; with `missing` also those known to be missing."""
        rows = self._database.rows(
            """
            SELECT files.path, size, digest FROM files JOIN photos ON photos.id = photo_id
            WHERE source_id = (SELECT id FROM sources WHERE path = CAST(? AS TEXT)) AND missing <= ?
            ORDER BY files.id * 2654435761 % 1000003 LIMIT ?
            """,
            (os.fsencode(folder), _MAX_MISSING if missing else 0, count),
        )
        return [SampleFile(path, size, bytes(digest)) for path, size, digest in rows]

    def move(self, old: str, new: str) -> None:
        """Change the path of a source and of all its files, in one transaction; ids and embeddings are kept.

        Where the library knows a file at the new path already, the moved one is removed. If the new path is another
        source or inside one, the files become files of that source.
        """
        with self._database.transaction() as db:
            source = db.execute(f"SELECT id FROM sources WHERE {_AT_PATH}", (os.fsencode(old),)).fetchone()[0]  # noqa: S608
            before = os.fsencode(with_separator(old))[:-1]
            # Paths are cut as bytes, since names need not be valid text.
            db.execute(
                "UPDATE files SET path = CAST(CAST(? AS BLOB) || substr(CAST(path AS BLOB), ?) AS TEXT) WHERE source_id = ?",
                (_MOVING, len(before) + 1, source),
            )
            after = os.fsencode(with_separator(new))[:-1]
            moved = "CAST(CAST(? AS BLOB) || substr(CAST(path AS BLOB), 2) AS TEXT)"
            db.execute(
                f"DELETE FROM files WHERE source_id = ? AND {moved} IN (SELECT path FROM files)",  # noqa: S608
                (source, after),
            )
            db.execute(f"UPDATE files SET path = {moved}, missing = 0 WHERE source_id = ?", (after, source))  # noqa: S608
            others = self._database.rows("SELECT id, path FROM sources WHERE id <> ?", (source,))
            target = next((other for other, path in others if is_inside(new, path)), None)
            if target is None:
                sql = "UPDATE sources SET path = CAST(? AS TEXT), volume = NULL, volume_path = NULL WHERE id = ?"
                db.execute(sql, (os.fsencode(new), source))
            else:
                db.execute("UPDATE files SET source_id = ? WHERE source_id = ?", (target, source))
                db.execute("DELETE FROM sources WHERE id = ?", (source,))
