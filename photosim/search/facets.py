"""Narrows many photos at once: what a filter looks at in each, as columns, and counts for every choice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from photosim.records import RAW_FORMATS
from photosim.search.photo_filter import UNDATED, Facet, FilterRow, Flag, PhotoFilter, folded, split
from photosim.search.photo_filter import folder_text as text_of_folder
from photosim.search.text_index import SubstringIndex

Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

_KEPT_WORDS = 8

_CODED = (Facet.CAMERAS, Facet.FORMATS, Facet.SHAPES, Facet.SIZES)
"""Facets of which each photo has one choice."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of a facet, and how many photos would be shown that have it."""

    value: str
    photos: int


@dataclass(frozen=True, slots=True)
class Facets:
    """What can be chosen, given what is chosen of the other facets; choices without photos are left out.

    `matching` of `total` photos fit the filter. `months` are (month, photos) pairs in order, `undated` counts the
    photos without a date, `ends` are the first and the last day of those with one, as `day_of` counts them.
    """

    total: int = 0
    matching: int = 0
    months: tuple[tuple[int, int], ...] = ()
    undated: int = 0
    ends: tuple[int, int] | None = None
    choices: Mapping[Facet, tuple[Choice, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CategoryColumn:
    """One choice for each photo: places (N,) in the list of `values`."""

    codes: npt.NDArray[np.intp]
    values: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str]) -> CategoryColumn:
        """The column of these values."""
        known: dict[str, int] = {}
        codes = [known.setdefault(value, len(known)) for value in values]
        return cls(np.array(codes, np.intp), tuple(known))

    def among(self, chosen: Collection[str]) -> Mask:
        """Which photos have one of these values."""
        wanted = np.array([value in chosen for value in self.values], bool)
        return wanted[self.codes] if len(wanted) else np.zeros(0, bool)

    def counts(self, mask: Mask) -> tuple[Choice, ...]:
        """How many of the photos have each value, most first."""
        found = np.bincount(self.codes if mask.all() else self.codes[mask], minlength=len(self.values))
        return _most_first(self.values, found)


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """Labels: pairs of a photo's row and a place in the list of `names`, by place."""

    rows: Integers
    places: Integers
    names: tuple[str, ...]

    @classmethod
    def of(cls, rows: Integers, places: Integers, names: Sequence[str]) -> LabelColumn:
        """Pairs in any order; rows below 0 are of photos that are not there."""
        known = rows >= 0
        order = np.argsort(places[known], kind="stable")
        return cls(rows[known][order], places[known][order], tuple(names))

    def rows_with(self, name: str) -> Integers:
        """The rows of the photos that bear a label."""
        if name not in self.names:
            return self.rows[:0]
        first, end = np.searchsorted(self.places, [self.names.index(name), self.names.index(name) + 1])
        return self.rows[first:end]

    def counts(self, mask: Mask) -> tuple[Choice, ...]:
        """How many of the photos bear each label, most first."""
        found = np.bincount(self.places[mask[self.rows]], minlength=len(self.names))
        return _most_first(self.names, found)


