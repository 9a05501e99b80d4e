"""The strip of the originals and versions of an image, or of the most similar photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from photosim.gui.base import formatting, theme
from photosim.gui.base.images import TileStyle
from photosim.gui.base.translation import tr
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.text.origin import kind_text
from photosim.gui.widgets.thumbnail_list import ThumbnailStrip
from photosim.library.search.origin import Relative
from photosim.records import Photo

Index = QModelIndex | QPersistentModelIndex

_EDGE, _MARGIN = 72, 6  # logical pixels


@dataclass(frozen=True, slots=True)
class Member:
    """A photo of the strip; `relative` is None for one that is only similar."""

    photo: Photo
    relative: Relative | None = None

    @property
    def kind(self) -> str:
        """What it is to the image, in a word."""
        return tr("Similar") if self.relative is None else kind_text(self.relative)


class FamilyRole(IntEnum):
    """Roles of a photo in addition to those of Qt."""

    PHOTO_ID = Qt.ItemDataRole.UserRole + 1
    KIND = Qt.ItemDataRole.UserRole + 2


class FamilyModel(QAbstractListModel):
    """The members of one family."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.members: Sequence[Member] = ()

    def show(self, members: Sequence[Member]) -> None:
        """Show these photos."""
        self.beginResetModel()
        self.members = members
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.members)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self.members):
            return None
        member = self.members[index.row()]
        name = formatting.display_name(member.photo.path)
        if role == FamilyRole.PHOTO_ID:
            return member.photo.photo_id
        if role == FamilyRole.KIND:
            return member.kind
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return tr("{kind}: {name}").format(kind=member.kind, name=name)
        if role == Qt.ItemDataRole.ToolTipRole:
            return formatting.plain_tooltip(formatting.display_path(member.photo.path))
        return None


class _FamilyDelegate(QStyledItemDelegate):
    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.style = TileStyle.square(_EDGE, 4)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(_EDGE + 2 * _MARGIN, _EDGE + 3 * _MARGIN + option.fontMetrics.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tile = QRect(option.rect.x() + _MARGIN, option.rect.y() + _MARGIN, _EDGE, _EDGE)
        pixmap = self._thumbnails.pixmap(index.data(FamilyRole.PHOTO_ID), self.style)
        if pixmap is None:
            painter.fillRect(tile, option.palette.color(QPalette.ColorRole.Mid))
        else:
            painter.drawPixmap(tile, pixmap)
        below = QRect(tile.x() - _MARGIN, tile.bottom() + 3, _EDGE + 2 * _MARGIN, option.fontMetrics.height())
        painter.setPen(theme.VIEWER_MUTED_TEXT)
        kind = option.fontMetrics.elidedText(
            index.data(FamilyRole.KIND), Qt.TextElideMode.ElideRight, below.width()
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, kind)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Highlight), 2))
            painter.drawRoundedRect(tile.adjusted(-2, -2, 1, 1), 5, 5)


class FamilyStrip(ThumbnailStrip):
    """One line of thumbnails with what they are to the image."""

    chosen = Signal(int)
    """Another photo is the current one: its row."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(
            thumbnails, edge=_EDGE, step=_EDGE + 2 * _MARGIN, photo_id_role=FamilyRole.PHOTO_ID, parent=parent
        )
        self.family_model = FamilyModel(self)
        self._delegate = _FamilyDelegate(thumbnails, self)
        self.setModel(self.family_model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(tr("Originals and versions"))
        self.setFixedHeight(_EDGE + 3 * _MARGIN + self.fontMetrics().height() + 14)
        self.selectionModel().currentChanged.connect(self._choose)

    @property
    def tile_delegate(self) -> _FamilyDelegate:
        """The delegate."""
        return self._delegate

    def show_members(self, members: Sequence[Member]) -> None:
        """Show photos, and choose the first one."""
        self.family_model.show(members)
        if members:
            self.setCurrentIndex(self.family_model.index(0))

    def step(self, rows: int) -> None:
        """Choose the photo that is so many rows further."""
        row = self.currentIndex().row() + rows
        if 0 <= row < self.family_model.rowCount():
            self.setCurrentIndex(self.family_model.index(row))

    def _choose(self, current: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(current.row())
