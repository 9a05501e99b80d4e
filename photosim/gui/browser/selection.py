"""What the person does with the tiles in the centre: choosing them, opening them, asking for their menu."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPoint, Signal

from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.browser.marking import Marking
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.grid.tile_model import Role
from photosim.records import Cluster, Photo


class Picking(QObject):
    """Knows what is selected in the grids of photos and of clusters, and tells what is done there."""

    photo_chosen = Signal(Photo, bool)
    """The person made this photo the current one; True: with the keyboard."""

    photo_opened = Signal(object, int)
    """The person wants to look at a photo: the photos in order, and its place among them."""

    photo_menu = Signal(object, QPoint)
    """The person asked for the menu of these photos, at a point of the screen."""

    cluster_opened = Signal(Cluster)
    cluster_menu = Signal(QPoint)
    """The person asked for the menu of the selected clusters, at a point of the screen."""

    def __init__(self, grid: PhotoGrid, cluster_grid: PhotoGrid, marking: Marking) -> None:
        super().__init__(grid)
        self._grid, self._cluster_grid, self._marking = grid, cluster_grid, marking
        grid.chosen.connect(self._choose)
        grid.opened.connect(self._open)
        grid.customContextMenuRequested.connect(self._ask_photo_menu)
        cluster_grid.chosen.connect(self._choose_cover)
        cluster_grid.opened.connect(self._open_cluster)
        cluster_grid.customContextMenuRequested.connect(self._ask_cluster_menu)

    def photos(self) -> list[Photo]:
        """The selected photos, in the order of the view."""
        photos = self._photos.photos
        return [photo for rows in self._grid.chosen_ranges() for photo in photos[rows.start : rows.stop]]

    def clusters(self) -> list[Cluster]:
        """The selected clusters, in the order of the view."""
        return [self._clusters.cluster(row) for row in self._cluster_grid.chosen_rows()]

    def covers(self) -> list[Photo]:
        """The covers of the selected clusters."""
        return [self._clusters.cover(row) for row in self._cluster_grid.chosen_rows()]

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

    def _choose(self, index: QModelIndex, by_keyboard: bool) -> None:
        self._marking.want(())
        self.photo_chosen.emit(self._photos.photo(index.row()), by_keyboard)

    def _choose_cover(self, index: QModelIndex, by_keyboard: bool) -> None:
        self.photo_chosen.emit(self._clusters.cover(index.row()), by_keyboard)

    def _open(self, index: QModelIndex) -> None:
        self.photo_opened.emit(tuple(self._photos.photos), index.row())

    def _open_cluster(self, index: QModelIndex) -> None:
        self.cluster_opened.emit(self._clusters.cluster(index.row()))

    def _ask_photo_menu(self, point: QPoint) -> None:
        if self._point_at(self._grid, point):
            self.photo_menu.emit(self.photos(), self._grid.viewport().mapToGlobal(point))

    def _ask_cluster_menu(self, point: QPoint) -> None:
        if self._point_at(self._cluster_grid, point):
            self.cluster_menu.emit(self._cluster_grid.viewport().mapToGlobal(point))

    def _point_at(self, grid: PhotoGrid, point: QPoint) -> bool:
        """Make the photo at a point the current one, if there is one."""
        index = grid.indexAt(point)
        if index.isValid():
            self.photo_chosen.emit(index.data(Role.PHOTO), False)
        return index.isValid()
