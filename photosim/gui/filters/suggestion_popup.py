"""The list of suggestions below the search field; the field keeps the focus."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.filters.suggestions import SuggestionModel, SuggestionRole
from photosim.search.words.terms import Suggestion

Index = QModelIndex | QPersistentModelIndex

# All sizes in logical pixels.
_MIN_WIDTH = 340
_ROW_HEIGHT, _HEADING_HEIGHT = 30, 26
_ICON = 16
_MARGIN = 8
_GAP = 4
"""Between the field and the popup."""


class SuggestionPopup(QFrame):
    """A part of the window and no window of its own, so that it takes no focus and lies well on every desktop."""

    chosen = Signal(object)
    """The user clicked this Suggestion."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("popup")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(tr("Suggestions"))
        self.model = SuggestionModel()
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_SuggestionDelegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.viewport().setAutoFillBackground(False)
        self.list.setAccessibleName(tr("Suggestions"))
        self.list.clicked.connect(self._choose)
        self.hint = QLabel(self)
        self.hint.setObjectName("small-text")
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setWordWrap(True)
        self.hint.setContentsMargins(8, 4, 8, 4)
        theme.set_font(self.hint, 0.9)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        column.setSpacing(4)
        column.addWidget(self.list)
        column.addWidget(self.hint)
        self.hide()

    @property
    def highlighted(self) -> Suggestion | None:
        """The suggestion that Enter would choose."""
        return self.model.suggestion(self.list.currentIndex().row())

    def move_highlight(self, step: int) -> None:
        """Highlight the next (1) or previous (-1) suggestion; behind the last one none is highlighted."""
        row = self.model.next_row(self.list.currentIndex().row(), step)
        self.list.setCurrentIndex(self.model.index(row, 0))
        if row >= 0:
            self.list.scrollTo(self.model.index(row, 0))

    def open_below(self, field: QWidget) -> None:
        """Show the popup below a field, as large as its content and the window allow."""
        window = field.window()
        corner = field.mapTo(window, QPoint(0, field.height() + _GAP))
        width = min(max(_MIN_WIDTH, field.width()), window.width() - 2 * _GAP)
        self.hint.setFixedWidth(width - 2 * _MARGIN)
        rows = (self.model.index(row, 0) for row in range(self.model.rowCount()))
        height = sum(
            _HEADING_HEIGHT if self.model.suggestion(row.row()) is None else _ROW_HEIGHT for row in rows
        )
        self.list.setVisible(height > 0)
        hint_height = self.hint.heightForWidth(self.hint.width())
        room = window.height() - corner.y() - hint_height - 2 * _MARGIN - 4 * _GAP
        self.list.setFixedHeight(max(min(height + 2, room), _ROW_HEIGHT))
        self.resize(width, self._column.totalSizeHint().height())
        self.move(max(min(corner.x(), window.width() - width - _GAP), _GAP), corner.y())
        self.show()
        self.raise_()

    def _choose(self, index: QModelIndex) -> None:
        suggestion = self.model.suggestion(index.row())
        if suggestion is not None:
            self.chosen.emit(suggestion)


class _SuggestionDelegate(QStyledItemDelegate):
    """Paints a heading, or an icon, the name with its detail, and the count at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        is_heading = index.data(SuggestionRole.SUGGESTION) is None
        return QSize(0, _HEADING_HEIGHT if is_heading else _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, roles = option.palette, QPalette.ColorRole
        name, area = str(index.data()), option.rect.adjusted(8, 0, -8, 0)
        middle, left = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignLeft
        quiet = palette.color(roles.PlaceholderText)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(option.font)
        if index.data(SuggestionRole.SUGGESTION) is None:
            font = option.font
            font.setPointSizeF(font.pointSizeF() * 0.88)
            painter.setFont(font)
            painter.setPen(quiet)
            painter.drawText(area, middle | left, name)
            painter.restore()
            return
        text = palette.color(roles.Text)
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.brush(roles.Highlight))
            painter.drawRoundedRect(option.rect, 6, 6)
            text = quiet = palette.color(roles.HighlightedText)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.brush(roles.Midlight))
            painter.drawRoundedRect(option.rect, 6, 6)
        ratio = painter.device().devicePixelRatioF()
        icon = theme.icon_pixmap(index.data(SuggestionRole.ICON_NAME), quiet, _ICON, ratio)
        painter.drawPixmap(area.left(), area.center().y() - _ICON // 2 + 1, icon)
        count = formatting.format_number(index.data(SuggestionRole.COUNT))
        painter.setPen(quiet)
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, count)
        metrics = option.fontMetrics
        area.setLeft(area.left() + _ICON + 10)
        area.setRight(area.right() - metrics.horizontalAdvance(count) - 12)
        painter.setPen(text)
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, middle | left, shown)
        detail = index.data(SuggestionRole.DETAIL)
        area.setLeft(area.left() + metrics.horizontalAdvance(shown) + 8)
        if detail and shown == name and area.width() > metrics.averageCharWidth() * 6:
            painter.setPen(quiet)
            detail = metrics.elidedText(detail, Qt.TextElideMode.ElideMiddle, area.width())
            painter.drawText(area, middle | left, detail)
        painter.restore()
