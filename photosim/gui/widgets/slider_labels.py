"""The labels under a slider: its minimum, its value and its maximum."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from photosim.gui.base import theme

_SPACING = 8  # logical pixels
_FONT_SCALE = 0.88


class SliderLabels(QWidget):
    """Hides the labels of both ends where there is no room for all three; no text is cut."""

    def __init__(self, minimum: str, maximum: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.min_label, self.value_label = QLabel(minimum, self), QLabel(self)
        self.max_label = QLabel(maximum, self)
        self.value_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(_SPACING)
        for label, stretch in ((self.min_label, 0), (self.value_label, 1), (self.max_label, 0)):
            label.setObjectName("small-text")
            theme.set_font(label, _FONT_SCALE)
            layout.addWidget(label, stretch)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def value_text(self) -> str:
        """The text for the current value."""
        return self.value_label.text()

    def set_value_text(self, text: str) -> None:
        """Set the text for the current value."""
        self.value_label.setText(text)
        self._update_visibility()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.value_label.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_visibility()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._update_visibility()

    def _update_visibility(self) -> None:
        labels = (self.min_label, self.value_label, self.max_label)
        needed = sum(label.sizeHint().width() for label in labels) + 2 * _SPACING
        self.min_label.setVisible(needed <= self.width())
        self.max_label.setVisible(needed <= self.width())
