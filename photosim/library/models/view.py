"""A library as one model sees it: embeddings, nearest neighbours, clusters."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from photosim import settings
from photosim.indexing.index_builder import IndexBuilder
from photosim.library.models.current_index import CurrentIndex
from photosim.ml.lazy_embedder import LazyEmbedder, embed_file, load_image
from photosim.ml.model_spec import DETECTION_SIZE, ModelSpec, Preprocessing
from photosim.search.exact import Ids, round_similarities
from photosim.search.id_sets import intersection, sorted_unique
from photosim.search.query import WHOLE_PHOTO, Example, Region
from photosim.search.subset import READ_ROWS, search_subset
from photosim.store.database import LibraryDatabase
from photosim.store.embeddings import ModelEmbeddings, without_damaged
from photosim.store.map import MapTable

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
        self.maps = MapTable(database, model.id)
        self.index_builder = IndexBuilder(
            folder,
            self.embeddings,
            self.maps,
            model.id,
            model.dimensions,
            same_cosine=model.thresholds[0],
        )
        self.index = CurrentIndex(
            self.index_builder.updater, self.embeddings.revision, self.embeddings.photo_ids_unordered
        )

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

    def embed_example(self, example: Example) -> Vector:
        """Return the embedding (D,) of an example, as an object if it is one. Raises as `embed` does."""
        path = Path(example.path)
        if not example.is_object:
            return self.embed(path, example.region)
        image = load_image(path, None, Preprocessing(DETECTION_SIZE))
        return self.embedder().embed_region(np.array(image), example.region or WHOLE_PHOTO)

    def nearest(self, vector: Vector, k: int, among: Ids | None = None) -> list[tuple[int, float]]:
        """Return up to `k` photo ids with their cosine similarity to `vector` (D,), best first, not re-ranked.

        `among` limits the search to these photo ids.
        """
        return without_damaged(partial(self._nearest, vector, k, among))

    def candidates(self, vector: Vector, count: int, among: Ids | None = None) -> tuple[Ids, Vector, Vector]:
        """Return up to `count` photos like `nearest` does: ids and cosines (n,), best first, and embeddings (n, D).

        Faster than `nearest`, and less certain of the last ones: see `NeighbourIndex.candidates`.
        """
        return with_current_vectors(partial(self._candidates, vector, count, among))

    def compare_all(self, vectors: Vector, among: Ids | None = None) -> tuple[Ids, Vector]:
        """Return the ids (N,) of all embedded photos, ascending, and their cosines (Q, N) to vectors (Q, D).

        Reads all embeddings, which takes seconds in a large library. `among` limits them to these photo ids.
        """
        return with_current_vectors(partial(self._compare_all, vectors, among))

    def _candidates(self, vector: Vector, count: int, among: Ids | None) -> tuple[Ids, Vector, Vector]:
        if among is None:
            return self.index.get().candidates(vector, count)
        pairs = self._nearest(vector, count, among)
        ids = np.array([photo_id for photo_id, _ in pairs], np.int64)
        return ids, np.array([cosine for _, cosine in pairs], np.float32), self.embeddings.vectors_of(ids)

    def _compare_all(self, vectors: Vector, among: Ids | None) -> tuple[Ids, Vector]:
        ids = self.index.get().ids
        if among is not None:
            ids = intersection(sorted_unique(among), ids)
        cosines = np.empty((len(vectors), len(ids)), np.float32)
        for start in range(0, len(ids), READ_ROWS):
            part = slice(start, start + READ_ROWS)
            cosines[:, part] = vectors @ self.embeddings.vectors_of(ids[part]).T
        return ids, round_similarities(cosines)

    def _nearest(self, vector: Vector, k: int, among: Ids | None) -> list[tuple[int, float]]:
        index, query = self.index.get(), vector[np.newaxis]
        k = min(k, max(len(index), 1))
        if among is None:
            ids, similarities = index.search(query, k)
        else:
            embedded = intersection(sorted_unique(among), index.ids)
            ids, similarities = search_subset(query, k, embedded, index, self.embeddings.vectors_of)
        pairs = zip(ids[0], similarities[0], strict=True)
        return [(int(photo_id), min(float(cosine), 1.0)) for photo_id, cosine in pairs if photo_id >= 0]


def with_current_vectors(search: Callable[[], _Result]) -> _Result:
    """Search, again if vectors that the index still had were deleted meanwhile. Raises KeyError if that goes on."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return without_damaged(search)
        except KeyError:
            continue
    return without_damaged(search)
