"""The embeddings of all models, and the clusters computed from them."""

from __future__ import annotations

import itertools
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import ClassVar, TypeVar

import numpy as np
import numpy.typing as npt
import xxhash
from sqlite_utils import Database

from photosim.errors import DamagedLibraryError, LibraryError
from photosim.records import FileEntry
from photosim.search.id_sets import rows_of
from photosim.store.database import LibraryDatabase, in_chunks, placeholders
from photosim.store.files.raw_pairs import HIDDEN_PHOTOS, IS_SHOWN

_log = logging.getLogger(__name__)

STORED_DTYPE = np.dtype("<f2")  # half the space of float32; cosines change by less than 0.001
_CLUSTER_DTYPE = np.dtype("<i8")
_RELEASE_CHUNKS = 64
"""Chunks of ids after which the memory map is released: the pages of a large library would take as much memory as its
vectors. A search reads fewer."""

_UINT32, _UINT64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF

Ids = npt.NDArray[np.int64]

_Result = TypeVar("_Result")


class DamagedEmbeddingsError(KeyError):
    """Embeddings were found to be damaged; from now on they count as missing."""


def checksum(photo_id: int, model: str, vector: bytes) -> int:
    """Return the checksum of a row of `embeddings`, 32 bits."""
    return _checksum(_seed(model), photo_id, vector)


def without_damaged(work: Callable[[], _Result]) -> _Result:
    """Call a function that reads embeddings, again whenever it finds damaged ones."""
    while True:
        try:
            return work()
        except DamagedEmbeddingsError as error:
            _log.warning("%s", error)


def _seed(model: str) -> int:
    return xxhash.xxh3_64_intdigest(os.fsencode(model))


def _checksum(seed: int, photo_id: int, vector: bytes) -> int:
    return xxhash.xxh3_64_intdigest(vector, (seed ^ photo_id) & _UINT64) & _UINT32


def pack_vector(vector: npt.NDArray[np.floating]) -> bytes:
    """Return a unit vector (D,) as it is stored."""
    return vector.astype(STORED_DTYPE).tobytes()


