"""Folders and images that are dropped on the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QDropEvent, QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from photosim.gui.base.translation import tr
from photosim.gui.state.places import Dropped

_MARGIN, _RADIUS = 20, 16  # logical pixels


class DropArea(QObject):
    """Makes a window take drops anywhere, and shows over it what a drop would do."""

    dropped = Signal(object)
    """A Dropped that is not empty."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._veil: DropOverlay | None = None
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        """Answer drags over the window."""
        kind = event.type()
        if kind in (QEvent.Type.DragEnter, QEvent.Type.DragMove):
            assert isinstance(event, QDropEvent)
            if event.source() is not None:
                event.ignore()  # a photo of this window: it is carried to another program
                return True
            return self._welcome(event)
        if kind == QEvent.Type.DragLeave:
            self._lift()
            return True
        if kind == QEvent.Type.Drop:
            assert isinstance(event, QDropEvent)
            self._lift()
            dropped = Dropped.of(event.mimeData())
            if not dropped.is_empty:
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                self.dropped.emit(dropped)
            return True
        return False

    def _welcome(self, event: QDropEvent) -> bool:
        if self._veil is None:
            held = Dropped.held(event.mimeData())
            if held is None:
                event.ignore()
                return True
            self._veil = DropOverlay(self._window, self._words(held))
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        return True

    def _words(self, dropped: Dropped) -> str:
        if len(dropped.folders) > 1:
            return tr("Add {count} folders").format(count=len(dropped.folders))
        if dropped.folders:
            return tr("Add this folder")
        return tr("Find what looks like this image")

    def _lift(self) -> None:
        if self._veil is not None:
            self._veil.deleteLater()
            self._veil.hide()
            self._veil = None


class DropOverlay(QWidget):
    """Lies over the window while something is held above it."""

    def __init__(self, window: QWidget, text: str) -> None:
        super().__init__(window)
        self._text = text
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """A tinted sheet with a frame, and what a drop does."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = self.palette().color(QPalette.ColorRole.Window)
        ground.setAlphaF(0.94)
        painter.fillRect(self.rect(), ground)
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        tint = QColor(accent)
        tint.setAlphaF(0.12)
        painter.setBrush(tint)
        painter.setPen(QPen(accent, 2.5))
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN), _RADIUS, _RADIUS
        )
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.8)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
