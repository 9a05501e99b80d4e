"""Dialog of all keyboard shortcuts: those of the menus, and those of the views."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QMenuBar,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.screen import max_window_size, resize_within_screen
from photosim.gui.base.translation import tr

Group = tuple[str, Sequence[tuple[str, str]]]
"""Heading, and pairs of keys and descriptions."""

_COLUMNS, _COLUMN_WIDTH = 3, 400  # logical pixels of one column; fewer columns on small screens
_KEYS_WIDTH = 110  # logical pixels


class ShortcutsDialog(QDialog):
    """Lists the shortcuts in groups."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.groups = [*_menu_groups(window), *self._view_groups()]
        sheet = QWidget(self)
        columns = QHBoxLayout(sheet)
        columns.setContentsMargins(24, 22, 24, 8)
        columns.setSpacing(36)
        count = min(max(max_window_size(window).width() // _COLUMN_WIDTH, 1), _COLUMNS)
        for groups in _spread_over_columns(self.groups, count):
            column = QVBoxLayout()
            for group in groups:
                column.addLayout(_group_layout(group, sheet), 0)
                column.addSpacing(14)
            column.addStretch(1)
            columns.addLayout(column)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setWidget(sheet)
        self.area.setAccessibleName(self.windowTitle())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 16)
        layout.addWidget(self.area)
        footer = QHBoxLayout()
        footer.setContentsMargins(24, 0, 24, 0)
        footer.addWidget(buttons)
        layout.addLayout(footer)
        scroll_bar_width = self.area.verticalScrollBar().sizeHint().width()
        footer_height = buttons.sizeHint().height() + layout.spacing() + layout.contentsMargins().bottom()
        resize_within_screen(self, sheet.sizeHint() + QSize(scroll_bar_width, footer_height))

    def _view_groups(self) -> list[Group]:
        return [
            (
                tr("Grid"),
                (
                    (tr("Arrows, Page, Home, End"), tr("Move")),
                    (tr("Tab"), tr("Next pane")),
                    (tr("Shift+arrows"), tr("Extend selection")),
                    (_native_text("Ctrl+A"), tr("Select all")),
                    (_native_text("Ctrl+Space"), tr("Select or deselect one")),
                    (tr("Esc"), tr("Deselect all, leave a search")),
                    (tr("Space, Enter"), tr("Open viewer")),
                    ("+  −", tr("Search result: more or less like this")),
                    (tr("Up, Down, Page"), tr("Timeline: by month, by year")),
                ),
            ),
            (
                tr("Viewer"),
                (
                    (tr("Left, Right"), tr("Previous, next")),
                    (tr("Home, End"), tr("First, last")),
                    ("+  −", tr("Zoom")),
                    ("0, 1", tr("Fit to window, actual size")),
                    (tr("Enter"), tr("Toggle fit / 100%")),
                    ("F", tr("Toggle full screen")),
                    ("I", tr("Photo info")),
                    ("M, G", tr("Show on OpenStreetMap, show cluster")),
                    ("R", tr("Search by selection")),
                    ("O, N, S", tr("Outline objects, next object, find it")),
                    (tr("Esc, Space"), tr("Back to the grid")),
                ),
            ),
            (
                tr("Map"),
                (
                    (tr("Arrows"), tr("Next photo in a direction")),
                    (tr("Shift+arrows"), tr("Move the map")),
                    ("+  −  0", tr("Zoom, show all")),
                    (tr("Enter"), tr("Open viewer")),
                    (tr("Esc"), tr("Deselect")),
                    (_native_text("Ctrl+A"), tr("Open the photos shown")),
                    (tr("Shift+drag"), tr("Open the photos of an area")),
                    ("L", tr("Draw around photos to open them")),
                ),
            ),
            (
                tr("Duplicates"),
                (
                    (tr("Up, Down"), tr("Previous, next group")),
                    ("J, Shift+J", tr("Next, previous group")),
                    (tr("Left, Right"), tr("Choose a photo")),
                    ("1–9", tr("Keep or trash photo 1–9")),
                    ("K", tr("Keep this, trash the others")),
                    ("A", tr("Keep all")),
                    ("N", tr("Not the same")),
                    ("Shift+N", tr("This one is not the same")),
                    ("U", tr("Undo the last decision")),
                    (tr("Space"), tr("Flick between two")),
                    ("S, D", tr("Split view, difference")),
                    ("+  −  0", tr("Zoom, fit to window")),
                    ("L", tr("Link / unlink zoom")),
                    (tr("Enter"), tr("Open comparison")),
                    (tr("Esc"), tr("Back to all photos")),
                ),
            ),
            (
                tr("Original of an image"),
                (
                    (tr("Left, Right"), tr("Previous, next")),
                    ("L", tr("Show in library")),
                    ("+  −", tr("Zoom")),
                    ("0, 1", tr("Fit to window, actual size")),
                    (tr("Enter"), tr("Toggle fit / 100%")),
                    ("F", tr("Toggle full screen")),
                    (tr("Esc"), tr("Back to the grid")),
                ),
            ),
            (
                tr("Comparison"),
                (
                    (tr("Arrows"), tr("Move")),
                    ("+  −", tr("Zoom")),
                    ("0, 1", tr("Fit to window, actual size")),
                    (tr("Enter"), tr("Toggle fit / 100%")),
                    ("L", tr("Link / unlink zoom")),
                    ("S", tr("Split view")),
                    ("W", tr("Why similar?")),
                    ("F", tr("Toggle full screen")),
                    (tr("Esc"), tr("Back to the grid")),
                ),
            ),
        ]


def _menu_groups(window: QWidget) -> Iterator[Group]:
    bar = window.findChild(QMenuBar)
    for entry in bar.actions() if bar is not None else ():
        menu = entry.menu()
        if isinstance(menu, QMenu):
            keys = [
                (
                    action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
                    _plain_text(action.text()),
                )
                for action in _actions(menu)
                if not action.shortcut().isEmpty()
            ]
            if keys:
                yield _plain_text(entry.text()), keys


def _actions(menu: QMenu) -> Iterator[QAction]:
    for action in menu.actions():
        submenu = action.menu()
        if isinstance(submenu, QMenu):
            yield from _actions(submenu)
        if not isinstance(submenu, QMenu) or not action.shortcut().isEmpty():
            yield action


def _plain_text(text: str) -> str:
    """Return the text of a menu or action without mnemonic and ellipsis."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").removesuffix("…")


def _native_text(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def _spread_over_columns(groups: Sequence[Group], count: int) -> list[list[Group]]:
    """Distribute the groups in order over columns of about the same height."""
    total = sum(len(keys) + 2 for _, keys in groups)
    columns: list[list[Group]] = [[] for _ in range(count)]
    rows_above = 0
    for group in groups:
        height = len(group[1]) + 2
        columns[min(count * (rows_above + height // 2) // total, count - 1)].append(group)
        rows_above += height
    return columns


def _group_layout(group: Group, parent: QWidget) -> QGridLayout:
    title, keys = group
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(5)
    heading = QLabel(title, parent)
    heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    theme.set_font(heading, bold=True)
    grid.addWidget(heading, 0, 0, 1, 2)
    for row, (key, text) in enumerate(keys, 1):
        for column, label in enumerate((QLabel(key, parent), QLabel(text, parent))):
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            label.setObjectName("" if column else "quiet-text")
            grid.addWidget(label, row, column)
    grid.setColumnMinimumWidth(0, _KEYS_WIDTH)
    grid.setColumnStretch(1, 1)
    return grid