class EmbeddingTable:
    """The table `embeddings`, of all models."""

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def counts(self) -> dict[str, int]:
        """Return the number of shown files whose photo is embedded, by model id; models without any are left out."""
        rows = self._database.rows(
            f"""
            SELECT model, COUNT(*) FROM embeddings JOIN files ON files.photo_id = embeddings.photo_id
            WHERE {IS_SHOWN} GROUP BY model
            """  # noqa: S608
        )
        return dict(rows)

    def has_any(self, model: str) -> bool:
        """Check whether a model has embedded any photo."""
        return self._database.value("SELECT 1 FROM embeddings WHERE model = ? LIMIT 1", (model,)) is not None

    def files_without(self, model: str) -> list[tuple[str, FileEntry]]:
        """Return the readable files that a model has not embedded, as (source path, file) pairs, by path."""
        rows = self._database.rows(
            """
            SELECT sources.path, files.path, size, mtime_ns
            FROM files JOIN sources ON sources.id = files.source_id
            LEFT JOIN embeddings ON embeddings.model = ? AND embeddings.photo_id = files.photo_id
            WHERE files.photo_id IS NOT NULL AND embeddings.photo_id IS NULL
            ORDER BY files.path
            """,
            (model,),
        )
        return [(source, FileEntry(path, size, mtime_ns)) for source, path, size, mtime_ns in rows]

    def delete(self, model: str) -> int:
        """Delete the embeddings of a model and all that follows from them, and free the space; returns their number."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM maps WHERE model = ?", (model,))
            db.execute("DELETE FROM clusterings WHERE model = ?", (model,))
            db.execute("DELETE FROM cluster_facts WHERE model = ?", (model,))
            db.execute("DELETE FROM labels WHERE model = ?", (model,))
            count = int(db.execute("DELETE FROM embeddings WHERE model = ?", (model,)).rowcount)
        self._database.vacuum()
        return count


class StoredVectors(ABC):
    """The unit vectors of one model in a table, by id, of which some may be found to be damaged."""

    what: ClassVar[str]
    """What the vectors are of, in the plural."""

    def __init__(self, database: LibraryDatabase, model: str, dimensions: int) -> None:
        self._database = database
        self._model = model
        self._dimensions = dimensions
        self._damaged: frozenset[int] = frozenset()
        """Ids of vectors that were found to be damaged."""

    def revision(self) -> tuple[int, ...]:
        """Return a key that changes when the answers of this object may."""
        return *self._database.revision(), len(self._damaged)

    def vectors_of(self, ids: Sequence[int] | Ids) -> npt.NDArray[np.float32]:
        """Return the vectors of these ids in this order, float32 (N, D), unit length.

        Raises KeyError when one is missing, and DamagedEmbeddingsError, for each only once, when one is damaged. Damaged
        ones are deleted, so that the next indexing creates them again.
        """
        vectors, damaged = self._read(np.asarray(ids, np.int64))
        if damaged:
            new = damaged - self._damaged
            self._damaged |= new
            if new:
                with suppress(LibraryError):  # the library may be read-only
                    self.delete_damaged()
                raise DamagedEmbeddingsError(f"The embeddings of {len(new)} {self.what} are damaged.")
            raise KeyError(min(damaged))
        return vectors

    def delete_damaged(self) -> int:
        """Delete the vectors that were found to be damaged, so that the next indexing creates them again."""
        damaged = self._damaged
        if not damaged:
            return 0
        with self._database.transaction() as db:
            self._delete(db, sorted(damaged))
        self._damaged -= damaged
        return len(damaged)

    def _are_sound(self, ids: Ids) -> npt.NDArray[np.bool_]:
        """Return which ids (N,) are not of vectors that were found to be damaged."""
        if not self._damaged:
            return np.ones(len(ids), bool)
        return ~np.isin(ids, list(self._damaged))

    def _read(self, ids: Ids) -> tuple[npt.NDArray[np.float32], set[int]]:
        """Return the vectors of ids (N,), float32 (N, D) of unit length, and the ids of those that are damaged."""
        vectors = np.empty((len(ids), self._dimensions), np.float32)
        damaged: set[int] = set()
        order = np.argsort(ids)  # as they are stored in the file
        size = self._dimensions * STORED_DTYPE.itemsize
        for number, chunk in enumerate(in_chunks(order.tolist()), 1):
            if number % _RELEASE_CHUNKS == 0:
                self._database.release_map()
            stored = self._stored(ids[chunk].tolist())
            found = [vector if vector and len(vector) == size else None for vector in stored]
            rows = np.array(
                [position for position, vector in zip(chunk, found, strict=True) if vector], np.intp
            )
            if len(rows) < len(chunk):
                damaged.update(np.setdiff1d(ids[chunk], ids[rows]).tolist())
            packed = np.frombuffer(b"".join(filter(None, found)), STORED_DTYPE)
            part = packed.reshape(-1, self._dimensions).astype(np.float32)
            lengths = np.linalg.norm(part, axis=1, keepdims=True)
            if not np.isfinite(lengths).all():
                damaged.update(ids[rows[~np.isfinite(lengths[:, 0])]].tolist())
                continue
            part /= np.maximum(lengths, np.finfo(np.float32).tiny)
            vectors[rows] = part
        return vectors, damaged

    @abstractmethod
    def _stored(self, ids: Sequence[int]) -> list[bytes | None]:
        """Return what is stored of these ids in their order, None for rows whose checksum is wrong.

        Raises KeyError when one is missing.
        """

    @abstractmethod
    def _delete(self, db: Database, ids: Sequence[int]) -> None:
        """Delete rows, and all that keeps the next indexing from creating them again, inside a transaction."""


class ModelEmbeddings(StoredVectors):
    """The rows of one model in `embeddings`, and its saved clusters in `clusterings` and `cluster_levels`."""

    what = "photos"

    def __init__(self, database: LibraryDatabase, model: str, dimensions: int) -> None:
        super().__init__(database, model, dimensions)
        self._seed = _seed(model)

    def photo_ids(self) -> npt.NDArray[np.int64]:
        """Return the ids of all embedded photos that are shown, ordered by digest.

        Unlike ids, digests give the same photos the same order, however they were found.
        """
        # Sorted by the index of digests, which takes half as long as a join that SQLite sorts.
        [by_digest] = self._database.scan_ids(("id",), "SELECT id FROM photos ORDER BY digest")
        rows = rows_of(by_digest, self.photo_ids_unordered())
        return by_digest[np.sort(rows[rows >= 0])]

    def photo_ids_unordered(self) -> npt.NDArray[np.int64]:
        """Return the ids as `photo_ids` does but in any order, which is much faster."""
        sql = f"SELECT photo_id FROM embeddings WHERE model = ? AND photo_id NOT IN ({HIDDEN_PHOTOS})"  # noqa: S608
        [photo_ids] = self._database.scan_ids(("photo_id",), sql, (self._model,))
        return photo_ids[self._are_sound(photo_ids)]

    def _stored(self, ids: Sequence[int]) -> list[bytes | None]:
        sql = f"SELECT photo_id, vector, checksum FROM embeddings WHERE model = ? AND photo_id IN ({placeholders(ids)})"  # noqa: S608
        found = {
            photo_id: vector if self._is_sound(photo_id, vector, expected) else None
            for photo_id, vector, expected in self._database.rows(sql, (self._model, *ids), checked=False)
        }
        return [found[photo_id] for photo_id in ids]

    def _delete(self, db: Database, ids: Sequence[int]) -> None:
        db.conn.executemany(
            "DELETE FROM embeddings WHERE model = ? AND photo_id = ?", [(self._model, one) for one in ids]
        )

    def _is_sound(self, number: int, content: bytes, expected: int) -> bool:
        return isinstance(content, bytes) and _checksum(self._seed, number, content) == expected

    def clusters(self, fingerprint: str, level: int) -> list[tuple[int, ...]] | None:
        """Return a level of the saved clusters as photo ids, the medoid first.

        None if they are damaged or were computed from other photos.
        """
        levels = self._saved_levels(fingerprint)
        if level not in levels:
            return None
        values = tuple(np.frombuffer(levels[level], _CLUSTER_DTYPE).tolist())
        count = values[0]
        ends = itertools.accumulate(values[1 : 1 + count], initial=1 + count)
        return [values[start:end] for start, end in itertools.pairwise(ends)]

    def has_clusters(self, fingerprint: str) -> bool:
        """Check whether the saved clusters are sound and were computed from the photos with this fingerprint."""
        return bool(self._saved_levels(fingerprint))

    def _saved_levels(self, fingerprint: str) -> dict[int, bytes]:
        """Return the saved clusters of all levels, nothing if they are damaged or of other photos."""
        sql = """
            SELECT level, clusters, checksum FROM clusterings JOIN cluster_levels USING (model)
            WHERE model = ? AND fingerprint = ?
        """
        try:
            rows = self._database.rows(sql, (self._model, fingerprint))
        except DamagedLibraryError as error:
            _log.warning("The clusters are computed again: %s", error)
            return {}
        if not all(self._is_sound(level, clusters, expected) for level, clusters, expected in rows):
            _log.warning("The saved clusters are damaged and are computed again")
            return {}
        return {level: clusters for level, clusters, _ in rows}

    def save_clusters(self, fingerprint: str, levels: Sequence[Sequence[Sequence[int]]]) -> None:
        """Replace the saved clusters of all levels, in one transaction; a damaged file is left to a repair."""
        rows = []
        for level, clusters in enumerate(levels):
            values = [len(clusters), *map(len, clusters), *itertools.chain.from_iterable(clusters)]
            packed = np.array(values, _CLUSTER_DTYPE).tobytes()
            rows.append((self._model, level, packed, _checksum(self._seed, level, packed)))
        try:
            with self._database.transaction() as db:
                db.execute("DELETE FROM clusterings WHERE model = ?", (self._model,))
                db.execute("INSERT INTO clusterings VALUES (?, ?)", (self._model, fingerprint))
                db.conn.executemany("INSERT INTO cluster_levels VALUES (?, ?, ?, ?)", rows)
        except DamagedLibraryError as error:
            _log.warning("The clusters are not saved: %s", error)
