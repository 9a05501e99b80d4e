"""The objects of one model in a library: their embeddings and which of them are nearest."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosim.indexing.object_index import ObjectIndexBuilder
from photosim.library.models.current_index import CurrentIndex
from photosim.library.models.view import Vector, with_current_vectors
from photosim.ml.model_spec import ModelSpec
from photosim.search.exact import NO_ID, Ids, round_similarities
from photosim.search.feedback import smooth_max
from photosim.search.id_sets import intersection, sorted_unique
from photosim.search.subset import search_subset
from photosim.store.database import LibraryDatabase
from photosim.store.objects import ObjectTable


class ObjectView:
    """Embeddings and neighbour index of the objects that one model found, usable from any thread.

    Nothing is read before the first search.
    """

    def __init__(self, folder: Path, database: LibraryDatabase, model: ModelSpec) -> None:
        self.table = ObjectTable(database, model.id, model.object_dimensions)
        self.index_builder = ObjectIndexBuilder(folder, self.table, model)
        self._index = CurrentIndex(
            self.index_builder.updater, self.table.revision, lambda: self._object_photos()[0]
        )
        self._photos: tuple[tuple[int, ...], Ids, npt.NDArray[np.int32]] | None = None
        self._lock = threading.Lock()

    def vector_of(self, object_id: int) -> Vector | None:
        """Return the embedding (D,) of an object, None if it is gone or damaged."""
        try:
            vector: Vector = self.table.vectors_of([object_id])[0]
        except KeyError:
            return None
        return vector

    def nearest(
        self, queries: Vector, count: int, among: Ids | None = None
    ) -> tuple[Ids, Ids, Vector, Vector]:
        """Return up to `count` objects nearest to vectors (Q, D), best first, of photos `among` these if given.

        Returns their ids and those of their photos (n,), their similarities to the queries (n,), see `smooth_max`, and
        their embeddings (n, D).
        """
        return with_current_vectors(partial(self._nearest, queries, count, among))

    def _nearest(self, queries: Vector, count: int, among: Ids | None) -> tuple[Ids, Ids, Vector, Vector]:
        index = self._index.get()
        object_ids, photo_ids = self._object_photos()
        subset = None
        if among is not None:
            subset = object_ids[np.isin(photo_ids, among)]
        rows = queries
        if len(queries) > 1:
            mean = queries.mean(axis=0)
            rows = np.concatenate([queries, mean[np.newaxis] / max(float(np.linalg.norm(mean)), 1e-6)])
        count = min(count, max(len(index), 1))
        parts = []
        for row in rows[:, np.newaxis]:
            if subset is None:
                found, _ = index.search(row, count)
            else:
                found, _ = search_subset(
                    row, count, intersection(subset, index.ids), index, self.table.vectors_of
                )
            parts.append(found[0])
        ids = sorted_unique(np.concatenate(parts))
        ids = intersection(ids[ids != NO_ID], object_ids)
        vectors = self.table.vectors_of(ids)
        similarities = round_similarities(smooth_max(np.einsum("ik,jk->ij", queries, vectors)))
        best = np.lexsort((ids, -similarities))[:count]
        ids = ids[best]
        photos = photo_ids[np.searchsorted(object_ids, ids)].astype(np.int64)
        return ids, photos, similarities[best], vectors[best]

    def _object_photos(self) -> tuple[Ids, npt.NDArray[np.int32]]:
        """Return the ids (N,) of all objects, ascending, and those of their photos."""
        revision = self.table.revision()
        with self._lock:
            if self._photos is None or self._photos[0] != revision:
                object_ids, photo_ids = self.table.object_and_photo_ids()
                order = np.argsort(object_ids)
                self._photos = revision, object_ids[order], photo_ids[order].astype(np.int32)
            return self._photos[1:]
