"""The settings: the dialog, the models behind it, and the offer of more accurate models."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from photosim import settings
from photosim.errors import LibraryError
from photosim.gui.base import theme
from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.base.model_text import describe_model
from photosim.gui.base.theme import ThemeChoice
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.duplicates.rules import DuplicateRulesController
from photosim.gui.controllers.library import LibraryController
from photosim.gui.services import external
from photosim.gui.services.model_actions import ModelActions
from photosim.gui.services.processes.indexing import IndexProcess
from photosim.gui.services.window_state import WindowState
from photosim.gui.state.places import Overview
from photosim.gui.widgets.banner import Banner
from photosim.gui.widgets.welcome import ModelChoice, WelcomePage
from photosim.ml.models.catalog import DEFAULT

if TYPE_CHECKING:
    from photosim.gui.dialogs.settings import SettingsDialog
    from photosim.library import Library


class SettingsController(QObject):
    """Opens the settings dialog, and runs downloads and switches of models also while it is closed."""

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        index_process: IndexProcess,
        library_controller: LibraryController,
        state: WindowState,
        duplicate_rules: DuplicateRulesController,
        *,
        actions: Actions,
        banner: Banner,
        welcome: WelcomePage,
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._library_controller = window, library, library_controller
        self._index_process, self._state, self._jobs = index_process, state, jobs
        self._duplicate_rules = duplicate_rules
        self._welcome = welcome
        self.models = ModelActions(library, jobs, index_process, library_controller.guard, self)
        self.models.switched.connect(library_controller.photos_changed)
        self.models.changed.connect(self._show_model_choices)
        welcome.add_folder_requested.connect(library_controller.add_folder)
        welcome.folder_chosen.connect(lambda folder: library_controller.add_folders([folder]))
        welcome.model_chosen.connect(self._use_model)
        welcome.set_enabled(library_controller.guard.can_write)
        library_controller.guard.changed.connect(welcome.set_enabled)
        banner.link_clicked.connect(lambda: self.open(models=True))
        # Showing the banner lays out the whole window: not in the turn that shows the library.
        self._banner_timer = QTimer(self, singleShot=True)
        self._banner_timer.timeout.connect(banner.show)
        connect(((actions.settings, self.open),))
        self.dialog: SettingsDialog | None = None

    def start(self) -> None:
        """Continue an interrupted switch of the model."""
        self.models.start()

    def offer_models(self, overview: Overview) -> None:
        """Offer models and the folder of pictures at the first start.

        At the first start with photos, show once that more accurate models are available.
        """
        if not overview.sources:
            self.models.refresh()
            self._jobs.start(
                lambda _: external.pictures_folder(),
                lambda folder, _: self._welcome.show_pictures_folder(folder or ""),
                Priority.LOW,
            )
        if overview.sources and self._library_controller.guard.can_write and not self._state.model_hint_shown:
            self._state.model_hint_shown = True
            if self._library.model == DEFAULT:
                self._banner_timer.start()

    def _show_model_choices(self) -> None:
        """Show the models that are part of the program on the welcome page."""
        bundled = [model for model in self.models.models if model.is_bundled and not model.is_alternative]
        is_one_next = any(model.is_next for model in bundled)
        self._welcome.show_models(
            [
                ModelChoice(
                    model.id,
                    model.title,
                    describe_model(model),
                    in_use=model.is_next if is_one_next else model.in_use,
                )
                for model in bundled
            ]
        )

    def _use_model(self, model_id: str) -> None:
        self._state.model_hint_shown = True
        for model in self.models.models:
            if model.id == model_id and not model.in_use:
                self.models.use(model)

    def prepare(self) -> Iterator[type]:
        """Import the classes of the dialog one by one: all in one turn would block the window."""
        from photosim.gui.dialogs.settings_general import GeneralPage

        yield GeneralPage
        from photosim.gui.dialogs.settings_folders import FoldersPage

        yield FoldersPage
        from photosim.gui.dialogs.model_card import ModelCard

        yield ModelCard
        from photosim.gui.dialogs.settings_models import ModelPage

        yield ModelPage
        from photosim.gui.dialogs.settings import SettingsDialog

        yield SettingsDialog

    def change(self, key: str, value: Any) -> None:
        """Change one of the library's settings, unless the library is read-only."""
        if not self._library_controller.check_writable():
            return
        try:
            settings.update(self._library.folder, **{key: value})
        except LibraryError as error:
            self._library_controller.show_error(error)
            return
        if key == "quiet":
            self._index_process.set_quiet_mode(value)
        elif key == "look_closer" and value:
            self._library_controller.rescan()  # which ends with the closer look

    def choose_theme(self, choice: ThemeChoice) -> None:
        """Apply a theme, and keep it for the next start."""
        self._state.theme = choice
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.choose(app, choice)

    def open(self, *, models: bool = False) -> None:
        """Show the settings, at the page of models if `models` is true."""
        from photosim.gui.dialogs.settings import SettingsDialog
        from photosim.gui.dialogs.settings_folders import FoldersPage
        from photosim.gui.dialogs.settings_general import GeneralPage
        from photosim.gui.dialogs.settings_models import ModelPage

        if self.dialog is None:
            general = partial(
                GeneralPage,
                self._library.folder,
                self._library_controller.guard,
                self.change,
                self._library_controller.show_in_folder,
                self._state.theme,
                self.choose_theme,
                self._duplicate_rules.open,
            )
            folders = partial(
                FoldersPage,
                settings.load(self._library.folder).excluded,
                self._library_controller.guard,
                self._library_controller.set_excluded,
                self._library_controller.ask_excluded_folder,
                self._duplicate_rules.protected,
                self._duplicate_rules.set_protected,
                self._duplicate_rules.ask_protected_folder,
            )
            pages = (
                (GeneralPage.title(), general),
                (FoldersPage.title(), folders),
                (ModelPage.title(), partial(ModelPage, self.models)),
            )
            self.dialog = SettingsDialog(pages, self._window)
            self.dialog.finished.connect(self._release_dialog)  # the dialog deletes itself
            self.dialog.show_page(-1 if models else 0)
            self.dialog.show()
        elif models:
            self.dialog.show_page(-1)
        self.dialog.raise_()
        self.dialog.activateWindow()

    def close(self) -> None:
        """Stop what is running."""
        self.models.close()

    def _release_dialog(self) -> None:
        self.dialog = None
