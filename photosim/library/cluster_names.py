"""Names of the clusters of a library, by the labels, folders and months of their photos."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from photosim.clustering.cluster_labels import CommonFacts, distinctive_values, possible_names, unique_names
from photosim.search.photo_filter import NO_DATE, month_of, split_path
from photosim.store.rows import FileOrigin

_MAX_CACHED = 200_000
"""Clusters whose possible names are cached: room for those of all levels and some outdated ones."""

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FileValues:
    """Pairs of a file id and an index into `names`, (N,) each; index -1 for a file without a value."""

    files: Ids
    values: Ids
    names: tuple[str, ...]

    @classmethod
    def from_origins(cls, origins: Sequence[FileOrigin], values: Sequence[str | None]) -> FileValues:
        """Pair the files with one value each, None for none."""
        code_of: dict[str, int] = {}
        codes = [-1 if value is None else code_of.setdefault(value, len(code_of)) for value in values]
        files = np.fromiter((origin[0] for origin in origins), np.int64, len(origins))
        return cls(files, np.array(codes, np.int64), tuple(code_of))

    def distinctive(self, clusters: Sequence[Sequence[int]]) -> list[tuple[str, ...]]:
        """Return, for each cluster of file ids, the values of most files that set it apart, best first."""
        sizes = np.array([len(cluster) for cluster in clusters], np.int64)
        groups = _cluster_of_files(self.files, clusters, sizes)
        return [
            tuple(self.names[index] for index in indices)
            for indices in distinctive_values(groups, self.values, sizes)
        ]


@dataclass(slots=True)
class ClusterNames:
    """The names of clusters as long as the photos and their labels stay the same."""

    read_labels: Callable[[], FileValues | None]
    """Returns the labels of all files; None while labels are off."""

    read_origins: Callable[[], Sequence[FileOrigin]]
    _possible: dict[tuple[int, ...], tuple[str, ...]] = field(default_factory=dict)
    _values: tuple[FileValues | None, ...] | None = None

    def names_of(
        self, clusters: Sequence[tuple[int, ...]], user_names: Sequence[str | None]
    ) -> list[str | None]:
        """Return the name of each cluster of file ids, no two the same; None where none is right.

        Those with a name by the user get none, and no other gets theirs.
        """
        new = [cluster for cluster in clusters if cluster not in self._possible]
        if new:
            if len(self._possible) + len(new) > _MAX_CACHED:
                self._possible.clear()
                new = list(clusters)
            self._possible.update(zip(new, self._possible_names(new), strict=True))
        taken = [name for name in user_names if name]
        possible = [
            () if name else self._possible[cluster]
            for cluster, name in zip(clusters, user_names, strict=True)
        ]
        return unique_names(possible, taken)

    def _possible_names(self, clusters: Sequence[tuple[int, ...]]) -> list[tuple[str, ...]]:
        if self._values is None:
            self._values = self._read()
        nothing: list[tuple[str, ...]] = [()] * len(clusters)
        columns = [nothing if values is None else values.distinctive(clusters) for values in self._values]
        return [tuple(possible_names(_common_facts(*values))) for values in zip(*columns, strict=True)]

    def _read(self) -> tuple[FileValues | None, ...]:
        origins = self.read_origins()
        valid = {month for month in {month for _, _, month in origins} if month_of(month) != NO_DATE}
        months = [month if month in valid else None for _, _, month in origins]
        folders = [split_path(path)[0] for _, path, _ in origins]
        both = [
            None if month is None else f"{month}{folder}"
            for folder, month in zip(folders, months, strict=True)
        ]
        columns = (FileValues.from_origins(origins, values) for values in (folders, months, both))
        return (self.read_labels(), *columns)


def _common_facts(
    labels: tuple[str, ...], folders: tuple[str, ...], months: tuple[str, ...], both: tuple[str, ...]
) -> CommonFacts:
    return CommonFacts(
        labels=labels,
        folder=_shown(folders[0]) if folders else None,
        month=months[0] if months else None,
        folder_and_month=(_shown(both[0][7:]), both[0][:7]) if both else None,
    )


def _shown(folder: str) -> str:
    """Return the name of a folder; bytes that are no text become question marks."""
    return (split_path(folder)[1] or folder).encode("utf-8", "replace").decode("utf-8")


def _cluster_of_files(files: Ids, clusters: Sequence[Sequence[int]], sizes: Ids) -> Ids:
    """Return the index of the cluster of each file, -1 for a file in none."""
    members = np.fromiter(itertools.chain.from_iterable(clusters), np.int64, int(sizes.sum()))
    order = np.argsort(members)
    members, indices = members[order], np.repeat(np.arange(len(sizes)), sizes)[order]
    places = np.minimum(np.searchsorted(members, files), len(members) - 1)
    return np.where(members[places] == files, indices[places], -1)
