"""Records where files are after PhotoSim itself moved, copied or trashed them, without a scan."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from photosim.files.fspaths import is_inside
from photosim.records import FileEntry
from photosim.store.database import JSON_IDS, LibraryDatabase, in_chunks, json_ids, placeholders

_AT_PATH = "path = CAST(? AS TEXT)"


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A file that holds a photo, as the library knows it."""

    photo_id: int
    entry: FileEntry


@dataclass(frozen=True, slots=True)
class FileMove:
    """A file moved from `old_path` to `entry.path`; `parked_path` is its path when it was parked, if it was."""

    old_path: str
    entry: FileEntry
    parked_path: str = ""


class FileMoves:
    """The paths in the table `files`, and the table `parked_files`.

    A parked file is not shown, but its photo is kept with the data of all models, until the file is restored or the
    parked files are deleted.
    """

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def move(self, moved: Iterable[FileMove]) -> list[int]:
        """Record moved files, in one transaction; returns the ids of those that are in the library.

        Files moved out of all sources are parked, and parked ones that were moved back are restored.
        """
        file_ids = []
        with self._database.transaction() as db:
            for file_move in moved:
                file_id = _file_at(db, file_move.old_path) or _restore_parked(db, file_move)
                if file_id is None:
                    continue
                source = self._source_of(file_move.entry.path)
                if source is None:
                    _park(db, file_id)
                    continue
                path = os.fsencode(file_move.entry.path)
                _delete_others_at(db, path, file_id)
                db.execute(
                    """
                    UPDATE files SET path = CAST(? AS TEXT), source_id = ?, size = ?, mtime_ns = ?, missing = 0
                    WHERE id = ?
                    """,
                    (path, source, file_move.entry.size, file_move.entry.mtime_ns, file_id),
                )
                file_ids.append(file_id)
        return file_ids

    def copy(self, copied: Iterable[tuple[str, FileEntry]]) -> list[int]:
        """Record copies of the files at these paths; returns the ids of those that are in the library."""
        file_ids = []
        with self._database.transaction() as db:
            for original, entry in copied:
                source = self._source_of(entry.path)
                sql = f"SELECT photo_id FROM files WHERE {_AT_PATH}"  # noqa: S608
                row = db.execute(sql, (os.fsencode(original),)).fetchone()
                if source is None or row is None or row[0] is None:
                    continue
                _delete_others_at(db, os.fsencode(entry.path), None)
                cursor = db.execute(
                    """
                    INSERT INTO files (source_id, path, size, mtime_ns, photo_id)
                    VALUES (?, CAST(? AS TEXT), ?, ?, ?)
                    """,
                    (source, os.fsencode(entry.path), entry.size, entry.mtime_ns, row[0]),
                )
                file_ids.append(int(cursor.lastrowid or 0))
        return file_ids

    def park(self, paths: Iterable[str]) -> None:
        """Park the files at these paths, which were trashed and may be restored."""
        with self._database.transaction() as db:
            for path in paths:
                file_id = _file_at(db, path)
                if file_id is not None:
                    _park(db, file_id)

    def delete_parked(self) -> bool:
        """Delete all parked files; returns whether there were any."""
        if self._database.value("SELECT 1 FROM parked_files LIMIT 1") is None:
            return False
        with self._database.transaction() as db:
            db.execute("DELETE FROM parked_files")
        return True

    def copy_counts(self, photo_ids: Sequence[int] | None = None) -> dict[int, int]:
        """Return the numbers of present, shown files of these photos (None: all), by photo id, where more than one."""
        which = "photo_id IS NOT NULL" if photo_ids is None else f"photo_id IN {JSON_IDS}"
        # The inner query reads an index alone; few photos have more than one file.
        sql = f"""
            SELECT photo_id, COUNT(*) FROM files
            WHERE missing = 0 AND primary_id IS NULL AND photo_id IN (
                SELECT photo_id FROM files WHERE {which} GROUP BY photo_id HAVING COUNT(*) > 1
            )
            GROUP BY photo_id HAVING COUNT(*) > 1
        """  # noqa: S608
        return dict(self._database.rows(sql, () if photo_ids is None else (json_ids(photo_ids),)))

    def known_counts(self, photo_ids: Collection[int]) -> dict[int, int]:
        """Return how many files of each of these photos the library knows, with missing and parked ones."""
        counts: Counter[int] = Counter()
        for ids in in_chunks(sorted(photo_ids)):
            for table in ("files", "parked_files"):
                sql = f"SELECT photo_id, COUNT(*) FROM {table} WHERE photo_id IN ({placeholders(ids)}) GROUP BY photo_id"  # noqa: S608
                counts.update(dict(self._database.rows(sql, ids)))
        return dict(counts)

    def copies_of(self, paths: Sequence[str]) -> list[FileCopy]:
        """Return the files at these paths and all others with the same content, without missing ones."""
        photo_ids: set[int] = set()
        for chunk in in_chunks(paths):
            in_paths = placeholders(chunk, "CAST(? AS TEXT)")
            sql = f"SELECT photo_id FROM files WHERE photo_id IS NOT NULL AND path IN ({in_paths})"  # noqa: S608
            photo_ids.update(row[0] for row in self._database.rows(sql, map(os.fsencode, chunk)))
        copies = []
        for ids in in_chunks(sorted(photo_ids)):
            sql = f"SELECT photo_id, path, size, mtime_ns FROM files WHERE missing = 0 AND photo_id IN ({placeholders(ids)})"  # noqa: S608
            rows = self._database.rows(sql, ids)
            copies += [FileCopy(photo_id, FileEntry(*entry)) for photo_id, *entry in rows]
        return copies

    def _source_of(self, path: str) -> int | None:
        """Return the id of the source that contains a path, or None."""
        for source, folder in self._database.rows("SELECT id, path FROM sources"):
            if is_inside(path, folder):
                return int(source)
        return None


