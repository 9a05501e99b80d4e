"""Searches for similar photos in jobs; images that are not in the library are embedded first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from photosim.gui.base.boxes import FoundObject
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.services.stack_cache import StackCache
from photosim.gui.state.places import Query, SearchScope
from photosim.gui.state.results import FIRST_PAGE, Result, Results
from photosim.gui.state.view_filter import ViewFilter
from photosim.library.models.view import Vector
from photosim.ml.closeness import object_to_common_scale, to_common_scale
from photosim.ml.model_spec import ModelSpec
from photosim.records import Match, SimilarityBand
from photosim.search.query import Example

if TYPE_CHECKING:
    from photosim.library import Library

_MAX_CACHED = 200
"""Embeddings of images and regions in the cache, so that Back and feedback embed nothing again."""

Done = Callable[[Results | None, Exception | None], None]

_Key = tuple[str, Example, int]
"""Model id, image or region, and the modification time of the file in nanoseconds."""


class Search:
    """A search that may be running."""

    def __init__(self, jobs: Jobs, client: PhotoClient) -> None:
        self._jobs, self._client = jobs, client
        self.job: int | None = None
        self.embeddings: list[int] = []

    def cancel(self) -> None:
        """End the search, and the embedding of its images unless another one needs it; `done` is called no more."""
        self._jobs.cancel(self.job)
        for embedding in self.embeddings:
            self._client.cancel(embedding)


class SimilarityService(QObject):
    """Calls `done(results, error)` in the window's thread, with the best match first."""

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        client: PhotoClient,
        stacks: StackCache,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._library, self._jobs, self._client = library, jobs, client
        self._stacks = stacks
        self._vectors: OrderedDict[_Key, Vector] = OrderedDict()

    def search(
        self, query: Query, done: Done, count: int = FIRST_PAGE, view_filter: ViewFilter | None = None
    ) -> Search:
        """Search among the photos that match a filter."""
        search = Search(self._jobs, self._client)
        self._start(search, query, done, count, view_filter or ViewFilter())
        return search

    def _start(self, search: Search, query: Query, done: Done, count: int, view_filter: ViewFilter) -> None:
        photo = query.photo
        if query.is_simple and photo is not None:
            work = partial(_search_photo, self._library, self._stacks, photo.file_id, count, view_filter)
            search.job = self._jobs.start(work, done, Priority.HIGH)
            return
        vectors = dict(self._vectors)
        library, stacks = self._library, self._stacks
        find = partial(_search, library, stacks, query, count, vectors, view_filter)
        handle = partial(self._handle_result, search, query, done, count, view_filter)
        search.job = self._jobs.start(find, handle, Priority.HIGH)

    def _handle_result(
        self,
        search: Search,
        query: Query,
        done: Done,
        count: int,
        view_filter: ViewFilter,
        result: _Result | None,
        error: Exception | None,
    ) -> None:
        if result is None or not result.missing:
            done(None if result is None else result.results, error)
            return
        missing = set(result.missing)

        def add(key: _Key, vector: Vector | None, error: Exception | None) -> None:
            if key not in missing:
                return
            if vector is None:
                missing.clear()
                search.cancel()
                done(None, error)
                return
            self._store(key, vector)
            missing.discard(key)
            if not missing:
                self._start(search, query, done, count, view_filter)

        search.embeddings = [self._client.embed(key[0], key[1], partial(add, key)) for key in result.missing]

    def _store(self, key: _Key, vector: Vector) -> None:
        self._vectors[key] = vector
        self._vectors.move_to_end(key)
        while len(self._vectors) > _MAX_CACHED:
            self._vectors.popitem(last=False)


class FilteredSimilarity:
    """Searches among the photos that match `view_filter`; when that changes, running searches call back no more."""

    def __init__(self, service: SimilarityService) -> None:
        self._service = service
        self.view_filter = ViewFilter()

    def search(self, query: Query, done: Done, count: int = FIRST_PAGE) -> Search:
        """Search as SimilarityService does."""
        view_filter = self.view_filter

        def done_if_current(results: Results | None, error: Exception | None) -> None:
            if view_filter == self.view_filter:
                done(results, error)

        return self._service.search(
            query, done_if_current if view_filter.is_active else done, count, view_filter
        )


