"""Files that a scan did not find: moved, deleted, or missing until the user has decided about them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from photosim.store.database import LibraryDatabase

# Values of the column `missing`: 0 is a present file, 1 one that the user has to decide about, 2 one that is kept.
# SQLite uses the partial index only for conditions that contain its own, hence "missing > 0".
_PENDING = "missing = 1 AND missing > 0"
_KEPT = 2
_OF_SOURCE = "source_id = (SELECT id FROM sources WHERE path = CAST(? AS TEXT))"

NeedsConfirmation = Callable[[str, int, int], bool]
"""Whether the user must confirm a removal: called with source, number of missing photos, number of all photos."""


_MOVED = """
    SELECT COUNT(*) FROM files WHERE missing > 0 AND EXISTS (
        SELECT 1 FROM files AS other
        WHERE other.photo_id = files.photo_id AND other.missing = 0 AND other.id > files.id
    )
"""


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """Numbers of files that were `removed` from the library and that are `missing` until the user decides.

    `moved` are those of the removed ones whose content a newer file holds.
    """

    removed: int
    missing: int
    moved: int = 0


class MissingFiles:
    """The column `missing` of the table `files`."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def mark_found(self, file_ids: Iterable[int]) -> None:
        """Mark files as present again."""
        ids = [(file_id,) for file_id in file_ids]
        if ids:
            with self._database.transaction() as db:
                db.conn.executemany("UPDATE files SET missing = 0 WHERE id = ?", ids)

    def reconcile(
        self, gone: Mapping[str, Mapping[str, int]], needs_confirmation: NeedsConfirmation
    ) -> ReconcileResult:
        """Remove files that are gone, or keep them as missing, in one transaction; `gone`: ids by path by source.

        A file whose content is in a present file has moved, and an unreadable one has no content: both are removed.
        If the user has to decide about missing files of a source already, further ones are added to them.
        """
        total = sum(len(files) for files in gone.values())
        missing = 0
        with self._database.transaction() as db:
            pending_before = {source: _pending(db, source) for source in gone}
            for files in gone.values():
                # The path is compared since PhotoSim may have moved the file meanwhile.
                rows = [(file_id, os.fsencode(path)) for path, file_id in files.items()]
                sql = "UPDATE files SET missing = 1 WHERE id = ? AND missing = 0 AND path = CAST(? AS TEXT)"
                db.conn.executemany(sql, rows)
            moved = int(db.execute(_MOVED).fetchone()[0])
            _delete_explained(db)
            for source, before in pending_before.items():
                pending = _pending(db, source)
                if (
                    not before
                    and pending
                    and not needs_confirmation(source, pending, _photo_count(db, source))
                ):
                    sql = f"DELETE FROM files WHERE {_PENDING} AND {_OF_SOURCE}"  # noqa: S608
                    db.execute(sql, _path_parameter(source))
                    pending = 0
                missing += max(pending - before, 0)
        return ReconcileResult(total - missing, missing, moved)

    def delete(self, source: str) -> int:
        """Remove the missing files of a source from the library; returns their number."""
        with self._database.transaction() as db:
            sql = f"DELETE FROM files WHERE missing > 0 AND {_OF_SOURCE}"  # noqa: S608
            return int(db.execute(sql, _path_parameter(source)).rowcount)

    def delete_files(self, file_ids: Mapping[str, int]) -> None:
        """Remove these files, ids by path, from the library, unless they have been moved meanwhile."""
        rows = [(file_id, os.fsencode(path)) for path, file_id in file_ids.items()]
        with self._database.transaction() as db:
            db.conn.executemany("DELETE FROM files WHERE id = ? AND path = CAST(? AS TEXT)", rows)

    def mark_kept(self, source: str) -> None:
        """Keep the missing files of a source, for good or until they are found again."""
        with self._database.transaction() as db:
            sql = f"UPDATE files SET missing = {_KEPT} WHERE {_PENDING} AND {_OF_SOURCE}"  # noqa: S608
            db.execute(sql, _path_parameter(source))


def _delete_explained(db: Database) -> None:
    """Delete missing files that are unreadable or whose content is in a present file."""
    db.execute(
        """
        DELETE FROM files WHERE missing > 0 AND (photo_id IS NULL OR EXISTS (
            SELECT 1 FROM files AS other WHERE other.photo_id = files.photo_id AND other.missing = 0
        ))
        """
    )


def _pending(db: Database, source: str) -> int:
    sql = f"SELECT COUNT(*) FROM files WHERE {_PENDING} AND {_OF_SOURCE}"  # noqa: S608
    return int(db.execute(sql, _path_parameter(source)).fetchone()[0])


def _photo_count(db: Database, source: str) -> int:
    sql = f"SELECT COUNT(photo_id) FROM files WHERE {_OF_SOURCE}"  # noqa: S608
    return int(db.execute(sql, _path_parameter(source)).fetchone()[0])


def _path_parameter(source: str) -> tuple[bytes]:
    return (os.fsencode(source),)
