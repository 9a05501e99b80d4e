"""The thumbnails of a library: a cache that can be deleted at any time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from photosim.store import migrations
from photosim.store.database import Store

FILE_NAME = "thumbnails.db"


class Thumbnails:
    """JPEG thumbnails by the digest of the photo that they show."""

    def __init__(self, folder: Path) -> None:
        self._store = Store(folder / FILE_NAME, migrations.thumbnails)

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def get(self, digest: bytes) -> bytes | None:
        """The JPEG bytes of one thumbnail, or None."""
        jpeg = self._store.value("SELECT jpeg FROM thumbnails WHERE digest = ?", (digest,))
        return None if jpeg is None else bytes(jpeg)

    def has(self, digest: bytes) -> bool:
        """Whether a photo has a thumbnail."""
        return self._store.value("SELECT 1 FROM thumbnails WHERE digest = ?", (digest,)) is not None

    def digests(self) -> set[bytes]:
        """The digests of all photos that have a thumbnail."""
        return {digest for (digest,) in self._store.rows("SELECT digest FROM thumbnails")}

    def add(self, jpegs: Mapping[bytes, bytes]) -> None:
        """Keep thumbnails, in one transaction."""
        with self._store.writing() as db:
            db.conn.executemany("INSERT OR REPLACE INTO thumbnails VALUES (?, ?)", jpegs.items())

    def remove(self, digests: list[bytes]) -> None:
        """Forget thumbnails, in one transaction."""
        with self._store.writing() as db:
            db.conn.executemany("DELETE FROM thumbnails WHERE digest = ?", [(digest,) for digest in digests])
