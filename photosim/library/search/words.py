"""Searching the photos of a library by typed words: objects, clusters, folders, cameras, dates and names."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce

import numpy as np

from photosim.errors import LabelError
from photosim.library.labels import LibraryLabels
from photosim.library.search.filters import NO_SOURCES, FilterScope, PhotoFinder, scope_mask
from photosim.records import DEFAULT_LEVEL, Photo
from photosim.search.filters.columns import Mask
from photosim.search.filters.criteria import PhotoFilter, fold_text
from photosim.search.words.dates import parse_date
from photosim.search.words.terms import Suggestion, Term
from photosim.search.words.vocabulary import TermCounter, Vocabulary
from photosim.store.catalog import Catalog

_LARGE_LIBRARY, _MAX_AGE_S = 20_000, 15.0
"""From this number of files, suggestions may be this old: each batch of an indexing would otherwise cost seconds."""

NO_FILTER, EVERYWHERE = PhotoFilter(), FilterScope()


@dataclass(frozen=True, slots=True)
class UnderstoodSearch:
    """What all words of a search mean, `criteria` that require all of it, and the number of photos that match.

    `suggestions` are what the words may mean, each with the photos that choosing it alone would find.
    """

    terms: tuple[Term, ...] = ()
    criteria: PhotoFilter = NO_FILTER
    photos: int = 0
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundPhotos:
    """The terms that were searched, each with the number of its photos, and the photos that match all, best first.

    The scores tell how certain the labels are; without objects they are 1, and the newest photo comes first. `total`
    counts the photos that match, also those that were not asked for.
    """

    terms: tuple[tuple[Term, int], ...]
    photos: tuple[tuple[Photo, float], ...]
    total: int


class SearchService:
    """Understands typed words and finds photos by them, from any thread; what it knows of a library it keeps."""

    def __init__(self, catalog: Catalog, finder: PhotoFinder, labels: Callable[[], LibraryLabels]) -> None:
        self._catalog, self._finder, self._labels = catalog, finder, labels
        self._lock = threading.Lock()
        self._vocabulary: Vocabulary | None = None
        self._built_at = 0.0
        self._counter: tuple[object, TermCounter, Mask | None] | None = None

    def understand(
        self,
        text: str,
        criteria: PhotoFilter = NO_FILTER,
        scope: FilterScope = EVERYWHERE,
        offline: Collection[str] = NO_SOURCES,
        *,
        level: int = DEFAULT_LEVEL,
        suggest: bool = True,
    ) -> UnderstoodSearch:
        """Return what the words mean, with counts among the photos in the scope that match the criteria so far.

        `level` is that of the clusters that are offered.
        """
        vocabulary, today = self._recent_vocabulary(level), _today()
        terms = vocabulary.understand(text, today)
        counter, in_scope = self._current_counter(vocabulary, criteria, scope, offline)
        found = _criteria_of(terms)
        combined = criteria.combined(found)
        matching = vocabulary.table.matches(combined, offline)
        return UnderstoodSearch(
            tuple(terms),
            found,
            int(np.count_nonzero(matching if in_scope is None else matching & in_scope)),
            tuple(vocabulary.suggest(text, today, counter)) if suggest else (),
        )

    def prepare(self, level: int = DEFAULT_LEVEL) -> None:
        """Read what `understand` needs, which takes seconds in a large library that has changed."""
        self._recent_vocabulary(level)

    def find(self, text: str, k: int | None = None) -> FoundPhotos:
        """Return the photo files that match all words of a text. Raises LabelError for a word that nothing matches."""
        vocabulary, today = self._current_vocabulary(DEFAULT_LEVEL), _today()
        unmatched = vocabulary.unmatched(text, today)
        if unmatched is not None:
            raise LabelError(self._unmatched_message(unmatched, vocabulary, today))
        terms = vocabulary.understand(text, today)
        counted = [(term, vocabulary.everything.count(term)) for term in terms]
        criteria = _criteria_of(terms)
        table = vocabulary.table
        rows = np.flatnonzero(table.matches(criteria))
        scores = table.object_scores(criteria)[rows]
        # By certainty, then the latest, then as in the library.
        order = rows[np.lexsort((table.file_ids[rows], -table.days[rows], -scores))][:k]
        score_of = dict(zip(table.file_ids[rows].tolist(), scores.tolist(), strict=True))
        photos = self._catalog.photos_by_id(table.file_ids[order].tolist())
        found = tuple((photo, round(score_of[photo.file_id], 4)) for photo in photos)
        return FoundPhotos(tuple(counted), found, total=len(rows))

    def _recent_vocabulary(self, level: int) -> Vocabulary:
        with self._lock:
            known, age = self._vocabulary, time.monotonic() - self._built_at
        if known is None or known.level != level or age > _MAX_AGE_S:
            return self._current_vocabulary(level)
        is_large = len(known.table.file_ids) >= _LARGE_LIBRARY
        return known if is_large else self._current_vocabulary(level)

    def _current_vocabulary(self, level: int) -> Vocabulary:
        table = self._finder.table(level)
        with self._lock:
            current = self._vocabulary
            if current is None or not current.is_of(table, level):
                self._counter = None
                current = self._vocabulary = Vocabulary(table, level)
                self._built_at = time.monotonic()
            return current

    def _current_counter(
        self, vocabulary: Vocabulary, criteria: PhotoFilter, scope: FilterScope, offline: Collection[str]
    ) -> tuple[TermCounter, Mask | None]:
        """Return what counts the photos of a scope that match, and which are in the scope, None for all."""
        # With the vocabulary: another thread may meanwhile have counted in that of another state of the library.
        key = vocabulary, criteria, scope, frozenset(offline)
        with self._lock:
            if self._counter is None or self._counter[0] != key:
                mask = vocabulary.table.matches(criteria, offline)
                in_scope = scope_mask(vocabulary.table, scope)
                if in_scope is not None:
                    mask &= in_scope
                self._counter = key, TermCounter(vocabulary, mask), in_scope
            return self._counter[1:]

    def _unmatched_message(self, words: str, vocabulary: Vocabulary, today: date) -> str:
        message = f"No photo in this library matches “{words}”."
        if parse_date(fold_text(words).split(), today) is not None:
            return message
        suggestions = vocabulary.labels.similar_to(fold_text(words))
        if suggestions:
            return f"{message} Did you mean {_alternatives(suggestions)}?"
        labels = self._labels()
        if not labels.enabled:
            return f"{message} Labels are off, so photos are not found by what they show: photosim labels on"
        if not vocabulary.table.labels.names and labels.unlabelled():
            return f"{message} To find photos by what they show, run: photosim labels fill"
        return f"{message} To list what the photos show, run: photosim labels"


def _criteria_of(terms: Collection[Term]) -> PhotoFilter:
    return reduce(PhotoFilter.combined, (term.criteria for term in terms), PhotoFilter())


def _alternatives(names: Sequence[str]) -> str:
    """Return “a”, “b” or “c”."""
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _today() -> date:
    return date.today()
