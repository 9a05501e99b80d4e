"""Names of the clusters of a library, by the labels, folders and months of their photos."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from photosim.clustering.cluster_labels import (
    MIN_SHARE,
    CommonFacts,
    distinctive_values,
    possible_names,
    unique_names,
)
from photosim.search.filters.criteria import NO_DATE, month_of, split_path
from photosim.search.id_sets import distinct, rows_of
from photosim.store.rows import FileOrigins

_MAX_CACHED = 200_000
"""Clusters whose possible names are cached: room for those of all levels and some outdated ones."""

_FEW_SHARE = 8
"""For clusters with less than this share of the files, only what is known of their files is looked at."""

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FileValues:
    """Pairs of a file id and an index into `names`, (N,) each; index -1 for a file without a value."""

    files: Ids
    values: Ids
    names: tuple[str, ...]

    def distinctive(
        self, clusters: Sequence[Sequence[int]], min_share: float = MIN_SHARE, total_of: Ids | None = None
    ) -> dict[int, tuple[str, ...]]:
        """Return, for the clusters of file ids that have any, the values of many files that set it apart, best first.

        `total_of` are the `totals` of all values where these are only a part of them.
        """
        sizes = np.array([len(cluster) for cluster in clusters], np.int64)
        groups = _cluster_of_files(self.files, clusters, sizes)
        return self.distinctive_of(groups, sizes, min_share, total_of)

    def distinctive_of(
        self, groups: Ids, sizes: Ids, min_share: float = MIN_SHARE, total_of: Ids | None = None
    ) -> dict[int, tuple[str, ...]]:
        """Return the same for the cluster of each file (N,), -1 for none, and the sizes (C,) of the clusters."""
        found = distinctive_values(groups, self.values, sizes, min_share, total_of)
        return {group: tuple(self.names[index] for index in indices) for group, indices in found.items()}

    def totals(self) -> Ids:
        """Return the number of pairs without a value, and with each value."""
        return np.bincount(self.values + 1, minlength=1)

    def of_files(self, file_ids: Ids) -> FileValues:
        """Return the pairs of these files."""
        is_wanted = np.zeros(int(self.files.max(initial=0)) + 1, bool)
        is_wanted[file_ids[file_ids < len(is_wanted)]] = True
        rows = np.flatnonzero(is_wanted[self.files])
        return FileValues(self.files[rows], self.values[rows], self.names)


@dataclass(slots=True)
class ClusterNames:
    """The names of clusters as long as the photos and their labels stay the same."""

    read_labels: Callable[[], FileValues | None]
    """Returns the labels of all files; None while labels are off."""

    read_origins: Callable[[], FileOrigins]
    _possible: dict[tuple[int, ...], tuple[str, ...]] = field(default_factory=dict)
    _values: tuple[FileValues | None, FileValues, FileValues, FileValues] | None = None
    _totals: list[Ids] = field(default_factory=list)
    """Those of each of the values, none for labels that are off."""

    def names_of(
        self, clusters: Sequence[tuple[int, ...]], user_names: Sequence[str | None]
    ) -> list[str | None]:
        """Return the name of each cluster of file ids, no two the same; None where none is right.

        Those with a name by the user get none, and no other gets theirs.
        """
        # Each cluster is looked up once: the hash of a tuple is not kept, and these have a million ids.
        found = [self._possible.get(cluster) for cluster in clusters]
        new = [cluster for cluster, names in zip(clusters, found, strict=True) if names is None]
        if new:
            if len(self._possible) + len(new) > _MAX_CACHED:
                self._possible.clear()
                new, found = list(clusters), [None] * len(clusters)
            computed = self._possible_names(new)
            self._possible.update(zip(new, computed, strict=True))
            rest = iter(computed)
            found = [next(rest) if names is None else names for names in found]
        taken = [name for name in user_names if name]
        possible = [() if name else names or () for names, name in zip(found, user_names, strict=True)]
        return unique_names(possible, taken)

    def read(self) -> tuple[FileValues | None, FileValues, FileValues, FileValues]:
        """Return the labels of all files, their folders, their months, and both."""
        if self._values is None:
            self._values = self._read()
            self._totals = [np.zeros(0, np.int64) if part is None else part.totals() for part in self._values]
        return self._values

    def _possible_names(self, clusters: Sequence[tuple[int, ...]]) -> list[tuple[str, ...]]:
        labels, *places = self.read()
        sizes = np.array([len(cluster) for cluster in clusters], np.int64)
        if _FEW_SHARE * int(sizes.sum()) < len(places[0].files):
            members = np.fromiter(itertools.chain.from_iterable(clusters), np.int64, int(sizes.sum()))
            labels = labels and labels.of_files(members)
            places = [values.of_files(members) for values in places]
        label_totals, *totals = self._totals
        by_label = {} if labels is None else labels.distinctive(clusters, total_of=label_totals)
        groups = _cluster_of_files(places[0].files, clusters, sizes)
        by_place = [
            values.distinctive_of(groups, sizes, total_of=total_of)
            for values, total_of in zip(places, totals, strict=True)
        ]
        names: list[tuple[str, ...]] = [()] * len(clusters)
        for group in by_label.keys() | set[int]().union(*by_place):
            values = (found.get(group, ()) for found in (by_label, *by_place))
            names[group] = tuple(possible_names(_common_facts(*values)))
        return names

    def _read(self) -> tuple[FileValues | None, FileValues, FileValues, FileValues]:
        origins = self.read_origins()
        files, months = origins.files, origins.months
        folder_of, folders = origins.folder_of, origins.folders
        is_valid = np.array([month_of(month) != NO_DATE for month in months] + [False], bool)
        month_of_file = np.where(is_valid[origins.month_of], origins.month_of, -1)
        has_month = month_of_file >= 0
        count = max(len(months), 1)
        both, of_dated = distinct((folder_of * count + month_of_file)[has_month])
        pair_of = np.full(len(files), -1, np.int64)
        pair_of[has_month] = of_dated
        pairs = [f"{months[pair % count]}{folders[pair // count]}" for pair in both.tolist()]
        return (
            self.read_labels(),
            FileValues(files, folder_of, folders),
            FileValues(files, month_of_file, months),
            FileValues(files, pair_of, tuple(pairs)),
        )


def _common_facts(
    labels: tuple[str, ...], folders: tuple[str, ...], months: tuple[str, ...], both: tuple[str, ...]
) -> CommonFacts:
    return CommonFacts(
        labels=labels,
        folder=shown_folder(folders[0]) if folders else None,
        month=months[0] if months else None,
        folder_and_month=(shown_folder(both[0][7:]), both[0][:7]) if both else None,
    )


def shown_folder(folder: str) -> str:
    """Return the name of a folder; bytes that are no text become question marks."""
    return (split_path(folder)[1] or folder).encode("utf-8", "replace").decode("utf-8")


def _cluster_of_files(files: Ids, clusters: Sequence[Sequence[int]], sizes: Ids) -> Ids:
    """Return the index of the cluster of each file, -1 for a file in none."""
    members = np.fromiter(itertools.chain.from_iterable(clusters), np.int64, int(sizes.sum()))
    rows = rows_of(members, files)
    return np.where(rows >= 0, np.repeat(np.arange(len(sizes)), sizes)[rows], -1)
