"""The base of all models of tiles, and the roles of a tile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from enum import IntEnum
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPixmap

from photosim.files.fspaths import with_separator
from photosim.gui.base.boxes import Box
from photosim.gui.base.images import TileStyle
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.services.tiles.tile_queue import Key
from photosim.gui.state.sections import Sections
from photosim.records import Photo

Index = QModelIndex | QPersistentModelIndex

DEFAULT_STYLE = TileStyle.square(160)


class Role(IntEnum):
    """The roles of a tile, in addition to Qt's own."""

    PHOTO_ID = Qt.ItemDataRole.UserRole + 1
    THUMBNAIL = Qt.ItemDataRole.UserRole + 2
    """A QPixmap, or None while it is loading."""
    NO_THUMBNAIL = Qt.ItemDataRole.UserRole + 3
    """Whether there is no thumbnail to wait for."""
    FILE_ID = Qt.ItemDataRole.UserRole + 4
    PHOTO = Qt.ItemDataRole.UserRole + 5
    SIMILARITY = Qt.ItemDataRole.UserRole + 6
    """The cosine similarity to the query, or None."""
    PHOTO_COUNT = Qt.ItemDataRole.UserRole + 7
    """The number of photos in a cluster."""
    CLUSTER = Qt.ItemDataRole.UserRole + 8
    MISSING = Qt.ItemDataRole.UserRole + 9
    """Whether the photo's file is missing; its thumbnail still exists."""
    BADGE = Qt.ItemDataRole.UserRole + 10
    """A short text for the corner of the tile, such as "RAW", or an empty one."""
    OFFLINE = Qt.ItemDataRole.UserRole + 11
    """Whether the photo's folder is offline."""
    CAPTION = Qt.ItemDataRole.UserRole + 12
    """The Caption below the cover of a cluster."""
    COVER = Qt.ItemDataRole.UserRole + 13
    """A TileContent for each photo of the cover of a cluster."""
    STACK = Qt.ItemDataRole.UserRole + 14
    """The number of photos that the tile stands for; 0 where it is only its own."""
    BOX = Qt.ItemDataRole.UserRole + 15
    """The Box in the tile of the object that was found in the photo, or None."""


_THUMBNAIL = int(Role.THUMBNAIL)

COMMON_ROLES = frozenset({_THUMBNAIL, int(Role.PHOTO_ID), int(Role.NO_THUMBNAIL)})
"""Roles whose values `TileModel.value` returns for all models."""

_FLAGS = (
    Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
    | Qt.ItemFlag.ItemIsDragEnabled
)
"""Combined once: Qt asks for the flags of each tile that it looks up in a selection."""


class TileContent(NamedTuple):
    """What a tile shows in any state."""

    pixmap: QPixmap | None
    no_thumbnail: bool = False
    badge: str = ""
    missing: bool = False
    offline: bool = False
    stack: int = 0
    """The number of photos that the tile stands for; 0 where it is only its own."""
    box: Box | None = None
    """The object that was found in the photo, in fractions of the tile."""


class Caption(NamedTuple):
    """A name, a number shown beside it where there is one, and a detail below where there is room for one."""

    name: str
    count_text: str = ""
    detail: str = ""


