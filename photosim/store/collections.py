"""Collections of photos under a name, kept by the content of the photos, and kept searches."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlite_utils import Database

from photosim.store.database import LibraryDatabase
from photosim.store.files.raw_pairs import IS_SHOWN

Ids = npt.NDArray[np.int64]

_FILES = f"""
    FROM collection_photos JOIN photos ON photos.digest = collection_photos.digest
    JOIN files ON files.photo_id = photos.id AND {IS_SHOWN}
"""


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A collection; `search` is the JSON of a kept search, None for a collection of photos."""

    id: int
    name: str
    search: str | None
    created_at: int


class CollectionTable:
    """The tables `collections` and `collection_photos`.

    Writes leave the database's revision as it is: nothing that is cached by it depends on them. Digests come back in the
    order in which they were added.
    """

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def all(self) -> list[CollectionRow]:
        """Return all collections, the oldest first."""
        rows = self._database.rows("SELECT id, name, search, created_at FROM collections ORDER BY id")
        return [CollectionRow(*row) for row in rows]

    def counts(self) -> dict[int, int]:
        """Return the number of shown files of each collection that has any."""
        return dict(self._database.rows(f"SELECT collection_id, COUNT(*) {_FILES} GROUP BY collection_id"))

    def file_ids(self, collection_id: int) -> list[int]:
        """Return the ids of the shown files whose photos are in a collection, in the order they were added."""
        query = f"SELECT files.id AS id {_FILES} WHERE collection_id = ? ORDER BY collection_photos.rowid"
        [ids] = self._database.scan_ids(("id",), query, (collection_id,))
        found: list[int] = ids.tolist()
        return found

    def digests(self, collection_id: int) -> list[bytes]:
        """Return the digests of the photos in a collection, in the library or not."""
        rows = self._database.rows(
            "SELECT digest FROM collection_photos WHERE collection_id = ? ORDER BY rowid", (collection_id,)
        )
        return [bytes(digest) for (digest,) in rows]

    def create(self, name: str, search: str | None = None, digests: Iterable[bytes] = ()) -> CollectionRow:
        """Add a collection; its name must be new."""
        created_at = int(time.time())
        with self._database.transaction(bump_revision=False) as db:
            sql = "INSERT INTO collections (name, search, created_at) VALUES (?, ?, ?) RETURNING id"
            row = db.execute(sql, (name, search, created_at)).fetchone()
            _insert(db, row[0], digests)
        return CollectionRow(row[0], name, search, created_at)

    def restore(self, row: CollectionRow, digests: Iterable[bytes]) -> None:
        """Add a collection again that was deleted, with the id that it had."""
        with self._database.transaction(bump_revision=False) as db:
            db.execute(
                "INSERT INTO collections (id, name, search, created_at) VALUES (?, ?, ?, ?)",
                (row.id, row.name, row.search, row.created_at),
            )
            _insert(db, row.id, digests)

    def rename(self, collection_id: int, name: str) -> None:
        """Change the name of a collection; the new one must be new."""
        with self._database.transaction(bump_revision=False) as db:
            db.execute("UPDATE collections SET name = ? WHERE id = ?", (name, collection_id))

    def delete(self, collection_id: int) -> None:
        """Delete a collection; its photos stay."""
        with self._database.transaction(bump_revision=False) as db:
            db.execute("DELETE FROM collections WHERE id = ?", (collection_id,))

    def add(self, collection_id: int, digests: Sequence[bytes]) -> list[bytes]:
        """Add photos to a collection; returns the digests of those that were not in it."""
        with self._database.transaction(bump_revision=False) as db:
            known = set(self.digests(collection_id))
            new = [digest for digest in dict.fromkeys(digests) if digest not in known]
            _insert(db, collection_id, new)
        return new

    def remove(self, collection_id: int, digests: Iterable[bytes]) -> list[bytes]:
        """Remove photos from a collection; returns the digests of those that were in it."""
        with self._database.transaction(bump_revision=False) as db:
            known = set(self.digests(collection_id))
            gone = [digest for digest in dict.fromkeys(digests) if digest in known]
            db.conn.executemany(
                "DELETE FROM collection_photos WHERE collection_id = ? AND digest = ?",
                [(collection_id, digest) for digest in gone],
            )
        return gone


def _insert(db: Database, collection_id: int, digests: Iterable[bytes]) -> None:
    db.conn.executemany(
        "INSERT OR IGNORE INTO collection_photos VALUES (?, ?)",
        [(collection_id, digest) for digest in digests],
    )
