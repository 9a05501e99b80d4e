"""The dialog of the keep rules changes nothing before it is accepted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from photosim.duplicates.keep_rules import DEFAULT_RULES, KeepRule, KeepRuleSet
from photosim.gui.dialogs.keep_rules import KeepRulesDialog

Make = Callable[..., KeepRulesDialog]


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    parent = QWidget()
    qtbot.addWidget(parent)

    def make_dialog(rules: KeepRuleSet, folder: str = "", *, can_write: bool = True) -> KeepRulesDialog:
        dialog = KeepRulesDialog(rules, lambda: folder, parent, can_write=can_write)
        dialog.open()
        return dialog

    return make_dialog


def test_it_shows_the_rules_as_they_are_set(make: Make) -> None:
    rules = KeepRuleSet(
        copies=(KeepRule.EARLIER, KeepRule.PIXELS),
        bursts=(KeepRule.SHARPER,),
        protected=("/photos/best",),
        folders=("/photos/b", "/photos/a"),
        across_folders=True,
    )
    assert make(rules).rules == rules


def test_a_rule_is_moved_and_switched_off_by_keys(qtbot: QtBot, make: Make) -> None:
    dialog = make(KeepRuleSet())
    qtbot.keyClick(dialog.copies, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(dialog.copies, Qt.Key.Key_Space)
    assert dialog.rules.copies == (DEFAULT_RULES[1], *DEFAULT_RULES[2:]), (
        "the first one was moved, and is off"
    )
    assert dialog.rules.bursts == KeepRuleSet().bursts


def test_what_would_change_is_asked_for_once_after_several_changes(qtbot: QtBot, make: Make) -> None:
    dialog = make(KeepRuleSet())
    asked: list[KeepRuleSet] = []
    dialog.preview_requested.connect(asked.append)
    dialog.show_preview("With these rules, the same photos are kept.")
    dialog.across_box.click()
    assert dialog.preview.text() == "", "what it said is no longer true"
    dialog.copies.move_current(1)
    qtbot.waitUntil(lambda: bool(asked))
    assert asked == [dialog.rules]


def test_the_first_folder_of_the_order_switches_its_rule_on(make: Make) -> None:
    dialog = make(KeepRuleSet(), "/photos/best")
    dialog._add_folder()
    assert dialog.rules.folders == ("/photos/best",)
    assert dialog.rules.copies == (*DEFAULT_RULES[:-2], KeepRule.FOLDER, *DEFAULT_RULES[-2:])


def test_defaults_are_restored(make: Make) -> None:
    dialog = make(KeepRuleSet(copies=(KeepRule.LONGER_PATH,)))
    button = next(
        button
        for button in dialog.tabs.widget(0).findChildren(QPushButton)
        if button.text() == "Restore defaults"
    )
    button.click()
    assert dialog.rules.copies == DEFAULT_RULES


def test_a_read_only_library_keeps_its_rules(make: Make) -> None:
    assert not make(KeepRuleSet(), can_write=False).apply_button.isEnabled()
