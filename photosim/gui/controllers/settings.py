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
from photosim.gui.controllers.actions import Actions, connect
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
        index_process: IndexProcess,
        library_controller: LibraryController,
        state: WindowState,
        *,
        actions: Actions,
        banner: Banner,
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._library_controller = window, library, library_controller
        self._state = state
        self.models = ModelActions(library, jobs, index_process, library_controller.guard, self)
        self.models.switched.connect(library_controller.photos_changed)
        banner.link_clicked.connect(lambda: self.open(models=True))
        # Showing the banner lays out the whole window: not in the turn that shows the library.
        self._banner_timer = QTimer(self, singleShot=True)
        self._banner_timer.timeout.connect(banner.show)
        connect(((actions.settings, self.open),))
        self.dialog: SettingsDialog | None = None

    def start(self) -> None:
        """Let a change of the model go on."""
        self.models.start()

    def offer_models(self, overview: Overview) -> None:
        """Show once, at the first start with photos, that more accurate models are available."""
        if overview.sources and self._library_controller.guard.can_write and not self._state.model_hint_shown:
            self._state.model_hint_shown = True
            if self._library.model.origin is Origin.BUNDLED:
                self._banner_timer.start()

    def prepare(self) -> Iterator[None]:
        """Load what the settings are made of, one by one: together that takes longer than a window may stand still."""
        for name in _MADE_OF:
            import_module(f"photosim.gui.{name}")
            yield

    def change(self, key: str, value: Any) -> None:
        """Set one of the library's settings, unless the library may not be changed."""
        if not self._library_controller.check_writable():
            return
        try:
            settings.update(self._library.folder, **{key: value})
        except LibraryError as error:
            self._library_controller.show_error(error)
            return
        if key == "quiet":
            self._library_controller.keep_computer_quiet(value)

    def open(self, *, models: bool = False) -> None:
        """Show the settings, at the page of models if that is what is wanted."""
        from photosim.gui.dialogs.settings import SettingsDialog
        from photosim.gui.dialogs.settings_general import GeneralPage
        from photosim.gui.dialogs.settings_models import ModelPage

        if self.dialog is None:
            general = partial(
                GeneralPage,
                self._library.folder,
                self._library_controller.guard,
                self.change,
                self._library_controller.show_in_folder,
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
