"""Walks: from one photo to another along photos that look alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from photosim.clustering.neighbour_graph import NeighbourGraph
from photosim.clustering.walk import Ways, thin
from photosim.errors import UnanalyzedPhotoError
from photosim.library.models.view import ModelView, Vector, with_current_vectors
from photosim.library.search.filters import FilterResult
from photosim.ml.closeness import copy_part
from photosim.records import Photo
from photosim.search.exact import Ids
from photosim.store.catalog import Catalog

_MAX_INSIDE, _OUTSIDE = 1500, 8
"""Photos of a component that are looked past at most, and those outside that are looked for."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A photo on a walk, and the cosine of its embedding and the one before; None for the first."""

    photo: Photo
    cosine: float | None = None


class WalkSearch:
    """Finds walks, with one model, from any thread."""

    def __init__(self, catalog: Catalog, view: ModelView) -> None:
        self._catalog, self._view = catalog, view

    def between(
        self,
        first: Photo,
        last: Photo,
        within: FilterResult | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> tuple[Frame, ...]:
        """Return a walk from one photo to another, along photos of the library or `within` a filter's result.

        Nearly equal photos follow each other only at its ends, and of a long walk some photos are left out. `check` is
        called now and then and may raise to end the search. Raises UnanalyzedPhotoError for a photo without embedding.
        """
        for photo in (first, last):
            if self._view.vector_of(photo.photo_id) is None:
                raise UnanalyzedPhotoError(
                    f"{self._view.model.title} has not analyzed this photo yet. Rescan its folder to analyze it."
                )
        if first.file_id == last.file_id:
            return (Frame(first),)
        ends = np.array([first.photo_id, last.photo_id], np.int64)
        graph = self._view.index_builder.neighbours(ends.tolist(), lambda *_: check())
        among = self._catalog.photo_and_file_ids()[:, 0] if within is None else within.photo_ids
        photos = graph.photo_of_nodes(np.concatenate([ends, np.unique(among)]))
        start, end = graph.nodes_of(ends).tolist()
        ways = Ways(graph, photos >= 0)
        way = ways.shortest(start, end, partial(self._nearest_outside, graph, photos), check)
        photo_ids = np.array([ends[0], *photos[way[1:-1]], ends[1]], np.int64)
        vectors = with_current_vectors(lambda: self._view.embeddings.vectors_of(photo_ids))
        rows = thin(copy_part(vectors, self._view.model), self._view.model.copy_threshold)
        return self._frames(first, last, photo_ids[rows], vectors[rows], within)

    def _frames(
        self, first: Photo, last: Photo, photo_ids: Ids, vectors: Vector, within: FilterResult | None
    ) -> tuple[Frame, ...]:
        files = self._catalog.files_by_photo(photo_ids[1:-1].tolist())
        allowed = None if within is None else set(within.file_ids.tolist())
        frames, before = [Frame(first)], vectors[0]
        for photo_id, vector in zip(photo_ids[1:].tolist(), vectors[1:], strict=True):
            shown = (p for p in files.get(photo_id, []) if allowed is None or p.file_id in allowed)
            photo = last if photo_id == last.photo_id else next(shown, None)
            if photo is not None:  # it may have been removed meanwhile
                frames.append(Frame(photo, min(float(before @ vector), 1.0)))
                before = vector
        return tuple(frames)

    def _nearest_outside(
        self, graph: NeighbourGraph, photos: Ids, node: int, inside: Ids
    ) -> tuple[int, float] | None:
        """Return the nearest node that is not `inside` and whose photo is among `photos` (K,), with its cosine."""
        vector = self._view.vector_of(int(photos[node]))
        is_inside = np.zeros(graph.node_count, bool)
        is_inside[inside] = True
        among = photos[(photos >= 0) & ~is_inside]
        if vector is None or not len(among):
            return None
        # So many that the index finds some outside of a small component, and not all photos have to be compared.
        found = self._view.nearest(vector, min(len(inside), _MAX_INSIDE) + _OUTSIDE, among)
        if not found:
            return None
        photo_id, cosine = found[0]
        return int(graph.nodes_of(np.array([photo_id]))[0]), cosine
