"""Folders that a scan could not list, which are kept among the unreadable files until one can."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping

from photosim.files.fspaths import is_inside
from photosim.store.database import LibraryDatabase

UNLISTED_SIZE = -1
"""Size that marks them in the table `files`; no file has it."""


class UnlistedFolders:
    """The folders in the table `files`, each with the reason why it could not be listed."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def reasons(self) -> dict[str, str]:
        """Return all of them by path, with their reasons."""
        sql = "SELECT path, reason FROM files WHERE reason IS NOT NULL AND size = ? ORDER BY path"
        return dict(self._database.rows(sql, (UNLISTED_SIZE,)))

    def replace(
        self, source: str, folder: str, reasons: Mapping[str, str], unchecked: Collection[str] = ()
    ) -> None:
        """Save those inside `folder` of a source, itself included, with their reasons.

        Earlier ones there are forgotten, except those `unchecked`.
        """
        before = {
            path: reason
            for path, reason in self.reasons().items()
            if is_inside(path, folder) and path not in unchecked
        }
        if before == reasons:
            return
        with self._database.transaction() as db:
            for path in before.keys() - reasons.keys():
                db.execute("DELETE FROM files WHERE path = CAST(? AS TEXT)", (os.fsencode(path),))
            for path, reason in reasons.items():
                # What is known of a file stays: its entry may be out of reach for a moment only.
                db.execute(
                    """
                    INSERT INTO files (source_id, path, size, mtime_ns, reason)
                    VALUES ((SELECT id FROM sources WHERE path = CAST(? AS TEXT)), CAST(? AS TEXT), ?, 0, ?)
                    ON CONFLICT (path) DO UPDATE SET reason = excluded.reason WHERE size = excluded.size
                    """,
                    (os.fsencode(source), os.fsencode(path), UNLISTED_SIZE, reason),
                )
