"""The status area at the bottom of the window: strips with a progress bar, one for each kind of work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.translation import tr

BAR_STEPS = 1000
"""The maximum of the progress bar of a strip."""

_BAR_HEIGHT, _ICON_SIZE = 6, 18  # logical pixels

_HIDE_AFTER_MS = 10_000
"""How long a result is shown that needs no answer."""


class DeferredProgressBar(QProgressBar):
    """A progress bar that is repainted with the next frame.

    QProgressBar repaints itself, and whatever else of the window is due, within each call that changes it.
    """

    def setValue(self, value: int) -> None:
        self.setUpdatesEnabled(False)
        super().setValue(value)
        self.setUpdatesEnabled(True)

    def setRange(self, minimum: int, maximum: int) -> None:
        if (minimum, maximum) == (self.minimum(), self.maximum()):
            return
        self.setUpdatesEnabled(False)
        super().setRange(minimum, maximum)
        self.setUpdatesEnabled(True)


class StatusStrip(QWidget):
    """A status line over a progress bar, with Cancel while work is running and Close afterwards.

    Hidden until there is something to show. `title` names the progress bar for screen readers.
    """

    cancel_requested = Signal()
    started = Signal()
    """The strip became visible."""

    finished = Signal()
    """The work ended, and the strip shows its result."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status-strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.text = QLabel(self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setMinimumWidth(1)
        self.bar = DeferredProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(_BAR_HEIGHT)
        self.bar.setRange(0, BAR_STEPS)
        self.bar.setAccessibleName(title)
        self._hide_timer = QTimer(self, interval=_HIDE_AFTER_MS, singleShot=True)
        self._hide_timer.timeout.connect(self._hide_unless_used)

    @property
    def is_running(self) -> bool:
        """Whether the strip shows work that is running."""
        return self.isVisible() and self.bar.isVisible()

    def build(self, line: Sequence[QWidget], buttons: Sequence[QToolButton] = ()) -> None:
        """Lay out the widgets of the line over the bar, and the buttons, Cancel and Close beside them."""
        self.cancel_button = self.make_button(tr("Cancel"), self.cancel_requested.emit)
        self.close_button = self.make_button(tr("Close"), self.hide)
        row = QHBoxLayout()
        row.setSpacing(14)
        for widget in line:
            row.addWidget(widget)
        row.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.bar)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 10, 9)
        layout.setSpacing(4)
        layout.addLayout(column, 1)
        layout.addSpacing(10)
        for button in (*buttons, self.cancel_button, self.close_button):
            layout.addWidget(button)
        self.update_icons()
        self.hide()

    def make_link(self, text: str, callback: Callable[[], object]) -> QPushButton:
        """A button that looks like a link, for the line."""
        button = QPushButton(text, self)
        button.setObjectName("link")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(callback)
        return button

    def make_button(self, text: str, callback: Callable[[], object]) -> QToolButton:
        """A button whose icon is set in `update_icons`."""
        button = QToolButton(self)
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(_ICON_SIZE, _ICON_SIZE))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(callback)
        return button

    def update_icons(self) -> None:
        """Set the icons of all buttons in the colors of the palette."""
        for button in (self.cancel_button, self.close_button):
            button.setIcon(theme.icon("close"))

    def hide_later(self) -> None:
        """Hide the strip after some seconds, but not under the pointer or while one of its buttons has the focus."""
        self._hide_timer.start()

    def set_running(self, running: bool) -> None:
        """Show the bar and Cancel while work is running, Close when it has ended."""
        self._hide_timer.stop()
        self.bar.setVisible(running)
        self.cancel_button.setVisible(running)
        self.close_button.setVisible(not running)
        if self.isHidden():
            self.started.emit()
            self.show()
        if not running:
            self.finished.emit()

    def _hide_unless_used(self) -> None:
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._hide_timer.start()
        else:
            self.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update_icons()


class StatusArea(QWidget):
    """Stacks the strips, the latest on top: those that are running, and the one that finished last."""

    def __init__(self, strips: Sequence[StatusStrip], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strips = tuple(strips)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        for strip in self._strips:
            self._layout.addWidget(strip)
            strip.started.connect(partial(self._move_to_top, strip))
            strip.finished.connect(partial(self._hide_finished_except, strip))

    def _move_to_top(self, strip: StatusStrip) -> None:
        self._layout.removeWidget(strip)
        self._layout.insertWidget(0, strip)

    def _hide_finished_except(self, latest: StatusStrip) -> None:
        for strip in self._strips:
            if strip is not latest and not strip.is_running:
                strip.hide()
