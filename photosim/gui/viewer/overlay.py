"""Dark view over the whole window, shared by the viewer and the comparison, with its zoom, keys and full screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPaintEvent,
    QPalette,
    QRegion,
    QWindowStateChangeEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLayout, QToolButton, QVBoxLayout, QWidget

from photosim.gui.base import focus, formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.viewer.canvas import ImageCanvas

_MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_ICON, _SMALL_ICON = 20, 18  # logical pixels
_Key = Qt.Key


class Overlay(QWidget):
    """Base of the views that cover the window; Escape and the mouse's Back button dismiss them.

    Full screen that began while an overlay was open ends with it. Escape ends the full screen first.
    """

    full_screen_toggle_requested = Signal()
    full_screen_ended = Signal()
    """The full screen that began in this overlay is to end."""

    def __init__(self, window: QWidget, name: str) -> None:
        super().__init__(window)
        self._window = window
        self._began_full_screen = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoFillBackground(True)
        self.setAccessibleName(name)
        palette = QPalette(theme.palette(dark=True))
        palette.setColor(QPalette.ColorRole.Window, theme.VIEWER_BACKGROUND)
        palette.setColor(QPalette.ColorRole.WindowText, theme.VIEWER_TEXT)
        self.setPalette(palette)
        self._paint_mask = PaintMask(window, theme.VIEWER_BACKGROUND)
        window.installEventFilter(self)
        self.hide()

    def active_canvas(self) -> ImageCanvas:
        """Return the canvas that zoom commands apply to."""
        raise NotImplementedError

    def dismiss(self) -> None:
        """Close the overlay and free what it shows."""
        raise NotImplementedError

    def show_overlay(self) -> None:
        """Cover the window and take the keyboard focus."""
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self.setFocus()

    def hide_overlay(self) -> None:
        """Reveal the window, its centre first. The focus is cleared: set it anew afterwards."""
        widget = QApplication.focusWidget()
        if widget is not None and (widget is self or self.isAncestorOf(widget)):
            widget.clearFocus()  # otherwise Qt searches the whole window for the next focus widget
        centre = self._window.findChild(QWidget, "browser")
        if centre is not None and self.isVisible():
            self._paint_mask.cover_all_but(QRect(centre.mapTo(self._window, QPoint()), centre.size()))
        self.hide()

    def set_layout(self, bar: QLayout, body: QLayout) -> None:
        """Lay out the bar above the body."""
        bar.setContentsMargins(16, 8, 10, 8)
        bar.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addLayout(body, 1)

    def add_zoom_buttons(self, bar: QHBoxLayout) -> None:
        """Append the zoom buttons to a bar."""
        for icon, text, action in (
            ("zoom-out", tr("Zoom out (-)"), lambda: self.active_canvas().zoom_by(-1)),
            ("zoom-in", tr("Zoom in (+)"), lambda: self.active_canvas().zoom_by(1)),
            ("fit", tr("Fit to window (0)"), lambda: self.active_canvas().fit()),
            ("actual", tr("Actual size (1)"), lambda: self.active_canvas().show_actual_size()),
        ):
            bar.addWidget(viewer_button(self, icon, text, action))

    def key_actions(self) -> dict[int, Callable[[], object]]:
        """Return the action of each key."""
        return {
            _Key.Key_Escape: self._escape,
            _Key.Key_Plus: lambda: self.active_canvas().zoom_by(1),
            _Key.Key_Equal: lambda: self.active_canvas().zoom_by(1),
            _Key.Key_Minus: lambda: self.active_canvas().zoom_by(-1),
            _Key.Key_0: lambda: self.active_canvas().fit(),
            _Key.Key_1: lambda: self.active_canvas().show_actual_size(),
            _Key.Key_Return: lambda: self.active_canvas().toggle_fit(),
            _Key.Key_F: self.full_screen_toggle_requested.emit,
        }

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if focus.click_focused_button(event):
            return
        action = self.key_actions().get(event.key())
        if action is None or event.modifiers() & _MODIFIERS:
            super().keyPressEvent(event)
        else:
            action()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.BackButton:
            self.dismiss()
        event.accept()  # a click must not reach the widgets under the overlay

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous() and self._window.isVisible():
            self._end_full_screen()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Follow the size of the window, and note whether its full screen began in this overlay."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._window.rect())
        elif watched is self._window and isinstance(event, QWindowStateChangeEvent):
            was_full_screen = bool(event.oldState() & Qt.WindowState.WindowFullScreen)
            is_full_screen = self._window.isFullScreen()
            if was_full_screen != is_full_screen:
                self._began_full_screen = is_full_screen and self.isVisible()
        return False

    def _escape(self) -> None:
        if not self._end_full_screen():
            self.dismiss()

    def _end_full_screen(self) -> bool:
        """End the full screen if it began in this overlay; return whether it did."""
        began, self._began_full_screen = self._began_full_screen, False
        if began:
            self.full_screen_ended.emit()
        return began


class PaintMask(QWidget):
    """Cover of the less important parts of a window, which delays their painting by one event-loop iteration."""

    def __init__(self, window: QWidget, color: QColor) -> None:
        super().__init__(window)
        self._window = window
        self._hide_timer = QTimer(self, interval=0, singleShot=True)
        self._hide_timer.timeout.connect(self.hide)
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Window, color)
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def cover_all_but(self, exposed: QRect) -> None:
        """Cover the window except for this rectangle, until the window has been painted."""
        self.setGeometry(self._window.rect())
        self.setMask(QRegion(self.rect()) - QRegion(exposed))
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self._hide_timer.start()


def viewer_button(
    parent: QWidget, icon: str, text: str, action: Callable[..., object], *, small: bool = False
) -> QToolButton:
    """Create an icon button for an overlay. Tab reaches it, but a click leaves the focus on the photo."""
    button = QToolButton(parent)
    button.setObjectName("viewer-button")
    button.setIcon(theme.icon(icon, theme.VIEWER_TEXT))
    edge = _SMALL_ICON if small else _ICON
    button.setIconSize(QSize(edge, edge))
    button.setToolTip(formatting.plain_tooltip(text))
    button.setAccessibleName(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(action)
    return button


def action_button(parent: QWidget, icon: str, action: QAction) -> QToolButton:
    """Create an icon button for an overlay that triggers an action of the window."""
    text = action.text().replace("&", "")
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    button = viewer_button(parent, icon, f"{text} ({keys})" if keys else text, action.trigger)
    action.enabledChanged.connect(button.setEnabled)
    return button
