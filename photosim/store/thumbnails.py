"""The thumbnail cache of a library, which can be deleted at any time."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import xxhash

from photosim.errors import DamagedLibraryError, LibraryError, ReadOnlyLibraryError
from photosim.store import migrations
from photosim.store.connection import delete_database
from photosim.store.database import LibraryDatabase, in_chunks, placeholders
from photosim.store.identity import is_other_program

_log = logging.getLogger(__name__)

FILE_NAME = "thumbnails.db"
_CHECKSUM_BYTES = 8


def joined_digests(database: LibraryDatabase, table: str) -> bytes | None:
    """Return the sorted digests of a table in one piece, faster than as many objects; None if that fails."""
    sql = f"SELECT CAST(GROUP_CONCAT(digest, '') AS BLOB), SUM(LENGTH(digest)) FROM (SELECT digest FROM {table} ORDER BY digest)"  # noqa: S608
    [(joined, length)] = database.rows(sql)
    # SQLite does not guarantee results for text with zero bytes, so the length is checked.
    return joined if len(joined or b"") == (length or 0) else None


class ThumbnailCache:
    """JPEG thumbnails by the digest of their photo.

    A damaged file is replaced by an empty one, which the next indexing fills, and a damaged thumbnail is deleted. Where
    no file can be created, thumbnails are kept for this session only.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._temporary_folder: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()
        self._database = self._open()

    def close(self) -> None:
        """Close the file."""
        self._database.close()
        if self._temporary_folder is not None:
            self._temporary_folder.cleanup()

    def get(self, digest: bytes) -> bytes | None:
        """Return the JPEG bytes of a thumbnail, or None."""
        return self.get_many([digest]).get(digest)

    def get_many(self, digests: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the JPEG bytes of the cached thumbnails of these photos."""
        database, wanted = self._database, tuple(digests)
        try:
            stored = _fetch(database, wanted)
            if _is_inconsistent(database, [digest for digest in wanted if digest not in stored]):
                raise DamagedLibraryError("The index of the thumbnails is damaged.")
        except DamagedLibraryError as error:
            self._recreate(database, error)
            return {}
        except LibraryError as error:
            _log.warning("%s", error)
            return {}
        found = {digest: unpacked(digest, stored_jpeg) for digest, stored_jpeg in stored.items()}
        if damaged := [digest for digest, jpeg in found.items() if jpeg is None]:
            with suppress(LibraryError):
                self.remove(damaged)
        return {digest: jpeg for digest, jpeg in found.items() if jpeg is not None}

    def has(self, digest: bytes) -> bool:
        """Check whether a photo has a thumbnail."""
        try:
            return self._database.value("SELECT 1 FROM thumbnails WHERE digest = ?", (digest,)) is not None
        except LibraryError:
            return False

    def digests(self) -> set[bytes]:
        """Return the digests of all photos that have a thumbnail."""
        database = self._database
        try:
            return {digest for (digest,) in database.rows("SELECT digest FROM thumbnails")}
        except DamagedLibraryError as error:
            self._recreate(database, error)
            return set()

    def joined_digests(self) -> bytes | None:
        """Return the sorted digests in one piece, see the function; None if the file is damaged."""
        try:
            return joined_digests(self._database, "thumbnails")
        except DamagedLibraryError:
            return None

    def add(self, jpegs: Mapping[bytes, bytes]) -> None:
        """Save thumbnails, in one transaction."""
        rows = [(digest, packed(digest, jpeg)) for digest, jpeg in jpegs.items()]
        self._write("INSERT OR REPLACE INTO thumbnails VALUES (?, ?)", rows)

    def remove(self, digests: list[bytes]) -> None:
        """Delete thumbnails, in one transaction."""
        self._write("DELETE FROM thumbnails WHERE digest = ?", [(digest,) for digest in digests])

    def _write(self, sql: str, rows: Sequence[tuple[bytes, ...]]) -> None:
        database = self._database
        try:
            _execute(database, sql, rows)
        except DamagedLibraryError as error:
            self._recreate(database, error)
            _execute(self._database, sql, rows)

    def _recreate(self, database: LibraryDatabase, error: LibraryError) -> None:
        """Replace a damaged file by an empty one, unless another thread has done so."""
        _log.warning("%s is damaged and is recreated: %s", self._path, error)
        with self._lock:
            if self._database is database:
                database.close()
                self._database = self._open(is_damaged=True)

    def _open(self, *, is_damaged: bool = False) -> LibraryDatabase:
        try:
            if not is_damaged:
                return _connect(self._path)
        except ReadOnlyLibraryError:
            return self._open_temporary()
        except LibraryError as error:
            _log.warning("%s", error)
        try:
            if not is_other_program(self._path, migrations.thumbnails):
                delete_database(self._path)
                return _connect(self._path)
        except (LibraryError, OSError) as error:
            _log.warning("%s", error)
        return self._open_temporary()

    def _open_temporary(self) -> LibraryDatabase:
        self._temporary_folder = tempfile.TemporaryDirectory(prefix="photosim-")
        return _connect(Path(self._temporary_folder.name, FILE_NAME))


def _connect(path: Path) -> LibraryDatabase:
    return LibraryDatabase(path, migrations.thumbnails, memory_mapped=False)


def _fetch(database: LibraryDatabase, digests: Sequence[bytes]) -> dict[bytes, bytes]:
    stored: dict[bytes, bytes] = {}
    for chunk in in_chunks(digests):
        sql = f"SELECT digest, jpeg FROM thumbnails WHERE digest IN ({placeholders(chunk)})"  # noqa: S608
        stored.update(database.rows(sql, chunk))
    return stored


def _is_inconsistent(database: LibraryDatabase, digests: Sequence[bytes]) -> bool:
    """Check whether the index has thumbnails that the table has not."""
    indexed: list[bytes] = []
    for chunk in in_chunks(digests):
        sql = f"SELECT digest FROM thumbnails WHERE digest IN ({placeholders(chunk)})"  # noqa: S608 - reads the index only
        indexed += [digest for (digest,) in database.rows(sql, chunk)]
    # Another process may have added them meanwhile.
    return bool(indexed) and len(_fetch(database, indexed)) < len(indexed)


def _execute(database: LibraryDatabase, sql: str, rows: Sequence[tuple[bytes, ...]]) -> None:
    with database.transaction() as db:
        db.conn.executemany(sql, rows)


def packed(digest: bytes, jpeg: bytes) -> bytes:
    """Return a thumbnail as it is stored: followed by a checksum, since SQLite would not notice a damaged byte."""
    return jpeg + xxhash.xxh3_64_digest(digest + jpeg)


def unpacked(digest: bytes, stored: bytes) -> bytes | None:
    """Return the JPEG bytes of a stored thumbnail, None if it is damaged."""
    jpeg = stored[:-_CHECKSUM_BYTES]
    return jpeg if packed(digest, jpeg) == stored else None
