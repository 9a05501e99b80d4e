"""Filter many photos at once: their properties as columns, and the number of photos for every value of a facet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from photosim.files.fspaths import is_inside
from photosim.search.filters.columns import (
    CategoryColumn,
    FacetValue,
    Integers,
    LabelColumn,
    Mask,
    Scores,
    rows_of,
)
from photosim.search.filters.criteria import (
    NO_DATE,
    Facet,
    FilterRow,
    Flag,
    PhotoFilter,
)
from photosim.search.filters.row_encoder import CATEGORIES, FOLDER_PATHS, FOLDERS, SOURCES, RowEncoder
from photosim.search.words.objects import ObjectColumn
from photosim.search.words.text_index import SubstringIndex

_MAX_CACHED_WORDS = 8

ObjectValues = tuple[Integers, Integers, Sequence[str], npt.NDArray[np.float32]]
"""The objects in files: file ids (M,), indices (M,) into a list of names, that list, and boxes (M, 4)."""


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """The values of each facet among the photos that match the other facets; values without photos are left out.

    `matching` of `total` photos match the filter. `months` are (month, photos) pairs in order, `undated` is the number
    of photos without a date and `day_range` the first and last day of the others (see `month_of` and `day_of`).
    """

    total: int = 0
    matching: int = 0
    months: tuple[tuple[int, int], ...] = ()
    undated: int = 0
    day_range: tuple[int, int] | None = None
    values: Mapping[Facet, tuple[FacetValue, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FilterTable:
    """The properties of N photo files in columns of N rows, by ascending file id."""

    file_ids: Integers
    months: Integers
    days: Integers
    categories: Mapping[Facet, CategoryColumn]
    has_copies: Mask
    is_raw: Mask
    is_missing: Mask
    sources: CategoryColumn
    folders: CategoryColumn
    names: SubstringIndex
    labels: LabelColumn
    folder_paths: CategoryColumn
    clusters: dict[int, LabelColumn] = field(default_factory=dict)
    """By level, the clusters that have a title, for filters by cluster; missing levels contain no photos."""

    load_objects: Callable[[], ObjectValues] | None = None
    """Reads the objects in all files when a filter asks for them for the first time."""

    _objects: list[ObjectColumn] = field(default_factory=list)

    _word_cache: dict[str, Mask] = field(default_factory=dict)
    """The photos that contain each of the latest words: a view is filtered and counted with the same ones."""

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[FilterRow],
        labels: tuple[Integers, Integers, Sequence[str], Scores] | None = None,
        load_objects: Callable[[], ObjectValues] | None = None,
    ) -> FilterTable:
        """Build a table of rows by ascending file id.

        `labels` are file ids (M,), indices (M,) into a list of names, that list, and scores (M,).
        """
        encoder = RowEncoder(rows)
        file_ids, months, days, has_copies, is_raw, is_missing = encoder.numbers()
        no_labels = file_ids[:0], file_ids[:0], (), np.zeros(0, np.float32)
        label_files, label_codes, label_names, scores = labels or no_labels
        return cls(
            file_ids=file_ids,
            months=months,
            days=days,
            categories={facet: encoder.category(facet) for facet in CATEGORIES},
            has_copies=has_copies.astype(bool),
            is_raw=is_raw.astype(bool),
            is_missing=is_missing.astype(bool),
            sources=encoder.category(SOURCES),
            folders=encoder.category(FOLDERS),
            names=SubstringIndex(encoder.names),
            labels=LabelColumn.from_pairs(rows_of(file_ids, label_files), label_codes, label_names, scores),
            folder_paths=encoder.category(FOLDER_PATHS),
            load_objects=load_objects,
        )

    def rows_of(self, file_ids: Sequence[int] | Integers) -> Integers:
        """Return the rows of these files, -1 for unknown ones."""
        return rows_of(self.file_ids, np.asarray(file_ids, np.int64))

    def in_folders(self, folders: Collection[str]) -> Mask:
        """Return which photos are in one of these folders or below it."""
        paths = self.folder_paths
        return paths.isin(
            {path for path in paths.values if any(is_inside(path, folder) for folder in folders)}
        )

    def matches(self, criteria: PhotoFilter, offline: Collection[str] = ()) -> Mask:
        """Return which photos match a filter, (N,); `offline` are the sources that can't be reached."""
        matching = np.ones(len(self.file_ids), bool)
        for mask in self._masks(criteria, offline).values():
            matching &= mask
        return matching

    def object_scores(self, criteria: PhotoFilter) -> Scores:
        """Return how certain the labels are that a filter requires, (N,): the lowest of their scores, 0 without one."""
        scores = np.ones(len(self.file_ids), np.float32)
        for names in self._required_labels(criteria):
            np.minimum(scores, self.labels.best_scores(names, len(scores)), out=scores)
        return scores

    def count_facets(
        self, criteria: PhotoFilter, offline: Collection[str] = (), scope: Mask | None = None
    ) -> FacetCounts:
        """Count the values of each facet among the photos of `scope` (N,), or among all."""
        masks = self._masks(criteria, offline)
        in_scope = np.ones(len(self.file_ids), bool) if scope is None else scope
        failures = np.zeros(len(self.file_ids), np.uint8)  # facets that a photo does not match
        for mask in masks.values():
            failures += ~mask

        def matches_other_facets(facet: Facet) -> Mask:
            mask = masks.get(facet)
            matching: Mask = failures == (0 if mask is None else ~mask)
            return matching & in_scope

        matching = in_scope & (failures == 0)
        datable = matches_other_facets(Facet.DATES)
        months = np.bincount(self.months[datable] - NO_DATE)
        days = self.days[datable & (self.days != NO_DATE)]
        values = {facet: self.categories[facet].counts(matches_other_facets(facet)) for facet in CATEGORIES}
        # Photos must have all selected labels, so another label is counted among those that match already.
        values[Facet.LABELS] = self.labels.counts(matching)
        values[Facet.FLAGS] = self._count_flags(matches_other_facets(Facet.FLAGS), offline)
        return FacetCounts(
            total=int(np.count_nonzero(in_scope)),
            matching=int(np.count_nonzero(matching)),
            months=tuple(
                (month, int(months[month - NO_DATE])) for month in np.flatnonzero(months[1:]).tolist()
            ),
            undated=int(months[0]) if len(months) else 0,
            day_range=(int(days.min()), int(days.max())) if len(days) else None,
            values=values,
        )

    def _masks(self, criteria: PhotoFilter, offline: Collection[str]) -> dict[Facet, Mask]:
        """Which photos match each active facet."""
        return {facet: self._mask(facet, criteria, offline) for facet in criteria.active_facets}

    def _mask(self, facet: Facet, criteria: PhotoFilter, offline: Collection[str]) -> Mask:
        if facet is Facet.TEXT:
            return self._contains_words(criteria.words)
        if facet is Facet.DATES:
            return self._has_date(criteria)
        if facet is Facet.LABELS:
            matching = np.ones(len(self.file_ids), bool)
            for names in self._required_labels(criteria):
                matching &= self.labels.mask(names, len(matching))
            if criteria.object_words:
                matching &= self._object_column().mask(criteria.object_words, len(matching))
            return matching
        if facet is Facet.CLUSTERS:
            clusters = self.clusters.get(criteria.cluster_level)
            length = len(self.file_ids)
            return np.zeros(length, bool) if clusters is None else clusters.mask(criteria.clusters, length)
        if facet is Facet.FOLDERS:
            return self.in_folders(criteria.folders)
        if facet is Facet.FLAGS:
            mask = np.zeros(len(self.file_ids), bool)
            for flag in criteria.flags:
                mask |= self._has_flag(Flag(flag), offline)
            return mask
        return self.categories[facet].isin(criteria.values(facet))

    def _contains_words(self, words: Iterable[str]) -> Mask:
        matching = np.ones(len(self.file_ids), bool)
        for word in words:
            mask = self._word_cache.get(word)
            if mask is None:
                mask = self._contains_word(word)
                for old in list(self._word_cache)[: 1 - _MAX_CACHED_WORDS]:
                    self._word_cache.pop(old, None)  # another thread may have removed it already
                self._word_cache[word] = mask
            matching &= mask
        return matching

    def _contains_word(self, word: str) -> Mask:
        in_folder = np.array([word in f"{folder}/" for folder in self.folders.values], bool)
        mask = self.names.contains(word)
        if len(in_folder):
            mask |= in_folder[self.folders.codes]
        for position in (position for position, letter in enumerate(word) if letter == "/"):
            mask |= self._spans_folder_and_name(word[:position], word[position + 1 :])
        return mask

    def _spans_folder_and_name(self, folder_end: str, name_start: str) -> Mask:
        ends = np.array([folder.endswith(folder_end) for folder in self.folders.values], bool)
        return (
            ends[self.folders.codes] & self.names.startswith(name_start) if len(ends) else np.zeros(0, bool)
        )

    def _has_date(self, criteria: PhotoFilter) -> Mask:
        is_undated: Mask = self.months == NO_DATE
        if criteria.dates is None and criteria.days is None and not criteria.months_of_year:
            return is_undated
        mask = ~is_undated
        if criteria.dates is not None or criteria.days is not None:
            in_range = np.zeros(len(mask), bool)
            for column, span in ((self.months, criteria.dates), (self.days, criteria.days)):
                if span is not None:
                    in_range |= (column >= span[0]) & (column <= span[1])
            mask &= in_range
        if criteria.months_of_year:
            mask &= np.isin(self.months % 12, list(criteria.months_of_year))
        return mask | is_undated if criteria.undated else mask

    def _required_labels(self, criteria: PhotoFilter) -> Iterator[tuple[str, ...]]:
        """Yield, for each label that a filter requires, the names of which any one will do."""
        yield from ((name,) for name in criteria.labels)
        yield from (self.labels.names_of_word(word) for word in criteria.label_words)

    def _object_column(self) -> ObjectColumn:
        if not self._objects:  # another thread may read them, too
            nothing = np.zeros(0, np.int64), np.zeros(0, np.int64), (), np.zeros((0, 4), np.float32)
            files, codes, names, boxes = nothing if self.load_objects is None else self.load_objects()
            self._objects.append(
                ObjectColumn.from_objects(rows_of(self.file_ids, files), codes, names, boxes)
            )
        return self._objects[0]

    def _has_flag(self, flag: Flag, offline: Collection[str]) -> Mask:
        if flag is Flag.OFFLINE:
            return self.sources.isin(offline)
        return {Flag.COPIES: self.has_copies, Flag.RAW: self.is_raw, Flag.MISSING: self.is_missing}[flag]

    def _count_flags(self, mask: Mask, offline: Collection[str]) -> tuple[FacetValue, ...]:
        counts = [(flag, int(np.count_nonzero(mask & self._has_flag(flag, offline)))) for flag in Flag]
        return tuple(FacetValue(flag, count) for flag, count in counts if count)
