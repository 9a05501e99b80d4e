"""The strip of the originals and versions of an image, or of the most similar photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QStyleOptionViewItem,
    QWidget,
)

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.text.origin import kind_text
from photosim.gui.widgets.thumbnail_list import Index, StripDelegate, ThumbnailStrip
from photosim.library.search.origin import Relative
from photosim.records import Photo

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


class _FamilyDelegate(StripDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return super().sizeHint(option, index) + QSize(0, _MARGIN + option.fontMetrics.height())

    def paint_marks(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, tile: QRect) -> None:
        below = QRect(tile.x() - _MARGIN, tile.bottom() + 3, _EDGE + 2 * _MARGIN, option.fontMetrics.height())
        painter.setPen(theme.VIEWER_MUTED_TEXT)
        kind = option.fontMetrics.elidedText(
            index.data(FamilyRole.KIND), Qt.TextElideMode.ElideRight, below.width()
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, kind)


class FamilyStrip(ThumbnailStrip):
    """One line of thumbnails with what they are to the image."""

    chosen = Signal(int)
    """Another photo is the current one: its row."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        delegate = _FamilyDelegate(thumbnails, edge=_EDGE, margin=_MARGIN, photo_id_role=FamilyRole.PHOTO_ID)
        super().__init__(thumbnails, delegate, parent)
        self.family_model = FamilyModel(self)
        self.setModel(self.family_model)
        self.setAccessibleName(tr("Originals and versions"))
        self.setFixedHeight(_EDGE + 3 * _MARGIN + self.fontMetrics().height() + 14)
        self.selectionModel().currentChanged.connect(self._choose)

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
