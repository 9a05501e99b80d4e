"""Events: shows them, and keeps or copies their photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu, QWidget

from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.files import FileController
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus
from photosim.gui.controllers.places.collections import CollectionController
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Place, View
from photosim.records import Event, Photo

if TYPE_CHECKING:
    from photosim.library import Library


class EventController(QObject):
    """Acts on the selected events, or on the open one."""

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        *,
        actions: Actions,
        browser: Browser,
        navigator: Navigator,
        library_controller: LibraryController,
        collections: CollectionController,
        files: FileController,
        menus: Menus,
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._jobs = window, library, jobs
        self._actions, self._browser, self._navigator = actions, browser, navigator
        self._library_controller, self._menus = library_controller, menus
        self._collections, self._files = collections, files
        self._job: int | None = None
        browser.selection.cluster_menu_requested.connect(self._show_menu)
        for changed in (
            library_controller.guard.changed,
            browser.loaded,
            browser.currentChanged,
            browser.cluster_grid.selectionModel().selectionChanged,
            browser.cluster_model.modelReset,
        ):
            changed.connect(self._update_actions)
        connect(
            (
                (actions.show_events, lambda: navigator.go(Place(View.EVENTS))),
                (actions.keep_event, self.keep),
                (actions.copy_event, self.copy),
            )
        )
        self._update_actions()

    def keep(self) -> None:
        """Ask for a name, and create a collection of the photos of the selected events."""
        events = self._events()
        name = formatting.cluster_title(events[0]) or "" if len(events) == 1 else ""
        self._with_photos(events, partial(self._collections.create_with, name=name))

    def copy(self) -> None:
        """Ask for a folder, and copy the photos of the selected events there."""
        self._with_photos(self._events(), self._files.copy)

    def _events(self) -> list[Event]:
        return [each for each in self._browser.selected_clusters() if isinstance(each, Event)]

    def _with_photos(self, events: Sequence[Event], use: Callable[[Sequence[Photo]], object]) -> None:
        """Read the photos of events in a job, and pass them to a function."""
        self._jobs.cancel(self._job)
        file_ids = [file_id for event in events for file_id in event.file_ids]

        def done(photos: Sequence[Photo] | None, error: Exception | None) -> None:
            self._job = None
            if photos is None:
                self._library_controller.show_error(error or RuntimeError("The photos have no result."))
            elif photos:
                use(photos)

        self._job = self._jobs.start(partial(_read, self._library, file_ids), done, Priority.HIGH)

    def _update_actions(self, *_: object) -> None:
        events = self._events()
        self._actions.keep_event.setEnabled(bool(events) and self._library_controller.guard.can_write)
        self._actions.copy_event.setEnabled(bool(events))

    def _show_menu(self, point: QPoint) -> None:
        events = self._events()
        if not events:
            return
        menu = QMenu(self._window)
        menu.addAction(tr("&Open"), lambda: self._navigator.open_cluster(events[0]))
        menu.addSeparator()
        menu.addActions([action for action in self._actions.event_actions if action.isEnabled()])
        self._menus.show_menu(menu, point)


def _read(library: Library, file_ids: Sequence[int], cancel: CancelToken) -> Sequence[Photo]:
    cancel.check()
    return library.photos_by_id(file_ids)
