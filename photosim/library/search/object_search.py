"""Search among the objects in photos: by an object, or by any rectangle of a photo."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from photosim.files.fspaths import is_unchanged
from photosim.library.models.object_view import ObjectView
from photosim.library.search.filters import FilterResult
from photosim.library.search.similarity import Embed, SimilaritySearch
from photosim.ml.closeness import object_bands, object_to_common_scale, to_common_scale
from photosim.ml.model_spec import ModelSpec
from photosim.records import Match, SimilarityBand
from photosim.search.exact import Ids, Vectors
from photosim.search.feedback import RESCALE_TOP, apply_feedback, scale_shift
from photosim.search.query import WHOLE_PHOTO, Example, Region, SimilarityQuery
from photosim.store.catalog import Catalog

SAME_BOX = 0.9
"""Intersection over union from which a rectangle is taken for the box of a stored object."""

_FIRST_DEPTH, _MAX_DEPTH = 256, 4_096
"""Objects compared at first, and at most: the list of a large library ends there, more would take seconds."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """The best object of a photo; of hits in their order, neither similarity nor band rises again."""

    object_id: int
    photo_id: int
    similarity: float
    band: SimilarityBand


@dataclass(frozen=True, slots=True)
class _Known:
    """What the library knows of an example: its photo, and the embedding (D,) if the object is stored."""

    photo_id: int | None = None
    vector: Vectors | None = None


class ObjectSearch:
    """Searches the objects of a library with one model."""

    def __init__(
        self, catalog: Catalog, model: ModelSpec, view: ObjectView, photos: SimilaritySearch, embed: Embed
    ) -> None:
        """`photos` searches whole photos; `embed` embeds an example as an object, in this process."""
        self._catalog, self._model, self._view, self._photos = catalog, model, view, photos
        self._embed = embed

    def search(
        self,
        query: SimilarityQuery,
        k: int,
        embed: Embed | None = None,
        within: FilterResult | None = None,
        min_similarity: float = -1.0,
    ) -> list[Match]:
        """Return the `k` files with the objects most similar to a query's, in the library or `within` a filter's result.

        Each example is taken for an object: the region of a photo, or all of it. Of several objects in a photo only the
        most similar one is a match, and the photos of the examples are left out. `embed` embeds examples that are not
        stored. The similarity is that of `SimilaritySearch.search`, and the score is the same. More matches continue
        the list: the first are the same with any `k`. Raises UnreadablePhotoError and ModelError.
        """
        query = query.as_kind(is_object=True)
        known = {example: self._known(example) for example in query.examples}
        embed = embed or self._embed
        vectors = {
            example: embed(example) if of.vector is None else of.vector for example, of in known.items()
        }
        like, more, less = (
            self._stack([vectors[example] for example in part])
            for part in (query.like, query.more, query.less)
        )
        excluded = {of.photo_id for of in known.values()}
        among = within.photo_ids if within is not None else None
        allowed = None if within is None else set(within.file_ids.tolist())
        matches: list[Match] = []
        for hits in self._hits(like, more, less, among):
            near = [hit for hit in hits if hit.similarity >= min_similarity]
            matches += self._matches((hit for hit in near if hit.photo_id not in excluded), allowed)
            if len(matches) >= k or len(near) < len(hits):
                break
        return matches[:k]

    def search_region(
        self,
        query: SimilarityQuery,
        k: int,
        embed: Embed | None = None,
        within: FilterResult | None = None,
        min_similarity: float = -1.0,
    ) -> list[Match]:
        """Return the `k` files most similar to a query as objects (see `search`) or as whole photos, each file once.

        `embed` embeds both kinds of examples, see `Example.is_object`. The two lists are merged by band, and within a
        band by how far a similarity is above its bound, on the scale common to all; a match of an object has its box.
        """
        photos = self._photos.search(query.as_kind(is_object=False), k, embed, within, min_similarity)
        return _merged(self.search(query, k, embed, within, min_similarity), photos, self._model, k)

    def _known(self, example: Example) -> _Known:
        photo = self._photos.photo_of(example)
        if photo is None:
            return _Known()
        region = example.region or WHOLE_PHOTO
        stored = self._view.table.of_photos([photo.photo_id], with_unnamed=True).get(photo.photo_id, ())
        overlaps = {one.id: _overlap(region, one.object.box) for one in stored}
        best = max(overlaps, key=overlaps.__getitem__, default=0)
        if overlaps.get(best, 0.0) < SAME_BOX or not is_unchanged(photo, if_unreachable=True):
            return _Known(photo.photo_id)
        return _Known(photo.photo_id, self._view.vector_of(best))

    def _hits(self, like: Vectors, more: Vectors, less: Vectors, among: Ids | None) -> Iterator[list[_Hit]]:
        """Yield the best object of each photo in lists, best first; their order does not depend on how many are taken."""
        queries, positives = apply_feedback(like, more, less), np.concatenate([like, more])
        is_refined, shift = len(positives) > 1 or len(less) > 0, 0.0
        seen: set[int] = set()
        depth, last = _FIRST_DEPTH, 1.0
        while depth <= _MAX_DEPTH:
            ids, photo_ids, similarities, vectors = self._view.nearest(queries, depth, among)
            if depth == _FIRST_DEPTH and is_refined:
                top = vectors[:RESCALE_TOP]
                shift = scale_shift(similarities, np.einsum("ik,jk->ij", positives, top))
            _, first = np.unique(photo_ids, return_index=True)
            first = np.sort(first)
            rows = first[[int(photo_id) not in seen for photo_id in photo_ids[first]]]
            told = np.minimum(similarities[rows] + np.float32(shift), np.float32(last))
            # Two photos that show the same object are not "the same photo".
            bands = [max(band, SimilarityBand.VERY_SIMILAR) for band in object_bands(told, self._model)]
            yield [
                _Hit(*row)
                for row in zip(
                    ids[rows].tolist(), photo_ids[rows].tolist(), told.tolist(), bands, strict=True
                )
            ]
            if len(ids) < depth:
                return
            seen.update(photo_ids[rows].tolist())
            last = float(told[-1]) if len(told) else last
            depth *= 2

    def _matches(self, hits: Iterable[_Hit], allowed: set[int] | None) -> list[Match]:
        """Return the files of the photos with these objects."""
        kept = list(hits)
        files = self._catalog.files_by_photo([hit.photo_id for hit in kept])
        objects = self._view.table.objects([hit.object_id for hit in kept])
        return [
            Match(
                photo.file_id,
                photo.photo_id,
                photo.path,
                hit.similarity,
                hit.similarity,
                hit.band,
                objects[hit.object_id].box,
                objects[hit.object_id].label,
            )
            for hit in kept
            if hit.object_id in objects
            for photo in files.get(hit.photo_id, [])
            if allowed is None or photo.file_id in allowed
        ]

    def _stack(self, vectors: Sequence[Vectors]) -> Vectors:
        return np.array(vectors, np.float32).reshape(-1, self._model.object_dimensions)


def _overlap(region: Region, box: tuple[float, float, float, float]) -> float:
    """Return the intersection over union of a region and a box."""
    x, y, width, height = box
    across = min(region.x + region.width, x + width) - max(region.x, x)
    down = min(region.y + region.height, y + height) - max(region.y, y)
    common = max(across, 0.0) * max(down, 0.0)
    return common / (region.width * region.height + width * height - common)


def _merged(objects: Sequence[Match], photos: Sequence[Match], model: ModelSpec, k: int) -> list[Match]:
    """Merge two lists of matches, best first; of the two matches of a file the better one is kept."""

    def key(match: Match) -> tuple[SimilarityBand, float]:
        similarity = match.similarity
        is_photo = match.box is None
        return match.band, -(
            to_common_scale(similarity, model) if is_photo else object_to_common_scale(similarity, model)
        )

    found: dict[int, Match] = {}
    score = 1.0
    for match in heapq.merge(objects, photos, key=key):
        if len(found) < k and match.file_id not in found:
            score = min(score, match.score)
            found[match.file_id] = replace(match, score=score)
    return list(found.values())
