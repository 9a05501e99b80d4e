"""Files that a scan did not find: moved, gone, or missing until the person has said what to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from photosim.store.database import LibraryDatabase

# Values of the column `missing`, where 0 is a file that is there: asked about, and kept as the person said.
# "missing > 0" stands beside them because SQLite uses a partial index only where its own condition is named.
_ASKED = "missing = 1 AND missing > 0"
_KEPT = 2
_OF_SOURCE = "source_id = (SELECT id FROM sources WHERE path = CAST(? AS TEXT))"

NeedsConfirmation = Callable[[str, int, int], bool]
"""Whether to ask before forgetting: called with the source, how many photos are missing, how many it had."""


_MOVED = """
    SELECT COUNT(*) FROM files WHERE missing > 0 AND EXISTS (
        SELECT 1 FROM files AS other
        WHERE other.photo_id = files.photo_id AND other.missing = 0 AND other.id > files.id
    )
"""


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """What became of files that are gone: `removed` were forgotten, `missing` are kept and asked about.

    `moved` are those of the removed ones whose content a newer file holds.
    """

    removed: int
    missing: int
    moved: int = 0


class MissingFiles:
    """The column `missing` of the table `files`."""

    def __init__(self, store: LibraryDatabase) -> None:
        self._store = store

    def mark_found(self, file_ids: Iterable[int]) -> None:
        """These files are there again."""
        ids = [(file_id,) for file_id in file_ids]
        if ids:
            with self._store.transaction() as db:
                db.conn.executemany("UPDATE files SET missing = 0 WHERE id = ?", ids)

    def reconcile(self, gone: Mapping[str, Mapping[str, int]], asks: NeedsConfirmation) -> ReconcileResult:
        """Forget the files that are gone, ids by path for each source, or keep them as missing; in one transaction.

        A file whose content a present file holds has moved, and an unreadable one holds nothing: these are
        forgotten, also those that were missing before. Where a question is open already, more join it.
        """
        total = sum(len(files) for files in gone.values())
        missing = 0
        with self._store.transaction() as db:
            open_before = {source: _asked(db, source) for source in gone}
            for files in gone.values():
                # A file that PhotoSim has moved meanwhile lies elsewhere: it is not gone.
                rows = [(file_id, os.fsencode(path)) for path, file_id in files.items()]
                sql = "UPDATE files SET missing = 1 WHERE id = ? AND missing = 0 AND path = CAST(? AS TEXT)"
                db.conn.executemany(sql, rows)
            moved = int(db.execute(_MOVED).fetchone()[0])
            _forget_explained(db)
            for source, before in open_before.items():
                now = _asked(db, source)
                if not before and now and not asks(source, now, _photos(db, source)):
                    db.execute(f"DELETE FROM files WHERE {_ASKED} AND {_OF_SOURCE}", _named(source))  # noqa: S608
                    now = 0
                missing += max(now - before, 0)
        return ReconcileResult(total - missing, missing, moved)

    def delete(self, source: str) -> int:
        """Forget the missing files of a source; returns how many these were."""
        with self._store.transaction() as db:
            sql = f"DELETE FROM files WHERE missing > 0 AND {_OF_SOURCE}"  # noqa: S608
            return int(db.execute(sql, _named(source)).rowcount)

    def mark_kept(self, source: str) -> None:
        """Keep the missing files of a source and ask no more about them."""
        with self._store.transaction() as db:
            sql = f"UPDATE files SET missing = {_KEPT} WHERE {_ASKED} AND {_OF_SOURCE}"  # noqa: S608
            db.execute(sql, _named(source))


def _forget_explained(db: Database) -> None:
    db.execute(
        """
        DELETE FROM files WHERE missing > 0 AND (photo_id IS NULL OR EXISTS (
            SELECT 1 FROM files AS other WHERE other.photo_id = files.photo_id AND other.missing = 0
        ))
        """
    )


def _asked(db: Database, source: str) -> int:
    sql = f"SELECT COUNT(*) FROM files WHERE {_ASKED} AND {_OF_SOURCE}"  # noqa: S608
    return int(db.execute(sql, _named(source)).fetchone()[0])


def _photos(db: Database, source: str) -> int:
    sql = f"SELECT COUNT(photo_id) FROM files WHERE {_OF_SOURCE}"  # noqa: S608
    return int(db.execute(sql, _named(source)).fetchone()[0])


def _named(source: str) -> tuple[bytes]:
    return (os.fsencode(source),)
