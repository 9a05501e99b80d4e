"""What is derived from the photos' pixels: the embeddings and the clusters made from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from photosim.store.database import LibraryDatabase
from photosim.store.raw_pairs import HIDDEN_PHOTOS

_CHUNK = 500  # ids in one statement: SQLite allows 999 in its oldest builds
_STORED = np.dtype("<f2")  # half the space; the cosine changes by less than 0.001


def pack_vector(vector: npt.NDArray[np.float32]) -> bytes:
    """A unit vector, float32 (D,), as it is stored."""
    return vector.astype(_STORED).tobytes()


class ModelEmbeddings:
    """The tables `embeddings`, `clusterings` and `cluster_members` of one model."""

    def __init__(self, store: LibraryDatabase, model: str, dimensions: int) -> None:
        self._store = store
        self._model = model
        self._dimensions = dimensions

    def photo_ids(self) -> npt.NDArray[np.int64]:
        """The ids of all embedded photos that are shown, in the order of their content digests.

        The digest gives the same order to the same photos, in whatever order they were found.
        """
        rows = self._store.scan_rows(
            f"""
            SELECT photo_id FROM embeddings JOIN photos ON photos.id = photo_id
            WHERE model = ? AND photo_id NOT IN ({HIDDEN_PHOTOS}) ORDER BY digest
            """,  # noqa: S608
            (self._model,),
        )
        return np.fromiter((row[0] for row in rows), np.int64, len(rows))

    def photo_ids_unordered(self) -> npt.NDArray[np.int64]:
        """As `photo_ids` in no order, which is much quicker."""
        # One text instead of a row for each: a quarter of the time, and other threads may run meanwhile.
        sql = f"SELECT GROUP_CONCAT(photo_id) FROM embeddings WHERE model = ? AND photo_id NOT IN ({HIDDEN_PHOTOS})"  # noqa: S608
        [(ids,)] = self._store.scan_rows(sql, (self._model,))
        return np.fromstring(ids or "", np.int64, sep=",")

    def count(self) -> int:
        """How many photos are embedded."""
        return int(self._store.value("SELECT COUNT(*) FROM embeddings WHERE model = ?", (self._model,)))

    def vectors_of(self, photo_ids: Sequence[int] | npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """The embeddings of these photos, float32 (N, D), unit length, in this order; KeyError if one is gone."""
        ids = np.asarray(photo_ids, np.int64)
        vectors = np.empty((len(ids), self._dimensions), np.float32)
        order = np.argsort(ids)  # as they lie in the file
        for start in range(0, len(ids), _CHUNK):
            places = order[start : start + _CHUNK]
            chunk = ids[places].tolist()
            marks = ",".join("?" * len(chunk))
            sql = f"SELECT photo_id, vector FROM embeddings WHERE model = ? AND photo_id IN ({marks})"  # noqa: S608
            found = dict(self._store.rows(sql, (self._model, *chunk)))
            stored = np.frombuffer(b"".join([found[photo_id] for photo_id in chunk]), _STORED)
            part = stored.reshape(len(chunk), self._dimensions).astype(np.float32)
            part /= np.maximum(np.linalg.norm(part, axis=1, keepdims=True), np.finfo(np.float32).tiny)
            vectors[places] = part
        return vectors

    def clusters(self, fingerprint: str, level: int) -> list[list[int]] | None:
        """A level of the kept clusters as photo ids, the medoid first; None when they were made from other photos."""
        if not self.has_clusters(fingerprint):
            return None
        clusters: dict[int, list[int]] = {}
        for cluster, photo_id in self._store.rows(
            "SELECT cluster, photo_id FROM cluster_members WHERE model = ? AND level = ? ORDER BY cluster, position",
            (self._model, level),
        ):
            clusters.setdefault(cluster, []).append(photo_id)
        return list(clusters.values())

    def has_clusters(self, fingerprint: str) -> bool:
        """Whether the kept clusters were made from these photos."""
        sql = "SELECT fingerprint FROM clusterings WHERE model = ?"
        return bool(self._store.value(sql, (self._model,)) == fingerprint)

    def save_clusters(self, fingerprint: str, levels: Sequence[Sequence[Sequence[int]]]) -> None:
        """Keep a clustering of every level in the place of the last one, in one transaction."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM clusterings WHERE model = ?", (self._model,))
            db.execute("INSERT INTO clusterings VALUES (?, ?)", (self._model, fingerprint))
            db.conn.executemany(
                "INSERT INTO cluster_members VALUES (?, ?, ?, ?, ?)",
                [
                    (self._model, level, number, place, int(photo_id))
                    for level, clusters in enumerate(levels)
                    for number, members in enumerate(clusters)
                    for place, photo_id in enumerate(members)
                ],
            )
