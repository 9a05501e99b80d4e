"""Answers questions about likeness: of one photo or several, of parts of them, refined by more and less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photosim.files.fspaths import is_unchanged
from photosim.library.filters import FilterResult
from photosim.library.model_view import ModelView, Vector
from photosim.records import Match, Photo
from photosim.search.feedback import RESCALE_TOP, apply_feedback, rescale, smooth_max
from photosim.search.query import Example, SimilarityQuery
from photosim.store.catalog import Catalog

_REACH = 2
"""So many times more than asked for are looked at for each of several photos, before the best of all are told."""

Ids = npt.NDArray[np.int64]

Embed = Callable[[Example], Vector]


class SimilaritySearch:
    """What one model answers about the photos of a library."""

    def __init__(self, catalog: Catalog, seen: ModelView) -> None:
        self._catalog, self._seen = catalog, seen

    def known_vector(self, example: Example) -> Vector | None:
        """The embedding (D,) of an unchanged photo of the library; None when the file must be read."""
        photo = None if example.region is not None else self.photo_of(example)
        if photo is None or not is_unchanged(photo, if_unreachable=True):
            return None
        return self._seen.vector_of(photo.photo_id)

    def photo_of(self, example: Example) -> Photo | None:
        """The photo file of the library that an example is, or is a part of."""
        path = Path(example.path)
        return self._catalog.find(str(path.absolute())) or self._catalog.find(str(path.resolve()))

    def search(
        self, query: SimilarityQuery, k: int, embed: Embed | None = None, within: FilterResult | None = None
    ) -> list[Match]:
        """The `k` photo files that fit best, of those `within` or of all, best first, those that the query names left out.

        `embed` gives the embeddings of what is not known. The similarity is the cosine to the refined query, to
        several photos `smooth_max`, and both `rescale`. Raises UnreadablePhotoError and ModelError.
        """
        photos = [photo for one in query.examples if (photo := self.photo_of(one)) is not None]
        own = {file_id for photo in photos for file_id in (photo.file_id, photo.primary_id)}
        like, more, less = (self._vectors(part, embed) for part in (query.like, query.more, query.less))
        among = within.photo_ids if within is not None else None
        hits = self._best(apply_feedback(like, more, less), k + len(own), among)
        if len(like) > 1 or len(more) or len(less):
            hits = self._on_the_usual_scale(hits, np.concatenate([like, more]))
        return [match for match in self.matches(hits, within) if match.file_id not in own][:k]

    def matches(self, hits: Sequence[tuple[int, float]], within: FilterResult | None = None) -> list[Match]:
        """The files of photos with their similarities, in their order; of those `within` or of all."""
        files = self._catalog.files_by_photo([photo_id for photo_id, _ in hits])
        wanted = None if within is None else set(within.file_ids.tolist())
        return [
            Match(photo.file_id, photo_id, photo.path, similarity)
            for photo_id, similarity in hits
            for photo in files.get(photo_id, [])
            if wanted is None or photo.file_id in wanted
        ]

    # --- helpers -----------------------------------------------------------------------------------------

    def _vectors(self, examples: Sequence[Example], embed: Embed | None) -> Vector:
        embed = embed or (lambda one: self._seen.embed(Path(one.path), one.region))
        rows = np.empty((len(examples), self._seen.model.dimensions), np.float32)
        for row, example in enumerate(examples):
            known = self.known_vector(example)
            rows[row] = embed(example) if known is None else known
        return rows

    def _best(self, questions: Vector, k: int, among: Ids | None) -> list[tuple[int, float]]:
        """The photo ids most like the questions (n, D), with their similarities."""
        if len(questions) == 1:
            return self._seen.nearest(questions[0], k, among)
        middle = questions.mean(axis=0)
        middle /= max(float(np.linalg.norm(middle)), 1e-6)
        found = {
            photo_id
            for vector in (*questions, middle)
            for photo_id, _ in self._seen.nearest(vector, _REACH * k, among)
        }
        ids = np.array(sorted(found), np.int64)
        scores = smooth_max(questions @ self._seen.embeddings.vectors_of(ids).T)
        best = np.argsort(-scores, kind="stable")[:k]
        return [(int(ids[place]), min(float(scores[place]), 1.0)) for place in best]

    def _on_the_usual_scale(self, hits: list[tuple[int, float]], wanted: Vector) -> list[tuple[int, float]]:
        """The same photos with similarities that mean what they mean for one photo."""
        ids = np.array([photo_id for photo_id, _ in hits], np.int64)
        scores = np.array([score for _, score in hits], np.float32)
        scores = rescale(scores, wanted @ self._seen.embeddings.vectors_of(ids[:RESCALE_TOP]).T)
        return list(zip(ids.tolist(), scores.tolist(), strict=True))
