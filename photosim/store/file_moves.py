"""Where files lie after the person has moved, copied or thrown them away: told, and not found by a scan."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from photosim.files.fspaths import is_inside
from photosim.records import FileEntry
from photosim.store.database import LibraryDatabase

_NAMED = "path = CAST(? AS TEXT)"
_CHUNK = 500  # ids in one statement: SQLite allows 999 in its oldest builds


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A file that holds a photo, as it was last seen; `photo_id` names the content."""

    photo_id: int
    entry: FileEntry


@dataclass(frozen=True, slots=True)
class FileMove:
    """A file that lay at `old` and lies at `entry.path` now; `origin` is its path when it was set aside, if it was."""

    old_path: str
    entry: FileEntry
    parked_path: str = ""


class FileMoves:
    """The paths in the table `files`, and the table `parked_files`.

    A file set aside is shown nowhere, but its photo stays known, with all that any model saw in it, until it is put
    back or forgotten.
    """

    def __init__(self, store: LibraryDatabase) -> None:
        self._store = store

    def move(self, moved: Iterable[FileMove]) -> list[int]:
        """Files lie elsewhere now, in one transaction; returns the ids of those that are shown.

        One that lies in no folder of the library any more is set aside, and one set aside comes back.
        """
        shown = []
        with self._store.transaction() as db:
            for one in moved:
                known = _known_at(db, one.old_path) or _come_back(db, one)
                if known is None:
                    continue
                source = _source_of(db, one.entry.path)
                if source is None:
                    _park(db, known)
                    continue
                path = os.fsencode(one.entry.path)
                _make_room(db, path, known)
                db.execute(
                    """
                    UPDATE files SET path = CAST(? AS TEXT), source_id = ?, size = ?, mtime_ns = ?, missing = 0
                    WHERE id = ?
                    """,
                    (path, source, one.entry.size, one.entry.mtime_ns, known),
                )
                shown.append(known)
        return shown

    def copy(self, copied: Iterable[tuple[str, FileEntry]]) -> list[int]:
        """Files with the same bytes as those at these paths lie elsewhere too; returns the ids of those shown."""
        shown = []
        with self._store.transaction() as db:
            for original, entry in copied:
                source = _source_of(db, entry.path)
                sql = f"SELECT photo_id FROM files WHERE {_NAMED}"  # noqa: S608
                row = db.execute(sql, (os.fsencode(original),)).fetchone()
                if source is None or row is None or row[0] is None:
                    continue
                _make_room(db, os.fsencode(entry.path), None)
                cursor = db.execute(
                    """
                    INSERT INTO files (source_id, path, size, mtime_ns, photo_id)
                    VALUES (?, CAST(? AS TEXT), ?, ?, ?)
                    """,
                    (source, os.fsencode(entry.path), entry.size, entry.mtime_ns, row[0]),
                )
                shown.append(int(cursor.lastrowid or 0))
        return shown

    def park(self, paths: Iterable[str]) -> None:
        """Files at these paths have gone where the library does not look, and may come back."""
        with self._store.transaction() as db:
            for path in paths:
                known = _known_at(db, path)
                if known is not None:
                    _park(db, known)

    def delete_parked(self) -> bool:
        """Nothing of what was set aside will be put back; returns whether there was anything."""
        if self._store.value("SELECT 1 FROM parked_files LIMIT 1") is None:
            return False
        with self._store.transaction() as db:
            db.execute("DELETE FROM parked_files")
        return True

    def copy_counts(self, photo_ids: Sequence[int] | None = None) -> dict[int, int]:
        """How many files that are shown and there hold each of these photos (None: of all), where there are several."""
        sql = "SELECT photo_id, COUNT(*) FROM files WHERE missing = 0 AND primary_id IS NULL AND {which}"
        sql += " GROUP BY photo_id HAVING COUNT(*) > 1"
        if photo_ids is None:
            return dict(self._store.rows(sql.format(which="photo_id IS NOT NULL")))
        found: dict[int, int] = {}
        for start in range(0, len(photo_ids), _CHUNK):
            some = [int(photo_id) for photo_id in photo_ids[start : start + _CHUNK]]
            found.update(
                self._store.rows(sql.format(which=f"photo_id IN ({','.join('?' * len(some))})"), some)
            )
        return found

    def copies_of(self, paths: Sequence[str]) -> list[FileCopy]:
        """The files at these paths and all others with the same contents, as far as they are not missing."""
        photo_ids: set[int] = set()
        for start in range(0, len(paths), _CHUNK):
            chunk = paths[start : start + _CHUNK]
            marks = ",".join(["CAST(? AS TEXT)"] * len(chunk))
            sql = f"SELECT photo_id FROM files WHERE photo_id IS NOT NULL AND path IN ({marks})"  # noqa: S608
            photo_ids.update(row[0] for row in self._store.rows(sql, map(os.fsencode, chunk)))
        wanted = sorted(photo_ids)
        found = []
        for start in range(0, len(wanted), _CHUNK):
            some = wanted[start : start + _CHUNK]
            marks = ",".join("?" * len(some))
            sql = f"SELECT photo_id, path, size, mtime_ns FROM files WHERE missing = 0 AND photo_id IN ({marks})"  # noqa: S608
            found += [
                FileCopy(photo_id, FileEntry(*entry)) for photo_id, *entry in self._store.rows(sql, some)
            ]
        return found


def _known_at(db: Database, path: str) -> int | None:
    row = db.execute(f"SELECT id FROM files WHERE {_NAMED}", (os.fsencode(path),)).fetchone()  # noqa: S608
    return None if row is None else int(row[0])


def _come_back(db: Database, one: FileMove) -> int | None:
    """Take a file from those set aside; None for a stranger."""
    origin = os.fsencode(one.parked_path)
    row = db.execute(f"SELECT id FROM parked_files WHERE {_NAMED}", (origin,)).fetchone()  # noqa: S608
    if row is None:
        return None
    _make_room(db, os.fsencode(one.entry.path), None)
    db.execute(
        """
        INSERT INTO files (id, source_id, path, size, mtime_ns, photo_id)
        SELECT id, source_id, CAST(? AS TEXT), ?, ?, photo_id FROM parked_files WHERE id = ?
        """,
        (os.fsencode(one.entry.path), one.entry.size, one.entry.mtime_ns, row[0]),
    )
    db.execute("DELETE FROM parked_files WHERE id = ?", row)
    return int(row[0])


def _park(db: Database, file_id: int) -> None:
    db.execute(
        """
        INSERT OR REPLACE INTO parked_files (id, source_id, path, size, mtime_ns, photo_id)
        SELECT id, source_id, path, size, mtime_ns, photo_id FROM files WHERE id = ? AND photo_id IS NOT NULL
        """,
        (file_id,),
    )
    db.execute("DELETE FROM files WHERE id = ?", (file_id,))


def _make_room(db: Database, path: bytes, file_id: int | None) -> None:
    """Forget what lay at a path before: another file lies there now."""
    db.execute(f"DELETE FROM files WHERE {_NAMED} AND id IS NOT ?", (path, file_id))  # noqa: S608


def _source_of(db: Database, path: str) -> int | None:
    """The id of the folder of the library in which a path lies."""
    for source, folder in db.execute("SELECT id, path FROM sources"):
        if is_inside(path, folder):
            return int(source)
    return None
