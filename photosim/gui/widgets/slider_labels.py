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
        self.min_label, self.value_label, self.max_label = (
            QLabel(first, self),
            QLabel(self),
            QLabel(last, self),
        )
        self.value_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(_GAP)
        for label, stretch in ((self.min_label, 0), (self.value_label, 1), (self.max_label, 0)):
            label.setObjectName("small-text")
            theme.set_font(label, _SMALL)
            line.addWidget(label, stretch)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def value_text(self) -> str:
        """Where the slider stands."""
        return self.value_label.text()

    def set_value_text(self, text: str) -> None:
        """Say where the slider stands."""
        self.value_label.setText(text)
        self._fit()

    def sizeHint(self) -> QSize:
        """One line high."""
        return QSize(super().sizeHint().width(), self.value_label.sizeHint().height())

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
        labels = (self.min_label, self.value_label, self.max_label)
        room = sum(label.sizeHint().width() for label in labels) + 2 * _GAP <= self.width()
        self.min_label.setVisible(room)
        self.max_label.setVisible(room)
