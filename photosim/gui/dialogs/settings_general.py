"""General page of the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QPushButton, QWidget

from photosim import settings
from photosim.gui.base import formatting
from photosim.gui.base.theme import ThemeChoice
from photosim.gui.base.translation import tr
from photosim.gui.dialogs.settings import SettingsPage
from photosim.gui.services.write_guard import WriteGuard
from photosim.runtime.throttle import QuietMode


class GeneralPage(SettingsPage):
    """Settings of the library, which are saved at once."""

    def __init__(
        self,
        library: Path,
        guard: WriteGuard,
        change: Callable[[str, Any], object],
        show_in_folder: Callable[[str], object],
        theme_choice: ThemeChoice,
        choose_theme: Callable[[ThemeChoice], object],
        edit_keep_rules: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._library, self._change = library, change
        show = QPushButton(formatting.show_in_folder_text(), self)
        show.clicked.connect(lambda: show_in_folder(str(library)))
        self.add_row(tr("Library"), show, formatting.display_path(str(library)))
        self.theme_box = QComboBox(self)
        for choice, text in (
            (ThemeChoice.SYSTEM, tr("Same as system")),
            (ThemeChoice.LIGHT, tr("Light")),
            (ThemeChoice.DARK, tr("Dark")),
        ):
            self.theme_box.addItem(text, str(choice))
        self.theme_box.setCurrentIndex(self.theme_box.findData(str(theme_choice)))
        self.theme_box.activated.connect(lambda _: choose_theme(ThemeChoice(self.theme_box.currentData())))
        self.add_row(tr("Theme"), self.theme_box)
        self.quiet_box = self._create_choice(
            "quiet",
            (
                (QuietMode.AUTO, tr("On battery")),
                (QuietMode.ON, tr("Always")),
                (QuietMode.OFF, tr("Never")),
            ),
        )
        self.add_row(
            tr("Use less CPU while indexing"),
            self.quiet_box,
            tr("Indexing takes longer."),
        )
        self.labels_box = QCheckBox(self)
        self.labels_box.setChecked(settings.load(library).labels)
        self.labels_box.toggled.connect(lambda checked: change("labels", checked))
        self.add_row(
            tr("Recognize objects in photos"),
            self.labels_box,
            tr("Takes effect the next time photos are indexed."),
        )
        self.closer_box = QCheckBox(self)
        self.closer_box.setChecked(settings.load(library).look_closer)
        self.closer_box.toggled.connect(lambda checked: change("look_closer", checked))
        self.add_row(
            tr("Look closer for small objects"),
            self.closer_box,
            tr("Starts now. Each photo is read once more, which takes about as long as indexing."),
        )
        self.rules_button = QPushButton(tr("Keep rules…"), self)
        self.rules_button.clicked.connect(lambda _: edit_keep_rules())
        self.add_row(
            tr("Duplicates"),
            self.rules_button,
            tr("Which photo of a group to keep, and in which order of folders."),
        )
        guard.enable_with(self.quiet_box, self.labels_box, self.closer_box)
        self.column.addStretch(1)

    @classmethod
    def title(cls) -> str:
        return tr("General")

    def _create_choice(self, key: str, values: Sequence[tuple[str, str]]) -> QComboBox:
        """Create a combo box for the values of the setting `key`."""
        box = QComboBox(self)
        for value, text in values:
            box.addItem(text, str(value))
        box.setCurrentIndex(max(box.findData(getattr(settings.load(self._library), key)), 0))
        box.activated.connect(lambda _: self._change(key, box.currentData()))
        return box
