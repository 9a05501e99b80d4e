"""The model of a grid of clusters or events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt

from photosim.gui.base import formatting
from photosim.gui.base.images import TileStyle
from photosim.gui.base.translation import tr
from photosim.gui.browser.mosaic import mosaic
from photosim.gui.grid.tile_model import COMMON_ROLES, Caption, Index, Role, TileContent, TileModel
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.services.tiles.tile_queue import Key
from photosim.gui.state.sections import Sections
from photosim.gui.state.text.events import describe, event_days, year_sections
from photosim.records import Cluster, Photo
from photosim.store.rows import LazyPhoto

_CAPTION, _COVER = int(Role.CAPTION), int(Role.COVER)


class ClusterModel(TileModel):
    """A row for each cluster or event, shown by its cover; events are listed by year."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QObject | None = None) -> None:
        super().__init__(thumbnails, parent)
        self._rows: Sequence[tuple[Cluster, LazyPhoto]] = ()
        self._matching_counts: Mapping[int, int] = {}
        self._sections = Sections()
        self._captions: dict[int, Caption] = {}  # by cluster id; cached, as each frame needs them

    def set_clusters(
        self, rows: Sequence[tuple[Cluster, LazyPhoto]], matching_counts: Mapping[int, int] | None = None
    ) -> bool:
        """Show clusters with their covers; return whether they differ from those that were shown.

        `matching_counts` are the numbers of photos that match the filter by cluster id; None without a filter.
        """
        if self._is_showing(rows) and (matching_counts or {}) == self._matching_counts:
            return False
        self.beginResetModel()
        self._rows, self._matching_counts = rows, matching_counts or {}
        self._sections = Sections(year_sections([cluster for cluster, _ in rows]))
        self._captions.clear()
        self.endResetModel()
        return True

    def _is_showing(self, rows: Sequence[tuple[Cluster, LazyPhoto]]) -> bool:
        if len(rows) != len(self._rows):
            return False
        # Two levels may begin with the same large clusters: their photos are compared only if all else is the same.
        pairs = zip(rows, self._rows, strict=True)
        is_alike = all(one.size == other.size and one.title == other.title for (one, _), (other, _) in pairs)
        return is_alike and list(rows) == list(self._rows)

    @property
    def sections(self) -> Sections:
        return self._sections

    def rename(self, cluster: Cluster, name: str | None) -> None:
        """Show a new name before it is stored."""
        rows = list(self._rows)
        for row, (shown_cluster, cover) in enumerate(rows):
            if shown_cluster == cluster:
                rows[row] = replace(cluster, name=name), cover
                self._rows = rows
                self._captions.pop(cluster.id, None)
                self.dataChanged.emit(self.index(row), self.index(row))
                return

    def cluster(self, row: int) -> Cluster:
        """The cluster in a row."""
        return self._rows[row][0]

    def cover(self, row: int) -> Photo:
        """The cover of the cluster in a row."""
        return self._rows[row][1].photo

    def photo_id(self, row: int) -> int:
        return self._rows[row][1].photo_id

    def tiles_of(self, row: int) -> Sequence[Key]:
        photo_ids = self._cover_ids(row)
        return tuple(zip(photo_ids, _styles(self.style, len(photo_ids)), strict=True))

    def file_paths(self, row: int) -> tuple[str, ...]:
        """The paths of all photos of the cluster."""
        return tuple(path for path in self._rows[row][0].paths if path)

    def row_of(self, file_id: int) -> int | None:
        """The row of the cluster whose cover this is, or else of the cluster that contains this photo."""
        for row, (cluster, _) in enumerate(self._rows):
            if cluster.medoid_id == file_id:
                return row
        return next((row for row, (cluster, _) in enumerate(self._rows) if file_id in cluster.file_ids), None)

    def tile_contents(self, rows: Iterable[int]) -> list[TileContent]:
        rows = list(rows)
        return self.photo_contents(self.styles_of(rows), map(self.cover, rows), formatting.cover_badge)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() else flags

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def value(self, row: int, role: int) -> Any:
        if role in COMMON_ROLES:
            return super().value(row, role)
        cluster, cover = self.cluster(row), self.cover(row)
        matching = self._matching_counts.get(cluster.id)
        if role == Qt.ItemDataRole.DisplayRole:
            return describe(cluster, matching)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._accessible_text(cluster, cover, matching)
        if role == _COVER:
            return self._cover(row)
        if role == _CAPTION:
            return self._caption(cluster, matching)
        if role == Role.PHOTO_COUNT:
            return cluster.size if matching is None else matching
        if role == Role.CLUSTER:
            return cluster
        if role == Qt.ItemDataRole.ToolTipRole:
            return formatting.plain_tooltip(describe(cluster, matching), formatting.display_path(cover.path))
        return self._cover_value(cover, role)

    def _cover_value(self, cover: Photo, role: int) -> Any:
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
        return None

    def _cover_ids(self, row: int) -> tuple[int, ...]:
        """The photos of the cover; only one while a filter leaves some photos of the cluster out."""
        cluster, cover = self._rows[row]
        is_whole = self._matching_counts.get(cluster.id, cluster.size) == cluster.size
        return cluster.cover_ids if is_whole and cluster.cover_ids else (cover.photo_id,)

    def _cover(self, row: int) -> list[TileContent]:
        """The thumbnail of each photo of the cover."""
        thumbnails = self.thumbnails
        return [
            TileContent(thumbnails.pixmap(photo_id, style), thumbnails.is_missing(photo_id))
            for photo_id, style in self.tiles_of(row)
        ]

    def _accessible_text(self, cluster: Cluster, cover: Photo, matching: int | None) -> str:
        text = f"{describe(cluster, matching)}, {formatting.display_name(cover.path)}"
        return tr("{name}, offline").format(name=text) if self.is_offline(cover) else text

    def _caption(self, cluster: Cluster, matching: int | None) -> Caption:
        """The title and the count, or only the count of a cluster without a title."""
        caption = self._captions.get(cluster.id)
        if caption is None:
            title = formatting.cluster_title(cluster)
            if title is None:
                caption = Caption(formatting.describe_cluster(cluster, matching))
            else:
                count = cluster.size if matching is None else matching
                count_text = formatting.count_of_total(count, cluster.size, formatting.format_number)
                caption = Caption(title, count_text, event_days(cluster))
            self._captions[cluster.id] = caption
        return caption


@lru_cache(maxsize=16)
def _styles(style: TileStyle, photos: int) -> tuple[TileStyle, ...]:
    """The styles of the photos of a cover in this style."""
    radius = style.radius if photos == 1 else style.radius // 2
    parts = mosaic(photos, style.width, style.height)
    return tuple(TileStyle(width, height, radius) for _, _, width, height in parts)
