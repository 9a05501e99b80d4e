"""Asks the library what looks like a query; what the library has no embedding of, the model's eye looks at first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.embed_client import EmbedClient
from photosim.gui.state.places import Query
from photosim.gui.state.view_filter import ViewFilter
from photosim.library.model_view import Vector
from photosim.ml.catalog import ModelSpec
from photosim.ml.closeness import to_common_scale
from photosim.records import Match, Photo
from photosim.search.query import Example, SimilarityQuery

if TYPE_CHECKING:
    from photosim.library.library import Library

MAX_MATCHES = 300
"""Matches asked for: more than anyone looks through, few enough to answer at once."""

_KEPT = 200
"""Embeddings of images and parts that are kept, so that Back and refining do not look again."""

Matches = list[tuple[Photo, float]]
"""Photos with their likeness, which is the same scale for every model: see `photosim.ml.closeness`."""

Done = Callable[[Matches | None, Exception | None], None]

_Key = tuple[str, Example, int]
"""Model, image or part, and when the file was last changed."""


class SimilarityService(QObject):
    """Answers through `done(matches, error)`, best match first, in the thread of the window."""

    def __init__(self, library: Library, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._jobs = library, jobs
        self._kept: OrderedDict[_Key, Vector] = OrderedDict()
        self.embed_client = EmbedClient(library.folder, self)

    def search(
        self, query: Query, done: Done, count: int = MAX_MATCHES, view_filter: ViewFilter | None = None
    ) -> int | None:
        """Ask what looks like the query, among the photos that fit a filter; returns a job to cancel.

        After the eye had to look at something, `done` is called whether the job was cancelled or not.
        """
        photo, view_filter = query.photo, view_filter or ViewFilter()
        if query.is_simple and photo is not None:
            work = partial(_alike, self._library, photo.file_id, count, view_filter)
            return self._jobs.start(work, done, Priority.HIGH)
        answer = partial(
            _answer, self._library, query.to_library_query(), count, dict(self._kept), view_filter
        )
        return self._jobs.start(answer, partial(self._take, query, done, count, view_filter), Priority.HIGH)

    def close(self) -> None:
        """End what is under way."""
        self.embed_client.close()

    # --- helpers -----------------------------------------------------------------------------------------

    def _take(
        self,
        query: Query,
        done: Done,
        count: int,
        narrowing: ViewFilter,
        answer: _Answer | None,
        error: Exception | None,
    ) -> None:
        if answer is None or not answer.unseen:
            done(None if answer is None else answer.matches, error)
            return
        missing = set(answer.unseen)

        def seen(key: _Key, vector: Vector | None, error: Exception | None) -> None:
            if key not in missing:
                return
            if vector is None:
                missing.clear()
                done(None, error)
                return
            self._keep(key, vector)
            missing.discard(key)
            if not missing:
                self.search(query, done, count, narrowing)

        for key in answer.unseen:
            self.embed_client.embed(key[0], key[1], partial(seen, key))

    def _keep(self, key: _Key, vector: Vector) -> None:
        self._kept[key] = vector
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The matches, or what must be looked at before."""

    matches: Matches
    unseen: tuple[_Key, ...] = ()


def _alike(library: Library, file_id: int, count: int, narrowing: ViewFilter, cancel: CancelToken) -> Matches:
    within = narrowing.matching_photos(library)
    cancel.check()
    model, matches = library.model, library.similar(file_id, count, within)
    cancel.check()
    return _with_photos(library, model, matches)


def _answer(
    library: Library,
    question: SimilarityQuery,
    count: int,
    kept: Mapping[_Key, Vector],
    narrowing: ViewFilter,
    cancel: CancelToken,
) -> _Answer:
    queries, model = library.similarity, library.model
    keys = {one: (model.id, one, _changed(one)) for one in question.examples}
    unseen = tuple(key for one, key in keys.items() if key not in kept and queries.known_vector(one) is None)
    cancel.check()
    if unseen:
        return _Answer([], unseen)
    within = narrowing.matching_photos(library)
    matches = queries.search(question, count, lambda one: kept[keys[one]], within)
    cancel.check()
    return _Answer(_with_photos(library, model, matches))


def _changed(example: Example) -> int:
    try:
        return Path(example.path).stat().st_mtime_ns
    except OSError:
        return 0


def _with_photos(library: Library, model: ModelSpec, matches: Sequence[Match]) -> Matches:
    photos = {photo.file_id: photo for photo in library.photos_by_id([match.file_id for match in matches])}
    return [
        (photos[match.file_id], to_common_scale(match.similarity, model))
        for match in matches
        if match.file_id in photos
    ]


class FilteredSimilarity:
    """Answers as Likeness does; `narrowing` may be changed at any time, then what is under way is not answered."""

    def __init__(self, likeness: SimilarityService) -> None:
        self._likeness = likeness
        self.view_filter = ViewFilter()

    def search(self, query: Query, done: Done, count: int = MAX_MATCHES) -> int | None:
        """Ask what looks like the query; returns a job to cancel, where there is one."""
        narrowing = self.view_filter

        def narrowed(matches: Matches | None, error: Exception | None) -> None:
            if narrowing == self.view_filter:
                done(matches, error)

        return self._likeness.search(query, narrowed if narrowing.is_active else done, count, narrowing)
