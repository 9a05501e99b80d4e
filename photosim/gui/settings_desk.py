"""What the window has to do with settings: the dialog, the models behind it, and the line that tells of them once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from photosim.core.models import Origin
from photosim.gui.commands import Commands
from photosim.gui.hint_strip import HintStrip
from photosim.gui.indexing import Indexing
from photosim.gui.jobs import Jobs
from photosim.gui.model_desk import ModelDesk
from photosim.gui.window_state import WindowState

if TYPE_CHECKING:
    from photosim.gui.settings_dialog import SettingsDialog
    from photosim.library import Library


class SettingsDesk(QObject):
    """Opens the settings, and keeps what goes on behind them while they are closed."""

    def __init__(
        self, window: QWidget, library: Library, jobs: Jobs, indexing: Indexing, commands: Commands
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._commands = window, library, commands
        self.models = ModelDesk(library, jobs, indexing, commands.guard, self)
        self.models.switched.connect(commands.photos_changed)
        self.hint = HintStrip(
            self.tr("A model that tells more kinds of photos apart can be downloaded:"),
            self.tr("Settings → Model"),
            window,
        )
        self.hint.followed.connect(lambda: self.open(models=True))
        self.dialog: SettingsDialog | None = None

    def start(self, state: WindowState) -> None:
        """Let a change of the model go on; at the first start, tell that there are better ones."""
        self.models.start()
        if not state.told_of_models and self._commands.guard.may_write:
            state.told_of_models = True
            self.hint.setVisible(self._library.model.origin is Origin.BOX)

    def open(self, *, models: bool = False) -> None:
        """Show the settings, at the page of models if that is what is wanted."""
        from photosim.gui.general_page import GeneralPage
        from photosim.gui.model_page import ModelPage
        from photosim.gui.settings_dialog import SettingsDialog

        if self.dialog is None:
            pages = (GeneralPage(self._library.folder, self._commands), ModelPage(self.models))
            self.dialog = SettingsDialog(pages, self._window)
            self.dialog.destroyed.connect(self._forget)
            self.dialog.show()
        if models:
            self.dialog.show_page(self.dialog.pages[-1])
        self.dialog.raise_()
        self.dialog.activateWindow()

    def close(self) -> None:
        """Leave nothing running."""
        self.models.close()

    def _forget(self) -> None:
        self.dialog = None
