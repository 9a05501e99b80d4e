"""What the words of a search can mean in a library: its labels, clusters, folders, cameras and dates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from photosim.files.fspaths import with_separator
from photosim.search.filters.columns import LabelColumn, Mask
from photosim.search.filters.criteria import NO_CAMERA, NO_DATE, Facet, fold_text, split_path
from photosim.search.filters.facets import FilterTable
from photosim.search.words.dates import MAX_WORDS, parse_date
from photosim.search.words.labels import LabelIndex
from photosim.search.words.objects import ObjectCriterion, count_of, places_starting
from photosim.search.words.terms import (
    Counts,
    Suggestion,
    Term,
    TermKind,
    camera_term,
    cluster_term,
    date_term,
    dates_beginning,
    folder_term,
    object_term,
    object_words_term,
    objects_term,
    text_term,
)
from photosim.search.words.text_index import NameIndex, name_words

MAX_TYPED_WORDS = 16
"""Words of a search; further ones are ignored."""

_MAX_PHRASE = 6  # words of a name that is recognized among others
_MAX_SUGGESTIONS = 5  # of one kind
_MIN_PREFIX = 3  # letters that may stand for a label when nothing else is called so
_MIN_CAMERA_WORD = 3


class Vocabulary:
    """The names and labels of a library, from which words are understood. Built once for a table, used by any thread."""

    def __init__(self, table: FilterTable, level: int) -> None:
        """`level` is that of the clusters."""
        self.table, self.level = table, level
        self.labels = LabelIndex(table.labels.names)
        empty = LabelColumn.from_pairs(table.file_ids[:0], table.file_ids[:0], ())
        self.clusters = table.clusters.get(level, empty)
        self.cluster_titles = NameIndex(self.clusters.names)
        self.cameras = table.categories[Facet.CAMERAS].values
        self.camera_names = NameIndex(self.cameras)
        self.folders = _Folders.from_table(table)
        self.everything = TermCounter(self, np.ones(len(table.file_ids), bool))

    def is_of(self, table: FilterTable, level: int) -> bool:
        """Return whether it is of this table and of its clusters of a level."""
        clusters = table.clusters.get(level)
        is_same = self.table is table and self.level == level
        return is_same and (clusters is self.clusters or (clusters is None and not self.clusters.names))

    def understand(self, text: str, today: date) -> list[Term]:
        """Return what each of the typed words means, alone or with those beside it: the first that finds any photo.

        Words that mean nothing else are parts of names.
        """
        return [term for _, _, term in self._segments(_typed_words(text)[0], today)]

    def unmatched(self, text: str, today: date) -> str | None:
        """Return the first typed words that no photo matches, None if there are none.

        They are one word, or several that mean something together, as "last summer".
        """
        words, typed = _typed_words(text)
        for start, end, term in self._segments(words, today):
            if self.everything.count(term):
                continue
            phrases = [
                (first, last)
                for first in range(max(end - _MAX_PHRASE, 0), start + 1)
                for last in range(end, min(first + _MAX_PHRASE, len(words)) + 1)
                if any(self._exact(words[first:last], today))
            ]
            first, last = max(phrases, key=lambda phrase: phrase[1] - phrase[0], default=(start, end))
            return " ".join(typed[first:last])
        return None

    def suggest(self, text: str, today: date, counter: TermCounter) -> list[Suggestion]:
        """Return what the typed words can mean that finds any photo; the last word may be the beginning of one.

        They are sorted by kind, those of what `understand` returns first.
        """
        words, typed = _typed_words(text)
        found: dict[Term, Suggestion] = {}
        start = self._start_of_last(words, today)

        def add(first: int, end: int, terms: Iterable[Term]) -> None:
            rest = " ".join((*typed[:first], *typed[end:]))
            best: list[Suggestion] = []
            for term in dict.fromkeys(terms):
                photos = counter.count(term)
                if photos and term not in found:
                    best.append(Suggestion(term, photos, rest))
            for kind in TermKind:
                of_kind = [suggestion for suggestion in best if suggestion.term.kind is kind]
                if kind is not TermKind.DATE:  # these come in the order of time
                    of_kind.sort(key=lambda suggestion: -suggestion.photos)
                found.update({suggestion.term: suggestion for suggestion in of_kind[:_MAX_SUGGESTIONS]})

        for first, end, term in self._segments(words[:start], today):
            others = [] if term.kind is TermKind.TEXT else self._exact(words[first:end], today)
            add(first, end, [term, *others, text_term(words[first:end])])
        if start < len(words):
            last, known = words[start:], len(found)
            add(start, len(words), [*self._beginning(last, today, counter), text_term(last)])
            if len(found) == known and len(words[-1]) > _MIN_PREFIX:  # misspelled
                add(len(words) - 1, len(words), map(object_term, self.labels.similar_to(words[-1])))
        meant = {term.kind for term in self.understand(text, today)} - {TermKind.TEXT}
        kinds = sorted(TermKind, key=lambda kind: kind not in meant)
        return sorted(found.values(), key=lambda suggestion: kinds.index(suggestion.term.kind))

    def _segments(self, words: Sequence[str], today: date) -> Iterator[tuple[int, int, Term]]:
        """Yield the terms of all words, the longest first that are known, as first word, end, and term."""
        start = 0
        while start < len(words):
            end, term = start + 1, None
            for end in range(min(start + _MAX_PHRASE, len(words)), start, -1):
                exact = self._exact(words[start:end], today)
                term = next((term for term in exact if self.everything.count(term)), None)
                if term is not None:
                    break
            yield start, end, term or self._fallback(words[start])
            start = end

    def _exact(self, words: Sequence[str], today: date) -> Iterator[Term]:
        """Yield what words can mean as they are, the most likely first."""
        label = self.labels.exact(words)
        if label is not None:
            yield object_term(label)
        yield from map(object_words_term, self._object_criteria(words, [self.labels.exact(words[1:])]))
        dates = parse_date(words, today) if len(words) <= MAX_WORDS else None
        if dates is not None:
            yield date_term(dates)
        name = [part for word in words for part in name_words(word)]
        for index in self.cluster_titles.named(name)[:1]:
            yield cluster_term(self.clusters.names[index], self.level)
        folders = self.folders.names.named(name)
        if len(folders) == 1:  # of several, all are found by name
            yield folder_term(self.folders.paths[folders[0]])
        if len("".join(name)) >= _MIN_CAMERA_WORD:
            cameras = [self.cameras[index] for index in self.camera_names.containing(name)]
            if cameras:
                yield camera_term(cameras[0] if len(cameras) == 1 else " ".join(words), cameras)
        if label is None and len(words) == 1:
            kinds = self.labels.ending_with(words[0])
            if len(kinds) == 1:
                yield object_term(kinds[0])
            elif kinds:
                yield objects_term(words[0])

    def _object_criteria(
        self, words: Sequence[str], counted: Iterable[str | None], *, whole: bool = True
    ) -> Iterator[ObjectCriterion]:
        """Yield what words can mean that begin with a number of `counted` objects or end with a place."""
        if len(words) < 2:
            return
        count = count_of(words[0])
        if count is not None:
            yield from (ObjectCriterion(label, count) for label in counted if label is not None)
        label = self.labels.exact(words[:-1])
        if label is not None:
            places = places_starting(words[-1])
            yield from (ObjectCriterion(label, place=one) for one in places if not whole or one == words[-1])

    def _fallback(self, word: str) -> Term:
        """Return a word as a part of names, or as the beginning of a label when no name contains it."""
        text = text_term([word])
        if len(word) < _MIN_PREFIX or self.everything.count(text):
            return text
        labels = [object_term(label) for label in self.labels.starting_with([word])]
        return max(labels, key=self.everything.count, default=text)

    def _start_of_last(self, words: Sequence[str], today: date) -> int:
        """Return where the phrase that is being typed begins: as early as it may be the beginning of a name."""
        if not words:
            return 0
        for start in range(max(len(words) - _MAX_PHRASE, 0), len(words) - 1):
            if any(self._beginning(words[start:], today, self.everything)):
                return start
        return len(words) - 1

    def _beginning(self, words: Sequence[str], today: date, counter: TermCounter) -> Iterator[Term]:
        """Yield what words can mean of which the last may be incomplete."""
        yield from self._exact(words, today)
        yield from (object_term(label) for label in self.labels.starting_with(words))
        if len(words) > 1:
            begun = self._object_criteria(words, self.labels.starting_with(words[1:]), whole=False)
            yield from map(object_words_term, begun)
        name = [part for word in words for part in name_words(word)]
        for index in _most_frequent(self.cluster_titles.starting(name), counter.of_clusters):
            yield cluster_term(self.clusters.names[index], self.level)
        for index in _most_frequent(self.folders.names.starting(name), counter.of_folders):
            yield folder_term(self.folders.paths[index])
        for index in self.camera_names.starting(name):
            if self.cameras[index] != NO_CAMERA:
                yield camera_term(self.cameras[index], [self.cameras[index]])
        yield from (date_term(dates) for dates in dates_beginning(words, counter.of_months()))


class TermCounter:
    """Counts the photos of terms among those of a mask (N,); what it counts once it keeps."""

    def __init__(self, vocabulary: Vocabulary, mask: Mask) -> None:
        self._vocabulary, self._table, self._mask = vocabulary, vocabulary.table, mask
        self._counts: dict[TermKind, Counts] = {}
        self._by_term: dict[Term, int] = {}

    def count(self, term: Term) -> int:
        """Return how many photos have this term."""
        if term not in self._by_term:
            self._by_term[term] = self._count(term)
        return self._by_term[term]

    def of_clusters(self) -> Counts:
        """Return the number of photos of each cluster."""
        return self._cached(TermKind.CLUSTER, lambda: self._of_column(self._vocabulary.clusters))

    def of_folders(self) -> Counts:
        """Return the number of photos in each folder and the folders inside it."""
        return self._cached(TermKind.FOLDER, lambda: self._vocabulary.folders.count(self._table, self._mask))

    def of_months(self) -> Counts:
        """Return the number of photos of each month, counted from year 0."""
        return self._cached(TermKind.DATE, self._of_months)

    def _count(self, term: Term) -> int:
        criteria = term.criteria
        if term.kind is TermKind.OBJECT and len(criteria.labels) == 1:
            counts = self._cached(TermKind.OBJECT, lambda: self._of_column(self._table.labels))
            return int(counts[self._table.labels.names.index(term.value)])
        if term.kind is TermKind.CLUSTER:
            return int(self.of_clusters()[self._vocabulary.clusters.names.index(term.value)])
        if term.kind is TermKind.FOLDER:
            return int(self.of_folders()[self._vocabulary.folders.paths.index(term.value)])
        if criteria.dates is not None:
            return int(self.of_months()[criteria.dates[0] : criteria.dates[1] + 1].sum())
        if criteria.months_of_year:
            return sum(int(self.of_months()[month::12].sum()) for month in criteria.months_of_year)
        return int(np.count_nonzero(self._table.matches(criteria) & self._mask))

    def _cached(self, kind: TermKind, compute: Callable[[], Counts]) -> Counts:
        if kind not in self._counts:
            self._counts[kind] = compute()
        return self._counts[kind]

    def _of_column(self, column: LabelColumn) -> Counts:
        return np.bincount(column.codes[self._mask[column.rows]], minlength=len(column.names))

    def _of_months(self) -> Counts:
        months = self._table.months
        return np.bincount(months[self._mask & (months != NO_DATE)], minlength=1)


@dataclass(frozen=True, slots=True)
class _Folders:
    """All folders with photos and the folders that contain them, up to the sources, ordered so that those inside follow."""

    paths: tuple[str, ...]
    names: NameIndex
    places: npt.NDArray[np.intp]
    """For each value of the table's column of folders, its place among the paths."""
    ends: npt.NDArray[np.intp]
    """For each path, the place behind the last folder inside it."""

    @classmethod
    def from_table(cls, table: FilterTable) -> _Folders:
        sources = {with_separator(source) for source in table.sources.values}
        found: dict[str, None] = {}
        for path in table.folder_paths.values:
            folder = path
            while folder not in found:
                found[folder] = None
                parent = split_path(folder)[0]
                if with_separator(folder) in sources or parent in ("", folder):
                    break
                folder = parent
        keys = sorted(with_separator(path) for path in found)
        by_key = {with_separator(path): path for path in found}
        paths = tuple(by_key[key] for key in keys)
        place_of = {path: place for place, path in enumerate(paths)}
        ends = np.arange(1, len(keys) + 1)
        open_folders: list[int] = []
        for place, key in enumerate(keys):
            while open_folders and not key.startswith(keys[open_folders[-1]]):
                ends[open_folders.pop()] = place
            open_folders.append(place)
        ends[open_folders] = len(keys)
        places = np.array([place_of[path] for path in table.folder_paths.values], np.intp)
        names = NameIndex([split_path(path.rstrip("/\\"))[1] or path for path in paths])
        return cls(paths, names, places, ends)

    def count(self, table: FilterTable, mask: Mask) -> Counts:
        """Count the photos of the mask in each folder and those inside it."""
        own = np.bincount(self.places[table.folder_paths.codes[mask]], minlength=len(self.paths))
        before = np.append(0, own.cumsum())
        counts: Counts = before[self.ends] - before[np.arange(len(self.paths))]
        return counts


def _typed_words(text: str) -> tuple[list[str], list[str]]:
    """Return the words of a typed text, normalized for comparison, and as they are; a comma behind a word means nothing."""
    typed = [word for part in text.split() if fold_text(word := part.rstrip(",") or part)][:MAX_TYPED_WORDS]
    return ["".join(fold_text(word).split()) for word in typed], typed


def _most_frequent(indices: npt.NDArray[np.intp], counts: Callable[[], Counts]) -> list[int]:
    """Return the indices with the highest counts."""
    if not len(indices):
        return []
    order = np.argsort(-counts()[indices], kind="stable")
    return [int(index) for index in indices[order[:_MAX_SUGGESTIONS]]]
