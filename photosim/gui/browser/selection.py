"""What the person does with the tiles in the centre: choosing them, opening them, asking for their menu."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPoint, Signal

from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.browser.marking import Marking
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.grid.tile_model import Role
from photosim.records import Cluster, Photo


class GridSelection(QObject):
    """Knows what is selected in the grids of photos and of clusters, and tells what is done there."""

    photo_selected = Signal(Photo, bool)
    """The person made this photo the current one; True: with the keyboard."""

    photo_opened = Signal(object, int)
    """The person wants to look at a photo: the photos in order, and its place among them."""

    photo_menu_requested = Signal(object, QPoint)
    """The person asked for the menu of these photos, at a point of the screen."""

    cluster_opened = Signal(Cluster)
    cluster_menu_requested = Signal(QPoint)
    """The person asked for the menu of the selected clusters, at a point of the screen."""

    def __init__(self, grid: PhotoGrid, cluster_grid: PhotoGrid, marking: Marking) -> None:
        super().__init__(grid)
        self._grid, self._cluster_grid, self._marking = grid, cluster_grid, marking
        grid.tile_selected.connect(self._select_photo)
        grid.tile_opened.connect(self._open_photo)
        grid.customContextMenuRequested.connect(self._request_photo_menu)
        cluster_grid.tile_selected.connect(self._select_cover)
        cluster_grid.tile_opened.connect(self._open_cluster)
        cluster_grid.customContextMenuRequested.connect(self._request_cluster_menu)

    def photos(self) -> list[Photo]:
        """The selected photos, in the order of the view."""
        photos = self._photos.photos
        return [photo for rows in self._grid.selected_ranges() for photo in photos[rows.start : rows.stop]]

    def clusters(self) -> list[Cluster]:
        """The selected clusters, in the order of the view."""
        return [self._clusters.cluster(row) for row in self._cluster_grid.selected_rows()]

    def covers(self) -> list[Photo]:
        """The covers of the selected clusters."""
        return [self._clusters.cover(row) for row in self._cluster_grid.selected_rows()]

    # --- helpers -----------------------------------------------------------------------------------------

    @property
    def _photos(self) -> PhotoModel:
        model = self._grid.model()
        assert isinstance(model, PhotoModel)
        return model

    @property
    def _clusters(self) -> ClusterModel:
        model = self._cluster_grid.model()
        assert isinstance(model, ClusterModel)
        return model

    def _select_photo(self, index: QModelIndex, by_keyboard: bool) -> None:
        self._marking.select_together(())
        self.photo_selected.emit(self._photos.photo(index.row()), by_keyboard)

    def _select_cover(self, index: QModelIndex, by_keyboard: bool) -> None:
        self.photo_selected.emit(self._clusters.cover(index.row()), by_keyboard)

    def _open_photo(self, index: QModelIndex) -> None:
        self.photo_opened.emit(tuple(self._photos.photos), index.row())

    def _open_cluster(self, index: QModelIndex) -> None:
        self.cluster_opened.emit(self._clusters.cluster(index.row()))

    def _request_photo_menu(self, point: QPoint) -> None:
        if self._select_at(self._grid, point):
            self.photo_menu_requested.emit(self.photos(), self._grid.viewport().mapToGlobal(point))

    def _request_cluster_menu(self, point: QPoint) -> None:
        if self._select_at(self._cluster_grid, point):
            self.cluster_menu_requested.emit(self._cluster_grid.viewport().mapToGlobal(point))

    def _select_at(self, grid: PhotoGrid, point: QPoint) -> bool:
        """Make the photo at a point the current one, if there is one."""
        index = grid.indexAt(point)
        if index.isValid():
            self.photo_selected.emit(index.data(Role.PHOTO), False)
        return index.isValid()
