"""The selection of the photo and cluster grids."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QObject, QPoint, QTimer, Signal

from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.grid.tile_model import Role
from photosim.records import Cluster, Photo


class GridSelection(QObject):
    """Translates between tiles and records: what the user selects, opens or right-clicks, and what is selected."""

    photo_selected = Signal(Photo)
    """The user made this photo the current one."""

    deselected = Signal()
    """The user selected no photo, or a cluster."""

    similar_requested = Signal(Photo)
    """The user wants to see what is similar to this photo."""

    changed = Signal()
    """Others are selected; not emitted while the user selects by dragging."""

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
        self._query_photo: Photo | None = None
        grid.tile_selected.connect(self._on_photo_selected)
        grid.deselected.connect(self.deselected)
        grid.similar_requested.connect(lambda index: self.similar_requested.emit(index.data(Role.PHOTO)))
        grid.tile_opened.connect(self._on_photo_opened)
        grid.customContextMenuRequested.connect(self._on_photo_menu)
        cluster_grid.tile_selected.connect(self.deselected)
        cluster_grid.tile_opened.connect(self._on_cluster_opened)
        cluster_grid.customContextMenuRequested.connect(self._on_cluster_menu)
        # Once for all changes of a turn: extending a selection makes many.
        self._timer = QTimer(self, interval=0, singleShot=True)
        self._timer.timeout.connect(self._report_change)
        for each in (grid, cluster_grid):
            each.selectionModel().selectionChanged.connect(self._schedule_report)
            each.model().modelReset.connect(self._schedule_report)  # clears the selection without a signal
            each.rubber_band_finished.connect(self._schedule_report)

    def photos(self, limit: int | None = None) -> list[Photo]:
        """The selected photos, or the first of them, in the order of the view."""
        photos, selected = self._photo_model.photos, list[Photo]()
        for rows in self._grid.selected_ranges():
            stop = rows.stop if limit is None else min(rows.stop, rows.start + limit - len(selected))
            part = photos[rows.start : stop]
            if selected:
                selected += part
            else:
                selected = part  # most often the only one: a million are not copied
        return selected

    def clusters(self) -> list[Cluster]:
        """The selected clusters, in the order of the view."""
        return [self._cluster_model.cluster(row) for row in self._cluster_grid.selected_rows()]

    def covers(self, limit: int) -> list[Photo]:
        """The covers of the first selected clusters."""
        return [self._cluster_model.cover(row) for row in self._cluster_grid.selected_rows()[:limit]]

    def count(self) -> int:
        """The number of selected photos."""
        return sum(map(len, self._grid.selected_ranges()))

    def select_together(self, file_ids: Iterable[int]) -> None:
        """Also select these photos in `show_query_photo`, as long as the query photo is one of them."""
        self._together = frozenset(file_ids)

    def show_query_photo(self, photo: Photo | None) -> None:
        """Select the photo that the query is about, if it is in the grid and not selected, or clear the selection."""
        self._query_photo = photo
        row = None if photo is None else self._photo_model.row_of(photo.file_id)
        if row is not None and not self._is_selected(row):
            self._grid.select_row(row)
        elif row is None and self._grid.selectionModel().hasSelection():
            self._grid.select_row(None)  # not without a selection, so that the keyboard keeps its place
        if photo is None or photo.file_id not in self._together:
            self._together = frozenset()
        elif row is not None:
            self._grid.add_to_selection(self._photo_model.photos.rows_of(self._together))

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

    def _on_photo_selected(self, index: QModelIndex) -> None:
        self._together = frozenset()
        if self._is_selected(index.row()):
            self.photo_selected.emit(self._photo_model.photo(index.row()))

    def _schedule_report(self, *_: object) -> None:
        self._timer.start()

    def _report_change(self) -> None:
        if self._grid.is_rubber_band_active or self._cluster_grid.is_rubber_band_active:
            return
        first, query_photo = self.photos(1), self._query_photo
        if query_photo is None or query_photo not in first:
            row = None if query_photo is None else self._photo_model.row_of(query_photo.file_id)
            if first and (row is None or not self._is_selected(row)):
                self.photo_selected.emit(first[0])  # several were selected at once
            elif not first and row is not None:
                self.deselected.emit()
        self.changed.emit()

    def _is_selected(self, row: int) -> bool:
        return self._grid.selectionModel().isSelected(self._grid.model().index(row, 0))

    def _on_photo_opened(self, index: QModelIndex) -> None:
        self.photo_opened.emit(self._photo_model.photos.copy(), index.row())

    def _on_cluster_opened(self, index: QModelIndex) -> None:
        self.cluster_opened.emit(self._cluster_model.cluster(index.row()))

    def _on_photo_menu(self, point: QPoint) -> None:
        index = self._grid.indexAt(point)
        if index.isValid():
            self.photo_selected.emit(self._photo_model.photo(index.row()))
            self.photo_menu_requested.emit(self.photos(), self._grid.viewport().mapToGlobal(point))

    def _on_cluster_menu(self, point: QPoint) -> None:
        if self._cluster_grid.indexAt(point).isValid():
            self.cluster_menu_requested.emit(self._cluster_grid.viewport().mapToGlobal(point))
