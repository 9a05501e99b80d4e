"""Popups of the filter bar: the base class, and a list of choices with check boxes and counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPalette, QPen, QRegion, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.filters.choices import ChoiceModel, ChoiceRole
from photosim.gui.widgets.field_buttons import set_button_names
from photosim.search.filters.columns import FacetValue

Index = QModelIndex | QPersistentModelIndex

_WIDTH = 270  # logical pixels
_ROW_HEIGHT = 30
_BOX = 16
_MAX_ROWS = 12
_CORNER = 8  # as in the style sheet
_SEARCH_FROM = 12
"""More choices than this can be searched."""


class Popup(QFrame):
    """Popup that closes with Escape or a click outside."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(8, 8, 8, 8)
        self.column.setSpacing(6)
        self.column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)

    def open_under(self, button: QWidget) -> None:
        """Open below a button, within its screen."""
        self.adjustSize()
        corner = button.mapToGlobal(QPoint(0, button.height() + 4))
        screen = button.screen().availableGeometry()
        left = max(screen.left(), min(corner.x(), screen.right() - self.width()))
        top = max(screen.top(), min(corner.y(), screen.bottom() - self.height()))
        self.move(left, top)
        self.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        # A mask rounds the corners on desktops without transparency too.
        super().resizeEvent(event)
        shape = QPainterPath()
        shape.addRoundedRect(self.rect(), _CORNER, _CORNER)
        self.setMask(QRegion(shape.toFillPolygon().toPolygon()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


class ChoicePopup(Popup):
    """Choices of one facet."""

    toggled = Signal(str, bool)
    """A choice was checked or unchecked: its value and whether it is checked."""

    def __init__(self, title: str, name_of: Callable[[str], str], parent: QWidget) -> None:
        super().__init__(parent)
        self.model = ChoiceModel(name_of)
        self._content: tuple[tuple[FacetValue, ...], frozenset[str], bool] | None = None
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(tr("Search"))
        self.search.setAccessibleName(tr("Search options"))
        self.search.setClearButtonEnabled(True)
        set_button_names(self.search, tr("Clear search"))
        self.search.textChanged.connect(self._search)
        self.list = _ChoiceList(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_ChoiceDelegate(self.list))
        self.list.setAccessibleName(title)
        self.list.clicked.connect(self._toggle)
        self.list.activated_by_key.connect(self._toggle)
        self.empty_label = QLabel(tr("No options"), self)
        self.empty_label.setObjectName("quiet-text")
        self.empty_label.setContentsMargins(6, 6, 6, 6)
        self.link = QPushButton(title, self)
        self.link.setObjectName("quiet")
        self.link.clicked.connect(self.close)
        self.link.hide()
        for widget in (self.search, self.list, self.empty_label, self.link):
            self.column.addWidget(widget)

    def show_choices(self, choices: Sequence[FacetValue], selected: Collection[str]) -> None:
        """Show the choices and check the selected ones."""
        content = tuple(choices), frozenset(selected), self.isVisible()
        if content == self._content:
            return
        self._content = content
        row = self.list.currentIndex().row()
        self.model.show(choices, selected, keep_order=self.isVisible())
        count = self.model.rowCount()
        if count and not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.model.index(min(max(row, 0), count - 1)))
        if not self.isVisible():
            self.search.setVisible(self.model.total > _SEARCH_FROM)
        self._update_size()

    def show_link(self, text: str) -> None:
        """Show a link below the choices, or hide it for an empty text."""
        self.link.setVisible(bool(text))
        if text:
            self.link.setText(text)
        self._update_size()

    def open_under(self, button: QWidget) -> None:
        """Open with the focus on the search field, the list or the link, whichever is there."""
        self.search.clear()
        super().open_under(button)
        first = self.search if self.search.isVisible() else self.list
        (first if self.model.rowCount() else self.link).setFocus()
        if self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self.list.setFocus()
        else:
            super().keyPressEvent(event)

    def _search(self, text: str) -> None:
        self.model.search(text)
        if self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0))

    def _toggle(self, index: QModelIndex) -> None:
        is_checked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        self.toggled.emit(index.data(ChoiceRole.VALUE), not is_checked)

    def _update_size(self) -> None:
        rows = self.model.total
        self.list.setVisible(rows > 0)
        self.empty_label.setVisible(rows == 0 and self.link.isHidden())
        self.list.setFixedSize(_WIDTH, min(rows, _MAX_ROWS) * _ROW_HEIGHT + 4)


class _ChoiceList(QListView):
    activated_by_key = Signal(QModelIndex)
    """Space or Enter was pressed on a choice."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.activated_by_key.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class _ChoiceDelegate(QStyledItemDelegate):
    """Paints a check box, the name, and the count at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(0, _ROW_HEIGHT)

    def editorEvent(self, *_: object) -> bool:
        return False  # a click anywhere in the row toggles it, by the signal of the list

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, roles = option.palette, QPalette.ColorRole
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if focused or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.brush(roles.Midlight))
            painter.drawRoundedRect(option.rect, 6, 6)
        area = option.rect.adjusted(8, 0, -8, 0)
        box = QRect(area.left(), area.center().y() - _BOX // 2 + 1, _BOX, _BOX)
        is_checked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        painter.setPen(QPen(palette.color(roles.Highlight if is_checked else roles.Shadow), 1.3))
        painter.setBrush(palette.brush(roles.Highlight if is_checked else roles.Base))
        painter.drawRoundedRect(box, 4, 4)
        if is_checked:
            ratio = painter.device().devicePixelRatioF()
            check_mark = theme.icon_pixmap("check", palette.color(roles.HighlightedText), _BOX, ratio)
            painter.drawPixmap(box.topLeft(), check_mark)
        count = formatting.format_number(index.data(ChoiceRole.COUNT))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(option.font)
        painter.setPen(palette.color(roles.PlaceholderText))
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, count)
        area.setLeft(box.right() + 10)
        area.setRight(area.right() - option.fontMetrics.horizontalAdvance(count) - 10)
        painter.setPen(palette.color(roles.Text))
        name = option.fontMetrics.elidedText(
            str(index.data(Qt.ItemDataRole.DisplayRole)), Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignLeft, name)
        painter.restore()
