"""What of the map is shown: its part, the photos with a thumbnail, and the one that is selected."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.map.camera import Camera
from photosim.gui.map.data import MapCluster, MapData, Rect, Rows
from photosim.gui.map.tiles import DensityTiles

COVERS_FROM, PHOTOS_FROM, NAMES_UP_TO = 1.25, 3.0, 8.0
"""Zoom from which the covers of clusters are shown, and all photos that there is room for; up to which names are."""

FEW_PHOTOS = 2000
"""With fewer photos, covers are always shown, and photos from COVERS_FROM on."""

VERY_FEW_PHOTOS = 100
"""With fewer photos, all that there is room for are always shown: covers alone would leave out most of them."""

MIN_CELL = 72
"""Least edge of the square of a thumbnail, logical pixels; the largest is twice that."""

OVERVIEW = 132
"""Edge of the overview, logical pixels."""

_MAX_LEVEL = 24
_NAMED = 300
"""Clusters whose names are tried to be shown, the largest ones."""

_CLICK_DISTANCE = 14
"""How far from a point a click may be, pixels."""

Bools = npt.NDArray[np.bool_]


class MapScene(QObject):
    """The map and how it is looked at; knows photos by their rows in the data."""

    changed = Signal()

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.data = MapData.empty()
        self.matching: Bools | None = None
        """Which photos match the filter, None for all; the others are dimmed."""

        self.tiles = DensityTiles(jobs, self)
        self.tiles.loaded.connect(self.changed)
        self.camera = Camera.fit(QSizeF(1, 1), self.data.bounds)
        self.selected: int | None = None
        self.neighbours: Rows = np.empty(0, np.intp)
        self._faint = (210, 210, 210)
        self._shown: dict[int, Rows] = {}  # rows with room for a thumbnail, by level
        self._level_jobs: dict[int, int] = {}

    def show_data(self, data: MapData, matching: Bools | None) -> None:
        """Show a map; the part that is shown stays as far as it can."""
        same_places = len(data) == len(self.data) and np.array_equal(data.file_ids, self.data.file_ids)
        selected = None if self.selected is None else int(self.data.file_ids[self.selected])
        old, was_empty = self.camera, not len(self.data)
        fitted = Camera.fit(old.size, data.bounds)
        if was_empty or old.is_fitted:
            self.camera = fitted
        else:
            self.camera = fitted.zoomed(old.scale / fitted.scale).centered(old.x, old.y)
        self.data = data
        for job in self._level_jobs.values():
            self._jobs.cancel(job)
        self._shown, self._level_jobs = {}, {}
        self.selected = None if selected is None else data.row_of(selected)
        self.neighbours = np.empty(0, np.intp)
        self.matching = matching
        self._update_tiles(keep=same_places)

    def set_matching(self, matching: Bools | None) -> None:
        """Dim the photos that do not match, or none."""
        if matching is not None or self.matching is not None:
            self.matching = matching
            self._update_tiles(keep=True)

    def set_faint(self, color: tuple[int, int, int]) -> None:
        """Set the color of photos that do not match."""
        if color != self._faint:
            self._faint = color
            self._update_tiles(keep=True)

    def set_selected(self, row: int | None, *, reveal: bool = False) -> None:
        """Mark a photo; with `reveal`, move the map so that it is shown."""
        if row != self.selected:
            self.selected, self.neighbours = row, np.empty(0, np.intp)
        if row is not None and reveal:
            x, y = self.data.xy[row].tolist()
            self.camera = self.camera.showing(x, y, MIN_CELL)
        self.changed.emit()

    def set_neighbours(self, rows: Rows) -> None:
        """Draw lines from the selected photo to these."""
        self.neighbours = rows
        self.changed.emit()

    def set_camera(self, camera: Camera) -> None:
        """Show another part."""
        if camera != self.camera:
            self.camera = camera
            self.changed.emit()

    def resize(self, size: QSizeF) -> None:
        """Show the map in a view of another size, in which the selected photo stays, as when the panel opens beside it."""
        camera = self.camera.resized(size)
        if self.selected is not None and not camera.is_fitted:
            before = self.point(self.selected)
            if QRectF(0, 0, self.camera.size.width(), self.camera.size.height()).contains(before):
                x, y = self.data.xy[self.selected].tolist()
                camera = camera.showing(x, y, MIN_CELL)
        self.set_camera(camera)

    def thumbnail_rows(self) -> Rows:
        """Return the rows of the photos that are shown as thumbnails, the largest squares that do not overlap."""
        zoom = self.camera.zoom * (COVERS_FROM if len(self.data) < FEW_PHOTOS else 1)
        if zoom < COVERS_FROM:
            return np.empty(0, np.intp)
        level = self.level()
        rows = self._shown.get(level)
        if rows is None:
            self._load_level(level, Priority.HIGH)
            return np.empty(0, np.intp)
        for other in (level + 1, level - 1):  # which zooming may need next
            if 0 <= other <= _MAX_LEVEL and other not in self._shown:
                self._load_level(other, Priority.LOW)
        margin = 2.0**-level
        left, top, right, bottom = self.camera.visible
        x, y = self.data.xy[rows].T
        inside = (x > left - margin) & (x < right + margin) & (y > top - margin) & (y < bottom + margin)
        if len(self.data) >= VERY_FEW_PHOTOS and zoom < (
            PHOTOS_FROM if len(self.data) >= FEW_PHOTOS else COVERS_FROM**2
        ):
            inside &= self.data.rank[rows] < len(self.data.named)
        shown: Rows = rows[inside]
        return shown

    def named(self) -> list[MapCluster]:
        """Return the largest clusters with a title whose covers are shown, the largest first."""
        rows = self.data.named_rows
        left, top, right, bottom = self.camera.visible
        x, y = self.data.xy[rows].T
        inside = (x > left) & (x < right) & (y > top) & (y < bottom) & self.data.has_title
        return [self.data.named[number] for number in np.flatnonzero(inside)[:_NAMED].tolist()]

    def row_at(self, point: QPointF) -> int | None:
        """Return the row of the photo at a point: of the thumbnail there, or the nearest point."""
        for row in self.thumbnail_rows().tolist():
            if self.square(row).contains(point):
                return int(row)
        return self.data.nearest(*self.camera.to_map(point), _CLICK_DISTANCE / self.camera.scale)

    def row_towards(self, dx: int, dy: int) -> int | None:
        """Return the next photo in a direction from the selected one, among thumbnails, covers where there are none."""
        rows = self.thumbnail_rows()
        if not len(rows):
            rows = self.data.named_rows
        if not len(rows):
            rows = np.arange(len(self.data))
        if not len(rows):
            return None
        if self.selected is None:
            distance = np.abs(self.data.xy[rows] - (self.camera.x, self.camera.y)).sum(axis=1)
        else:
            offset = self.data.xy[rows] - self.data.xy[self.selected]
            along = offset[:, 0] * dx + offset[:, 1] * dy
            across = np.abs(offset[:, 0] * dy) + np.abs(offset[:, 1] * dx)
            distance = np.where(along > 0, along + 2 * across, np.inf)
        return int(rows[distance.argmin()]) if np.isfinite(distance.min()) else None

    def point(self, row: int) -> QPointF:
        """Return where a photo is shown."""
        return self.camera.to_view(*self.data.xy[row].tolist())

    def square(self, row: int) -> QRectF:
        """Return where the thumbnail of a photo is shown."""
        edge, point = self.edge(), self.point(row)
        return QRectF(point.x() - edge / 2, point.y() - edge / 2, edge, edge)

    def edge(self) -> float:
        """Return the edge of thumbnails, logical pixels."""
        return float(min(self.camera.scale * 2.0 ** -self.level(), 2.5 * MIN_CELL) * 0.9)

    def level(self) -> int:
        """Return the level whose squares have an edge of MIN_CELL to twice that."""
        return min(max(int(np.floor(np.log2(max(self.camera.scale / MIN_CELL, 1)))), 0), _MAX_LEVEL)

    def to_view(self, rect: Rect) -> QRectF:
        """Return where a rectangle of the map is shown."""
        return QRectF(self.camera.to_view(rect.left, rect.top), self.camera.to_view(rect.right, rect.bottom))

    def overview_area(self) -> QRectF | None:
        """Return where the overview is; None where the whole map is shown, or too little room."""
        size = self.camera.size
        if self.camera.zoom < COVERS_FROM or min(size.width(), size.height()) < 2 * OVERVIEW:
            return None
        return QRectF(size.width() - OVERVIEW - 10, size.height() - OVERVIEW - 10, OVERVIEW, OVERVIEW)

    def move_by_overview(self, point: QPointF) -> None:
        """Show the part of the map around a point of the overview."""
        area = self.overview_area()
        if area is not None:
            x, y = (point.x() - area.left()) / OVERVIEW, (point.y() - area.top()) / OVERVIEW
            self.set_camera(self.camera.centered(x, y))

    def _update_tiles(self, *, keep: bool) -> None:
        self.tiles.set_data(self.data, self.matching, self._faint, keep=keep)
        self.changed.emit()

    def _load_level(self, level: int, priority: Priority) -> None:
        if level not in self._level_jobs:
            work = partial(_rows_with_room, self.data, level)
            self._level_jobs[level] = self._jobs.start(work, partial(self._store_level, level), priority)

    def _store_level(self, level: int, rows: Rows | None, _: Exception | None) -> None:
        self._level_jobs.pop(level, None)
        if rows is not None:
            self._shown[level] = rows
            self.changed.emit()


def _rows_with_room(data: MapData, level: int, cancel: CancelToken) -> Rows:
    cancel.check()
    return data.with_room(level)
