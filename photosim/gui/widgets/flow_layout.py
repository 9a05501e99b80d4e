"""Lays widgets side by side, and goes on in the next line where there is no more room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Lines of widgets, each as wide as it wants to be and none wider than the line."""

    def __init__(self, parent: QWidget, gap: int) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._heights: dict[int, int] = {}
        self._sizes: list[tuple[QSize, int]] | None = None
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Take a widget in."""
        self._items.append(item)

    def move_last(self, to: int) -> None:
        """Let the widget that was added last stand in another place."""
        self._items.insert(to, self._items.pop())
        self.invalidate()

    def place_of(self, widget: QWidget) -> int:
        """Where a widget stands."""
        return next(place for place, item in enumerate(self._items) if item.widget() is widget)

    def count(self) -> int:
        """How many widgets there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """One of them, or None."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take one of them out."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """It takes no more than it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """The narrower, the higher."""
        return True

    def invalidate(self) -> None:
        """What the widgets need has changed."""
        self._heights.clear()
        self._sizes = None
        super().invalidate()

    def heightForWidth(self, width: int) -> int:
        """How high the lines are at a width; Qt asks for it many times while it lays out a window."""
        if width not in self._heights:
            self._heights[width] = self._place(QRect(0, 0, width, 0), move=False)
        return self._heights[width]

    def setGeometry(self, rect: QRect) -> None:
        """Put the widgets where they belong."""
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        """As narrow as may be; the height follows."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Room for the largest widget alone."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        x, y, line = rect.x(), rect.y(), 0
        if self._sizes is None:  # asking a button for its size takes longer than placing it
            self._sizes = [(item.sizeHint(), item.minimumSize().width()) for item in self._items]
        for item, (hint, least) in zip(self._items, self._sizes, strict=True):
            if item.isEmpty():
                continue
            width, height = min(hint.width(), max(rect.width(), least)), hint.height()
            if x > rect.x() and x + width > rect.right() + 1:
                x, y, line = rect.x(), y + line + self._gap, 0
            if move:
                item.setGeometry(QRect(x, y, width, height))
            x, line = x + width + self._gap, max(line, height)
        return y + line - rect.y()


class FlowWidget(QWidget):
    """Widgets in lines, as high as they are at this width: to a window they do not seem to need the room of more."""

    def __init__(self, parent: QWidget, gap: int) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self, gap)

    def add_widget(self, widget: QWidget, *, before: QWidget | None = None) -> None:
        """Put a widget at the end, or before another one."""
        self._flow.addWidget(widget)
        if before is not None:
            self._flow.move_last(self._flow.place_of(before))
        widget.show()

    def remove_widget(self, widget: QWidget) -> None:
        """Take a widget out, for good."""
        self._flow.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def fit_to_width(self, width: int) -> None:
        """Be as high as is needed at this width, before being shown: else all would be laid out twice."""
        self.setFixedHeight(self._flow.heightForWidth(width))

    def event(self, event: QEvent) -> bool:
        """Follow the width, and what the widgets need."""
        taken = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show):
            height = self._flow.heightForWidth(self.width())
            if height != self.height() and self.isVisible():
                self.setFixedHeight(height)
        return taken
