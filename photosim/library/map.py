"""The map of the library: where each photo lies, near those that look like it."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from photosim.library.locks import WriteLock
from photosim.library.models.view import ModelView
from photosim.records import DEFAULT_LEVEL, Cluster, Clustering, Phase, Progress
from photosim.runtime.control import JobControl
from photosim.search.filters.criteria import FilterRow
from photosim.store.catalog import Catalog
from photosim.store.rows import filter_rows

Ids = npt.NDArray[np.int64]

NO_CLUSTER = 0


class MapColoring(StrEnum):
    """What the colors of the map tell."""

    CLUSTER = "cluster"
    DATE = "date"
    YEAR = "year"
    FOLDER = "folder"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True)
class MapPositions:
    """Where the shown photo files lie: `xy` (N, 2) from 0 to 1, those of one photo at the same place, ordered by path.

    `clusters` (N,) are the ids of their clusters, NO_CLUSTER without one. `version` changes when any of these may.
    """

    file_ids: Ids
    photo_ids: Ids
    xy: npt.NDArray[np.float32]
    clusters: Ids
    version: object


class LibraryMap:
    """The saved map of the active model; any thread may ask."""

    def __init__(
        self,
        catalog: Catalog,
        write_lock: WriteLock,
        view: Callable[[], ModelView],
        clusters: Callable[[int], Clustering],
    ) -> None:
        """`view` returns the active model's view, `clusters` the clusters of a level."""
        self._catalog, self._write_lock = catalog, write_lock
        self._view, self._clusters = view, clusters

    def positions(
        self, level: int = DEFAULT_LEVEL, clusters: Sequence[Cluster] | None = None
    ) -> MapPositions:
        """Return the places on the saved map; photos that were added since it was made are left out.

        `clusters` are those of the level, where they are known already.
        """
        view = self._view()
        revision = self._catalog.database.revision()
        stored = view.maps.load()
        pairs = self._catalog.photo_and_file_ids()
        if stored is None:
            pairs, xy = pairs[:0], np.empty((0, 2), np.float32)
        else:
            xy = stored.places_of(pairs[:, 0]).xy
            has_place = np.isfinite(xy[:, 0])
            pairs, xy = pairs[has_place], xy[has_place]
        if clusters is None:
            clusters = self._clusters(level).clusters
        version = (view.model.id, level, revision, None if stored is None else stored.checksum)
        file_ids, photo_ids = pairs[:, 1].copy(), pairs[:, 0].copy()
        return MapPositions(file_ids, photo_ids, xy, _clusters_of(file_ids, clusters), version)

    def groups(self, coloring: MapColoring, file_ids: Ids) -> tuple[Ids, list[str]]:
        """Return the groups (N,) by year, folder or camera that photo files are in, and the names of these groups.

        They are numbered from 1, years in their order, folders and cameras from the one with most photos; 0 where it is not
        known.
        """
        values = {row.file_id: _VALUES[coloring](row) for row in filter_rows(self._catalog.database)}
        counts = Counter(value for value in values.values() if value)
        names = sorted(counts) if coloring is MapColoring.YEAR else [name for name, _ in counts.most_common()]
        numbers = {name: number for number, name in enumerate(names, 1)}
        found = (numbers.get(values.get(file_id) or "", 0) for file_id in file_ids.tolist())
        return np.fromiter(found, np.int64, len(file_ids)), names

    def dates(self, file_ids: Ids) -> npt.NDArray[np.float64]:
        """Return when photo files (N,) were taken, in days as `date.toordinal` counts them, NaN where it is not known."""
        taken = {row.file_id: row.taken_at for row in filter_rows(self._catalog.database)}
        found = (_days(taken.get(file_id)) for file_id in file_ids.tolist())
        return np.fromiter(found, np.float64, len(file_ids))

    def is_current(self) -> bool:
        """Check whether the saved map has all analyzed photos."""
        return self._view().index_builder.map_is_current()

    def update(self, control: JobControl | None = None) -> Iterator[Progress]:
        """Make the map if there is none, fit in new photos; reports as indexing does.

        Raises LibraryLockedError while another PhotoSim writes, and ReadOnlyLibraryError.
        """
        control = control or JobControl()
        progress = Progress(Phase.GROUPING)
        with self._write_lock:
            for done, total in self._view().index_builder.build(control, with_map=True):
                progress = replace(progress, done=done, total=total)
                yield progress
        yield replace(progress, phase=Phase.DONE, cancelled=control.cancelled)


_VALUES: Mapping[MapColoring, Callable[[FilterRow], str | None]] = {
    MapColoring.YEAR: lambda row: row.taken_at and row.taken_at[:4],
    MapColoring.FOLDER: lambda row: os.path.dirname(row.path),  # noqa: PTH120 - a hundred times as fast as a Path
    MapColoring.CAMERA: lambda row: row.camera_name,
}


def _days(taken_at: str | None) -> float:
    try:
        taken = datetime.fromisoformat(taken_at or "")
    except ValueError:
        return math.nan
    return taken.toordinal() + (taken.hour * 3600 + taken.minute * 60 + taken.second) / 86_400


def _clusters_of(file_ids: Ids, clusters: Sequence[Cluster]) -> Ids:
    """Return the ids of the clusters (N,) that these files are in, NO_CLUSTER for none."""
    found = np.full(len(file_ids), NO_CLUSTER)
    if not len(file_ids) or not clusters:
        return found
    members = np.concatenate([np.array(cluster.file_ids, np.int64) for cluster in clusters])
    ids = np.repeat([cluster.id for cluster in clusters], [cluster.size for cluster in clusters])
    of_file = np.full(max(int(members.max()), int(file_ids.max())) + 1, NO_CLUSTER)
    of_file[members] = ids
    return of_file[file_ids]
