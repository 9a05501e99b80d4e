"""One of the photos that are compared: its name, what can be done with it, the picture, and its facts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMargins, QSize, Signal, SignalInstance
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.services.photo_loader import full_size
from photosim.gui.viewer import compare_facts
from photosim.gui.viewer.compare_canvas import CompareCanvas
from photosim.gui.viewer.compare_facts import ComparedFact
from photosim.gui.viewer.overlay import viewer_button
from photosim.gui.widgets.elided_label import ElidedLabel
from photosim.gui.widgets.rich_text import RichTextBlock
from photosim.records import Photo

PANE_ICONS = ("folder", "trash", "close")


class ComparePane(QWidget):
    """Passes on what the person wants to do with its photo."""

    show_in_folder_requested = Signal(Photo)
    trash_requested = Signal(Photo)
    remove_requested = Signal(Photo)

    photo: Photo

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured_for: tuple[str, int] | None = None
        self._measured_height = 0
        self.levels: list[QImage] = []
        """The photo and its smaller copies, as far as they are there."""
        self.canvas = CompareCanvas(self)
        self.canvas.setMinimumSize(120, 90)
        self.facts = RichTextBlock(self, QMargins(10, 6, 10, 10))
        self.name = ElidedLabel(self, theme.VIEWER_TEXT)
        theme.set_font(self.name, bold=True)
        self.name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.head = QHBoxLayout()
        self.head.setContentsMargins(10, 4, 4, 4)
        self.head.setSpacing(0)
        self.head.addWidget(self.name, 1)
        self.folder_button = self._button(
            PANE_ICONS[0], tr("Show in its folder"), self.show_in_folder_requested
        )
        self.trash_button = self._button(PANE_ICONS[1], tr("Move to the trash"), self.trash_requested)
        self.remove_button = self._button(PANE_ICONS[2], tr("Leave out"), self.remove_requested)
        self.trash_button.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.head)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.facts)

    def show_photo(self, photo: Photo) -> None:
        """Be about another photo, whose picture is still to come."""
        self.photo = photo
        name = formatting.display_name(photo.path)
        self.name.set_text(name)
        for button, text in (
            (self.folder_button, tr("Show {name} in its folder")),
            (self.trash_button, tr("Move {name} to the trash")),
            (self.remove_button, tr("Leave {name} out of the comparison")),
        ):
            button.setToolTip(formatting.plain_tooltip(text.format(name=name)))
            button.setAccessibleName(text.format(name=name))
        self.canvas.show_image((), full_size(photo, None))
        self.canvas.show()

    def offer_trash(self, offered: bool) -> None:
        """Whether there is somebody who moves photos to the trash."""
        self.trash_button.setVisible(offered)

    def show_facts(self, lines: Sequence[Sequence[ComparedFact]]) -> None:
        """Show the photo's facts."""
        if self.facts.set_text(compare_facts.markup(lines)):
            self.facts.setAccessibleName(compare_facts.plain_text(lines))

    def show_image(self, levels: list[QImage]) -> None:
        """Show the photo, or its thumbnail until that is there; the view stays as it is."""
        self.levels = levels
        self.canvas.show_image(levels, full_size(self.photo, levels[0]), reset_view=False)

    def facts_height(self, width: int) -> int:
        """How high the facts are at this width; what is known is not measured again."""
        asked = self.facts.text(), width
        if asked != self._measured_for:
            self._measured_for, self._measured_height = asked, self.facts.height_for_width(width)
        return self._measured_height

    def release_image(self) -> list[QImage]:
        """The picture, which is no longer shown."""
        levels, self.levels = self.levels, []
        self.canvas.show_image((), QSize())
        return levels

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Nothing under the comparison may feel a click."""
        event.accept()

    def _button(self, glyph: str, text: str, wanted: SignalInstance) -> QToolButton:
        button = viewer_button(self, glyph, text, lambda: wanted.emit(self.photo), small=True)
        self.head.addWidget(button)
        return button
