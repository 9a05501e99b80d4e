"""Similarity search: by photos, files and regions of them, refined by feedback."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from photosim.errors import UnanalyzedPhotoError
from photosim.files.fspaths import is_unchanged
from photosim.library.models.view import ModelView, Vector
from photosim.library.search.ranking import Ranking, RankingQuery
from photosim.paths import real_path
from photosim.records import Match, Photo
from photosim.search.query import Example, SimilarityQuery
from photosim.store.catalog import Catalog

if TYPE_CHECKING:
    from photosim.library.search.filters import FilterResult

_READ_ROWS = 4096
"""Photos whose files are read at once."""

Embed = Callable[[Example], Vector]
"""Returns the embedding (D,) of an example that is not in the library."""


class SimilaritySearch:
    """Searches a library with one model."""

    def __init__(self, catalog: Catalog, view: ModelView) -> None:
        self._catalog, self._view = catalog, view

    def known_vector(self, example: Example) -> Vector | None:
        """Return the stored embedding (D,) of an unchanged photo of the library; None if the file must be read."""
        return self._stored_vector(example, None if example.region is not None else self.photo_of(example))

    def photo_of(self, example: Example) -> Photo | None:
        """Return the photo of the library that an example is or is a region of, or None."""
        path = Path(example.path)
        return self._catalog.find(str(path.absolute())) or self._catalog.find(str(real_path(path)))

    def all_photos(self) -> Iterator[Photo]:
        """Yield all photo files that are shown, by path, without holding all of them in memory."""
        file_ids = self._catalog.photo_and_file_ids()[:, 1]
        for start in range(0, len(file_ids), _READ_ROWS):
            yield from self._catalog.photos_by_id(file_ids[start : start + _READ_ROWS].tolist())

    def similar_to_photo(
        self, file_id: int, k: int, within: FilterResult | None = None, min_similarity: float = -1.0
    ) -> list[Match]:
        """Return the `k` files most similar to a photo file in the library or `within` a filter's result, best first.

        The file itself is left out; another file with the same bytes is a match of similarity 1. More matches continue
        the list: the first are the same with any `k`. Raises UnanalyzedPhotoError when the photo is gone or not embedded yet.
        """
        photos = self._catalog.photos_by_id([file_id])
        if not photos:
            raise UnanalyzedPhotoError("This photo is no longer in the library.")
        vector = self._view.vector_of(photos[0].photo_id)
        if vector is None:
            raise UnanalyzedPhotoError(
                f"{self._view.model.title} has not analyzed this photo yet. Rescan its folder to analyze it."
            )
        none, rows = self._stack(()), vector[np.newaxis]
        query = RankingQuery(rows, none, none, np.array([photos[0].photo_id], np.int64), rows)
        return self._best(query, k, {file_id, photos[0].primary_id}, within, min_similarity)

    def search(
        self,
        query: SimilarityQuery,
        k: int,
        embed: Embed | None = None,
        within: FilterResult | None = None,
        min_similarity: float = -1.0,
    ) -> list[Match]:
        """Return the `k` best matches in the library or `within` a filter's result, without the examples themselves.

        `embed` embeds examples that are not in the library. The similarity is the cosine to the query; for several
        examples it is `smooth_max` of the cosines, and with several or with feedback also shifted to the scale of
        single cosines. See `Ranking` for the order. More matches continue the list: the first are the same with any
        `k`. Raises UnreadablePhotoError and ModelError.
        """
        photos = {example: self.photo_of(example) for example in query.examples}
        known = {example: self._stored_vector(example, photo) for example, photo in photos.items()}
        excluded = {
            file_id
            for photo in photos.values()
            if photo is not None
            for file_id in (photo.file_id, photo.primary_id)
        }
        embed = embed or self._view.embed_example
        vectors = {example: embed(example) if vector is None else vector for example, vector in known.items()}
        like, more, less = (
            self._stack([vectors[example] for example in part])
            for part in (query.like, query.more, query.less)
        )
        identical = {
            photo.photo_id: vector
            for example in (*query.like, *query.more)
            if (photo := photos[example]) is not None and (vector := known[example]) is not None
        }
        ids = np.array(list(identical), np.int64)
        ranked = RankingQuery(like, more, less, ids, self._stack(list(identical.values())))
        return self._best(ranked, k, excluded, within, min_similarity)

    def _stored_vector(self, example: Example, photo: Photo | None) -> Vector | None:
        """Return the stored embedding (D,) of an example that is this photo, unless a file or a region must be read."""
        if example.region is not None or photo is None or not is_unchanged(photo, if_unreachable=True):
            return None
        return self._view.vector_of(photo.photo_id)

    def _best(
        self,
        query: RankingQuery,
        k: int,
        excluded: Collection[int | None],
        within: FilterResult | None,
        min_similarity: float,
    ) -> list[Match]:
        """Return the `k` best files, without those excluded."""
        among = within.photo_ids if within is not None else None
        allowed = None if within is None else set(within.file_ids.tolist())
        hits, matches = iter(Ranking(self._view, query, among, min_similarity)), list[Match]()
        while len(matches) < k:
            wanted = min(k - len(matches) + len(excluded), _READ_ROWS)
            some = {hit.photo_id: hit for hit in itertools.islice(hits, wanted)}
            if not some:
                break
            files = self._catalog.files_by_photo(list(some))
            matches += [
                Match(photo.file_id, photo.photo_id, photo.path, hit.similarity, hit.score, hit.band)
                for photo_id, hit in some.items()
                for photo in files.get(photo_id, [])
                if photo.file_id not in excluded and (allowed is None or photo.file_id in allowed)
            ]
        return matches[:k]

    def _stack(self, vectors: Sequence[Vector]) -> Vector:
        return np.array(vectors, np.float32).reshape(-1, self._view.model.dimensions)
