"""Then and now: the photos most like one, from other years, months or days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photosim.errors import PhotoSimError, UnanalyzedPhotoError
from photosim.library.models.view import ModelView, with_current_vectors
from photosim.library.search.filters import FilterResult
from photosim.library.search.similarity import SimilaritySearch
from photosim.ml.closeness import copy_part
from photosim.records import Match, Photo, SimilarityBand
from photosim.search.over_time import Dated, Period, best_of_periods
from photosim.store.catalog import Catalog

MAX_CANDIDATES = 1000
"""Photos that are looked at, the most similar ones."""


@dataclass(frozen=True, slots=True)
class PeriodPhotos:
    """The photos of a year, month or day ("2024", "2024-07", "2024-07-01"), best first, each with its cosine.

    `has_query` is whether the photo that all are compared with was taken in it.
    """

    name: str
    photos: tuple[tuple[Photo, float], ...]
    has_query: bool


@dataclass(frozen=True, slots=True)
class OverTime:
    """A photo and those most like it by periods, the earliest first; without any from another time there are none."""

    photo: Photo
    periods: tuple[PeriodPhotos, ...] = ()


class OverTimeSearch:
    """Finds photos over time, with one model."""

    def __init__(self, catalog: Catalog, view: ModelView, similarity: SimilaritySearch) -> None:
        self._catalog, self._view, self._similarity = catalog, view, similarity

    def of_photo(self, file_id: int, within: FilterResult | None = None) -> OverTime:
        """Return the photos at least similar to one, or those `within` a filter's result, by periods.

        Of copies of one shot only one is among them. Raises UnanalyzedPhotoError as `similar_to_photo` does, and
        PhotoSimError for a photo without a date.
        """
        matches = [
            match
            for match in self._similarity.similar_to_photo(file_id, MAX_CANDIDATES, within)
            if SimilarityBand.IDENTICAL < match.band <= SimilarityBand.SIMILAR
        ]
        photos = {photo.file_id: photo for photo in self._catalog.photos_by_id([file_id, *_ids(matches)])}
        if file_id not in photos:
            raise UnanalyzedPhotoError("This photo is no longer in the library.")
        matches = [match for match in matches if match.file_id in photos]
        photo = photos[file_id]
        periods = with_current_vectors(lambda: self._periods(photo, matches, photos))
        if not periods:
            raise PhotoSimError("This photo has no date, so there is no time to compare it with.")
        if len(periods) == 1:
            return OverTime(photo)
        return OverTime(
            photo,
            tuple(
                PeriodPhotos(
                    period.name,
                    tuple((photos[matches[row].file_id], matches[row].similarity) for row in period.rows),
                    period.has_query,
                )
                for period in periods
            ),
        )

    def _periods(self, photo: Photo, matches: list[Match], photos: dict[int, Photo]) -> tuple[Period, ...]:
        model = self._view.model
        ids = np.array([photo.photo_id, *(match.photo_id for match in matches)], np.int64)
        vectors = copy_part(self._view.embeddings.vectors_of(ids), model)
        dated = [_dated(photos[match.file_id]) for match in matches]
        return best_of_periods(_dated(photo), vectors[0], dated, vectors[1:], model.copy_threshold)


def _ids(matches: list[Match]) -> list[int]:
    return [match.file_id for match in matches]


def _dated(photo: Photo) -> Dated:
    return Dated(photo.facts.taken_at, is_estimated=photo.facts.taken_from == "file")
