"""A library as one model sees it: embeddings, nearest neighbours, clusters."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from photosim import settings
from photosim.indexing.index_builder import IndexBuilder
from photosim.ml.lazy_embedder import LazyEmbedder, embed_file
from photosim.ml.model_spec import ModelSpec
from photosim.search.exact import Ids, round_similarities
from photosim.search.id_sets import intersection, sorted_unique
from photosim.search.index import NeighbourIndex
from photosim.search.index_files import HEADER_FILE, index_folder
from photosim.search.query import Region
from photosim.search.subset import READ_ROWS, search_subset
from photosim.store.database import LibraryDatabase
from photosim.store.embeddings import ModelEmbeddings, without_damaged

Vector = npt.NDArray[np.float32]

_ATTEMPTS = 3
"""Searches that may meet a photo being deleted before one gives up; each reads the list of photos again."""

_Result = TypeVar("_Result")


class ModelView:
    """Embeddings and neighbour index of one model in a library, usable from any thread.

    Each model has its own view, so that embeddings of two models never mix.
    """

    def __init__(self, folder: Path, database: LibraryDatabase, model: ModelSpec, weights: Path) -> None:
        self.folder = folder
        self.model = model
        self.embedder = LazyEmbedder(model, weights, folder, partial(settings.effective_device, folder))
        self.embeddings = ModelEmbeddings(database, model.id, model.dimensions)
        self.index_builder = IndexBuilder(
            folder, self.embeddings, model.id, model.dimensions, same_cosine=model.thresholds[0]
        )
        self._index_folder = index_folder(folder, model.id)
        self._index: NeighbourIndex | None = None
        self._index_revision: tuple[int, ...] | None = None
        self._index_saved_ns: int | None = None
        self._lock = threading.Lock()

    def vector_of(self, photo_id: int) -> Vector | None:
        """Return the embedding (D,) of a photo, None when it is not embedded yet."""
        try:
            vector: Vector = self.embeddings.vectors_of([photo_id])[0]
        except KeyError:
            return None
        return vector

    def embed(self, path: Path, region: Region | None = None) -> Vector:
        """Return the embedding (D,) of any image file as it is now, or of a region of it.

        Raises UnreadablePhotoError, and ModelError when the weights are missing or damaged.
        """
        return embed_file(path, region, self.model.preprocessing, self.embedder)

    def nearest(self, vector: Vector, k: int, among: Ids | None = None) -> list[tuple[int, float]]:
        """Return up to `k` photo ids with their cosine similarity to `vector` (D,), best first, not re-ranked.

        `among` limits the search to these photo ids.
        """
        return without_damaged(partial(self._nearest, vector, k, among))

    def candidates(self, vector: Vector, count: int, among: Ids | None = None) -> tuple[Ids, Vector, Vector]:
        """Return up to `count` photos like `nearest` does: ids and cosines (n,), best first, and embeddings (n, D).

        Faster than `nearest`, and less certain of the last ones: see `NeighbourIndex.candidates`.
        """
        return _with_current_photos(partial(self._candidates, vector, count, among))

    def compare_all(self, vectors: Vector, among: Ids | None = None) -> tuple[Ids, Vector]:
        """Return the ids (N,) of all embedded photos, ascending, and their cosines (Q, N) to vectors (Q, D).

        Reads all embeddings, which takes seconds in a large library. `among` limits them to these photo ids.
        """
        return _with_current_photos(partial(self._compare_all, vectors, among))

    def _candidates(self, vector: Vector, count: int, among: Ids | None) -> tuple[Ids, Vector, Vector]:
        if among is None:
            return self._current_index().candidates(vector, count)
        pairs = self._nearest(vector, count, among)
        ids = np.array([photo_id for photo_id, _ in pairs], np.int64)
        return ids, np.array([cosine for _, cosine in pairs], np.float32), self.embeddings.vectors_of(ids)

    def _compare_all(self, vectors: Vector, among: Ids | None) -> tuple[Ids, Vector]:
        ids = self._current_index().ids
        if among is not None:
            ids = intersection(sorted_unique(among), ids)
        cosines = np.empty((len(vectors), len(ids)), np.float32)
        for start in range(0, len(ids), READ_ROWS):
            part = slice(start, start + READ_ROWS)
            cosines[:, part] = vectors @ self.embeddings.vectors_of(ids[part]).T
        return ids, round_similarities(cosines)

    def _nearest(self, vector: Vector, k: int, among: Ids | None) -> list[tuple[int, float]]:
        index, query = self._current_index(), vector[np.newaxis]
        k = min(k, max(len(index), 1))
        if among is None:
            ids, similarities = index.search(query, k)
        else:
            embedded = intersection(sorted_unique(among), index.ids)
            ids, similarities = search_subset(query, k, embedded, index, self.embeddings.vectors_of)
        pairs = zip(ids[0], similarities[0], strict=True)
        return [(int(photo_id), min(float(cosine), 1.0)) for photo_id, cosine in pairs if photo_id >= 0]

    def _current_index(self) -> NeighbourIndex:
        """Return the neighbour index, synchronized with the database."""
        with self._lock:
            revision, saved_ns = self.embeddings.revision(), self._saved_ns()
            if self._index is None or self._index_saved_ns != saved_ns:
                self._index = NeighbourIndex.load(
                    self._index_folder, self.model.id, self.model.dimensions, self.embeddings.vectors_of
                )
                self._index_revision = None
            if self._index_revision != revision:
                self._index.sync(self.embeddings.photo_ids_unordered(), self.embeddings.vectors_of)
                self._index_revision, self._index_saved_ns = revision, saved_ns
            return self._index

    def _saved_ns(self) -> int | None:
        """Return when the neighbour index was saved, in nanoseconds since the epoch; None if there is none."""
        try:
            return (self._index_folder / HEADER_FILE).stat().st_mtime_ns
        except OSError:
            return None


def _with_current_photos(search: Callable[[], _Result]) -> _Result:
    """Search, again if photos that the index still had were deleted meanwhile. Raises KeyError if that goes on."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return without_damaged(search)
        except KeyError:
            continue
    return without_damaged(search)
