"""What the window has to do with settings: the dialog, the models behind it, and the line that tells of them once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from photosim import settings
from photosim.errors import LibraryError
from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr
from photosim.gui.controllers.library import LibraryController
from photosim.gui.services.index_process import IndexProcess
from photosim.gui.services.model_actions import ModelActions
from photosim.gui.services.window_state import WindowState
from photosim.gui.state.places import Overview
from photosim.gui.widgets.banner import Banner
from photosim.ml.catalog import Origin

if TYPE_CHECKING:
    from photosim.gui.dialogs.settings import SettingsDialog
    from photosim.library.library import Library

_MADE_OF = (
    "dialogs.settings_general",
    "services.model_actions",
    "dialogs.model_card",
    "dialogs.settings_models",
    "dialogs.settings",
)
"""Modules that are not needed before."""


class SettingsController(QObject):
    """Opens the settings, and keeps what goes on behind them while they are closed."""

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        indexing: IndexProcess,
        commands: LibraryController,
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._commands = window, library, commands
        self.models = ModelActions(library, jobs, indexing, commands.guard, self)
        self.models.switched.connect(commands.photos_changed)
        self.hint = Banner(
            tr("A model that tells more kinds of photos apart can be downloaded:"),
            tr("Settings → Model"),
            window,
        )
        self.hint.link_clicked.connect(lambda: self.open(models=True))
        # The whole window makes room for the line: not in the same turn in which it shows the library.
        self._telling = QTimer(self, singleShot=True)
        self._telling.timeout.connect(self.hint.show)
        self.dialog: SettingsDialog | None = None

    def start(self) -> None:
        """Let a change of the model go on."""
        self.models.start()

    def tell_of_models(self, state: WindowState, overview: Overview) -> None:
        """At the first start with photos, tell that there are better models."""
        if overview.sources and self._commands.guard.can_write and not state.model_hint_shown:
            state.model_hint_shown = True
            if self._library.model.origin is Origin.BUNDLED:
                self._telling.start()

    def prepare(self) -> Iterator[None]:
        """Load what the settings are made of, one by one: together that takes longer than a window may stand still."""
        for name in _MADE_OF:
            import_module(f"photosim.gui.{name}")
            yield

    def change(self, key: str, value: Any) -> None:
        """Set one of the library's settings, unless the library may not be changed."""
        if not self._commands.may_write():
            return
        try:
            settings.update(self._library.folder, **{key: value})
        except LibraryError as error:
            self._commands.show_error(error)
            return
        if key == "quiet":
            self._commands.keep_computer_quiet(value)

    def open(self, *, models: bool = False) -> None:
        """Show the settings, at the page of models if that is what is wanted."""
        from photosim.gui.dialogs.settings import SettingsDialog
        from photosim.gui.dialogs.settings_general import GeneralPage
        from photosim.gui.dialogs.settings_models import ModelPage

        if self.dialog is None:
            general = partial(
                GeneralPage,
                self._library.folder,
                self._commands.guard,
                self.change,
                self._commands.show_in_folder,
            )
            pages = ((GeneralPage.title(), general), (ModelPage.title(), partial(ModelPage, self.models)))
            self.dialog = SettingsDialog(pages, self._window)
            self.dialog.finished.connect(self._forget)  # it is deleted somewhat later
            self.dialog.show_page(-1 if models else 0)
            self.dialog.show()
        elif models:
            self.dialog.show_page(-1)
        self.dialog.raise_()
        self.dialog.activateWindow()

    def close(self) -> None:
        """Leave nothing running."""
        self.models.close()

    def _forget(self) -> None:
        self.dialog = None