@dataclass(frozen=True, slots=True)
class _Result:
    """The results, or the images that have to be embedded first."""

    results: Results
    missing: tuple[_Key, ...] = ()


def _search_photo(
    library: Library,
    stacks: StackCache,
    file_id: int,
    count: int,
    view_filter: ViewFilter,
    cancel: CancelToken,
) -> Results:
    within = view_filter.matching_photos(library)
    cancel.check()
    model, matches = library.model, library.similar(file_id, count, within)
    cancel.check()
    return _with_photos(library, stacks, model, matches, count)


def _search(
    library: Library,
    stacks: StackCache,
    query: Query,
    count: int,
    vectors: Mapping[_Key, Vector],
    view_filter: ViewFilter,
    cancel: CancelToken,
) -> _Result:
    model, within = library.model, view_filter.matching_photos(library)
    cancel.check()
    find = {
        SearchScope.PHOTOS: library.similarity.search,
        # Without stored objects whole photos are searched by what is in the box.
        SearchScope.OBJECTS: library.objects.search
        if library.objects.enabled
        else library.objects.search_region,
        SearchScope.PHOTOS_AND_OBJECTS: library.objects.search_region,
    }[query.scope]
    is_of_photos = query.scope is SearchScope.PHOTOS
    embeddings = _Embeddings(model.id, vectors)
    asked = query.to_library_query()
    try:
        if is_of_photos:
            # Together, as the library would ask for one after the other.
            embeddings.require(
                example for example in asked.examples if library.similarity.known_vector(example) is None
            )
        matches = find(asked, count, embeddings.get, within)
    except _NotEmbeddedError as error:
        return _Result(Results(), error.keys)
    cancel.check()
    highest = SimilarityBand.IDENTICAL if is_of_photos else SimilarityBand.VERY_SIMILAR
    return _Result(_with_photos(library, stacks, model, matches, count, highest))


class _NotEmbeddedError(Exception):
    """Images have to be embedded first."""

    def __init__(self, keys: tuple[_Key, ...]) -> None:
        super().__init__(keys)
        self.keys = keys


class _Embeddings:
    """The cached embeddings of one model, for images that the library has none of."""

    def __init__(self, model: str, vectors: Mapping[_Key, Vector]) -> None:
        self._model, self._vectors = model, vectors

    def require(self, examples: Iterable[Example]) -> None:
        """Raise _NotEmbeddedError with those that are not cached."""
        missing = tuple(key for key in map(self._key, examples) if key not in self._vectors)
        if missing:
            raise _NotEmbeddedError(missing)

    def get(self, example: Example) -> Vector:
        """Return the embedding (D,) of an example. Raises _NotEmbeddedError."""
        self.require((example,))
        return self._vectors[self._key(example)]

    def _key(self, example: Example) -> _Key:
        return self._model, example, _modification_time(example)


def _modification_time(example: Example) -> int:
    try:
        return Path(example.path).stat().st_mtime_ns
    except OSError:
        return 0


def _with_photos(
    library: Library,
    stacks: StackCache,
    model: ModelSpec,
    matches: Sequence[Match],
    count: int,
    highest: SimilarityBand = SimilarityBand.IDENTICAL,
) -> Results:
    """Return the results; `highest` is the best band, as "Same photo" would be wrong of an object."""
    photos = {photo.file_id: photo for photo in library.photos_by_id([match.file_id for match in matches])}
    rows = tuple(
        Result(
            photos[match.file_id],
            to_common_scale(match.similarity, model)
            if match.box is None
            else object_to_common_scale(match.similarity, model),
            max(match.band, highest),
            None if match.box is None else FoundObject(match.box, match.label),
        )
        for match in matches
        if match.file_id in photos
    )
    return Results(rows, is_complete=len(matches) < count, stacks=stacks.load())
