"""Columns of a table of photos: one value of each photo, or any number of labels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosim.search.words.labels import ends_with_word

Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet, and the number of photos with it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class CategoryColumn:
    """One value per photo, as indices `codes` (N,) into `values`."""

    codes: npt.NDArray[np.int32]
    values: tuple[str, ...]

    def isin(self, values: Collection[str]) -> Mask:
        """Return which photos have one of these values."""
        selected = np.array([value in values for value in self.values], bool)
        return selected[self.codes] if len(selected) else np.zeros(0, bool)

    def counts(self, mask: Mask) -> tuple[FacetValue, ...]:
        """Count the photos of the mask by value, most frequent first."""
        counts = np.bincount(self.codes if mask.all() else self.codes[mask], minlength=len(self.values))
        return _most_frequent_first(self.values, counts)


class CategoryEncoder:
    """Encodes the values of a CategoryColumn, some at a time."""

    def __init__(self) -> None:
        self._code_of: dict[str, int] = {}
        self._parts = [np.empty(0, np.int32)]

    def add(self, values: Iterable[str]) -> None:
        """Append the values of the next photos."""
        code_of = self._code_of
        self._parts.append(np.array([code_of.setdefault(value, len(code_of)) for value in values], np.int32))

    def column(self) -> CategoryColumn:
        """Return the column of all photos."""
        return CategoryColumn(np.concatenate(self._parts), tuple(self._code_of))


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """Labels as pairs of a photo's row and an index into `names`, sorted by the latter."""

    rows: Integers
    codes: Integers
    names: tuple[str, ...]
    scores: Scores

    @classmethod
    def from_pairs(
        cls, rows: Integers, codes: Integers, names: Sequence[str], scores: Scores | None = None
    ) -> LabelColumn:
        """Build the column from unordered pairs (M,), (M,) with their scores (M,), 1 if there are none.

        Pairs with a negative row are dropped.
        """
        known = rows >= 0
        order = np.argsort(codes[known], kind="stable")
        ordered_scores = np.ones(len(order), np.float32) if scores is None else scores[known][order]
        return cls(rows[known][order], codes[known][order], tuple(names), ordered_scores)

    def mask(self, names: Iterable[str], length: int) -> Mask:
        """Return which of `length` photos have any of these labels."""
        mask = np.zeros(length, bool)
        for pairs in self._pairs_with(names):
            mask[self.rows[pairs]] = True
        return mask

    def best_scores(self, names: Iterable[str], length: int) -> Scores:
        """Return the highest score of any of these labels for each of `length` photos; 0 without one."""
        best = np.zeros(length, np.float32)
        for pairs in self._pairs_with(names):
            np.maximum.at(best, self.rows[pairs], self.scores[pairs])
        return best

    def names_of_word(self, word: str) -> tuple[str, ...]:
        """Return the labels that are this word, or kinds of what it names."""
        return tuple(name for name in self.names if ends_with_word(name, word))

    def _pairs_with(self, names: Iterable[str]) -> Iterator[slice]:
        for name in names:
            if name in self.names:
                code = self.names.index(name)
                first, end = np.searchsorted(self.codes, [code, code + 1])
                yield slice(int(first), int(end))

    def counts(self, mask: Mask) -> tuple[FacetValue, ...]:
        """Count the photos of the mask by label, most frequent first."""
        counts = np.bincount(self.codes[mask[self.rows]], minlength=len(self.names))
        return _most_frequent_first(self.names, counts)


def rows_of(known_ids: Integers, file_ids: Integers) -> Integers:
    """Return the places of ids in ascending known ones, -1 for unknown ids."""
    if not len(known_ids):
        return np.full(len(file_ids), -1, np.int64)
    rows = np.minimum(np.searchsorted(known_ids, file_ids), len(known_ids) - 1)
    return np.where(known_ids[rows] == file_ids, rows, -1)


def _most_frequent_first(values: Sequence[str], counts: npt.NDArray[np.intp]) -> tuple[FacetValue, ...]:
    found = [FacetValue(value, int(count)) for value, count in zip(values, counts, strict=True) if count]
    return tuple(sorted(found, key=lambda item: (-item.count, item.value)))
