"""Settings dialog and the base class of its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.idle_steps import IdleSteps
from photosim.gui.base.screen import resize_within_screen
from photosim.gui.base.translation import tr

_SIZE, _LIST_WIDTH = QSize(800, 620), 150  # logical pixels


class SettingsPage(QWidget):
    """A page with a title and rows of a name, a control and a note."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel(self.title(), self)
        theme.set_font(title, 1.3, bold=True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 12)
        self.column.setSpacing(16)
        self.column.addWidget(title)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(18)
        self.column.addLayout(self._rows)

    @classmethod
    def title(cls) -> str:
        """Return the title, which also names the page in the list of pages."""
        raise NotImplementedError

    def add_row(self, name: str, control: QWidget, note: str = "") -> None:
        """Append a row: the name, the note below it, and the control at the right."""
        label = QLabel(name, self)
        label.setBuddy(control)
        if not control.accessibleName():
            control.setAccessibleName(name)
        control.setAccessibleDescription(note)
        row = QHBoxLayout()
        row.setSpacing(16)
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(label)
        if note:
            note_label = QLabel(note, self)
            note_label.setObjectName("quiet-text")
            note_label.setTextFormat(Qt.TextFormat.PlainText)
            note_label.setWordWrap(True)
            text.addWidget(note_label)
        row.addLayout(text, 1)
        row.addWidget(control, alignment=Qt.AlignmentFlag.AlignTop)
        self._rows.addLayout(row)


PageFactory = Callable[[QWidget], SettingsPage]
"""Creates a page with the given parent."""


class SettingsDialog(QDialog):
    """Modeless dialog whose changes apply at once. Each page is created when it is first opened."""

    def __init__(self, pages: Sequence[tuple[str, PageFactory]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget(self)
        self.list.setObjectName("pages")
        self.list.setAccessibleName(tr("Pages"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFixedWidth(_LIST_WIDTH)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(QWidget(self.stack))  # shown until the page is ready
        self._factories = [factory for _, factory in pages]
        self._pages: dict[int, SettingsPage] = {}
        self._idle_steps = IdleSteps(self)
        self.list.addItems([title for title, _ in pages])
        self.list.currentRowChanged.connect(self._open_page)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        body = QVBoxLayout()
        body.setContentsMargins(0, 0, 16, 14)
        body.addWidget(self.stack, 1)
        body.addWidget(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.list)
        layout.addLayout(body, 1)
        resize_within_screen(self, _SIZE)
        self.list.setFocus()

    def show_page(self, index: int) -> None:
        """Open a page by its index; negative indexes count from the end."""
        self.list.setCurrentRow(index % len(self._factories))

    def page(self, index: int) -> SettingsPage:
        """Return a page, creating it if necessary."""
        page = self._pages.get(index)
        if page is None:
            page = self._pages[index] = self._factories[index](self.stack)
            self.stack.addWidget(page)
        return page

    def _open_page(self, index: int) -> None:
        if index in self._pages:
            self.stack.setCurrentWidget(self._pages[index])
        else:
            self.stack.setCurrentIndex(0)
            self._idle_steps.add(self._create_page(index))

    def _create_page(self, index: int) -> Iterator[None]:
        yield  # paint the dialog first
        page = self.page(index)
        yield
        theme.polish_widgets(page)
        yield
        if self.list.currentRow() == index:
            self.stack.setCurrentWidget(page)
