"""Pane of the comparison: name, buttons, image and facts of one photo."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMargins, QSize, Signal, SignalInstance
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.services.photo_loader import LoadedPhoto, full_size
from photosim.gui.viewer import compare_facts
from photosim.gui.viewer.compare_canvas import CompareCanvas
from photosim.gui.viewer.compare_facts import ComparedFact
from photosim.gui.viewer.overlay import viewer_button
from photosim.gui.widgets.elided_label import ElidedLabel
from photosim.gui.widgets.rich_text import RichTextBlock
from photosim.records import Photo

PANE_ICONS = ("folder", "trash", "close")


class ComparePane(QWidget):
    """Shows one of the compared photos."""

    show_in_folder_requested = Signal(Photo)
    trash_requested = Signal(Photo)
    remove_requested = Signal(Photo)

    photo: Photo

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured_for: tuple[str, int] | None = None
        self._measured_height = 0
        self.levels: list[QImage] = []
        """Mipmap levels of the image, the largest first; empty until it is loaded."""
        self.size_in_pixels = QSize()
        """The size of the photo, of which the image may be a smaller copy."""
        self.loaded: LoadedPhoto | None = None
        """The photo, None while its thumbnail is shown."""
        self.request: int | None = None
        """Id of the request that loads it."""
        self.canvas = CompareCanvas(self)
        self.canvas.setMinimumSize(120, 90)
        self.facts = RichTextBlock(self, QMargins(10, 6, 10, 10))
        self.name = ElidedLabel(self, theme.VIEWER_TEXT)
        theme.set_font(self.name, bold=True)
        self.name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._buttons: dict[QToolButton, str] = {}
        self.header = QHBoxLayout()
        self.header.setContentsMargins(10, 4, 4, 4)
        self.header.setSpacing(0)
        self.header.addWidget(self.name, 1)
        self.folder_button = self._button(
            PANE_ICONS[0], formatting.show_in_folder_text().replace("&", ""), self.show_in_folder_requested
        )
        self.trash_button = self._button(PANE_ICONS[1], tr("Move to trash"), self.trash_requested)
        self.remove_button = self._button(PANE_ICONS[2], tr("Remove from comparison"), self.remove_requested)
        self.trash_button.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.header)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.facts)

    def show_photo(self, photo: Photo) -> None:
        """Show another photo, whose image is still to be loaded."""
        self.photo = photo
        name = formatting.display_name(photo.path)
        self.name.set_text(name)
        for button, action in self._buttons.items():
            button.setAccessibleName(tr("{action}: {name}").format(action=action, name=name))
        self.size_in_pixels = full_size(photo, None)
        self.canvas.show_image((), self.size_in_pixels)
        self.canvas.show()

    def set_trash_visible(self, visible: bool) -> None:
        """Show or hide the button that moves the photo to the trash."""
        self.trash_button.setVisible(visible)

    def show_facts(self, lines: Sequence[Sequence[ComparedFact]]) -> None:
        """Show the lines of facts."""
        if self.facts.set_text(compare_facts.markup(lines)):
            self.facts.setAccessibleName(compare_facts.plain_text(lines))

    def show_thumbnail(self, image: QImage) -> None:
        """Show the thumbnail until the photo is loaded."""
        message = self.canvas.message  # why the photo itself could not be loaded
        self._show_image([image], full_size(self.photo, image))
        self.canvas.show_message(message)

    def show_loaded(self, loaded: LoadedPhoto) -> list[QImage]:
        """Show the photo without moving the view; returns the images to free that were shown before."""
        previous = [] if self.loaded is None else self.loaded.levels
        self.loaded = loaded
        self._show_image(loaded.levels, loaded.size)
        return previous

    def _show_image(self, levels: list[QImage], size: QSize) -> None:
        self.levels, self.size_in_pixels = levels, size
        self.canvas.show_image(levels, size, reset_view=False)

    def facts_height(self, width: int) -> int:
        """Return the height of the facts at a width, in logical pixels. The last result is cached."""
        key = self.facts.text(), width
        if key != self._measured_for:
            self._measured_for, self._measured_height = key, self.facts.height_for_width(width)
        return self._measured_height

    def release_image(self) -> list[QImage]:
        """Stop showing the image and return its levels, so that they can be freed."""
        levels, self.levels, self.loaded = self.levels, [], None
        self.canvas.show_image((), QSize())
        return levels

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # a click must not reach the widgets under the comparison

    def _button(self, icon: str, text: str, signal: SignalInstance) -> QToolButton:
        button = viewer_button(self, icon, text, lambda: signal.emit(self.photo), small=True)
        self._buttons[button] = text
        self.header.addWidget(button)
        return button
