"""The selection of the photo and cluster grids."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QObject, QPoint, Signal

from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.grid.tile_model import Role
from photosim.records import Cluster, Photo


class GridSelection(QObject):
    """Translates between tiles and records: what the user selects, opens or right-clicks, and what is selected."""

    photo_selected = Signal(Photo, bool)
    """The user made this photo the current one; True: with the keyboard."""

    photo_opened = Signal(object, int)
    """The user opened a photo: all photos of the grid in order, and its index among them."""

    photo_menu_requested = Signal(object, QPoint)
    """The user requested the context menu of these photos, at a global position."""

    cluster_opened = Signal(Cluster)
    cluster_menu_requested = Signal(QPoint)
    """The user requested the context menu of the selected clusters, at a global position."""

    def __init__(self, grid: PhotoGrid, cluster_grid: PhotoGrid) -> None:
        super().__init__(grid)
        self._grid, self._cluster_grid = grid, cluster_grid
        self._together: frozenset[int] = frozenset()
        grid.tile_selected.connect(self._on_photo_selected)
        grid.tile_opened.connect(self._on_photo_opened)
        grid.customContextMenuRequested.connect(self._on_photo_menu)
        cluster_grid.tile_selected.connect(self._on_cover_selected)
        cluster_grid.tile_opened.connect(self._on_cluster_opened)
        cluster_grid.customContextMenuRequested.connect(self._on_cluster_menu)

    def photos(self) -> list[Photo]:
        """The selected photos, in the order of the view."""
        photos = self._photo_model.photos
        return [photo for rows in self._grid.selected_ranges() for photo in photos[rows.start : rows.stop]]

    def clusters(self) -> list[Cluster]:
        """The selected clusters, in the order of the view."""
        return [self._cluster_model.cluster(row) for row in self._cluster_grid.selected_rows()]

    def covers(self) -> list[Photo]:
        """The covers of the selected clusters."""
        return [self._cluster_model.cover(row) for row in self._cluster_grid.selected_rows()]

    def select_together(self, file_ids: Iterable[int]) -> None:
        """Also select these photos in `show_query_photo`, as long as the query photo is one of them."""
        self._together = frozenset(file_ids)

    def show_query_photo(self, photo: Photo | None) -> None:
        """Select the photo that the query is about, if it is in the grid, or clear the selection."""
        row = None if photo is None else self._photo_model.row_of(photo.file_id)
        if row is None or self._grid.currentIndex().row() != row:
            self._grid.select_row(row)
        if photo is None or photo.file_id not in self._together:
            self._together = frozenset()
        elif row is not None:
            rows = (self._photo_model.row_of(file_id) for file_id in self._together)
            self._grid.add_to_selection(row for row in rows if row is not None)

    @property
    def _photo_model(self) -> PhotoModel:
        model = self._grid.model()
        assert isinstance(model, PhotoModel)
        return model

    @property
    def _cluster_model(self) -> ClusterModel:
        model = self._cluster_grid.model()
        assert isinstance(model, ClusterModel)
        return model

    def _on_photo_selected(self, index: QModelIndex, by_keyboard: bool) -> None:
        self._together = frozenset()
        self.photo_selected.emit(self._photo_model.photo(index.row()), by_keyboard)

    def _on_cover_selected(self, index: QModelIndex, by_keyboard: bool) -> None:
        self.photo_selected.emit(self._cluster_model.cover(index.row()), by_keyboard)

    def _on_photo_opened(self, index: QModelIndex) -> None:
        self.photo_opened.emit(tuple(self._photo_model.photos), index.row())

    def _on_cluster_opened(self, index: QModelIndex) -> None:
        self.cluster_opened.emit(self._cluster_model.cluster(index.row()))

    def _on_photo_menu(self, point: QPoint) -> None:
        if self._select_at(self._grid, point):
            self.photo_menu_requested.emit(self.photos(), self._grid.viewport().mapToGlobal(point))

    def _on_cluster_menu(self, point: QPoint) -> None:
        if self._select_at(self._cluster_grid, point):
            self.cluster_menu_requested.emit(self._cluster_grid.viewport().mapToGlobal(point))

    def _select_at(self, grid: PhotoGrid, point: QPoint) -> bool:
        """Make the photo at a point the current one; return whether there is one."""
        index = grid.indexAt(point)
        if index.isValid():
            self.photo_selected.emit(index.data(Role.PHOTO), False)
        return index.isValid()
