"""A strip at the foot of the window: a line over a bar while something goes on, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.widgets.calm_bar import DeferredProgressBar

BAR_STEPS = 1000
_BAR_HEIGHT, _ICON = 6, 18  # logical pixels


class StatusStrip(QWidget):
    """Hidden until there is something to tell. `about` is what the bar measures, for a screen reader."""

    cancel_requested = Signal()
    started = Signal()
    """Something goes on, and nothing was shown before."""

    finished = Signal()
    """What went on is over, and the strip tells what came of it."""

    def __init__(self, about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.text = QLabel(self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setMinimumWidth(1)
        self.bar = DeferredProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(_BAR_HEIGHT)
        self.bar.setRange(0, BAR_STEPS)
        self.bar.setAccessibleName(about)

    @property
    def is_running(self) -> bool:
        """Whether it tells of something that goes on."""
        return self.isVisible() and self.bar.isVisible()

    def update_icons(self) -> None:
        """Take the icons of the present palette."""
        for button in (self.cancel_button, self.close_button):
            button.setIcon(theme.icon("close"))

    def build(self, line: Sequence[QWidget], buttons: Sequence[QToolButton] = ()) -> None:
        """Lay the line over the bar, and the buttons, Cancel and Close beside them."""
        self.cancel_button = self.make_button(tr("Cancel"), self.cancel_requested.emit)
        self.close_button = self.make_button(tr("Close"), self.hide)
        across = QHBoxLayout()
        across.setSpacing(14)
        for widget in line:
            across.addWidget(widget)
        across.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addLayout(across)
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

    def make_link(self, text: str, action: Callable[[], object]) -> QPushButton:
        """A button that reads as a word of the line."""
        button = QPushButton(text, self)
        button.setObjectName("link")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(action)
        return button

    def make_button(self, text: str, action: Callable[[], object]) -> QToolButton:
        """A button with an icon, which `apply` gives it."""
        button = QToolButton(self)
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(_ICON, _ICON))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(action)
        return button

    def set_running(self, running: bool) -> None:
        """Bar and Cancel while something goes on, Close when it is over."""
        self.bar.setVisible(running)
        self.cancel_button.setVisible(running)
        self.close_button.setVisible(not running)
        if self.isHidden():
            self.started.emit()
            self.show()
        if not running:
            self.finished.emit()
