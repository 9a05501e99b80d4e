"""Where the folders of a library lie: on which drive, watched or not, and moving them with all their files."""

from __future__ import annotations

import os
from dataclasses import dataclass

from photosim.files.fspaths import is_inside, with_separator
from photosim.store.database import LibraryDatabase

_NAMED = "path = CAST(? AS TEXT)"
_MOVING = b"\0"
"""Stands before the path of a file while a folder is being moved, so that old and new paths never meet."""

_MOST_MISSING = 2
"""The largest value of the column `missing`."""


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """An added folder, and its last known place: the drive's identity and the path on it, or None."""

    path: str
    volume: str | None
    volume_path: str | None
    watched: bool


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A photo file as it was last seen."""

    path: str
    size: int
    digest: bytes


class SourceTable:
    """The columns of the table `sources` that say where a folder is, and the paths of its files."""

    def __init__(self, store: LibraryDatabase) -> None:
        self._store = store

    def all(self) -> list[SourceLocation]:
        """Every added folder, by path."""
        rows = self._store.rows("SELECT path, volume, volume_path, watched FROM sources ORDER BY path")
        return [SourceLocation(path, volume, place, bool(watched)) for path, volume, place, watched in rows]

    def set_location(self, folder: str, volume: str | None, volume_path: str | None) -> None:
        """Remember on which drive a folder lies."""
        encoded = None if volume_path is None else os.fsencode(volume_path)
        with self._store.transaction() as db:
            sql = f"UPDATE sources SET volume = ?, volume_path = CAST(? AS TEXT) WHERE {_NAMED}"  # noqa: S608
            db.execute(sql, (volume, encoded, os.fsencode(folder)))

    def set_watched(self, folder: str, watched: bool) -> None:
        """Remember whether a folder is watched for changes."""
        with self._store.transaction() as db:
            sql = f"UPDATE sources SET watched = ? WHERE {_NAMED}"  # noqa: S608
            db.execute(sql, (int(watched), os.fsencode(folder)))

    def sample_files(self, folder: str, count: int, *, missing: bool = False) -> list[SampleFile]:
        """Up to `count` readable photos of a folder, scattered over it; those known to be missing only if asked."""
        rows = self._store.rows(
            """
            SELECT files.path, size, digest FROM files JOIN photos ON photos.id = photo_id
            WHERE source_id = (SELECT id FROM sources WHERE path = CAST(? AS TEXT)) AND missing <= ?
            ORDER BY files.id * 2654435761 % 1000003 LIMIT ?
            """,
            (os.fsencode(folder), _MOST_MISSING if missing else 0, count),
        )
        return [SampleFile(path, size, bytes(digest)) for path, size, digest in rows]

    def move(self, old: str, new: str) -> None:
        """Let a folder and all its files lie elsewhere, in one transaction; ids and embeddings stay.

        Where the library knows a file at the new path already, that one stays and the moved one goes. When the
        new path is a folder of the library, or in one, the files become its own.
        """
        with self._store.transaction() as db:
            source = db.execute(f"SELECT id FROM sources WHERE {_NAMED}", (os.fsencode(old),)).fetchone()[0]  # noqa: S608
            before = os.fsencode(with_separator(old))[:-1]
            # Paths are cut as bytes: a name need not be valid text.
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
            home = _around(
                db.execute("SELECT id, path FROM sources WHERE id <> ?", (source,)).fetchall(), new
            )
            if home is None:
                sql = "UPDATE sources SET path = CAST(? AS TEXT), volume = NULL, volume_path = NULL WHERE id = ?"
                db.execute(sql, (os.fsencode(new), source))
            else:
                db.execute("UPDATE files SET source_id = ? WHERE source_id = ?", (home, source))
                db.execute("DELETE FROM sources WHERE id = ?", (source,))


def _around(sources: list[tuple[int, str]], folder: str) -> int | None:
    """The id of the folder that is or contains this one."""
    for source, path in sources:
        if is_inside(folder, path):
            return source
    return None
