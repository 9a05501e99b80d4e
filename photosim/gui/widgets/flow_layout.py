"""A layout that places widgets side by side and wraps them into lines."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Gives each widget its preferred width, limited to the width of a line, and wraps where a line is full."""

    def __init__(self, parent: QWidget, spacing: int) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._spacing = spacing
        self._heights: dict[int, int] = {}
        self._item_sizes: list[tuple[QSize, int]] | None = None
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def insert_widget(self, index: int, widget: QWidget) -> None:
        """Add a widget before the item at an index."""
        self.addWidget(widget)
        self._items.insert(index, self._items.pop())
        self.invalidate()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def invalidate(self) -> None:
        self._heights.clear()
        self._item_sizes = None
        super().invalidate()

    def heightForWidth(self, width: int) -> int:
        # Cached: Qt asks many times while it lays out a window.
        if width not in self._heights:
            self._heights[width] = self._arrange(QRect(0, 0, width, 0), apply=False)
        return self._heights[width]

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, apply=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, apply: bool) -> int:
        """Wrap the items into lines of this width and return the height; `apply` also moves the widgets."""
        x, y, line_height = rect.x(), rect.y(), 0
        if self._item_sizes is None:  # cached: a button's size hint takes longer than placing it
            self._item_sizes = [(item.sizeHint(), item.minimumSize().width()) for item in self._items]
        for item, (hint, min_width) in zip(self._items, self._item_sizes, strict=True):
            if item.isEmpty():
                continue
            width, height = min(hint.width(), max(rect.width(), min_width)), hint.height()
            if x > rect.x() and x + width > rect.right() + 1:
                x, y, line_height = rect.x(), y + line_height + self._spacing, 0
            if apply:
                item.setGeometry(QRect(x, y, width, height))
            x, line_height = x + width + self._spacing, max(line_height, height)
        return y + line_height - rect.y()


class FlowWidget(QWidget):
    """Widgets in a FlowLayout, with a fixed height that follows the width.

    The fixed height keeps the minimum height of the window independent of how many widgets there are.
    """

    def __init__(self, parent: QWidget, spacing: int) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self, spacing)

    def add_widget(self, widget: QWidget, *, before: QWidget | None = None) -> None:
        """Add a widget at the end, or before another one."""
        index = self._flow.count() if before is None else self._flow.indexOf(before)
        self._flow.insert_widget(index, widget)
        widget.show()

    def fit_to_width(self, width: int) -> None:
        """Set the height for a width, before the widget is shown: otherwise it would be laid out twice."""
        self.setFixedHeight(self._flow.heightForWidth(width))

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show):
            height = self._flow.heightForWidth(self.width())
            if height != self.height() and self.isVisible():
                self.setFixedHeight(height)
        return handled
