"""Requesting the thumbnails of the visible tiles, and of those next to them, in the size they are shown in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, QTimer

from photosim.gui.base.images import TileStyle
from photosim.gui.grid.badges import RADIUS
from photosim.gui.grid.tile_model import TileModel
from photosim.gui.services.tiles.tile_queue import Key

if TYPE_CHECKING:
    from photosim.gui.grid.photo_grid import PhotoGrid

_SETTLE_MS = 120
"""While the size of tiles keeps changing, thumbnails are requested when it has not changed for this long."""


class TileRequester(QObject):
    """Requests the thumbnails of a view, and repaints their tiles when they are loaded."""

    def __init__(self, model: TileModel) -> None:
        super().__init__()
        self.scrolling_up = False
        """Whether the rows above the visible ones are requested before those below."""
        self._model = model
        self._view: PhotoGrid | None = None
        self._visible: dict[int, list[int]] = {}  # rows by photo id
        self._request_timer = QTimer(self, interval=0, singleShot=True)
        self._request_timer.timeout.connect(self._request)
        self._restyle_timer = QTimer(self, interval=0, singleShot=True)
        self._restyle_timer.timeout.connect(self._restyle)
        self._settle_timer = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settle_timer.timeout.connect(self._finish_resize)
        self._is_resizing = False
        model.thumbnails.loaded.connect(self._update_loaded)

    @property
    def is_resizing(self) -> bool:
        """Whether the size keeps changing, so that nothing is requested in the sizes in between."""
        return self._is_resizing

    def set_view(self, view: PhotoGrid) -> None:
        """Serve this view, which becomes the parent."""
        self.setParent(view)
        self._view = view

    def schedule(self) -> None:
        """Request what is visible by then, soon; earlier requests for anything else are dropped."""
        self._request_timer.start()

    def schedule_restyle(self) -> None:
        """Request thumbnails in the current size and shape, soon."""
        self._restyle_timer.start()

    def schedule_resize(self) -> None:
        """Request thumbnails in the current size: soon for a single change, when it settles for a series of them."""
        if self._settle_timer.isActive():
            self._is_resizing = True
        else:
            self._restyle_timer.start()
        self._settle_timer.start()

    def cancel(self) -> None:
        """Drop all requests of the view."""
        self._model.thumbnails.request(self._view, ())

    def _finish_resize(self) -> None:
        if self._is_resizing:
            self._is_resizing = False
            self._restyle()

    def _restyle(self) -> None:
        if self._view is not None:
            ratio = self._view.devicePixelRatioF()
            size = _device_size(self._view.actual_tile_size, self._view.actual_tile_size, ratio)
            self._model.style = TileStyle(*size, round(RADIUS * ratio))
            self._model.style_of_row = self._own_style if self._view.has_different_tiles else None
            self._request()

    def _own_style(self, row: int) -> TileStyle:
        assert self._view is not None
        ratio = self._view.devicePixelRatioF()
        return TileStyle(*_device_size(*self._view.size_of_tile(row), ratio), self._model.style.radius)

    def _request(self) -> None:
        if self._view is None or not self._view.isVisible():
            return
        if self._is_resizing and self._view.has_different_tiles:
            return
        rows, count = self._view.visible_rows(), self._model.rowCount()
        below = range(rows.stop, min(rows.stop + len(rows), count))
        above = range(rows.start - 1, max(rows.start - len(rows), 0) - 1, -1)
        center = (rows.start + rows.stop) / 2
        self._visible = {}
        visible_tiles: list[Key] = []
        for row in sorted(rows, key=lambda row: abs(row - center)):  # from the center outward
            tiles = self._model.tiles_of(row)
            visible_tiles += tiles
            for photo_id, _ in tiles:
                self._visible.setdefault(photo_id, []).append(row)
        adjacent = (*above, *below) if self.scrolling_up else (*below, *above)
        nearby_tiles = (key for row in adjacent for key in self._model.tiles_of(row))
        self._model.thumbnails.request(self._view, visible_tiles, nearby_tiles)
        if rows.stop + len(rows) >= count:
            self._view.end_neared.emit()

    def _update_loaded(self, photo_ids: set[int]) -> None:
        if self._view is not None:
            visible_ids = photo_ids & self._visible.keys()
            self._view.update_rows(row for photo_id in visible_ids for row in self._visible[photo_id])


def _device_size(width: int, height: int, ratio: float) -> tuple[int, int]:
    """A size in device pixels, rounded like that of the cells that the tiles are painted in."""
    size = QSize(width, height) * ratio
    return size.width(), size.height()
