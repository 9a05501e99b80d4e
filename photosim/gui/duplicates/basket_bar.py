"""The bar below the groups: what the reviews so far move to the trash."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QVBoxLayout, QWidget

from photosim.duplicates.results import Basket
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.widgets.flow_layout import FlowWidget


@dataclass(frozen=True, slots=True)
class BasketSummary:
    """How many photos go to the trash, their bytes, and how many stay against a review."""

    photos: int = 0
    size: int = 0
    held_back: int = 0

    @classmethod
    def of(cls, basket: Basket) -> BasketSummary:
        """Sum a basket up; with thousands of photos that is for a job."""
        return cls(len(basket.photos), basket.size, len(basket.held_back))


class BasketBar(QWidget):
    """Says how many photos of reviewed groups go to the trash, and moves them there."""

    trash_requested = Signal(bool)
    """Move the photos to the trash; whether what they know is passed on to the kept photos."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status-strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._can_write, self._is_busy = True, False
        self.summary = BasketSummary()
        self.text, self.note = QLabel(self), QLabel(self)
        self.result = QLabel(self)
        self.note.setObjectName("quiet-text")
        self.pass_on = QCheckBox(tr("Pass on dates, side files and cluster names"), self)
        self.pass_on.setChecked(True)
        tip = tr("The kept photo gets the date, side files and cluster names that it doesn't have itself.")
        self.pass_on.setToolTip(formatting.plain_tooltip(tip))
        self.button = QPushButton(self)
        self.button.setObjectName("small-primary")
        self.button.clicked.connect(lambda: self.trash_requested.emit(self.pass_on.isChecked()))
        flow = FlowWidget(self, 12)
        for widget in (self.result, self.text, self.button, self.pass_on, self.note):
            flow.add_widget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 6, 12, 6)
        layout.addWidget(flow)
        for label in (self.text, self.note, self.result):
            label.setTextFormat(Qt.TextFormat.PlainText)
        height = self.button.sizeHint().height()
        for widget in (self.text, self.note, self.pass_on):
            widget.setMinimumHeight(height)  # level with the button
        self.result.setMinimumHeight(height)
        self.result.hide()
        self.show_basket(BasketSummary())

    def show_basket(self, summary: BasketSummary) -> None:
        """Show what goes to the trash."""
        self.summary = summary
        count = summary.photos
        photos = formatting.count_photos(count)
        if count:
            self.result.hide()
            size = formatting.format_size(summary.size)
            self.text.setText(tr("{photos}, {size}").format(photos=photos, size=size))
            self.button.setText(tr("Move %Ln photo(s) to trash", "", count))
        else:
            self.text.setText(tr("Nothing to move to the trash yet"))
            self.button.setText(tr("Move to trash"))
        self.text.setVisible(count > 0 or self.result.isHidden())
        held = summary.held_back
        self.note.setText(tr("%Ln photo(s) stay(s|): nothing else would be left", "", held) if held else "")
        self.note.setVisible(bool(held))
        self._update()

    @property
    def has_content(self) -> bool:
        """Whether there are photos to move, or a result to read."""
        return self.summary.photos > 0 or not self.result.isHidden()

    def set_busy(self, is_busy: bool) -> None:
        """Disable the button while photos are being moved."""
        self._is_busy = is_busy
        self._update()

    def show_result(self, text: str) -> None:
        """Say what became of the photos, until the basket has others."""
        self.result.setText(text)
        self.result.show()
        self.text.setVisible(self.summary.photos > 0)

    def set_writable(self, can_write: bool) -> None:
        """Enable the button while the library may be changed."""
        self._can_write = can_write
        self._update()

    def _update(self) -> None:
        self.button.setEnabled(self._can_write and not self._is_busy and self.summary.photos > 0)
        self.pass_on.setEnabled(self.button.isEnabled())
