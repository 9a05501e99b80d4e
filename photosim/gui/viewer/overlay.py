"""A dark view that lies over the whole window, with zoom: what the viewer and the comparison share."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPalette, QWindowStateChangeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from photosim.gui.base import focus, theme
from photosim.gui.base.translation import tr
from photosim.gui.viewer.canvas import ImageCanvas
from photosim.gui.viewer.curtain import PaintMask
from photosim.gui.viewer.viewer_button import viewer_button

_MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_Key = Qt.Key


class Overlay(QWidget):
    """Lies over the whole window while it is open; Escape and the mouse's Back leave it.

    A full screen that was begun in it ends with it; Escape ends the full screen first.
    """

    full_screen_wanted = Signal()
    """The person wants the full screen, or no more of it."""

    full_screen_ended = Signal()
    """The full screen that was begun here is over."""

    def __init__(self, window: QWidget, name: str) -> None:
        super().__init__(window)
        self._window = window
        self._filled_screen = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoFillBackground(True)
        self.setAccessibleName(name)
        palette = QPalette(theme.palette(dark=True))
        palette.setColor(QPalette.ColorRole.Window, theme.VIEWER_BACKGROUND)
        palette.setColor(QPalette.ColorRole.WindowText, theme.VIEWER_TEXT)
        self.setPalette(palette)
        self._curtain = PaintMask(window, theme.VIEWER_BACKGROUND)
        window.installEventFilter(self)
        self.hide()

    def active_canvas(self) -> ImageCanvas:
        """The canvas that the zoom is about."""
        raise NotImplementedError

    def leave(self) -> None:
        """Close it."""
        raise NotImplementedError

    def cover(self) -> None:
        """Lie over the window."""
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self.setFocus()

    def uncover(self) -> None:
        """Leave the window to what lies under; who is told of it gives the keyboard to something there."""
        here = QApplication.focusWidget()
        if here is not None and (here is self or self.isAncestorOf(here)):
            here.clearFocus()  # otherwise Qt looks through the whole window for the next that may have it
        centre = self._window.findChild(QWidget, "centre")
        if centre is not None and self.isVisible():
            self._curtain.leave_free(QRect(centre.mapTo(self._window, QPoint()), centre.size()))
        self.hide()

    def lay_out(self, bar: QLayout, body: QLayout) -> None:
        """The bar over the body, up to the edges."""
        bar.setContentsMargins(16, 8, 10, 8)
        bar.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addLayout(body, 1)

    def add_zoom(self, bar: QHBoxLayout) -> None:
        """The buttons of the zoom."""
        for glyph, text, action in (
            ("zoom-out", tr("Zoom out (-)"), lambda: self.active_canvas().zoom_by(-1)),
            ("zoom-in", tr("Zoom in (+)"), lambda: self.active_canvas().zoom_by(1)),
            ("fit", tr("Fit the window (0)"), lambda: self.active_canvas().fit()),
            ("actual", tr("Actual size (1)"), lambda: self.active_canvas().actual()),
        ):
            bar.addWidget(viewer_button(self, glyph, text, action))

    def keys(self) -> dict[int, Callable[[], object]]:
        """What each key does."""
        return {
            _Key.Key_Escape: self._escape,
            _Key.Key_Plus: lambda: self.active_canvas().zoom_by(1),
            _Key.Key_Equal: lambda: self.active_canvas().zoom_by(1),
            _Key.Key_Minus: lambda: self.active_canvas().zoom_by(-1),
            _Key.Key_0: lambda: self.active_canvas().fit(),
            _Key.Key_1: lambda: self.active_canvas().actual(),
            _Key.Key_Return: lambda: self.active_canvas().toggle(),
            _Key.Key_F: self.full_screen_wanted.emit,
        }

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Everything that can be done here has a key, and is reached by Tab too."""
        if focus.click_focused_button(event):
            return
        action = self.keys().get(event.key())
        if action is None or event.modifiers() & _MODIFIERS:
            super().keyPressEvent(event)
        else:
            action()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The mouse's Back leaves; nothing under it may feel a click."""
        if event.button() == Qt.MouseButton.BackButton:
            self.leave()
        event.accept()

    def hideEvent(self, event: QHideEvent) -> None:
        """Give back the window as it was."""
        super().hideEvent(event)
        if not event.spontaneous() and self._window.isVisible():
            self._end_full_screen()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Cover the window whatever size it takes, and know whether the full screen was begun here."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._window.rect())
        elif watched is self._window and isinstance(event, QWindowStateChangeEvent):
            before = bool(event.oldState() & Qt.WindowState.WindowFullScreen)
            now = self._window.isFullScreen()
            if before != now:
                self._filled_screen = now and self.isVisible()
        return False

    # --- helpers -----------------------------------------------------------------------------------------

    def _escape(self) -> None:
        if not self._end_full_screen():
            self.leave()

    def _end_full_screen(self) -> bool:
        """End the full screen if it was begun here; whether it was."""
        begun, self._filled_screen = self._filled_screen, False
        if begun:
            self.full_screen_ended.emit()
        return begun
