"""Similarity search: by photos, files and regions of them, refined by feedback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosim.errors import LibraryError
from photosim.files.fspaths import is_unchanged
from photosim.library.filters import FilterResult
from photosim.library.model_view import ModelView, Vector
from photosim.paths import real_path
from photosim.records import Match, Photo
from photosim.search.feedback import RESCALE_TOP, apply_feedback, rescale, smooth_max
from photosim.search.query import Example, SimilarityQuery
from photosim.store.catalog import Catalog
from photosim.store.embeddings import without_damaged

_CANDIDATE_FACTOR = 2
"""Candidates fetched for each vector of a query with several, as a multiple of the results wanted."""

Ids = npt.NDArray[np.int64]

Embed = Callable[[Example], Vector]
"""Returns the embedding (D,) of an example that is not in the library."""


class SimilaritySearch:
    """Searches a library with one model."""

    def __init__(self, catalog: Catalog, view: ModelView) -> None:
        self._catalog, self._view = catalog, view

    def known_vector(self, example: Example) -> Vector | None:
        """Return the stored embedding (D,) of an unchanged photo of the library; None if the file must be read."""
        photo = None if example.region is not None else self.photo_of(example)
        if photo is None or not is_unchanged(photo, if_unreachable=True):
            return None
        return self._view.vector_of(photo.photo_id)

    def photo_of(self, example: Example) -> Photo | None:
        """Return the photo of the library that an example is or is a region of, or None."""
        path = Path(example.path)
        return self._catalog.find(str(path.absolute())) or self._catalog.find(str(real_path(path)))

    def similar_to_photo(self, file_id: int, k: int, within: FilterResult | None = None) -> list[Match]:
        """Return the `k` files most similar to a photo file in the library or `within` a filter's result, best first.

        The file itself is left out; another file with the same bytes is a match of similarity 1. Raises LibraryError
        when the photo is gone or not embedded yet.
        """
        photos = self._catalog.photos_by_id([file_id])
        if not photos:
            raise LibraryError("This photo is no longer in the library.")
        vector = self._view.vector_of(photos[0].photo_id)
        if vector is None:
            raise LibraryError(
                f"{self._view.model.title} has not analyzed this photo yet. Rescan its folder to analyze it."
            )
        excluded = {file_id, photos[0].primary_id}
        among = within.photo_ids if within is not None else None
        matches = self.matches(self._view.nearest(vector, k + 1, among), within)
        return [match for match in matches if match.file_id not in excluded][:k]

    def search(
        self, query: SimilarityQuery, k: int, embed: Embed | None = None, within: FilterResult | None = None
    ) -> list[Match]:
        """Return the `k` best matches in the library or `within` a filter's result, without the examples themselves.

        `embed` embeds examples that are not in the library. The similarity is the cosine to the query; for several
        examples it is `smooth_max` of the cosines, and with several or with feedback also `rescale`d.
        Raises UnreadablePhotoError and ModelError.
        """
        photos = [photo for example in query.examples if (photo := self.photo_of(example)) is not None]
        excluded = {file_id for photo in photos for file_id in (photo.file_id, photo.primary_id)}
        like, more, less = (self._vectors(part, embed) for part in (query.like, query.more, query.less))
        among = within.photo_ids if within is not None else None

        def find() -> list[tuple[int, float]]:
            hits = self._best(apply_feedback(like, more, less), k + len(excluded), among)
            is_single = len(like) <= 1 and not len(more) and not len(less)
            return hits if is_single else self._rescaled(hits, np.concatenate([like, more]))

        hits = without_damaged(find)
        return [match for match in self.matches(hits, within) if match.file_id not in excluded][:k]

    def matches(self, hits: Sequence[tuple[int, float]], within: FilterResult | None = None) -> list[Match]:
        """Turn (photo id, similarity) pairs into matches of their files, in the same order."""
        files = self._catalog.files_by_photo([photo_id for photo_id, _ in hits])
        allowed = None if within is None else set(within.file_ids.tolist())
        return [
            Match(photo.file_id, photo_id, photo.path, similarity)
            for photo_id, similarity in hits
            for photo in files.get(photo_id, [])
            if allowed is None or photo.file_id in allowed
        ]

    def _vectors(self, examples: Sequence[Example], embed: Embed | None) -> Vector:
        embed = embed or (lambda example: self._view.embed(Path(example.path), example.region))
        vectors = np.empty((len(examples), self._view.model.dimensions), np.float32)
        for row, example in enumerate(examples):
            known = self.known_vector(example)
            vectors[row] = embed(example) if known is None else known
        return vectors

    def _best(self, queries: Vector, k: int, among: Ids | None) -> list[tuple[int, float]]:
        """Return the best photo ids for the query vectors (n, D), with their similarities."""
        if len(queries) == 1:
            return self._view.nearest(queries[0], k, among)
        mean = queries.mean(axis=0)
        mean /= max(float(np.linalg.norm(mean)), 1e-6)
        found = {
            photo_id
            for vector in (*queries, mean)
            for photo_id, _ in self._view.nearest(vector, _CANDIDATE_FACTOR * k, among)
        }
        ids = np.array(sorted(found), np.int64)
        scores = smooth_max(queries @ self._view.embeddings.vectors_of(ids).T)
        best = np.argsort(-scores, kind="stable")[:k]
        return [(int(ids[row]), min(float(scores[row]), 1.0)) for row in best]

    def _rescaled(self, hits: list[tuple[int, float]], positives: Vector) -> list[tuple[int, float]]:
        """Map similarities to the scale of searches by a single photo."""
        ids = np.array([photo_id for photo_id, _ in hits], np.int64)
        scores = np.array([score for _, score in hits], np.float32)
        scores = rescale(scores, positives @ self._view.embeddings.vectors_of(ids[:RESCALE_TOP]).T)
        return list(zip(ids.tolist(), scores.tolist(), strict=True))
