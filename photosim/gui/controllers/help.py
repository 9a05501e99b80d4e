"""Help: what the program can do, its shortcuts, and what it is."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from photosim.gui.base.jobs import Jobs
from photosim.gui.controllers.actions import Actions, connect


class HelpController(QObject):
    """Shows the dialogs of the Help menu."""

    def __init__(self, window: QWidget, jobs: Jobs, actions: Actions) -> None:
        super().__init__(window)
        self._window, self._jobs, self._actions = window, jobs, actions
        connect(
            (
                (actions.features, self.show_features),
                (actions.shortcuts, self.show_shortcuts),
                (actions.about, self.show_about),
            )
        )

    def show_features(self) -> None:
        """Show what the program can do."""
        from photosim.gui.dialogs.features import FeaturesDialog

        actions = self._actions
        FeaturesDialog(
            self._window,
            find_similar=actions.find_similar,
            clusters=actions.show_clusters,
            events=actions.show_events,
            search=actions.find,
            search_image=(actions.paste, actions.search_image),
            compare=actions.compare,
            duplicates=actions.show_duplicates,
            compare_folder=actions.compare_folder,
            collect=(actions.add_to_collection, actions.keep_search),
            look_alikes=(actions.then_and_now, actions.walk),
            shortcuts=actions.shortcuts,
        ).open()

    def show_shortcuts(self) -> None:
        """Show the keyboard shortcuts."""
        from photosim.gui.dialogs.shortcuts import ShortcutsDialog

        ShortcutsDialog(self._window).open()

    def show_about(self) -> None:
        """Show the About dialog."""
        from photosim.gui.dialogs.messages import AboutDialog

        AboutDialog(self._jobs, self._window).open()
