"""The settings' first page: where the library lies, and the choices that concern all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QPushButton, QWidget

from photosim import settings
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.dialogs.settings import SettingsPage
from photosim.gui.services.write_guard import WriteGuard
from photosim.runtime.throttle import QuietMode


class GeneralPage(SettingsPage):
    """A row for each choice, which is kept at once."""

    def __init__(
        self,
        library: Path,
        guard: WriteGuard,
        change: Callable[[str, Any], object],
        show_in_folder: Callable[[str], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._library, self._change = library, change
        show = QPushButton(tr("Show in folder"), self)
        show.clicked.connect(lambda: show_in_folder(str(library)))
        self.add_row(tr("Library"), show, formatting.display_path(str(library)))
        self.quiet_box = self._create_choice(
            "quiet",
            (
                (QuietMode.AUTO, tr("On battery")),
                (QuietMode.ON, tr("Always")),
                (QuietMode.OFF, tr("Never")),
            ),
        )
        self.add_row(
            tr("Keep the computer quiet while indexing"),
            self.quiet_box,
            tr("Slower, with less of the processor."),
        )
        self.labels_box = QCheckBox(self)
        self.labels_box.setChecked(settings.load(library).labels)
        self.labels_box.toggled.connect(lambda on: change("labels", on))
        self.add_row(
            tr("Say what photos show"),
            self.labels_box,
            tr("The model names what it sees. It holds from the next indexing on."),
        )
        guard.enable_with(self.quiet_box, self.labels_box)
        self.column.addStretch(1)

    @classmethod
    def title(cls) -> str:
        """Its name in the list of pages."""
        return tr("General")

    # --- helpers -----------------------------------------------------------------------------------------

    def _create_choice(self, key: str, values: Sequence[tuple[str, str]]) -> QComboBox:
        """A list of the values that the setting `key` can have."""
        box = QComboBox(self)
        for value, text in values:
            box.addItem(text, str(value))
        box.setCurrentIndex(max(box.findData(getattr(settings.load(self._library), key)), 0))
        box.activated.connect(lambda _: self._change(key, box.currentData()))
        return box