@dataclass(frozen=True, slots=True)
class FilterTable:
    """The photo files of a library, by ascending file id; all columns have N rows."""

    file_ids: Integers
    months: npt.NDArray[np.intp]
    days: npt.NDArray[np.intp]
    coded: Mapping[Facet, CategoryColumn]
    copied: Mask
    raw: Mask
    missing: Mask
    sources: CategoryColumn
    folders: CategoryColumn
    names: SubstringIndex
    labels: LabelColumn
    _found: dict[str, Mask] = field(default_factory=dict)
    """Where the last words were found: a view is narrowed, counted and narrowed again by the same ones."""

    @classmethod
    def of(
        cls,
        entries: Iterable[FilterRow],
        labels: tuple[Integers, Integers, Sequence[str]] | None = None,
    ) -> FilterTable:
        """Columns of these photos; `labels` are pairs: file ids (M,), places in a list of names (M,), that list."""
        listed = sorted(entries, key=lambda entry: entry.file_id)
        parts = [split(entry.path) for entry in listed]
        texts: dict[tuple[str, str], str] = {}
        for entry, (folder, _) in zip(listed, parts, strict=True):
            if (folder, entry.source) not in texts:
                texts[folder, entry.source] = text_of_folder(folder, entry.source)
        file_ids = np.array([entry.file_id for entry in listed], np.int64)
        coded = {
            Facet.CAMERAS: CategoryColumn.of([entry.camera for entry in listed]),
            Facet.FORMATS: CategoryColumn.of([entry.format for entry in listed]),
            Facet.SHAPES: CategoryColumn.of([entry.shape for entry in listed]),
            Facet.SIZES: CategoryColumn.of([entry.size for entry in listed]),
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
            CategoryColumn.of([entry.source for entry in listed]),
            CategoryColumn.of(list(folders)),
            SubstringIndex([folded(name) for _, name in parts]),
            LabelColumn.of(_rows(file_ids, files), places, names),
        )

    def rows_of(self, file_ids: Sequence[int] | Integers) -> Integers:
        """The rows of these files, -1 for those that are not there."""
        return _rows(self.file_ids, np.asarray(file_ids, np.int64))

    def below(self, source: str) -> Mask:
        """The photos of a source."""
        return self.sources.among([source])

    def keep(self, wanted: PhotoFilter, away: Collection[str] = ()) -> Mask:
        """Which photos fit a filter, (N,); `away` are the sources that are offline."""
        kept = np.ones(len(self.file_ids), bool)
        for mask in self._masks(wanted, away).values():
            kept &= mask
        return kept

    def facets(self, wanted: PhotoFilter, away: Collection[str] = (), scope: Mask | None = None) -> Facets:
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
        months = np.bincount(self.months[here] - UNDATED)
        days = self.days[here & (self.days != UNDATED)]
        choices = {facet: self.coded[facet].counts(others(facet)) for facet in _CODED}
        choices[Facet.LABELS] = self.labels.counts(kept)
        choices[Facet.FLAGS] = self._state_counts(others(Facet.FLAGS), away)
        return Facets(
            int(np.count_nonzero(inside)),
            int(np.count_nonzero(kept)),
            tuple((month, int(months[month - UNDATED])) for month in np.flatnonzero(months[1:]).tolist()),
            int(months[0]) if len(months) else 0,
            (int(days.min()), int(days.max())) if len(days) else None,
            choices,
        )

    # --- helpers -----------------------------------------------------------------------------------------

    def _masks(self, wanted: PhotoFilter, away: Collection[str]) -> dict[Facet, Mask]:
        """Which photos fit each facet that leaves photos out."""
        return {facet: self._mask(facet, wanted, away) for facet in wanted.active}

    def _mask(self, facet: Facet, wanted: PhotoFilter, away: Collection[str]) -> Mask:
        if facet is Facet.TEXT:
            return self._with_words(wanted.words)
        if facet is Facet.DATES:
            within = np.zeros(len(self.months), bool)
            for column, span in ((self.months, wanted.dates), (self.days, wanted.days)):
                if span is not None:
                    within |= (column >= span[0]) & (column <= span[1]) & (column != UNDATED)
            return np.logical_or(within, self.months == UNDATED) if wanted.undated else within
        if facet is Facet.LABELS:
            return self._with_labels(wanted.labels)
        if facet is Facet.FLAGS:
            flagged = np.zeros(len(self.file_ids), bool)
            for state in wanted.states:
                flagged |= self._state(Flag(state), away)
            return flagged
        return self.coded[facet].among(wanted.chosen(facet))

    def _with_words(self, words: Iterable[str]) -> Mask:
        kept = np.ones(len(self.file_ids), bool)
        for word in words:
            found = self._found.get(word)
            if found is None:
                found = self._with_word(word)
                for old in list(self._found)[: 1 - _KEPT_WORDS]:  # other threads may be at it too
                    self._found.pop(old, None)
                self._found[word] = found
            kept &= found
        return kept

    def _with_word(self, word: str) -> Mask:
        in_folder = np.array([word in f"{text}/" for text in self.folders.values], bool)
        found = self.names.containing(word)
        if len(in_folder):
            found |= in_folder[self.folders.codes]
        for at in (place for place, letter in enumerate(word) if letter == "/"):
            found |= self._across(word[:at], word[at + 1 :])
        return found

    def _across(self, end: str, start: str) -> Mask:
        """The photos whose folder ends and whose name starts so."""
        ends = np.array([text.endswith(end) for text in self.folders.values], bool)
        return ends[self.folders.codes] & self.names.starting(start) if len(ends) else np.zeros(0, bool)

    def _with_labels(self, names: Iterable[str]) -> Mask:
        kept = np.ones(len(self.file_ids), bool)
        for name in names:
            bearing = np.zeros(len(self.file_ids), bool)
            bearing[self.labels.rows_with(name)] = True
            kept &= bearing
        return kept

    def _state(self, state: Flag, away: Collection[str]) -> Mask:
        if state is Flag.OFFLINE:
            return self.sources.among(away)
        return {Flag.COPIES: self.copied, Flag.RAW: self.raw, Flag.MISSING: self.missing}[state]

    def _state_counts(self, mask: Mask, away: Collection[str]) -> tuple[Choice, ...]:
        counts = [(state, int(np.count_nonzero(mask & self._state(state, away)))) for state in Flag]
        return tuple(Choice(state, count) for state, count in counts if count)


def _rows(known: Integers, file_ids: Integers) -> Integers:
    if not len(known):
        return np.full(len(file_ids), -1, np.int64)
    rows = np.minimum(np.searchsorted(known, file_ids), len(known) - 1)
    return np.where(known[rows] == file_ids, rows, -1)


def _most_first(values: Sequence[str], counts: npt.NDArray[np.intp]) -> tuple[Choice, ...]:
    found = [(value, int(counts[place])) for place, value in enumerate(values) if counts[place]]
    return tuple(Choice(value, count) for value, count in sorted(found, key=lambda one: (-one[1], one[0])))
