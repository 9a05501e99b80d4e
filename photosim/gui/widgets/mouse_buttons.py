"""Back and Forward by the side buttons of the mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget


class SideButtons(QObject):
    """Handles the side buttons in these widgets; views consume clicks, so their viewports must be among them."""

    def __init__(
        self,
        widgets: Iterable[QWidget],
        back: Callable[[], object],
        forward: Callable[[], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._callbacks = {Qt.MouseButton.BackButton: back, Qt.MouseButton.ForwardButton: forward}
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        if event.type() != QEvent.Type.MouseButtonPress or not isinstance(event, QMouseEvent):
            return False
        callback = self._callbacks.get(event.button())
        if callback is None:
            return False
        callback()
        return True
