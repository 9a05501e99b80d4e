"""The settings: pages, and a list to choose among them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.screen_room import resize_within_screen
from photosim.gui.settings_page import SettingsPage

_SIZE, _LIST_WIDTH = QSize(800, 620), 150  # logical pixels


class SettingsDialog(QDialog):
    """Stands beside the window, which can be used meanwhile; every change holds at once."""

    def __init__(self, pages: Sequence[SettingsPage], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget(self)
        self.list.setObjectName("pages")
        self.list.setAccessibleName(self.tr("Pages"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFixedWidth(_LIST_WIDTH)
        self.stack = QStackedWidget(self)
        self.pages = tuple(pages)
        for page in pages:
            self.list.addItem(page.title)
            self.stack.addWidget(page)
        self.list.currentRowChanged.connect(self.stack.setCurrentIndex)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        box.rejected.connect(self.reject)
        body = QVBoxLayout()
        body.setContentsMargins(0, 0, 16, 14)
        body.addWidget(self.stack, 1)
        body.addWidget(box)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.list)
        layout.addLayout(body, 1)
        resize_within_screen(self, _SIZE)
        self.show_page(pages[0])
        self.list.setFocus()

    def show_page(self, page: QWidget) -> None:
        """Turn to a page."""
        self.list.setCurrentRow(self.stack.indexOf(page))
