"""Narrows many photos at once: what a filter looks at in each, as columns, and counts for every choice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from photosim.records import RAW_FORMATS
from photosim.search.photo_filter import NO_DATE, Facet, FilterRow, Flag, PhotoFilter, fold_text, split_path
from photosim.search.photo_filter import searchable_folder as text_of_folder
from photosim.search.text_index import SubstringIndex

Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

_MAX_CACHED_WORDS = 8

_CATEGORIES = (Facet.CAMERAS, Facet.FORMATS, Facet.ORIENTATIONS, Facet.SIZES)
"""Facets of which each photo has one choice."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A choice of a facet, and how many photos would be shown that have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """What can be chosen, given what is chosen of the other facets; choices without photos are left out.

    `matching` of `total` photos fit the filter. `months` are (month, photos) pairs in order, `undated` counts the
    photos without a date, `ends` are the first and the last day of those with one, as `day_of` counts them.
    """

    total: int = 0
    matching: int = 0
    months: tuple[tuple[int, int], ...] = ()
    undated: int = 0
    day_range: tuple[int, int] | None = None
    values: Mapping[Facet, tuple[FacetValue, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CategoryColumn:
    """One choice for each photo: places (N,) in the list of `values`."""

    codes: npt.NDArray[np.intp]
    values: tuple[str, ...]

    @classmethod
    def from_values(cls, values: Sequence[str]) -> CategoryColumn:
        """The column of these values."""
        known: dict[str, int] = {}
        codes = [known.setdefault(value, len(known)) for value in values]
        return cls(np.array(codes, np.intp), tuple(known))

    def isin(self, chosen: Collection[str]) -> Mask:
        """Which photos have one of these values."""
        wanted = np.array([value in chosen for value in self.values], bool)
        return wanted[self.codes] if len(wanted) else np.zeros(0, bool)

    def counts(self, mask: Mask) -> tuple[FacetValue, ...]:
        """How many of the photos have each value, most first."""
        found = np.bincount(self.codes if mask.all() else self.codes[mask], minlength=len(self.values))
        return _most_frequent_first(self.values, found)


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """Labels: pairs of a photo's row and a place in the list of `names`, by place."""

    rows: Integers
    codes: Integers
    names: tuple[str, ...]

    @classmethod
    def from_pairs(cls, rows: Integers, places: Integers, names: Sequence[str]) -> LabelColumn:
        """Pairs in any order; rows below 0 are of photos that are not there."""
        known = rows >= 0
        order = np.argsort(places[known], kind="stable")
        return cls(rows[known][order], places[known][order], tuple(names))

    def rows_with(self, name: str) -> Integers:
        """The rows of the photos that bear a label."""
        if name not in self.names:
            return self.rows[:0]
        first, end = np.searchsorted(self.codes, [self.names.index(name), self.names.index(name) + 1])
        return self.rows[first:end]

    def counts(self, mask: Mask) -> tuple[FacetValue, ...]:
        """How many of the photos bear each label, most first."""
        found = np.bincount(self.codes[mask[self.rows]], minlength=len(self.names))
        return _most_frequent_first(self.names, found)


