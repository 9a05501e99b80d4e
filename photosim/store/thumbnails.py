"""The thumbnails of a library: a cache that can be deleted at any time."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from photosim.errors import DamagedLibraryError, ReadOnlyLibraryError
from photosim.store import migrations
from photosim.store.connection import delete_database
from photosim.store.database import LibraryDatabase

_log = logging.getLogger(__name__)

FILE_NAME = "thumbnails.db"


def joined_digests(store: LibraryDatabase, table: str) -> bytes | None:
    """The digests of a table in order, in one piece, since a hundred thousand objects take longer; None if it fails."""
    sql = f"SELECT CAST(GROUP_CONCAT(digest, '') AS BLOB), SUM(LENGTH(digest)) FROM (SELECT digest FROM {table} ORDER BY digest)"  # noqa: S608
    [(joined, length)] = store.rows(sql)
    # SQLite promises nothing of texts with a zero byte in them: whether all are there is seen by the length.
    return joined if len(joined or b"") == (length or 0) else None


class ThumbnailCache:
    """JPEG thumbnails by the digest of the photo that they show."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._own: tempfile.TemporaryDirectory[str] | None = None
        try:
            self._store = LibraryDatabase(self._path, migrations.thumbnails, memory_mapped=False)
        except ReadOnlyLibraryError:
            # There are none, and none can be kept here: they are made from the photos.
            self._own = tempfile.TemporaryDirectory(prefix="photosim-")
            self._store = LibraryDatabase(
                Path(self._own.name, FILE_NAME), migrations.thumbnails, memory_mapped=False
            )
        except DamagedLibraryError:
            self._store = self._made_anew()

    def close(self) -> None:
        """Close the file."""
        self._store.close()
        if self._own is not None:
            self._own.cleanup()

    def get(self, digest: bytes) -> bytes | None:
        """The JPEG bytes of one thumbnail, or None."""
        try:
            jpeg = self._store.value("SELECT jpeg FROM thumbnails WHERE digest = ?", (digest,))
        except DamagedLibraryError:
            return None  # it is made from the photo, and the next indexing makes the file anew
        return None if jpeg is None else bytes(jpeg)

    def get_many(self, digests: Iterable[bytes]) -> dict[bytes, bytes]:
        """The JPEG bytes of the thumbnails that there are of these photos."""
        wanted = tuple(digests)
        marks = ",".join("?" * len(wanted))
        try:
            rows = self._store.rows(f"SELECT digest, jpeg FROM thumbnails WHERE digest IN ({marks})", wanted)  # noqa: S608
        except DamagedLibraryError:
            return {}  # as `get`
        return dict(rows)

    def has(self, digest: bytes) -> bool:
        """Whether a photo has a thumbnail."""
        return self._store.value("SELECT 1 FROM thumbnails WHERE digest = ?", (digest,)) is not None

    def digests(self) -> set[bytes]:
        """The digests of all photos that have a thumbnail."""
        try:
            return {digest for (digest,) in self._store.rows("SELECT digest FROM thumbnails")}
        except DamagedLibraryError:
            self._store.close()
            self._store = self._made_anew()
            return set()

    def joined_digests(self) -> bytes | None:
        """The same as one text, see `joined_digests`; None when the file is damaged."""
        try:
            return joined_digests(self._store, "thumbnails")
        except DamagedLibraryError:
            return None

    def _made_anew(self) -> LibraryDatabase:
        """An empty file in the place of a damaged one: the thumbnails come back with the next indexing."""
        _log.warning("%s is damaged and is made anew", self._path)
        delete_database(self._path)
        return LibraryDatabase(self._path, migrations.thumbnails, memory_mapped=False)

    def add(self, jpegs: Mapping[bytes, bytes]) -> None:
        """Keep thumbnails, in one transaction."""
        with self._store.transaction() as db:
            db.conn.executemany("INSERT OR REPLACE INTO thumbnails VALUES (?, ?)", jpegs.items())

    def remove(self, digests: list[bytes]) -> None:
        """Forget thumbnails, in one transaction."""
        with self._store.transaction() as db:
            db.conn.executemany("DELETE FROM thumbnails WHERE digest = ?", [(digest,) for digest in digests])