def _file_at(db: Database, path: str) -> int | None:
    row = db.execute(f"SELECT id FROM files WHERE {_AT_PATH}", (os.fsencode(path),)).fetchone()  # noqa: S608
    return None if row is None else int(row[0])


def _restore_parked(db: Database, file_move: FileMove) -> int | None:
    """Restore a parked file; returns its id, None if no such file is parked."""
    origin = os.fsencode(file_move.parked_path)
    row = db.execute(f"SELECT id FROM parked_files WHERE {_AT_PATH}", (origin,)).fetchone()  # noqa: S608
    if row is None:
        return None
    _delete_others_at(db, os.fsencode(file_move.entry.path), None)
    db.execute(
        """
        INSERT INTO files (id, source_id, path, size, mtime_ns, photo_id)
        SELECT id, source_id, CAST(? AS TEXT), ?, ?, photo_id FROM parked_files WHERE id = ?
        """,
        (os.fsencode(file_move.entry.path), file_move.entry.size, file_move.entry.mtime_ns, row[0]),
    )
    db.execute("DELETE FROM parked_files WHERE id = ?", row)
    return int(row[0])


def _park(db: Database, file_id: int) -> None:
    """Move a file to the parked ones, or delete it if it holds no photo."""
    db.execute(
        """
        INSERT OR REPLACE INTO parked_files (id, source_id, path, size, mtime_ns, photo_id)
        SELECT id, source_id, path, size, mtime_ns, photo_id FROM files WHERE id = ? AND photo_id IS NOT NULL
        """,
        (file_id,),
    )
    db.execute("DELETE FROM files WHERE id = ?", (file_id,))


def _delete_others_at(db: Database, path: bytes, file_id: int | None) -> None:
    """Delete the row of a file that was at this path before, unless it has this id."""
    db.execute(f"DELETE FROM files WHERE {_AT_PATH} AND id IS NOT ?", (path, file_id))  # noqa: S608
