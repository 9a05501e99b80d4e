"""The strip of all photos of a group that has more than fit beside each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from photosim.duplicates.results import GroupPhoto
from photosim.gui.base import formatting, theme
from photosim.gui.base.images import TileStyle
from photosim.gui.base.translation import tr
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.widgets.thumbnail_list import ThumbnailStrip

Index = QModelIndex | QPersistentModelIndex

_EDGE, _MARGIN, _MARK = 64, 4, 16  # logical pixels
_KEPT_COLOR = QColor(47, 125, 70)


class StripRole(IntEnum):
    """Roles of a photo in addition to those of Qt."""

    PHOTO_ID = Qt.ItemDataRole.UserRole + 1
    IS_KEPT = Qt.ItemDataRole.UserRole + 2


class StripModel(QAbstractListModel):
    """The photos of one group, with their marks."""

    def __init__(self) -> None:
        super().__init__()
        self.members: Sequence[GroupPhoto] = ()
        self._kept: Collection[int] = frozenset()

    def show(self, members: Sequence[GroupPhoto], kept: Collection[int]) -> None:
        """Show these photos; `kept` are the file ids of those that stay."""
        if members is self.members:
            self._kept = kept
            if members:
                self.dataChanged.emit(self.index(0), self.index(len(members) - 1))
            return
        self.beginResetModel()
        self.members, self._kept = members, kept
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.members)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self.members):
            return None
        photo = self.members[index.row()].photo
        name = formatting.display_name(photo.path)
        is_kept = photo.file_id in self._kept
        if role == StripRole.PHOTO_ID:
            return photo.photo_id
        if role == StripRole.IS_KEPT:
            return is_kept
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text = tr("{name}, kept") if is_kept else tr("{name}, to trash")
            return text.format(name=name)
        if role == Qt.ItemDataRole.ToolTipRole:
            return formatting.plain_tooltip(formatting.display_path(photo.path))
        return None


class _StripDelegate(QStyledItemDelegate):
    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.style = TileStyle.square(_EDGE, 4)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(_EDGE + 2 * _MARGIN, _EDGE + 2 * _MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tile = QRect(option.rect.x() + _MARGIN, option.rect.y() + _MARGIN, _EDGE, _EDGE)
        pixmap = self._thumbnails.pixmap(index.data(StripRole.PHOTO_ID), self.style)
        is_kept = index.data(StripRole.IS_KEPT)
        painter.setOpacity(1.0 if is_kept else 0.55)
        if pixmap is None:
            painter.fillRect(tile, option.palette.color(QPalette.ColorRole.Mid))
        else:
            painter.drawPixmap(tile, pixmap)
        painter.setOpacity(1.0)
        if is_kept:
            mark = QRect(tile.right() - _MARK - 1, tile.top() + 3, _MARK, _MARK)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_KEPT_COLOR)
            painter.drawEllipse(mark)
            ratio = painter.device().devicePixelRatio()
            painter.drawPixmap(
                mark.topLeft(), theme.icon_pixmap("check", QColor(255, 255, 255), _MARK, ratio)
            )
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Highlight), 2))
            painter.drawRoundedRect(tile.adjusted(-2, -2, 1, 1), 5, 5)


class PhotoStrip(ThumbnailStrip):
    """One line of thumbnails; keys are left to the page."""

    chosen = Signal(int)
    """The user clicked a photo: its row."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(
            thumbnails, edge=_EDGE, step=_EDGE + 2 * _MARGIN, photo_id_role=StripRole.PHOTO_ID, parent=parent
        )
        self.strip_model = StripModel()
        self.strip_model.setParent(self)
        self._delegate = _StripDelegate(thumbnails, self)
        self.setModel(self.strip_model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(tr("Photos of the group"))
        self.setFixedHeight(_EDGE + 2 * _MARGIN + 14)
        self.clicked.connect(lambda index: self.chosen.emit(index.row()))

    @property
    def tile_delegate(self) -> _StripDelegate:
        """The delegate."""
        return self._delegate

    def show_members(self, members: Sequence[GroupPhoto], kept: Collection[int], row: int) -> None:
        """Show the photos of a group, of which one is the chosen one."""
        self.strip_model.show(members, kept)
        index = self.strip_model.index(row)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
