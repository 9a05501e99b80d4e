"""The clusters of the library as a Qt model: each is shown by its medoid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.grid.tile_model import COMMON_ROLES, Caption, Index, Role, TileContent, TileModel
from photosim.gui.services.thumbnails import ThumbnailLoader
from photosim.records import Cluster, Photo

_CAPTION = int(Role.CAPTION)


class ClusterModel(TileModel):
    """One row for each cluster, with the photo that is its cover."""

    _rows: Sequence[tuple[Cluster, Photo]] = ()
    _fitting: Mapping[int, int] = {}

    def __init__(self, thumbnails: ThumbnailLoader, parent: QObject | None = None) -> None:
        super().__init__(thumbnails, parent)
        self._captions: dict[int, Caption] = {}  # painted often, and long in the making

    def set_clusters(
        self, rows: Sequence[tuple[Cluster, Photo]], fitting: Mapping[int, int] | None = None
    ) -> bool:
        """Show other clusters; the same ones leave the grid as it is. Returns whether they are others.

        `fitting` says how many photos of a cluster fit the filter, by the cluster's id; without it all do.
        """
        if list(rows) == list(self._rows) and (fitting or {}) == self._fitting:
            return False
        self.beginResetModel()
        self._rows, self._fitting = rows, fitting or {}
        self._captions.clear()
        self.endResetModel()
        return True

    def rename(self, cluster: Cluster, name: str | None) -> None:
        """Show another name already while it is being written down."""
        rows = list(self._rows)
        for row, (one, cover) in enumerate(rows):
            if one == cluster:
                rows[row] = replace(one, name=name), cover
                self._rows = rows
                self._captions.pop(cluster.id, None)
                self.dataChanged.emit(self.index(row), self.index(row))
                return

    def tile_contents(self, rows: Iterable[int]) -> list[TileContent]:
        """What the covers show."""
        return self.photo_contents([self._rows[row][1] for row in rows], formatting.cover_badge)

    def cluster(self, row: int) -> Cluster:
        """The cluster in a row."""
        return self._rows[row][0]

    def cover(self, row: int) -> Photo:
        """The medoid of the cluster in a row."""
        return self._rows[row][1]

    def photo_id(self, row: int) -> int:
        """The content of the cover."""
        return self._rows[row][1].photo_id

    def file_paths(self, row: int) -> tuple[str, ...]:
        """The files of all photos of a cluster."""
        return tuple(path for path in self._rows[row][0].paths if path)

    def row_of(self, file_id: int) -> int | None:
        """The row of the cluster whose cover this is, or else of the one that holds this photo file."""
        for row, (cluster, _) in enumerate(self._rows):
            if cluster.medoid_id == file_id:
                return row
        return next((row for row, (one, _) in enumerate(self._rows) if file_id in one.file_ids), None)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A cluster can be renamed."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() else flags

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """How many clusters there are."""
        return 0 if parent.isValid() else len(self._rows)

    def value(self, row: int, role: int) -> Any:
        """The value of a role of one cluster."""
        if role in COMMON_ROLES:
            return super().value(row, role)
        cluster, cover = self._rows[row]
        fitting = self._fitting.get(cluster.id)
        if role == Qt.ItemDataRole.DisplayRole:
            return formatting.describe_cluster(cluster, fitting)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            told = f"{formatting.describe_cluster(cluster, fitting)}, {formatting.display_name(cover.path)}"
            return tr("{name}, offline").format(name=told) if self.is_offline(cover) else told
        if role == _CAPTION:
            return self._caption(cluster, fitting)
        if role == Role.PHOTO_COUNT:
            return cluster.size if fitting is None else fitting
        if role == Role.CLUSTER:
            return cluster
        if role == Qt.ItemDataRole.ToolTipRole:
            return formatting.plain_tooltip(
                formatting.describe_cluster(cluster, fitting), formatting.display_path(cover.path)
            )
        return self._of_cover(cover, role)

    def _of_cover(self, cover: Photo, role: int) -> Any:
        if role == Role.BADGE:
            return formatting.cover_badge(cover)
        if role == Role.MISSING:
            return cover.missing
        if role == Role.OFFLINE:
            return self.is_offline(cover)
        if role == Role.PHOTO:
            return cover
        if role == Role.FILE_ID:
            return cover.file_id
        return cover.path if role == Role.PATH else None

    def _caption(self, cluster: Cluster, fitting: int | None) -> Caption:
        """The name with the number of photos, or how many there are for a name."""
        made = self._captions.get(cluster.id)
        if made is None:
            if cluster.title is None:
                made = Caption(formatting.describe_cluster(cluster, fitting))
            else:
                there = cluster.size if fitting is None else fitting
                made = Caption(
                    cluster.title, formatting.count_of_total(there, cluster.size, formatting.format_number)
                )
            self._captions[cluster.id] = made
        return made
