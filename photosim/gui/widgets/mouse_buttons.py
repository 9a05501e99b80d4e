"""The side buttons of the mouse go Back and Forward wherever the pointer is."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget


class SideButtons(QObject):
    """Listens to a window, and to the lists in it, which would keep the clicks to themselves."""

    def __init__(
        self,
        heard: Iterable[QWidget],
        back: Callable[[], object],
        forward: Callable[[], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._steps = {Qt.MouseButton.BackButton: back, Qt.MouseButton.ForwardButton: forward}
        for widget in heard:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        """Take the clicks of these buttons, and no others."""
        if event.type() != QEvent.Type.MouseButtonPress or not isinstance(event, QMouseEvent):
            return False
        step = self._steps.get(event.button())
        if step is None:
            return False
        step()
        return True
