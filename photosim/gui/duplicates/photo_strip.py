"""The strip of all photos of a group that has more than fit beside each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QStyleOptionViewItem,
    QWidget,
)

from photosim.duplicates.results import GroupPhoto
from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.widgets.thumbnail_list import Index, StripDelegate, ThumbnailStrip

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


class _PhotoStripDelegate(StripDelegate):
    def opacity(self, index: Index) -> float:
        return 1.0 if index.data(StripRole.IS_KEPT) else 0.55

    def paint_marks(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,  # noqa: ARG002
        index: Index,
        tile: QRect,
    ) -> None:
        if not index.data(StripRole.IS_KEPT):
            return
        mark = QRect(tile.right() - _MARK - 1, tile.top() + 3, _MARK, _MARK)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_KEPT_COLOR)
        painter.drawEllipse(mark)
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(mark.topLeft(), theme.icon_pixmap("check", QColor(255, 255, 255), _MARK, ratio))


class PhotoStrip(ThumbnailStrip):
    """One line of thumbnails; keys are left to the page."""

    chosen = Signal(int)
    """The user clicked a photo: its row."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        delegate = _PhotoStripDelegate(
            thumbnails, edge=_EDGE, margin=_MARGIN, photo_id_role=StripRole.PHOTO_ID
        )
        super().__init__(thumbnails, delegate, parent)
        self.strip_model = StripModel()
        self.strip_model.setParent(self)
        self.setModel(self.strip_model)
        self.setAccessibleName(tr("Photos of the group"))
        self.setFixedHeight(_EDGE + 2 * _MARGIN + 14)
        self.clicked.connect(lambda index: self.chosen.emit(index.row()))

    def show_members(self, members: Sequence[GroupPhoto], kept: Collection[int], row: int) -> None:
        """Show the photos of a group, of which one is the chosen one."""
        self.strip_model.show(members, kept)
        index = self.strip_model.index(row)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
