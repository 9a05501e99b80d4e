"""The words under a slider: what its ends mean and where it stands; the ends go where there is no room for all."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from photosim.gui.base import theme

_GAP = 8  # logical pixels between two of them
_SMALL = 0.88


class SliderLabels(QWidget):
    """Never wider than what it lies in: no word is cut."""

    def __init__(self, first: str, last: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first, self.here, self.last = QLabel(first, self), QLabel(self), QLabel(last, self)
        self.here.setAlignment(Qt.AlignmentFlag.AlignCenter)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(_GAP)
        for label, stretch in ((self.first, 0), (self.here, 1), (self.last, 0)):
            label.setObjectName("small-text")
            theme.set_font(label, _SMALL)
            line.addWidget(label, stretch)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Where the slider stands."""
        return self.here.text()

    def set_text(self, text: str) -> None:
        """Say where the slider stands."""
        self.here.setText(text)
        self._fit()

    def sizeHint(self) -> QSize:
        """One line high."""
        return QSize(super().sizeHint().width(), self.here.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """It may become narrow, never lower."""
        return QSize(1, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See which words have room."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Other letters need other room."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        labels = (self.first, self.here, self.last)
        room = sum(label.sizeHint().width() for label in labels) + 2 * _GAP <= self.width()
        self.first.setVisible(room)
        self.last.setVisible(room)
