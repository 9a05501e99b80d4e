"""The tiles that a grid has made: of what is in sight and what is beside it, at the size they are shown at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from photosim.gui.base.images import TileStyle
from photosim.gui.grid.badges import RADIUS
from photosim.gui.grid.tile_model import TileModel

if TYPE_CHECKING:
    from photosim.gui.grid.tile_view import TileView

_SETTLE_MS = 120
"""Where the size changes again and again, tiles are made when it has not changed for this long."""


class TileRequester(QObject):
    """Asks for the tiles of one view, and has them painted when they come."""

    def __init__(self, tiles: TileModel) -> None:
        super().__init__()
        self.square = True
        """Whether tiles are cut square."""
        self.scrolling_up = False
        """Which way the person scrolls: what comes into sight next is made first."""
        self._model = tiles
        self._view: TileView | None = None
        self._rows: dict[int, list[int]] = {}
        self._request_timer = QTimer(self, interval=0, singleShot=True)
        self._request_timer.timeout.connect(self._request)
        self._restyle_timer = QTimer(self, interval=0, singleShot=True)
        self._restyle_timer.timeout.connect(self._restyle)
        self._resize_timer = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._resize_timer.timeout.connect(self._finish_resize)
        self._is_resizing = False
        tiles.thumbnails.loaded.connect(self._update_loaded)

    def set_view(self, view: TileView) -> None:
        """Ask for what this view shows."""
        self.setParent(view)
        self._view = view

    @property
    def is_resizing(self) -> bool:
        """Whether the size changes again and again: no tiles are asked for at the sizes that it goes through."""
        return self._is_resizing

    def schedule(self) -> None:
        """Ask soon for what is in sight now; what was asked for and is not is dropped."""
        self._request_timer.start()

    def schedule_restyle(self) -> None:
        """Ask soon for tiles of the size that they are shown at."""
        self._restyle_timer.start()

    def schedule_resize(self) -> None:
        """The same when the size changes for the first time; when it goes on changing, not before it rests."""
        if self._resize_timer.isActive():
            self._is_resizing = True
        else:
            self._restyle_timer.start()
        self._resize_timer.start()

    def cancel(self) -> None:
        """Ask for nothing any more."""
        self._model.thumbnails.request(self._view, (), self._model.style)

    # --- helpers -----------------------------------------------------------------------------------------

    def _finish_resize(self) -> None:
        if self._is_resizing:
            self._is_resizing = False
            self._restyle()

    def _restyle(self) -> None:
        if self._view is not None:
            ratio = self._view.devicePixelRatioF()
            edge = round(self._view.actual_tile_size * ratio)
            self._model.style = TileStyle(edge, self.square, round(RADIUS * ratio))
            self._request()

    def _request(self) -> None:
        if self._view is None or not self._view.isVisible():
            return
        rows, count = self._view.visible_rows(), self._model.rowCount()
        ahead = range(rows.stop, min(rows.stop + len(rows), count))
        behind = range(max(rows.start - len(rows), 0), rows.start)
        self._rows = {}
        middle = (rows.start + rows.stop) / 2
        for row in sorted(rows, key=lambda row: abs(row - middle)):  # there one looks first
            self._rows.setdefault(self._model.photo_id(row), []).append(row)
        following = (*reversed(behind), *ahead) if self.scrolling_up else (*ahead, *reversed(behind))
        beside = [self._model.photo_id(row) for row in following]
        self._model.thumbnails.request(self._view, self._rows, self._model.style, beside)

    def _update_loaded(self, photo_ids: set[int]) -> None:
        if self._view is not None:
            self._view.update_rows(
                row for photo_id in photo_ids & self._rows.keys() for row in self._rows[photo_id]
            )
