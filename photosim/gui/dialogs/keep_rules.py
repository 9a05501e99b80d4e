"""Dialog of the rules that choose which photo of a group to keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from photosim.duplicates.keep_rules import BURST_RULES, DEFAULT_RULES, NAME_RULES, KeepRule, KeepRuleSet
from photosim.gui.base import formatting
from photosim.gui.base.screen import resize_within_screen
from photosim.gui.base.translation import tr
from photosim.gui.state.duplicates.keep_rules import ordered_rules, rule_name
from photosim.gui.widgets.ordered_list import OrderedList

_SIZE = QSize(560, 520)  # logical pixels
_PREVIEW_DELAY_MS = 250
"""While one drags or types on, nothing is computed."""


class KeepRulesDialog(QDialog):
    """Edits a KeepRuleSet; nothing applies before it is accepted."""

    preview_requested = Signal(object)
    """Tell by `show_preview` what this KeepRuleSet would change."""

    def __init__(
        self, rules: KeepRuleSet, ask_folder: Callable[[], str], parent: QWidget, *, can_write: bool = True
    ) -> None:
        """`ask_folder` returns "" where the user chooses none."""
        super().__init__(parent)
        self.setWindowTitle(tr("Keep rules"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._initial, self._ask_folder = rules, ask_folder
        self.copies, self.bursts = OrderedList(self, checkable=True), OrderedList(self, checkable=True)
        self.folders = OrderedList(self)
        self.across_box = QCheckBox(tr("Only across folders"), self)
        self.across_box.setChecked(rules.across_folders)
        self.preview = QLabel(self)
        self.preview.setObjectName("quiet-text")
        self.preview.setWordWrap(True)
        self.preview.setMinimumHeight(self.preview.fontMetrics().lineSpacing() * 2)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.windowTitle())
        self.tabs.tabBar().setAccessibleName(self.windowTitle())
        self.tabs.addTab(self._rules_tab(self.copies, tr("Rules for copies"), DEFAULT_RULES), tr("Copies"))
        self.tabs.addTab(self._rules_tab(self.bursts, tr("Rules for bursts"), BURST_RULES), tr("Bursts"))
        self.tabs.addTab(self._folders_tab(), tr("Folders"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.apply_button = self.buttons.addButton(tr("Apply"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.apply_button.setEnabled(can_write)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        _show_rules(self.copies, rules.copies)
        _show_rules(self.bursts, rules.bursts)
        for folder in rules.folders:
            self.folders.add_value(folder, formatting.display_path(folder))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.preview)
        layout.addWidget(self.buttons)
        self._timer = QTimer(self, interval=_PREVIEW_DELAY_MS, singleShot=True)
        self._timer.timeout.connect(lambda: self.preview_requested.emit(self.rules))
        for ordered in (self.copies, self.bursts, self.folders):
            ordered.changed.connect(self._schedule_preview)
        self.across_box.toggled.connect(self._schedule_preview)
        resize_within_screen(self, _SIZE)
        self.copies.setFocus()

    @property
    def rules(self) -> KeepRuleSet:
        """The rules as they are shown."""
        return replace(
            self._initial,
            copies=tuple(map(KeepRule, self.copies.checked_values)),
            bursts=tuple(map(KeepRule, self.bursts.checked_values)),
            folders=tuple(self.folders.checked_values),
            across_folders=self.across_box.isChecked(),
        )

    def show_preview(self, text: str) -> None:
        """Show what the rules would change."""
        self.preview.setText(text)

    def _schedule_preview(self) -> None:
        self.preview.setText("")
        self._timer.start()

    def _rules_tab(self, ordered: OrderedList, name: str, defaults: Sequence[KeepRule]) -> QWidget:
        text = tr("The first rule that tells the photos of a group apart decides which one to keep.")
        restore = QPushButton(tr("Restore defaults"), self)
        restore.clicked.connect(lambda: _show_rules(ordered, defaults))
        return self._tab(ordered, name, text, (restore,))

    def _folders_tab(self) -> QWidget:
        text = tr("Of copies in these folders, the one in the folder at the top is kept.")
        add = QPushButton(tr("Add folder…"), self)
        add.clicked.connect(self._add_folder)
        remove = QPushButton(tr("Remove"), self)
        remove.clicked.connect(self.folders.remove_current)
        tab = self._tab(self.folders, tr("Order of folders"), text, (add, remove))
        note = QLabel(tr("Photos in the same folder are not compared with each other."), self)
        note.setObjectName("quiet-text")
        note.setWordWrap(True)
        note.setIndent(self.across_box.sizeHint().height())
        self.across_box.setAccessibleDescription(note.text())
        column = tab.layout()
        assert isinstance(column, QVBoxLayout)
        column.addWidget(self.across_box)
        column.addWidget(note)
        return tab

    def _tab(self, ordered: OrderedList, name: str, text: str, buttons: Sequence[QPushButton]) -> QWidget:
        ordered.setAccessibleName(name)
        ordered.setAccessibleDescription(tr("Alt+Up and Alt+Down move an item."))
        tab = QWidget(self)
        label = QLabel(text, tab)
        label.setWordWrap(True)
        up, down = QPushButton(tr("Move up"), tab), QPushButton(tr("Move down"), tab)
        for button, step, key in ((up, -1, tr("Alt+Up")), (down, 1, tr("Alt+Down"))):
            button.setToolTip(f"{button.text()} ({key})")
            button.clicked.connect(lambda _=False, step=step: ordered.move_current(step))
        side = QVBoxLayout()
        for button in (up, down, *buttons):
            button.setAutoDefault(False)
            side.addWidget(button)
        side.addStretch(1)
        row = QHBoxLayout()
        row.addWidget(ordered, 1)
        row.addLayout(side)
        column = QVBoxLayout(tab)
        column.setContentsMargins(0, 10, 0, 0)
        column.addWidget(label)
        column.addLayout(row, 1)
        return tab

    def _add_folder(self) -> None:
        if folder := self._ask_folder():
            self.folders.add_value(folder, formatting.display_path(folder))
            if KeepRule.FOLDER not in map(KeepRule, self.copies.checked_values):
                self._check_folder_rule()

    def _check_folder_rule(self) -> None:
        """Let the order of folders count for copies, before what always decides."""
        rules = [KeepRule(value) for value in self.copies.checked_values]
        names = [rule for rule in rules if rule in NAME_RULES]
        others = [rule for rule in rules if rule not in names]
        _show_rules(self.copies, [*others, KeepRule.FOLDER, *names])


def _show_rules(ordered: OrderedList, rules: Sequence[KeepRule]) -> None:
    ordered.set_values([(rule.value, rule_name(rule), chosen) for rule, chosen in ordered_rules(rules)])
