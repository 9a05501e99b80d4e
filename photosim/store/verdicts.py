"""What the user said of duplicates: verdicts by content, and which files of the groups reviewed so far stay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from photosim.duplicates.results import ReviewRow, Verdict, VerdictRow
from photosim.store.connection import damaged_error
from photosim.store.database import LibraryDatabase

VerdictKey = tuple[bytes, bytes]
"""Digests of two photos, in order."""

_VERDICTS = frozenset(Verdict)
_VERDICT_COLUMNS = "first, second, verdict, decided_at, confidence, copies"


class VerdictTable:
    """The tables `verdicts` and `duplicate_reviews`.

    `replace` leaves the database's revision as it is: who caches what depends on it takes the change over at once.
    """

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def verdicts(self) -> dict[VerdictKey, VerdictRow]:
        """Return all verdicts by the digests of their photos."""
        rows = self._database.scan_rows(f"SELECT {_VERDICT_COLUMNS} FROM verdicts ORDER BY first, second")  # noqa: S608
        found = {}
        for first, second, verdict, decided_at, confidence, copies in rows:
            if verdict not in _VERDICTS:
                raise damaged_error(self._database.path, "a verdict is unknown")
            key = (bytes(first), bytes(second))
            found[key] = VerdictRow(*key, Verdict(verdict), decided_at, confidence, copies)
        return found

    def judged_photos(self) -> list[int]:
        """Return the ids of the photos in the library that there are verdicts on."""
        sql = "SELECT id FROM photos WHERE digest IN (SELECT first FROM verdicts UNION SELECT second FROM verdicts)"
        return [photo_id for (photo_id,) in self._database.rows(sql)]

    def reviews(self) -> list[ReviewRow]:
        """Return what the reviews say of each file, ordered by group and file."""
        rows = self._database.scan_rows(
            "SELECT file_id, group_key, keep, size, mtime_ns FROM duplicate_reviews ORDER BY group_key, file_id"
        )
        return [
            ReviewRow(file_id, group_id, bool(keep), size, mtime_ns)
            for file_id, group_id, keep, size, mtime_ns in rows
        ]

    def replace(
        self,
        verdict_keys: Iterable[VerdictKey],
        verdicts: Sequence[VerdictRow],
        old_reviews: Iterable[ReviewRow] = (),
        reviews: Sequence[ReviewRow] = (),
    ) -> None:
        """Replace the verdicts with these keys and these rows of reviews, in one transaction.

        Files that left the library meanwhile are left out.
        """
        with self._database.transaction(bump_revision=False) as db:
            db.conn.executemany("DELETE FROM verdicts WHERE first = ? AND second = ?", list(verdict_keys))
            db.conn.executemany(
                f"INSERT OR REPLACE INTO verdicts ({_VERDICT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
                [
                    (row.first, row.second, row.verdict.value, row.decided_at, row.confidence, row.copies)
                    for row in verdicts
                ],
            )
            db.conn.executemany(
                "DELETE FROM duplicate_reviews WHERE file_id = ? AND group_key = ?",
                [(row.file_id, row.group_id) for row in old_reviews],
            )
            db.conn.executemany(
                "INSERT OR REPLACE INTO duplicate_reviews SELECT id, ?, ?, ?, ? FROM files WHERE id = ?",
                [(row.group_id, int(row.keep), row.size, row.mtime_ns, row.file_id) for row in reviews],
            )

    def restore_reviews(self, reviews: Iterable[ReviewRow]) -> None:
        """Add reviews of files that are in the library again, unless they were reviewed since."""
        with self._database.transaction() as db:
            db.conn.executemany(
                "INSERT OR IGNORE INTO duplicate_reviews SELECT id, ?, ?, ?, ? FROM files WHERE id = ?",
                [(row.group_id, int(row.keep), row.size, row.mtime_ns, row.file_id) for row in reviews],
            )