@dataclass(frozen=True, slots=True)
class FilterTable:
    """The photo files of a library, by ascending file id; all columns have N rows."""

    file_ids: Integers
    months: npt.NDArray[np.intp]
    days: npt.NDArray[np.intp]
    categories: Mapping[Facet, CategoryColumn]
    has_copies: Mask
    is_raw: Mask
    is_missing: Mask
    sources: CategoryColumn
    folders: CategoryColumn
    names: SubstringIndex
    labels: LabelColumn
    _word_cache: dict[str, Mask] = field(default_factory=dict)
    """Where the last words were found: a view is narrowed, counted and narrowed again by the same ones."""

    @classmethod
    def from_rows(
        cls,
        entries: Iterable[FilterRow],
        labels: tuple[Integers, Integers, Sequence[str]] | None = None,
    ) -> FilterTable:
        """Columns of these photos; `labels` are pairs: file ids (M,), places in a list of names (M,), that list."""
        listed = sorted(entries, key=lambda entry: entry.file_id)
        parts = [split_path(entry.path) for entry in listed]
        texts: dict[tuple[str, str], str] = {}
        for entry, (folder, _) in zip(listed, parts, strict=True):
            if (folder, entry.source) not in texts:
                texts[folder, entry.source] = text_of_folder(folder, entry.source)
        file_ids = np.array([entry.file_id for entry in listed], np.int64)
        coded = {
            Facet.CAMERAS: CategoryColumn.from_values([entry.camera for entry in listed]),
            Facet.FORMATS: CategoryColumn.from_values([entry.format for entry in listed]),
            Facet.ORIENTATIONS: CategoryColumn.from_values([entry.orientation for entry in listed]),
            Facet.SIZES: CategoryColumn.from_values([entry.size for entry in listed]),
        }
        files, places, names = labels or (file_ids[:0], file_ids[:0], ())
        folders = (texts[folder, entry.source] for entry, (folder, _) in zip(listed, parts, strict=True))
        return cls(
            file_ids,
            np.array([entry.month for entry in listed], np.intp),
            np.array([entry.day for entry in listed], np.intp),
            coded,
            np.array([entry.has_copies for entry in listed], bool),
            np.array([entry.has_raw or entry.format in RAW_FORMATS for entry in listed], bool),
            np.array([entry.missing for entry in listed], bool),
            CategoryColumn.from_values([entry.source for entry in listed]),
            CategoryColumn.from_values(list(folders)),
            SubstringIndex([fold_text(name) for _, name in parts]),
            LabelColumn.from_pairs(_rows(file_ids, files), places, names),
        )

    def rows_of(self, file_ids: Sequence[int] | Integers) -> Integers:
        """The rows of these files, -1 for those that are not there."""
        return _rows(self.file_ids, np.asarray(file_ids, np.int64))

    def in_source(self, source: str) -> Mask:
        """The photos of a source."""
        return self.sources.isin([source])

    def matches(self, wanted: PhotoFilter, away: Collection[str] = ()) -> Mask:
        """Which photos fit a filter, (N,); `away` are the sources that are offline."""
        kept = np.ones(len(self.file_ids), bool)
        for mask in self._masks(wanted, away).values():
            kept &= mask
        return kept

    def count_facets(
        self, wanted: PhotoFilter, away: Collection[str] = (), scope: Mask | None = None
    ) -> FacetCounts:
        """What can be chosen among the photos of `scope` (N,), or among all."""
        masks = self._masks(wanted, away)
        inside = np.ones(len(self.file_ids), bool) if scope is None else scope
        failed = np.zeros(len(self.file_ids), np.uint8)
        for mask in masks.values():
            failed += ~mask

        def others(facet: Facet) -> Mask:
            """The photos that fit all other facets."""
            own = masks.get(facet)
            fits: Mask = failed == (0 if own is None else ~own)
            return fits & inside

        kept = inside & (failed == 0)
        here = others(Facet.DATES)
        months = np.bincount(self.months[here] - NO_DATE)
        days = self.days[here & (self.days != NO_DATE)]
        choices = {facet: self.categories[facet].counts(others(facet)) for facet in _CATEGORIES}
        choices[Facet.LABELS] = self.labels.counts(kept)
        choices[Facet.FLAGS] = self._count_flags(others(Facet.FLAGS), away)
        return FacetCounts(
            int(np.count_nonzero(inside)),
            int(np.count_nonzero(kept)),
            tuple((month, int(months[month - NO_DATE])) for month in np.flatnonzero(months[1:]).tolist()),
            int(months[0]) if len(months) else 0,
            (int(days.min()), int(days.max())) if len(days) else None,
            choices,
        )

    # --- helpers -----------------------------------------------------------------------------------------

    def _masks(self, wanted: PhotoFilter, away: Collection[str]) -> dict[Facet, Mask]:
        """Which photos fit each facet that leaves photos out."""
        return {facet: self._mask(facet, wanted, away) for facet in wanted.active_facets}

    def _mask(self, facet: Facet, wanted: PhotoFilter, away: Collection[str]) -> Mask:
        if facet is Facet.TEXT:
            return self._contains_words(wanted.words)
        if facet is Facet.DATES:
            within = np.zeros(len(self.months), bool)
            for column, span in ((self.months, wanted.dates), (self.days, wanted.days)):
                if span is not None:
                    within |= (column >= span[0]) & (column <= span[1]) & (column != NO_DATE)
            return np.logical_or(within, self.months == NO_DATE) if wanted.undated else within
        if facet is Facet.LABELS:
            return self._has_labels(wanted.labels)
        if facet is Facet.FLAGS:
            flagged = np.zeros(len(self.file_ids), bool)
            for state in wanted.flags:
                flagged |= self._has_flag(Flag(state), away)
            return flagged
        return self.categories[facet].isin(wanted.values(facet))

    def _contains_words(self, words: Iterable[str]) -> Mask:
        kept = np.ones(len(self.file_ids), bool)
        for word in words:
            found = self._word_cache.get(word)
            if found is None:
                found = self._contains_word(word)
                for old in list(self._word_cache)[: 1 - _MAX_CACHED_WORDS]:  # other threads may be at it too
                    self._word_cache.pop(old, None)
                self._word_cache[word] = found
            kept &= found
        return kept

    def _contains_word(self, word: str) -> Mask:
        in_folder = np.array([word in f"{text}/" for text in self.folders.values], bool)
        found = self.names.contains(word)
        if len(in_folder):
            found |= in_folder[self.folders.codes]
        for at in (place for place, letter in enumerate(word) if letter == "/"):
            found |= self._spans_folder_and_name(word[:at], word[at + 1 :])
        return found

    def _spans_folder_and_name(self, end: str, start: str) -> Mask:
        """The photos whose folder ends and whose name starts so."""
        ends = np.array([text.endswith(end) for text in self.folders.values], bool)
        return ends[self.folders.codes] & self.names.startswith(start) if len(ends) else np.zeros(0, bool)

    def _has_labels(self, names: Iterable[str]) -> Mask:
        kept = np.ones(len(self.file_ids), bool)
        for name in names:
            bearing = np.zeros(len(self.file_ids), bool)
            bearing[self.labels.rows_with(name)] = True
            kept &= bearing
        return kept

    def _has_flag(self, state: Flag, away: Collection[str]) -> Mask:
        if state is Flag.OFFLINE:
            return self.sources.isin(away)
        return {Flag.COPIES: self.has_copies, Flag.RAW: self.is_raw, Flag.MISSING: self.is_missing}[state]

    def _count_flags(self, mask: Mask, away: Collection[str]) -> tuple[FacetValue, ...]:
        counts = [(state, int(np.count_nonzero(mask & self._has_flag(state, away)))) for state in Flag]
        return tuple(FacetValue(state, count) for state, count in counts if count)


def _rows(known: Integers, file_ids: Integers) -> Integers:
    if not len(known):
        return np.full(len(file_ids), -1, np.int64)
    rows = np.minimum(np.searchsorted(known, file_ids), len(known) - 1)
    return np.where(known[rows] == file_ids, rows, -1)


def _most_frequent_first(values: Sequence[str], counts: npt.NDArray[np.intp]) -> tuple[FacetValue, ...]:
    found = [(value, int(counts[place])) for place, value in enumerate(values) if counts[place]]
    return tuple(
        FacetValue(value, count) for value, count in sorted(found, key=lambda one: (-one[1], one[0]))
    )
