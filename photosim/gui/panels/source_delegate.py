"""Painting of the sidebar's rows."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from photosim.gui.base import theme
from photosim.gui.panels.source_model import SourceRole
from photosim.gui.panels.source_rows import RowContent

_ROW_HEIGHT = 32  # logical pixels, as all below
ICON = 18
_ARROW = 12
_PADDING = 8
_GUTTER = 12  # for the arrow of a folder
_INDENT, _MAX_INDENT = 12, 60  # deeper folders are told by their tool tips
_MAX_CACHED = 512  # elided titles
_CONTENT = int(SourceRole.CONTENT)
_SELECTED, _HOVERED = QStyle.StateFlag.State_Selected.value, QStyle.StateFlag.State_MouseOver.value
_OPEN = QStyle.StateFlag.State_Open.value
_QUIET_ROLE, _SELECTED_ROLE, _HOVER_ROLE = (
    QPalette.ColorRole.PlaceholderText,
    QPalette.ColorRole.HighlightedText,
    QPalette.ColorRole.Midlight,
)
_LEFT, _RIGHT, _BOTTOM_LEFT = (
    (Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft).value,
    (Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight).value,
    (Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft).value,
)
"""Combined once: combining Qt flags is slow in Python."""

Index = QModelIndex | QPersistentModelIndex


def arrow_rect(row: QRect, depth: int) -> QRect:
    """Return where the arrow of a folder's row is, with the room around it that can be clicked."""
    return QRect(row.left() + min(_INDENT * depth, _MAX_INDENT), row.top(), _GUTTER + 4, row.height())


class SourceDelegate(QStyledItemDelegate):
    """Paints a row: icon, title, and the count at the right."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._measured_font = QFont()
        self._elided: dict[tuple[str, str, int], tuple[str, int]] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(0, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        content: RowContent = index.data(_CONTENT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if content.is_heading:
            self._paint_heading(painter, option, content.title)
        else:
            self._paint_row(painter, option, content)
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, title: str) -> None:
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * 0.88)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(option.palette.color(_QUIET_ROLE))
        painter.drawText(option.rect.adjusted(_GUTTER + 4, 0, -_PADDING, -5), _BOTTOM_LEFT, title)

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, content: RowContent) -> None:
        palette, state, rect = option.palette, option.state.value, option.rect
        selected = bool(state & _SELECTED)
        if selected or state & _HOVERED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.brush(QPalette.ColorRole.Highlight if selected else _HOVER_ROLE))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        quiet = palette.color(_SELECTED_ROLE if selected else _QUIET_ROLE)
        ratio = painter.device().devicePixelRatioF()
        left = rect.left() + min(_INDENT * content.depth, _MAX_INDENT)
        if content.has_children:
            arrow = "down" if state & _OPEN else "forward"
            pixmap = theme.icon_pixmap(arrow, quiet, _ARROW, ratio)
            painter.drawPixmap(left + 2, rect.center().y() - _ARROW // 2 + 1, pixmap)
        left += _GUTTER + 4
        pixmap = theme.icon_pixmap(content.icon, quiet, ICON, ratio)
        painter.drawPixmap(left, rect.center().y() - ICON // 2 + 1, pixmap)
        area = QRect(left + ICON + 8, rect.top(), rect.right() - _PADDING - left - ICON - 7, rect.height())
        painter.setFont(option.font)
        painter.setPen(quiet)
        painter.drawText(area, _RIGHT, content.note)
        title, title_width = self._elide(content, area.width(), option.font)
        area.setRight(area.left() + title_width)
        if content.online and not selected:
            painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.drawText(area, _LEFT, title)

    def _elide(self, content: RowContent, width: int, font: QFont) -> tuple[str, int]:
        """Return the title elided to the width, and the width it may take. Cached: measuring text is slow."""
        if font != self._measured_font:
            self._elided.clear()
            self._measured_font = QFont(font)
        key = content.title, content.note, width
        if key not in self._elided:
            if len(self._elided) > _MAX_CACHED:
                self._elided.clear()
            metrics = QFontMetrics(font)
            title_width = width - metrics.horizontalAdvance(content.note) - 11
            title = metrics.elidedText(content.title, Qt.TextElideMode.ElideRight, title_width + 1)
            self._elided[key] = title, title_width
        return self._elided[key]