class TileModel(QAbstractListModel):
    """A list of tiles."""

    batch_finished = Signal()
    """A series of insertions and removals, during which `in_batch` was set, has ended."""

    aspects_changed = Signal()
    """The proportions of photos that are shown already have changed."""

    sections_changed = Signal()
    """The tiles are the same, under other headings."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = thumbnails
        self.style = DEFAULT_STYLE
        """The size and shape of square tiles, set by the view."""
        self.style_of_row: Callable[[int], TileStyle] | None = None
        """The size of each tile where they differ, set by the view."""
        self.in_batch = False
        """Whether more rows will be inserted or removed before `batch_finished`."""
        self._offline_prefixes: tuple[str, ...] = ()

    @property
    def aspects(self) -> npt.NDArray[np.float32] | None:
        """The proportions of the photos, width / height (N,); None where all tiles are square."""
        return None

    @property
    def is_in_columns(self) -> bool:
        """Whether each section is a column, see `ColumnLayout`."""
        return False

    @property
    def sections(self) -> Sections:
        """The sections of the grid; empty where there are no headings."""
        return Sections()

    def photo_id(self, row: int) -> int:
        """The id of the photo whose thumbnail is shown in a row."""
        raise NotImplementedError

    def file_paths(self, row: int) -> tuple[str, ...]:
        """The paths of the files that a tile represents."""
        raise NotImplementedError

    def row_of(self, file_id: int) -> int | None:
        """The row of a photo file, or None."""
        raise NotImplementedError

    def tiles_of(self, row: int) -> Sequence[Key]:
        """The thumbnails that are shown in a row, the photo of `photo_id` first."""
        return ((self.photo_id(row), self.style_of(row)),)

    def style_of(self, row: int) -> TileStyle:
        """The size and shape of the thumbnail in a row."""
        return self.style if self.style_of_row is None else self.style_of_row(row)

    def styles_of(self, rows: Iterable[int]) -> Iterable[TileStyle]:
        """The sizes and shapes of the thumbnails in many rows; may have no end where all are the same."""
        return repeat(self.style) if self.style_of_row is None else map(self.style_of_row, rows)

    def set_offline_folders(self, folders: Collection[str]) -> None:
        """Mark the tiles of photos in these folders as offline."""
        self._offline_prefixes = tuple(map(with_separator, folders))
        if rows := self.rowCount():
            self.dataChanged.emit(self.index(0), self.index(rows - 1))

    def is_offline(self, photo: Photo) -> bool:
        """Whether a photo's folder is offline."""
        return photo.path.startswith(self._offline_prefixes)

    def tile_contents(self, rows: Iterable[int]) -> list[TileContent]:
        """The contents of many tiles at once, as painting a frame needs them."""
        return [content_of(RowProxy(self, row)) for row in rows]

    def photo_contents(
        self, styles: Iterable[TileStyle], photos: Iterable[Photo], badge_of: Callable[[Photo], str]
    ) -> list[TileContent]:
        """The contents of the tiles of these photos, see `styles_of`, without a call for each role."""
        thumbnails, is_offline = self.thumbnails, self.is_offline
        return [
            TileContent(
                thumbnails.pixmap(photo.photo_id, style),
                thumbnails.is_missing(photo.photo_id),
                badge_of(photo),
                photo.missing,
                is_offline(photo),
            )
            for photo, style in zip(photos, styles, strict=False)
        ]

    def flags(self, index: Index) -> Qt.ItemFlag:
        return _FLAGS if index.isValid() else super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self.value(index.row(), role) if index.isValid() else None

    def value(self, row: int, role: int) -> Any:
        """The value of a role in a row; subclasses add the roles that are not in `COMMON_ROLES`."""
        if role == _THUMBNAIL:
            return self.thumbnails.pixmap(self.photo_id(row), self.style_of(row))
        if role == Role.PHOTO_ID:
            return self.photo_id(row)
        if role == Role.NO_THUMBNAIL:
            return self.thumbnails.is_missing(self.photo_id(row))
        return None


class RowProxy:
    """Returns the roles of a row as a QModelIndex does, without the calls through Qt."""

    __slots__ = ("_model", "_row")

    def __init__(self, model: TileModel, row: int) -> None:
        self._model, self._row = model, row

    def data(self, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The value of a role."""
        return self._model.value(self._row, role)


def content_of(tile: Index | RowProxy) -> TileContent:
    """The content of a tile by its roles."""
    return TileContent(
        tile.data(Role.THUMBNAIL),
        bool(tile.data(Role.NO_THUMBNAIL)),
        tile.data(Role.BADGE) or "",
        bool(tile.data(Role.MISSING)),
        bool(tile.data(Role.OFFLINE)),
        tile.data(Role.STACK) or 0,
        tile.data(Role.BOX),
    )
