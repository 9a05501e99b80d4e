"""The thumbnail cache of a library, which can be deleted at any time."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from photosim.errors import DamagedLibraryError, ReadOnlyLibraryError
from photosim.store import migrations
from photosim.store.connection import delete_database
from photosim.store.database import LibraryDatabase, in_chunks, placeholders

_log = logging.getLogger(__name__)

FILE_NAME = "thumbnails.db"


def joined_digests(database: LibraryDatabase, table: str) -> bytes | None:
    """Return the sorted digests of a table in one piece, faster than as many objects; None if that fails."""
    sql = f"SELECT CAST(GROUP_CONCAT(digest, '') AS BLOB), SUM(LENGTH(digest)) FROM (SELECT digest FROM {table} ORDER BY digest)"  # noqa: S608
    [(joined, length)] = database.rows(sql)
    # SQLite does not guarantee results for text with zero bytes, so the length is checked.
    return joined if len(joined or b"") == (length or 0) else None


class ThumbnailCache:
    """JPEG thumbnails by the digest of their photo."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._temporary_folder: tempfile.TemporaryDirectory[str] | None = None
        try:
            self._database = LibraryDatabase(self._path, migrations.thumbnails, memory_mapped=False)
        except ReadOnlyLibraryError:
            # No cache exists and none can be created here, so thumbnails are kept for this session only.
            self._temporary_folder = tempfile.TemporaryDirectory(prefix="photosim-")
            self._database = LibraryDatabase(
                Path(self._temporary_folder.name, FILE_NAME), migrations.thumbnails, memory_mapped=False
            )
        except DamagedLibraryError:
            self._database = self._recreate()

    def close(self) -> None:
        """Close the file."""
        self._database.close()
        if self._temporary_folder is not None:
            self._temporary_folder.cleanup()

    def get(self, digest: bytes) -> bytes | None:
        """Return the JPEG bytes of a thumbnail, or None."""
        try:
            jpeg = self._database.value("SELECT jpeg FROM thumbnails WHERE digest = ?", (digest,))
        except DamagedLibraryError:
            return None  # the next indexing recreates the file
        return None if jpeg is None else bytes(jpeg)

    def get_many(self, digests: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the JPEG bytes of the cached thumbnails of these photos."""
        found: dict[bytes, bytes] = {}
        for chunk in in_chunks(tuple(digests)):
            sql = f"SELECT digest, jpeg FROM thumbnails WHERE digest IN ({placeholders(chunk)})"  # noqa: S608
            try:
                found.update(self._database.rows(sql, chunk))
            except DamagedLibraryError:
                return {}  # as in `get`
        return found

    def has(self, digest: bytes) -> bool:
        """Check whether a photo has a thumbnail."""
        return self._database.value("SELECT 1 FROM thumbnails WHERE digest = ?", (digest,)) is not None

    def digests(self) -> set[bytes]:
        """Return the digests of all photos that have a thumbnail."""
        try:
            return {digest for (digest,) in self._database.rows("SELECT digest FROM thumbnails")}
        except DamagedLibraryError:
            self._database.close()
            self._database = self._recreate()
            return set()

    def joined_digests(self) -> bytes | None:
        """Return the sorted digests in one piece, see the function; None if the file is damaged."""
        try:
            return joined_digests(self._database, "thumbnails")
        except DamagedLibraryError:
            return None

    def _recreate(self) -> LibraryDatabase:
        """Replace a damaged file by an empty one, which the next indexing fills."""
        _log.warning("%s is damaged and is recreated", self._path)
        delete_database(self._path)
        return LibraryDatabase(self._path, migrations.thumbnails, memory_mapped=False)

    def add(self, jpegs: Mapping[bytes, bytes]) -> None:
        """Save thumbnails, in one transaction."""
        with self._database.transaction() as db:
            db.conn.executemany("INSERT OR REPLACE INTO thumbnails VALUES (?, ?)", jpegs.items())

    def remove(self, digests: list[bytes]) -> None:
        """Delete thumbnails, in one transaction."""
        with self._database.transaction() as db:
            db.conn.executemany("DELETE FROM thumbnails WHERE digest = ?", [(digest,) for digest in digests])
