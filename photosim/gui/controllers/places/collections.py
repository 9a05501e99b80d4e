"""Collections: their menus, dialogs and actions, and what is shown once one has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.targets import ActionTargets, MenuContext
from photosim.gui.dialogs.collection_name import CollectionNameDialog
from photosim.gui.filters.bar import FilterBar
from photosim.gui.panels.query_chips import QueryBar
from photosim.gui.panels.sources import SourcesPanel
from photosim.gui.services.collection_operations import CollectionOperations
from photosim.gui.services.library_monitor import LibraryMonitor
from photosim.gui.services.undo import UndoHistory
from photosim.gui.state.kept_queries import can_keep
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Overview, search_name
from photosim.gui.state.text.filters import filter_chips
from photosim.gui.widgets.action_button import ActionButton
from photosim.library.collections import Collection, CollectionChange

if TYPE_CHECKING:
    from photosim.library import Library
    from photosim.records import Photo

_MAX_SELECTED = 2000
"""More photos are not selected again when their removal is undone: that would block the window."""


class CollectionController(QObject):
    """Asks what to do with collections, has it done, and shows the result."""

    operation_finished = Signal(str, object)
    """A message for the user, and the id of the operation in the undo history, or None."""

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        targets: ActionTargets,
        *,
        actions: Actions,
        browser: Browser,
        sources: SourcesPanel,
        filter_bar: FilterBar,
        query_bar: QueryBar,
        navigator: Navigator,
        monitor: LibraryMonitor,
        library_controller: LibraryController,
        menus: Menus,
        undo: UndoHistory,
        reopen: int = 0,
    ) -> None:
        """`reopen` is the id of the collection that was open when the window was closed last."""
        super().__init__(window)
        self._window, self._targets = window, targets
        self._actions, self._browser, self._filter_bar = actions, browser, filter_bar
        self._sources = sources
        self._navigator, self._monitor = navigator, monitor
        self._library_controller, self._menus = library_controller, menus
        self._reopen = reopen
        self._operations = CollectionOperations(
            library,
            jobs,
            undo,
            check_writable=library_controller.check_writable,
            show=self._finish,
            tell=self.operation_finished.emit,
        )
        self.dialog: CollectionNameDialog | None = None
        self.add_menu = QMenu(window)
        self.add_menu.aboutToShow.connect(self._fill_add_menu)
        actions.add_to_collection.setMenu(self.add_menu)
        menus.contribute(MenuSection.COLLECTION, self._menu_actions)
        text = tr("Keep this search…")
        self.filter_link = filter_bar.summary.add_link(actions.keep_search, text)
        self.query_link = query_bar.add_link(actions.keep_search, text)
        sources.collection_button.clicked.connect(actions.new_collection.trigger)
        sources.collection_menu_requested.connect(self._show_menu)
        sources.model.photos_dropped.connect(self._operations.add_files)
        actions.new_collection.changed.connect(self._update_button)
        monitor.overview_changed.connect(self._update_place)
        navigator.place_changed.connect(self._update_actions)
        filter_bar.filter_changed.connect(self._update_actions)
        for changed in (
            library_controller.guard.changed,
            browser.loaded,
            browser.grid.selectionModel().selectionChanged,
        ):
            changed.connect(self._update_actions)
        connect(
            (
                (actions.add_to_collection, self._open_add_menu),
                (actions.remove_from_collection, self.remove_photos),
                (actions.new_collection, self.create),
                (actions.keep_search, self.keep_search),
                (actions.rename_collection, self.rename),
                (actions.delete_collection, self.delete),
            )
        )
        self._update_actions()

    def create(self) -> None:
        """Ask for a name, and create a collection of the selected photos or an empty one."""
        photos = self._targets.photos()
        option = tr("Include the selection (%Ln photo(s))", "", len(photos)) if photos else ""
        self._ask_name(
            tr("New collection"),
            tr("Create"),
            lambda dialog: self._operations.create(dialog.name, photos if dialog.option.isChecked() else ()),
            option=option,
        )

    def create_with(self, photos: Sequence[Photo], name: str = "") -> None:
        """Ask for a name, and create a collection of these photos."""
        self._ask_name(
            tr("New collection"),
            tr("Create"),
            lambda dialog: self._operations.create(dialog.name, photos),
            name=name,
        )

    def remove_photos(self) -> None:
        """Remove the selected photos from the open collection."""
        collection, photos = self._navigator.current.collection, self._targets.photos()
        if collection is None or not photos:
            return
        # Not all photos: the undo history would hold them, and block the window when it frees them.
        first = photos[0]
        file_ids = [photo.file_id for photo in photos[: _MAX_SELECTED + 1]]
        is_large = len(file_ids) > _MAX_SELECTED
        following = (
            None if is_large else self._browser.photo_model.next_remaining(file_ids[-1], set(file_ids))
        )

        def select_following() -> None:
            if following is not None and self._shows(collection):
                self._navigator.select(following)

        def select_removed() -> None:
            if self._shows(collection) and not is_large:
                self._navigator.select(first)
                self._browser.select_together(file_ids)

        self._operations.remove(collection, photos, after=select_following, after_undo=select_removed)

    def keep_search(self) -> None:
        """Ask for a name, and keep the search that is shown."""
        place, photo_filter, level = (
            self._navigator.current,
            self._filter_bar.photo_filter,
            self._browser.level,
        )
        if not can_keep(place, photo_filter):
            return

        def keep(dialog: CollectionNameDialog) -> None:
            self._operations.keep_search(dialog.name, place, photo_filter, level)

        names = [text.strip("“”") for text, _ in filter_chips(photo_filter)]
        if place.search is not None and place.is_search:
            names.insert(0, search_name(place.search))
        self._ask_name(tr("Keep search"), tr("Keep"), keep, name=", ".join(names))

    def rename(self) -> None:
        """Ask for another name of the open collection."""
        if self._navigator.current.collection is not None:
            self._rename(self._navigator.current.collection)

    def delete(self) -> None:
        """Delete the open collection; its photos stay."""
        if self._navigator.current.collection is not None:
            self._operations.delete(self._navigator.current.collection)

    def _rename(self, collection: Collection) -> None:
        def rename(dialog: CollectionNameDialog) -> None:
            self._operations.rename(collection, dialog.name)

        self._ask_name(
            tr("Rename collection"), tr("Rename"), rename, name=collection.name, own_id=collection.id
        )

    def _ask_name(
        self,
        title: str,
        button: str,
        accepted: Callable[[CollectionNameDialog], object],
        *,
        name: str = "",
        option: str = "",
        own_id: int | None = None,
    ) -> None:
        if not self._library_controller.check_writable():
            return
        entries = self._monitor.overview.collections
        taken = [entry.collection.name for entry in entries if entry.collection.id != own_id]
        self.dialog = dialog = CollectionNameDialog(
            title, button, taken, self._window, name=name, option=option
        )
        dialog.accepted.connect(lambda: accepted(dialog))
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _shows(self, collection: Collection) -> bool:
        current = self._navigator.current.collection
        return current is not None and current.id == collection.id

    def _update_place(self, overview: Overview) -> None:
        """Follow changes of the open collection by others, and reopen the one that was open before."""
        current, reopen = self._navigator.current.collection, self._reopen
        if overview.collections:
            self._reopen = 0
        for entry in overview.collections:
            if entry.collection.id == reopen and not self._navigator.can_go_back:
                self._navigator.go(entry.place)
            if current is not None and entry.collection.id == current.id and entry.collection != current:
                self._navigator.replace_collection(current.id, entry.collection)

    def _update_button(self) -> None:
        self._sources.collection_button.setVisible(self._actions.new_collection.isEnabled())

    def _update_actions(self, *_: object) -> None:
        actions, place = self._actions, self._navigator.current
        can_write, collection = self._library_controller.guard.can_write, place.collection
        holds_photos = collection is not None and collection.holds_photos
        has_selection = self._browser.grid.selectionModel().hasSelection()
        actions.remove_from_collection.setEnabled(can_write and holds_photos and has_selection)
        actions.rename_collection.setEnabled(can_write and collection is not None)
        actions.delete_collection.setEnabled(can_write and collection is not None)
        can_be_kept = can_write and can_keep(place, self._filter_bar.photo_filter)
        actions.keep_search.setEnabled(can_be_kept)
        self.filter_link.setVisible(can_be_kept and not place.is_search)
        self.query_link.setVisible(can_be_kept and place.is_search)

    def _menu_actions(self, context: MenuContext) -> Sequence[QAction]:
        """Return the actions for the photos of a menu; they are removed where they are those of the open collection."""
        photos = context.photos
        if not photos:
            return ()
        add, remove = self._actions.add_to_collection, self._actions.remove_from_collection
        is_shown = photos == self._browser.selected_photos() or (
            len(photos) == 1 and self._browser.photo_model.row_of(photos[0].file_id) is not None
        )
        return (add, remove) if is_shown and remove.isEnabled() else (add,)

    def _fill_add_menu(self) -> None:
        menu, photos = self.add_menu, self._targets.photos()
        menu.clear()
        for entry in self._monitor.overview.collections:
            if entry.collection.holds_photos:
                name = entry.collection.name.replace("&", "&&")
                menu.addAction(name, partial(self._operations.add, entry.collection, photos))
        if not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(tr("&New collection…"), partial(self.create_with, photos))

    def _open_add_menu(self) -> None:
        """Show the menu below the button that was clicked, or in the middle of the window for the key."""
        if not self._targets.photos():
            return
        clicked = QApplication.widgetAt(QCursor.pos())
        if isinstance(clicked, ActionButton) and clicked.action is self._actions.add_to_collection:
            self.add_menu.popup(clicked.mapToGlobal(clicked.rect().bottomLeft()))
        else:
            size = self.add_menu.sizeHint()
            center = self._window.rect().center() - QPoint(size.width() // 2, size.height() // 2)
            self.add_menu.popup(self._window.mapToGlobal(center))

    def _show_menu(self, collection: Collection, point: QPoint) -> None:
        menu = QMenu(self._window)
        menu.addAction(tr("&Open"), lambda: self._open(collection))
        menu.addSeparator()
        rename = menu.addAction(tr("&Rename…"), lambda: self._rename(collection))
        delete = menu.addAction(tr("&Delete collection"), lambda: self._operations.delete(collection))
        for action in (rename, delete):
            action.setEnabled(self._library_controller.guard.can_write)
        self._menus.show_menu(menu, point)

    def _open(self, collection: Collection) -> None:
        for entry in self._monitor.overview.collections:
            if entry.collection.id == collection.id:
                self._navigator.go(entry.place)

    def _finish(self, change: CollectionChange | None, error: Exception | None) -> None:
        if change is None:
            self._library_controller.show_error(error or RuntimeError("The change has no result."))
        else:
            self._show_change(change)
        self._monitor.read_collections()

    def _show_change(self, change: CollectionChange) -> None:
        """Show the collection as it is now, where it is open."""
        replaced = self._navigator.replace_collection(change.collection_id, change.collection)
        collection = self._navigator.current.collection
        if not replaced and collection is not None and collection.id == change.collection_id:
            self._browser.reload()
