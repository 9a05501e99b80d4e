"""Accessibility: names for screen readers, keyboard use, and the list of shortcuts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from photosim.gui.dialogs.shortcuts import ShortcutsDialog
from photosim.gui.main_window import MainWindow
from tests.support.window_driver import select_photo, wait_until_idle

CONTROLS = (
    *(QAbstractButton, QAbstractSlider, QAbstractSpinBox, QAbstractItemView),
    *(QComboBox, QLineEdit, QPlainTextEdit, QTextEdit),
)


def unnamed_controls(window: QWidget) -> list[QWidget]:
    """Return the controls without a name for screen readers, visible or not."""
    return [widget for widget in controls(window) if not accessible_name(widget)]


def controls(window: QWidget) -> Iterator[QWidget]:
    for widget in window.findChildren(QWidget):
        if isinstance(widget, QScrollBar | QHeaderView) or widget.objectName().startswith("qt_"):
            continue
        parents = widget.parent(), widget.parent() and widget.parent().parent()  # a list in its frame
        inside = any(
            isinstance(parent, QAbstractItemView | QAbstractSpinBox | QComboBox) for parent in parents
        )
        reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and type(widget) is not QWidget
        if not inside and (isinstance(widget, CONTROLS) or reached):
            yield widget


def accessible_name(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else widget.accessibleName()


def test_every_control_of_the_window_has_a_name_for_screen_readers(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 2.jpg")
    window.controllers.photos.view()
    window.views.viewer.set_info_visible(True)
    window.views.compare.open(list(window.views.browser.photo_model.photos[:3]))
    wait_until_idle(qtbot, window)
    found = list(controls(window))
    assert len(found) > 40
    assert unnamed_controls(window) == []


def test_every_control_of_the_dialogs_has_a_name_for_screen_readers(qtbot: QtBot, window: MainWindow) -> None:
    actions = window.views.actions
    for action in (actions.settings, actions.keep_rules, actions.shortcuts, actions.about):
        action.trigger()
    window.controllers.library.show_error(RuntimeError("the disk has melted"))
    wait_until_idle(qtbot, window)
    dialogs = window.findChildren(QDialog)
    assert len(dialogs) >= 5
    for dialog in dialogs:
        assert unnamed_controls(dialog) == [], dialog.windowTitle()
        dialog.close()


def open_shortcuts(window: MainWindow) -> ShortcutsDialog:
    window.views.actions.shortcuts.trigger()
    sheet = window.findChild(ShortcutsDialog)
    assert sheet is not None
    return sheet


def test_the_sheet_has_the_keys_of_every_action(window: MainWindow) -> None:
    sheet = open_shortcuts(window)
    listed = {key for _, keys in sheet.groups for key, _ in keys}
    actions = [action for action in window.findChildren(QAction) if not action.shortcut().isEmpty()]
    assert len(actions) > 15
    for action in actions:
        assert action.shortcut().toString() in listed, action.text()
    sheet.close()


def test_the_sheet_has_the_keys_of_the_viewer_the_comparison_and_the_original(window: MainWindow) -> None:
    sheet = open_shortcuts(window)
    groups = {title: " ".join(key for key, _ in keys) for title, keys in sheet.groups}
    same = {"PageUp": "Left", "PageDown": "Right", "Equal": "+", "Plus": "+", "Minus": "−", "Return": "Enter"}
    for title, keys in (
        ("Viewer", window.views.viewer.key_actions()),
        ("Comparison", window.views.compare.key_actions()),
        ("Original of an image", window.views.origin.key_actions()),
    ):
        for key in keys:
            name = Qt.Key(key).name.removeprefix("Key_")
            name = same.get(name, "Esc" if name == "Escape" else name)
            arrows = dict.fromkeys(("Up", "Down", "Left", "Right"), "Arrows")
            alike = arrows if title == "Comparison" else {"Up": "Left", "Down": "Right"}
            assert re.search(rf"(^|[\s,]){re.escape(alike.get(name, name))}($|[\s,])", groups[title]), (
                title,
                name,
            )
    sheet.close()


def test_tab_goes_round_the_window_and_back(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 2.jpg")
    window.views.browser.grid.setFocus()
    focused = []
    for _ in range(80):
        window.focusNextChild()
        focused.append(window.focusWidget())
        if focused[-1] is window.views.browser.grid:
            break
    assert focused[-1] is window.views.browser.grid, "nothing holds the keyboard"
    assert window.views.detail.similar.strictness in focused
    assert window.views.sources.tree in focused


def test_letters_that_are_keys_can_be_written(qtbot: QtBot, window: MainWindow) -> None:
    select_photo(qtbot, window, "scene 2 take 2.jpg")
    window.views.browser.grid.selectAll()
    line = window.views.search_field
    line.setFocus()
    qtbot.keyClicks(line, "cs?")
    assert line.text() == "cs?"
    assert not window.views.compare.isVisible()
    assert window.findChild(ShortcutsDialog) is None
