"""The settings: pages, and a list to choose among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

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

from photosim.gui.base import theme
from photosim.gui.base.idle_steps import IdleSteps
from photosim.gui.base.screen import resize_within_screen
from photosim.gui.base.translation import tr
from photosim.gui.dialogs.settings_page import SettingsPage

Maker = Callable[[QWidget], SettingsPage]
"""Makes a page within a widget."""

_SIZE, _LIST_WIDTH = QSize(800, 620), 150  # logical pixels


class SettingsDialog(QDialog):
    """Stands beside the window, which can be used meanwhile; every change holds at once.

    A page is made when it is first turned to.
    """

    def __init__(self, pages: Sequence[tuple[str, Maker]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget(self)
        self.list.setObjectName("pages")
        self.list.setAccessibleName(tr("Pages"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFixedWidth(_LIST_WIDTH)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(QWidget(self.stack))
        self._makers = [maker for _, maker in pages]
        self._pages: dict[int, SettingsPage] = {}
        self._slices = IdleSteps(self)
        self.list.addItems([title for title, _ in pages])
        self.list.currentRowChanged.connect(self._turn)
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
        self.list.setFocus()

    def show_page(self, number: int) -> None:
        """Turn to a page; the last one is -1."""
        self.list.setCurrentRow(number % len(self._makers))

    def page(self, number: int) -> SettingsPage:
        """A page, made now if need be."""
        made = self._pages.get(number)
        if made is None:
            made = self._pages[number] = self._makers[number](self.stack)
            self.stack.addWidget(made)
        return made

    def _turn(self, number: int) -> None:
        if number in self._pages:
            self.stack.setCurrentWidget(self._pages[number])
        else:
            self.stack.setCurrentIndex(0)
            self._slices.add(self._make(number))

    def _make(self, number: int) -> Iterator[None]:
        yield  # the dialog is painted first, and the window without the keyboard
        page = self.page(number)
        yield
        theme.polish_widgets(page)
        yield
        if self.list.currentRow() == number:
            self.stack.setCurrentWidget(page)
