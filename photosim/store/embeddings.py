"""The embeddings of all models, and the clusters computed from them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from photosim.records import FileEntry
from photosim.store.database import LibraryDatabase, in_chunks, placeholders
from photosim.store.raw_pairs import HIDDEN_PHOTOS, IS_SHOWN

_log = logging.getLogger(__name__)

_STORED_DTYPE = np.dtype("<f2")  # half the space of float32; cosines change by less than 0.001


def pack_vector(vector: npt.NDArray[np.float32]) -> bytes:
    """Return a unit vector, float32 (D,), as it is stored."""
    return vector.astype(_STORED_DTYPE).tobytes()


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
        """Delete the embeddings, labels and clusters of a model and free their space; returns the number of photos."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM clusterings WHERE model = ?", (model,))
            db.execute("DELETE FROM labels WHERE model = ?", (model,))
            count = int(db.execute("DELETE FROM embeddings WHERE model = ?", (model,)).rowcount)
        self._database.vacuum()
        return count


class ModelEmbeddings:
    """The rows of one model in `embeddings`, and its saved clusters in `clusterings` and `cluster_members`."""

    def __init__(self, database: LibraryDatabase, model: str, dimensions: int) -> None:
        self._database = database
        self._model = model
        self._dimensions = dimensions

    def photo_ids(self) -> npt.NDArray[np.int64]:
        """Return the ids of all embedded photos that are shown, ordered by digest.

        Unlike ids, digests give the same photos the same order, however they were found.
        """
        rows = self._database.scan_rows(
            f"""
            SELECT photo_id FROM embeddings JOIN photos ON photos.id = photo_id
            WHERE model = ? AND photo_id NOT IN ({HIDDEN_PHOTOS}) ORDER BY digest
            """,  # noqa: S608
            (self._model,),
        )
        return np.fromiter((row[0] for row in rows), np.int64, len(rows))

    def photo_ids_unordered(self) -> npt.NDArray[np.int64]:
        """Return the ids as `photo_ids` does but in any order, which is much faster."""
        # One text instead of a row each takes a quarter of the time, during most of which other threads can run.
        sql = f"SELECT GROUP_CONCAT(photo_id) FROM embeddings WHERE model = ? AND photo_id NOT IN ({HIDDEN_PHOTOS})"  # noqa: S608
        [(ids,)] = self._database.scan_rows(sql, (self._model,))
        return np.fromstring(ids or "", np.int64, sep=",")

    def vectors_of(self, photo_ids: Sequence[int] | npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Return the embeddings of these photos in this order, float32 (N, D), unit length.

        Zeros, which are similar to nothing, stand for a row of another length or with numbers that are not finite.
        Raises KeyError when a row is missing.
        """
        ids = np.asarray(photo_ids, np.int64)
        vectors = np.empty((len(ids), self._dimensions), np.float32)
        order = np.argsort(ids)  # as they are stored in the file
        for positions in in_chunks(order.tolist()):
            chunk = ids[positions].tolist()
            sql = f"SELECT photo_id, vector FROM embeddings WHERE model = ? AND photo_id IN ({placeholders(chunk)})"  # noqa: S608
            stored = dict(self._database.rows(sql, (self._model, *chunk)))
            packed = np.frombuffer(
                b"".join([self._checked(photo_id, stored[photo_id]) for photo_id in chunk]), _STORED_DTYPE
            )
            part = packed.reshape(len(chunk), self._dimensions).astype(np.float32)
            is_finite = np.isfinite(part).all(axis=1)
            if not is_finite.all():
                _log.warning("The embeddings of photos %s are not finite", np.array(chunk)[~is_finite][:10])
                part[~is_finite] = 0
            part /= np.maximum(np.linalg.norm(part, axis=1, keepdims=True), np.finfo(np.float32).tiny)
            vectors[positions] = part
        return vectors

    def _checked(self, photo_id: int, vector: object) -> bytes:
        """Return a stored vector if it is one, else zeros."""
        length = self._dimensions * _STORED_DTYPE.itemsize
        if isinstance(vector, bytes) and len(vector) == length:
            return vector
        _log.warning("The embedding of photo %s is no vector of %s values", photo_id, self._dimensions)
        return bytes(length)

    def clusters(self, fingerprint: str, level: int) -> list[list[int]] | None:
        """Return a level of the saved clusters as photo ids, the medoid first; None if computed from other photos."""
        if not self.has_clusters(fingerprint):
            return None
        clusters: dict[int, list[int]] = {}
        for cluster, photo_id in self._database.rows(
            "SELECT cluster, photo_id FROM cluster_members WHERE model = ? AND level = ? ORDER BY cluster, position",
            (self._model, level),
        ):
            clusters.setdefault(cluster, []).append(photo_id)
        return list(clusters.values())

    def has_clusters(self, fingerprint: str) -> bool:
        """Check whether the saved clusters were computed from the photos with this fingerprint."""
        sql = "SELECT fingerprint FROM clusterings WHERE model = ?"
        return bool(self._database.value(sql, (self._model,)) == fingerprint)

    def save_clusters(self, fingerprint: str, levels: Sequence[Sequence[Sequence[int]]]) -> None:
        """Replace the saved clusters of all levels, in one transaction."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM clusterings WHERE model = ?", (self._model,))
            db.execute("INSERT INTO clusterings VALUES (?, ?)", (self._model, fingerprint))
            db.conn.executemany(
                "INSERT INTO cluster_members VALUES (?, ?, ?, ?, ?)",
                [
                    (self._model, level, cluster, position, int(photo_id))
                    for level, clusters in enumerate(levels)
                    for cluster, members in enumerate(clusters)
                    for position, photo_id in enumerate(members)
                ],
            )
