"""What every model behind the grid of tiles has: named roles, and the tile itself as one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from enum import IntEnum
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPixmap

from photosim.files.fspaths import with_separator
from photosim.gui.base.images import TileStyle
from photosim.gui.services.thumbnails import ThumbnailLoader
from photosim.gui.state.sections import Sections
from photosim.records import Photo

Index = QModelIndex | QPersistentModelIndex

DEFAULT_STYLE = TileStyle(160)


class Role(IntEnum):
    """What a tile knows, beside Qt's own roles."""

    PHOTO_ID = Qt.ItemDataRole.UserRole + 1
    THUMBNAIL = Qt.ItemDataRole.UserRole + 2
    """The QPixmap to paint, or None while it is on its way."""
    NO_THUMBNAIL = Qt.ItemDataRole.UserRole + 3
    """True when there is no thumbnail to wait for."""
    FILE_ID = Qt.ItemDataRole.UserRole + 4
    PATH = Qt.ItemDataRole.UserRole + 5
    PHOTO = Qt.ItemDataRole.UserRole + 6
    SIMILARITY = Qt.ItemDataRole.UserRole + 7
    """The cosine similarity to the query, or None."""
    PHOTO_COUNT = Qt.ItemDataRole.UserRole + 8
    """How many photos a cluster holds."""
    CLUSTER = Qt.ItemDataRole.UserRole + 9
    MISSING = Qt.ItemDataRole.UserRole + 10
    """True when the photo's file is missing; its thumbnail is still there."""
    BADGE = Qt.ItemDataRole.UserRole + 11
    """A short word for the corner of the tile ("RAW"), or an empty one."""
    OFFLINE = Qt.ItemDataRole.UserRole + 12
    """True when the photo's folder is offline just now."""
    CAPTION = Qt.ItemDataRole.UserRole + 13
    """What stands under the cover of a cluster: a Caption."""


_THUMBNAIL = int(Role.THUMBNAIL)

COMMON_ROLES = frozenset({_THUMBNAIL, int(Role.PHOTO_ID), int(Role.NO_THUMBNAIL)})
"""What every model of tiles answers alike."""


_FLAGS = (
    Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
    | Qt.ItemFlag.ItemIsDragEnabled
)
"""Of every tile; put together once, as Qt asks for them with each tile that it looks up in a selection."""


class TileContent(NamedTuple):
    """What a tile shows in whatever state it is."""

    pixmap: QPixmap | None
    no_thumbnail: bool = False
    badge: str = ""
    missing: bool = False
    offline: bool = False


class Caption(NamedTuple):
    """A name with a number beside it, or only a name."""

    name: str
    count_text: str = ""


class TileModel(QAbstractListModel):
    """A list of tiles; `look` is how the grid that shows it wants them made."""

    batch_finished = Signal()
    """All rows that come in together are there."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = thumbnails
        self.style = DEFAULT_STYLE
        self._offline_prefixes: tuple[str, ...] = ()  # how the paths in these folders begin
        self.in_batch = False
        """Whether more rows come in before `grown`."""

    @property
    def sections(self) -> Sections:
        """The headings, if any."""
        return Sections()

    def set_offline_folders(self, folders: Collection[str]) -> None:
        """Mark the tiles of photos in these folders, which are offline just now."""
        self._offline_prefixes = tuple(map(with_separator, folders))
        if rows := self.rowCount():
            self.dataChanged.emit(self.index(0), self.index(rows - 1))

    def is_offline(self, photo: Photo) -> bool:
        """Whether a photo's folder is offline."""
        return photo.path.startswith(self._offline_prefixes)

    def photo_id(self, row: int) -> int:
        """The content whose thumbnail stands in a row."""
        raise NotImplementedError

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Tiles can be carried to other programs."""
        return _FLAGS if index.isValid() else super().flags(index)

    def file_paths(self, row: int) -> tuple[str, ...]:
        """The paths of the files that a tile stands for."""
        raise NotImplementedError

    def row_of(self, file_id: int) -> int | None:
        """The row of a photo file, or None."""
        raise NotImplementedError

    def tile_contents(self, rows: Iterable[int]) -> list[TileContent]:
        """What these tiles show, asked for together: a frame has some hundred of them."""
        return [content_of(RowProxy(self, row)) for row in rows]

    def photo_contents(self, photos: Iterable[Photo], badge: Callable[[Photo], str]) -> list[TileContent]:
        """What the tiles of these photos show, without asking for each of their roles."""
        thumbnails, look, away = self.thumbnails, self.style, self.is_offline
        return [
            TileContent(
                thumbnails.pixmap(photo.photo_id, look),
                thumbnails.is_missing(photo.photo_id),
                badge(photo),
                photo.missing,
                away(photo),
            )
            for photo in photos
        ]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The value of a role of a tile."""
        return self.value(index.row(), role) if index.isValid() else None

    def value(self, row: int, role: int) -> Any:
        """The value of a role in a row; what is the same for all models is answered here."""
        if role == _THUMBNAIL:
            return self.thumbnails.pixmap(self.photo_id(row), self.style)
        if role == Role.PHOTO_ID:
            return self.photo_id(row)
        if role == Role.NO_THUMBNAIL:
            return self.thumbnails.is_missing(self.photo_id(row))
        return None


class RowProxy:
    """One tile's roles, as an index has them, without the way through Qt: a frame asks some hundred times."""

    __slots__ = ("_model", "_row")

    def __init__(self, model: TileModel, row: int) -> None:
        self._model, self._row = model, row

    def data(self, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The value of a role."""
        return self._model.value(self._row, role)


def content_of(tile: Index | RowProxy) -> TileContent:
    """What a tile shows, by its roles."""
    return TileContent(
        tile.data(Role.THUMBNAIL),
        bool(tile.data(Role.NO_THUMBNAIL)),
        tile.data(Role.BADGE) or "",
        bool(tile.data(Role.MISSING)),
        bool(tile.data(Role.OFFLINE)),
    )
