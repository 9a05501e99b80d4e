"""How certain the listed copies are, and what that means for the user."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.duplicates.certain_groups import LineText
from photosim.gui.widgets.elided_label import ElidedLabel

_LOWEST, _HIGHEST = 50, 100  # percent
_WIDTH = 110  # logical pixels
_DELAY_MS = 200
"""While the handle moves, nothing is listed anew."""


class CertaintyBar(QWidget):
    """A slider for the least certainty of the copies that are listed, a sentence about it, and the order to ask in."""

    line_changed = Signal(float)
    """The user moved the line: the confidence up to 1; 0 for all copies, at the lower end."""

    exited = Signal()
    """The user left the controls: the focus should return to the list."""

    useful_first_changed = Signal(bool)
    """The user wants to be asked about the groups first that teach most."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = LineText("", "")
        name = QLabel(tr("Certainty"), self)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(_LOWEST, _HIGHEST)
        self.slider.setPageStep(5)
        self.slider.setFixedWidth(_WIDTH)
        self.slider.setAccessibleName(tr("Certainty"))
        self._tip = tr("List copies that are at least this certain")
        self.slider.setToolTip(self._tip)
        name.setBuddy(self.slider)
        self.value = QLabel(self)
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance("100%"))
        self.sentence = ElidedLabel(self)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.useful_box = QCheckBox(tr("Most useful first"), self)
        self.useful_box.setToolTip(tr("Review the groups first that teach most about your verdicts"))
        self.useful_box.toggled.connect(self.useful_first_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 4, 0)
        row.setSpacing(8)
        for widget in (name, self.slider, self.value):
            row.addWidget(widget)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.useful_box)
        self._timer = QTimer(self, interval=_DELAY_MS, singleShot=True)
        self._timer.timeout.connect(
            lambda: self.line_changed.emit(self.line if self.slider.value() > _LOWEST else 0.0)
        )
        self.slider.valueChanged.connect(self._move)
        self._show_value()

    @property
    def line(self) -> float:
        """The confidence at the slider."""
        return self.slider.value() / 100

    def show_line(self, confidence: float) -> None:
        """Move the slider without a signal."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(confidence * 100))
        self._show_value()

    def show_useful_first(self, useful_first: bool) -> None:
        """Check the box without a signal."""
        with QSignalBlocker(self.useful_box):
            self.useful_box.setChecked(useful_first)

    def show_sentence(self, text: LineText) -> None:
        """Tell what the line means."""
        self._text = text
        self.slider.setAccessibleDescription(text.full)
        self.slider.setToolTip(formatting.plain_tooltip(self._tip, text.full))
        self._show_text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_text()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.exited.emit()
        else:
            event.accept()  # a key of the review has no effect here

    def _show_text(self) -> None:
        """Show the sentence, a few words where it does not fit, and nothing where these don't: a part says nothing."""
        width, metrics = self.sentence.width(), self.fontMetrics()
        fitting = (text for text in self._text if metrics.horizontalAdvance(text) <= width)
        self.sentence.set_text(next(fitting, ""))
        self.sentence.setToolTip(formatting.plain_tooltip(self._text.full))

    def _move(self) -> None:
        self._show_value()
        self._timer.start()

    def _show_value(self) -> None:
        self.value.setText(tr("{percent}%").format(percent=self.slider.value()))
