"""What one model says of a library: the embeddings it made, their nearest neighbours and their clusters."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosim import settings
from photosim.indexing.index_builder import IndexBuilder
from photosim.ml.catalog import ModelSpec
from photosim.ml.lazy_embedder import LazyEmbedder, embed_file
from photosim.search.id_sets import intersection, sorted_unique
from photosim.search.index import NeighbourIndex
from photosim.search.index_files import HEADER_FILE, index_folder
from photosim.search.query import Region
from photosim.search.subset import search_subset
from photosim.store.database import LibraryDatabase
from photosim.store.embeddings import ModelEmbeddings

Vector = npt.NDArray[np.float32]

_NEVER = (-1, None)
"""Version of a neighbour index that was never in step."""


class ModelView:
    """One model's view of the library in `folder`; it may be asked from any thread.

    Each model has its own: the embeddings of two models never meet.
    """

    def __init__(self, folder: Path, store: LibraryDatabase, model: ModelSpec, weights: Path) -> None:
        self.folder = folder
        self.model = model
        self.embedder = LazyEmbedder(model, weights, folder, partial(settings.effective_device, folder))
        self.embeddings = ModelEmbeddings(store, model.id, model.dimensions)
        self.index_builder = IndexBuilder(folder, self.embeddings, model.id, model.dimensions)
        self._store = store
        self._graph = index_folder(folder, model.id)
        self._neighbours: NeighbourIndex | None = None
        self._neighbours_version: tuple[int, int | None] = _NEVER
        self._lock = threading.Lock()

    def vector_of(self, photo_id: int) -> Vector | None:
        """The embedding (D,) of a photo, None when this model has not looked at it yet."""
        try:
            vector: Vector = self.embeddings.vectors_of([photo_id])[0]
        except KeyError:
            return None
        return vector

    def embed(self, path: Path, region: Region | None = None) -> Vector:
        """The embedding (D,) of any image file as it is now, or of a part of it.

        Raises UnreadablePhotoError, and ModelError when the weights are missing or damaged.
        """
        return embed_file(path, region, self.model.preprocessing, self.embedder)

    def nearest(
        self, vector: Vector, k: int, among: npt.NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Up to `k` photo ids with their cosine similarity to `vector` (D,), best first; `among` these or all."""
        index, query = self._in_step(), vector[np.newaxis]
        if among is None:
            ids, similarities = index.search(query, k)
        else:
            among = intersection(
                sorted_unique(among), index.ids
            )  # the model may not have looked at all of them yet
            ids, similarities = search_subset(query, k, among, index, self.embeddings.vectors_of)
        pairs = zip(ids[0], similarities[0], strict=True)
        return [(int(photo_id), min(float(cosine), 1.0)) for photo_id, cosine in pairs if photo_id >= 0]

    def refresh(self) -> None:
        """Look for changes at the next question: SQLite tells of other connections' commits, not of our own."""
        with self._lock:
            self._neighbours_version = _NEVER

    def _in_step(self) -> NeighbourIndex:
        """The neighbour index, in step with what has been committed."""
        with self._lock:
            version = (self._store.data_version(), self._saved_index())
            if self._neighbours is None or self._neighbours_version != version:
                if self._neighbours is None or self._neighbours_version[1] != version[1]:
                    self._neighbours = NeighbourIndex.load(
                        self._graph, self.model.id, self.model.dimensions, self.embeddings.vectors_of
                    )
                self._neighbours.sync(self.embeddings.photo_ids_unordered(), self.embeddings.vectors_of)
                self._neighbours_version = version
            return self._neighbours

    def _saved_index(self) -> int | None:
        """A number that changes when a neighbour index is saved."""
        try:
            return (self._graph / HEADER_FILE).stat().st_mtime_ns
        except OSError:
            return None
