"""Load the map in jobs: its data, what its colors tell, what matches a filter, and the photos of an area."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QDate

from photosim.clustering.density import GREY, SCALE, Pixels, colors_along, colors_of
from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken
from photosim.gui.base.translation import tr
from photosim.gui.map.data import Area, Ids, MapCluster, MapData, Rows
from photosim.gui.map.legend import Legend, LegendEntry
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.gui.state.view_filter import ViewFilter
from photosim.library.map import MapColoring
from photosim.paths import printable
from photosim.records import Photo

if TYPE_CHECKING:
    from photosim.library import Library

NEIGHBOURS = 8
"""Photos to which lines lead from the selected one."""

_MAX_VIEWED = 500
"""Photos that are opened in the viewer together, the nearest ones."""

_MAX_GROUPS = 10
"""Groups with a color of their own, and a line in the legend."""

_OUTLIERS = 0.005
"""Share of the photos at each end whose dates do not stretch the scale, as those of a camera whose clock was not set."""

Matching = npt.NDArray[np.bool_] | None


def load_map(
    library: Library,
    clusters: ClusterCache,
    level: int,
    coloring: MapColoring,
    view_filter: ViewFilter,
    cancel: CancelToken,
) -> tuple[MapData, Matching]:
    """Load the map with clusters of a level, and which photos match a filter."""
    shown = clusters.load(level).clusters
    positions = library.map.positions(level, [cluster for cluster, _ in shown])
    cancel.check()
    file_ids = positions.file_ids
    order = np.argsort(file_ids)
    sorted_ids = file_ids[order]
    named = []
    for cluster, _ in shown:
        place = int(np.searchsorted(sorted_ids, cluster.medoid_id))
        if place < len(order) and sorted_ids[place] == cluster.medoid_id:
            named.append(MapCluster(cluster.id, cluster.title or "", cluster.size, int(order[place])))
    cancel.check()
    colors, legend = _colors(library, coloring, file_ids, positions.clusters)
    data = MapData(file_ids, positions.photo_ids, positions.xy, positions.clusters, colors, named, legend)
    data.prepare()
    return data, match(library, data, view_filter, cancel)


def match(library: Library, data: MapData, view_filter: ViewFilter, cancel: CancelToken) -> Matching:
    """Return which photos of the map (N,) match a filter, None for all."""
    cancel.check()
    if not view_filter.is_active:
        return None
    found, _ = library.finder.files(view_filter.photo_filter, None, view_filter.offline)
    return np.isin(data.file_ids, np.array(found, np.int64))


def neighbours(library: Library, data: MapData, file_id: int, cancel: CancelToken) -> Rows:
    """Return the rows of the photos most similar to one."""
    cancel.check()
    matches = library.similar(file_id, NEIGHBOURS)
    return data.rows_of(np.array([match.file_id for match in matches], np.int64))


def files_in(data: MapData, area: Area, matching: Matching, cancel: CancelToken) -> list[int]:
    """Return the file ids of the matching photos in an area, those first that are shown first."""
    rows = data.rows_in_area(area)
    if matching is not None:
        rows = rows[matching[rows]]
    cancel.check()
    ids: list[int] = data.file_ids[rows[np.argsort(data.rank[rows], kind="stable")]].tolist()
    return ids


def photos_around(
    library: Library, data: MapData, row: int, matching: Matching, cancel: CancelToken
) -> list[Photo]:
    """Return a photo and then those of its cluster, or all where it has none, by their distance on the map."""
    cluster = data.clusters[row]
    rows = np.flatnonzero(data.clusters == cluster) if cluster else np.arange(len(data))
    if matching is not None:
        rows = rows[matching[rows] | (rows == row)]
    squared = ((data.xy[rows] - data.xy[row]) ** 2).sum(axis=1)
    squared[rows == row] = -1
    nearest = rows[np.argsort(squared, kind="stable")[:_MAX_VIEWED]]
    cancel.check()
    return library.photos_by_id(data.file_ids[nearest].tolist())


def _colors(
    library: Library, coloring: MapColoring, file_ids: Ids, clusters: Ids
) -> tuple[Pixels, Legend | None]:
    """Return the colors (N, 3) of photo files, and what they tell; the names of clusters are on the map."""
    if coloring is MapColoring.CLUSTER:
        return colors_of(clusters), None
    if coloring is MapColoring.DATE:
        return _date_colors(library.map.dates(file_ids))
    numbers, names = library.map.groups(coloring, file_ids)
    is_year = coloring is MapColoring.YEAR
    # The last years, or the folders and cameras with most photos, have a color.
    left = max(len(names) - _MAX_GROUPS, 0)
    first = left if is_year else 0
    shown = names[first : first + _MAX_GROUPS]
    ranks = numbers - first
    colors = colors_of(np.where((ranks > 0) & (ranks <= len(shown)), ranks, 0))
    write = _folder_text if coloring is MapColoring.FOLDER else printable
    palette = colors_of(np.arange(1, len(shown) + 1)).tolist()
    entries = [LegendEntry(tuple(color), write(name)) for color, name in zip(palette, shown, strict=True)]
    if left:
        text = tr("Earlier years") if is_year else tr("%Ln other(s)", "", left)
        entries.append(LegendEntry(GREY, text))
    if not numbers.all():
        entries.append(LegendEntry(GREY, tr("No date") if is_year else tr("Unknown camera")))
    return colors, Legend(entries)


def _date_colors(days: npt.NDArray[np.float64]) -> tuple[Pixels, Legend]:
    """Return the colors (N, 3) of dates (N,) from the oldest to the newest, and their legend."""
    known = np.sort(days[np.isfinite(days)])
    if not len(known):
        return colors_along(days), Legend((LegendEntry(GREY, tr("No date")),))
    cut = int(_OUTLIERS * len(known))
    oldest, newest = float(known[cut]), float(known[-1 - cut])
    texts = [formatting.format_long_date(_date(day)) for day in (oldest, newest)]
    if known[0] < int(oldest):
        texts[0] = tr("{date} or before").format(date=texts[0])
    if known[-1] >= int(newest) + 1:
        texts[1] = tr("{date} or later").format(date=texts[1])
    shades = np.clip((days - oldest) / max(newest - oldest, 1e-9), 0, 1)
    undated = (LegendEntry(GREY, tr("No date")),) if len(known) < len(days) else ()
    return colors_along(shades), Legend(undated, SCALE, *texts)


def _date(day: float) -> QDate:
    found = date.fromordinal(int(day))
    return QDate(found.year, found.month, found.day)


def _folder_text(folder: str) -> str:
    return formatting.display_folder(f"{folder}/")
