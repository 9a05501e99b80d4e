"""The grid of small tiles in the details panel."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Signal
from PySide6.QtWidgets import QWidget

from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.state.photo_rows import PhotoRows
from photosim.records import Photo

MARGIN = 14  # logical pixels beside whatever is in the panel

_TILE_EDGE = 104  # logical pixels of a tile: three in a line at the panel's usual width
_MIN_HEIGHT = 48  # logical pixels of the grid in a low window


class PanelGrid(PhotoGrid):
    """Reports what the user does as photos; the arrow keys only move, a click or Enter chooses."""

    photo_chosen = Signal(Photo)
    """The user clicked a photo or pressed Enter on it."""

    photo_similar_requested = Signal(Photo)
    """The user wants to see what is similar to a photo."""

    photo_opened = Signal(object, int)
    """Open a photo in the viewer: the photos in order, and its index."""

    menu_requested = Signal(object, QPoint)
    """Show the context menu of these photos at a global position."""

    def __init__(self, model: PhotoModel, name: str, parent: QWidget) -> None:
        super().__init__(model, parent, margin=MARGIN)
        self._photo_model = model
        self._clicked: tuple[PhotoRows, int] | None = None
        self.enter_opens = False
        self.set_tile_size(_TILE_EDGE)
        self.setMinimumHeight(_MIN_HEIGHT)
        self.setAccessibleName(name)
        self.show_tile_actions()
        self.tile_selected.connect(self._choose_clicked)
        self.enter_pressed.connect(self._choose)
        self.tile_opened.connect(lambda index: self.photo_opened.emit(model.photos.copy(), index.row()))
        self.stale_double_click.connect(self._open_clicked)
        self.similar_requested.connect(
            lambda index: self.photo_similar_requested.emit(model.photo(index.row()))
        )
        self.customContextMenuRequested.connect(self._request_menu)

    def selected_photos(self) -> list[Photo]:
        """The selected photos, in the order of the grid."""
        return [self._photo_model.photo(row) for row in self.selected_rows()]

    def _choose_clicked(self, index: QModelIndex, by_keyboard: bool) -> None:
        # Arrow keys must not replace the list they move in.
        if not by_keyboard:
            self._choose(index)

    def _choose(self, index: QModelIndex) -> None:
        self._clicked = (self._photo_model.photos.copy(), index.row())
        self.photo_chosen.emit(self._photo_model.photo(index.row()))

    def _open_clicked(self) -> None:
        """Open the photo of a double click, whose first click has already replaced the list."""
        if self._clicked is not None:
            self.photo_opened.emit(*self._clicked)

    def _request_menu(self, point: QPoint) -> None:
        index = self.indexAt(point)
        if index.isValid():
            photos = [self._photo_model.photo(index.row())]
            self.menu_requested.emit(photos, self.viewport().mapToGlobal(point))
