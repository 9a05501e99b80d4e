"""The tiles that a grid has made: of what is in sight and what is beside it, at the size they are shown at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from photosim.gui.base.images import TileStyle
from photosim.gui.grid.badges import RADIUS
from photosim.gui.grid.tile_model import TileModel

if TYPE_CHECKING:
    from photosim.gui.grid.tile_view import TileView

_REST_MS = 120
"""Where the size changes again and again, tiles are made when it has not changed for this long."""


class TileRequester(QObject):
    """Asks for the tiles of one view, and has them painted when they come."""

    def __init__(self, tiles: TileModel) -> None:
        super().__init__()
        self.square = True
        """Whether tiles are cut square."""
        self.upwards = False
        """Which way the person scrolls: what comes into sight next is made first."""
        self._tiles = tiles
        self._view: TileView | None = None
        self._rows: dict[int, list[int]] = {}
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._ask)
        self._look_soon = QTimer(self, interval=0, singleShot=True)
        self._look_soon.timeout.connect(self._take_look)
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self._rest.timeout.connect(self._come_to_rest)
        self._changes = False
        tiles.thumbnails.loaded.connect(self._show)

    def serve(self, view: TileView) -> None:
        """Ask for what this view shows."""
        self.setParent(view)
        self._view = view

    @property
    def changes(self) -> bool:
        """Whether the size changes again and again: no tiles are asked for at the sizes that it goes through."""
        return self._changes

    def ask(self) -> None:
        """Ask soon for what is in sight now; what was asked for and is not is dropped."""
        self._soon.start()

    def ask_anew(self) -> None:
        """Ask soon for tiles of the size that they are shown at."""
        self._look_soon.start()

    def ask_at_rest(self) -> None:
        """The same when the size changes for the first time; when it goes on changing, not before it rests."""
        if self._rest.isActive():
            self._changes = True
        else:
            self._look_soon.start()
        self._rest.start()

    def drop(self) -> None:
        """Ask for nothing any more."""
        self._tiles.thumbnails.request(self._view, (), self._tiles.look)

    # --- helpers -----------------------------------------------------------------------------------------

    def _come_to_rest(self) -> None:
        if self._changes:
            self._changes = False
            self._take_look()

    def _take_look(self) -> None:
        if self._view is not None:
            ratio = self._view.devicePixelRatioF()
            edge = round(self._view.edge_shown * ratio)
            self._tiles.look = TileStyle(edge, self.square, round(RADIUS * ratio))
            self._ask()

    def _ask(self) -> None:
        if self._view is None or not self._view.isVisible():
            return
        rows, count = self._view.visible_rows(), self._tiles.rowCount()
        ahead = range(rows.stop, min(rows.stop + len(rows), count))
        behind = range(max(rows.start - len(rows), 0), rows.start)
        self._rows = {}
        middle = (rows.start + rows.stop) / 2
        for row in sorted(rows, key=lambda row: abs(row - middle)):  # there one looks first
            self._rows.setdefault(self._tiles.photo_id(row), []).append(row)
        following = (*reversed(behind), *ahead) if self.upwards else (*ahead, *reversed(behind))
        beside = [self._tiles.photo_id(row) for row in following]
        self._tiles.thumbnails.request(self._view, self._rows, self._tiles.look, beside)

    def _show(self, photo_ids: set[int]) -> None:
        if self._view is not None:
            self._view.paint_again(
                row for photo_id in photo_ids & self._rows.keys() for row in self._rows[photo_id]
            )
