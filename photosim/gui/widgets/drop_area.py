"""Dropping folders and images on a window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QDropEvent, QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from photosim.gui.base.translation import tr
from photosim.gui.state.places import DroppedItems

_MARGIN, _RADIUS = 20, 16  # logical pixels


class DropArea(QObject):
    """Accepts drops anywhere on a window, and shows an overlay that says what a drop would do."""

    dropped = Signal(object)
    """A non-empty DroppedItems."""

    compare_dropped = Signal(object)
    """The paths of folders that were dropped with Shift, to compare them with the library."""

    folders_dragged = Signal()
    """Folders are dragged over the window, and may be dropped."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._overlay: DropOverlay | None = None
        self._dragged = DroppedItems()
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        kind = event.type()
        if kind in (QEvent.Type.DragEnter, QEvent.Type.DragMove):
            assert isinstance(event, QDropEvent)
            if event.source() is not None:
                event.ignore()  # a photo dragged out of this window
                return True
            return self._handle_drag(event)
        if kind == QEvent.Type.DragLeave:
            self._hide_overlay()
            return True
        if kind == QEvent.Type.Drop:
            assert isinstance(event, QDropEvent)
            self._hide_overlay()
            dropped = DroppedItems.from_mime(event.mimeData())
            if not dropped.is_empty:
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                if dropped.folders and _is_to_compare(event):
                    self.compare_dropped.emit(dropped.folders)
                else:
                    self.dropped.emit(dropped)
            return True
        return False

    def _handle_drag(self, event: QDropEvent) -> bool:
        if self._overlay is None:
            dragged = DroppedItems.preview(event.mimeData())
            if dragged is None:
                event.ignore()
                return True
            self._dragged = dragged
            self._overlay = DropOverlay(self._window)
            if dragged.folders:
                self.folders_dragged.emit()
        self._overlay.show_text(_drop_action_text(self._dragged, compare=_is_to_compare(event)))
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        return True

    def _hide_overlay(self) -> None:
        if self._overlay is not None:
            self._overlay.deleteLater()
            self._overlay.hide()
            self._overlay = None


class DropOverlay(QWidget):
    """Covers the window while something is dragged over it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()

    def show_text(self, text: str) -> None:
        """Say what a drop would do."""
        if text != self._text:
            self._text = text
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        background = self.palette().color(QPalette.ColorRole.Window)
        background.setAlphaF(0.94)
        painter.fillRect(self.rect(), background)
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        tint = QColor(accent)
        tint.setAlphaF(0.12)
        painter.setBrush(tint)
        painter.setPen(QPen(accent, 2.5))
        frame = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        painter.drawRoundedRect(frame, _RADIUS, _RADIUS)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.8)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)


def _is_to_compare(event: QDropEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)


def _drop_action_text(dropped: DroppedItems, *, compare: bool) -> str:
    if dropped.folders and compare:
        return tr("Compare with library")
    if len(dropped.folders) > 1:
        return _with_hint(tr("Add %Ln folder(s)", "", len(dropped.folders)))
    if dropped.folders:
        return _with_hint(tr("Add this folder"))
    return tr("Search for similar photos")


def _with_hint(text: str) -> str:
    return "\n".join((text, tr("Hold Shift to compare with the library instead")))
