"""The strip at the foot of the window while files are copied, moved or thrown away, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from photosim.gui import theme

_BAR_STEPS, _BAR_HEIGHT = 1000, 6
_ICON = 18


class DoingStrip(QWidget):
    """Hidden until there is something to tell. `undo` is the action that takes back what was done."""

    cancel = Signal()
    why = Signal()
    """The person wants to know what went wrong."""

    def __init__(self, undo: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._undo = undo
        self.text = QLabel(self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setMinimumWidth(1)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(_BAR_HEIGHT)
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setAccessibleName(self.tr("Files"))
        self.undo_button = self._link(self.tr("Undo"), undo.trigger)
        self.why_button = self._link(self.tr("Show why"), self.why.emit)
        self.cancel_button = self._button(self.tr("Cancel"), self.cancel.emit)
        self.close_button = self._button(self.tr("Close"), self.hide)
        undo.changed.connect(self._follow_undo)
        self._build()
        self.dress()
        self.hide()

    def begin(self, text: str) -> None:
        """Something begins."""
        self._lay_out(running=True)
        self.cancel_button.setEnabled(True)
        self.text.setText(text)
        self.bar.setRange(0, 0)

    def go_on(self, text: str, share: float) -> None:
        """So much of it is done, 0..1."""
        self.text.setText(text)
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setValue(round(_BAR_STEPS * share))

    def stop(self) -> None:
        """The person wants no more of it."""
        self.cancel_button.setEnabled(False)
        self.text.setText(self.tr("Stopping after this file…"))

    def finish(self, text: str, *, undoes: str = "", failed: bool = False) -> None:
        """Tell what came of it; `undoes` is the name of what Undo would take back now."""
        self._lay_out(running=False)
        self.text.setText(text)
        self._undoes = undoes
        self.why_button.setVisible(failed)
        self._follow_undo()

    def dress(self) -> None:
        """Take the icons of the present palette."""
        for button in (self.cancel_button, self.close_button):
            button.setIcon(theme.glyph("close"))

    # --- helpers -----------------------------------------------------------------------------------------

    _undoes = ""

    def _build(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(14)
        for widget in (self.text, self.undo_button, self.why_button):
            line.addWidget(widget)
        line.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addLayout(line)
        column.addWidget(self.bar)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 10, 9)
        layout.setSpacing(4)
        layout.addLayout(column, 1)
        layout.addSpacing(10)
        layout.addWidget(self.cancel_button)
        layout.addWidget(self.close_button)

    def _link(self, text: str, action: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName("link")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(action)
        return button

    def _button(self, text: str, action: object) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(_ICON, _ICON))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(action)
        return button

    def _lay_out(self, *, running: bool) -> None:
        self.bar.setVisible(running)
        self.cancel_button.setVisible(running)
        self.close_button.setVisible(not running)
        self.why_button.hide()
        self.undo_button.hide()
        self.show()

    def _follow_undo(self) -> None:
        """Offer Undo only as long as it would take back what this strip tells of."""
        mine = bool(self._undoes) and self._undo.isEnabled() and self._undoes in self._undo.text()
        self.undo_button.setVisible(mine and self.close_button.isVisibleTo(self))
