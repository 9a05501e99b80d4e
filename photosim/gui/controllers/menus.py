"""Context menus: sections that controllers fill with the actions of the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from photosim.gui.base.formatting import show_in_folder_text
from photosim.gui.base.translation import tr
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.targets import ActionTargets, MenuContext
from photosim.gui.services.processes.indexing import IndexProcess
from photosim.gui.state.places import Query
from photosim.records import Source

Contributor = Callable[[MenuContext], Sequence[QAction]]

FolderContributor = Callable[[str, QMenu], Sequence[QAction]]
"""Returns actions for the folder at a path, whose parent is the menu."""


class MenuSection(IntEnum):
    """The sections of a photo's menu from top to bottom, divided by separators."""

    VIEW = 0
    OPEN = 1
    TRANSFER = 2
    COLLECTION = 3
    CLUSTER = 4


class Menus(QObject):
    """Builds the context menus of one window, and shows one at a time.

    A menu of photos holds the same QActions as the menu bar. While it is shown, `ActionTargets` resolves to its
    photos, and the controllers set the texts and states of their actions accordingly.
    """

    def __init__(
        self,
        window: QWidget,
        targets: ActionTargets,
        library_controller: LibraryController,
        index_process: IndexProcess,
    ) -> None:
        super().__init__(window)
        self._window, self._targets = window, targets
        self._library_controller, self._index_process = library_controller, index_process
        self._contributors: list[tuple[MenuSection, Contributor]] = []
        self._folder_contributors: list[FolderContributor] = []
        self.menu: QMenu | None = None

    def contribute(self, section: MenuSection, contributor: Contributor) -> None:
        """Let `contributor` return the actions that a section shows for the photos of a menu."""
        self._contributors.append((section, contributor))

    def contribute_to_folders(self, contributor: FolderContributor) -> None:
        """Let `contributor` return more actions for the menus of folders."""
        self._folder_contributors.append(contributor)

    def show_photo_menu(
        self, queries: Sequence[Query], point: QPoint, *, results_of: Query | None = None
    ) -> None:
        """Show the menu of photos at a point of the screen; `results_of` is the search they were found by."""
        self.show_menu(self._build(MenuContext(tuple(queries), results_of), tuple(MenuSection)), point)

    def show_file_menu(self, path: str, point: QPoint) -> None:
        """Show the menu of an unreadable file."""
        self.show_menu(self._build(MenuContext((Query.of_file(path),)), (MenuSection.OPEN,)), point)

    def show_source_menu(self, source: Source, point: QPoint) -> None:
        """Show the menu of a folder of the library."""
        self.show_menu(self.source_menu(source), point)

    def source_menu(self, source: Source) -> QMenu:
        """Build the menu of a folder of the library."""
        controller = self._library_controller
        can_write = controller.guard.can_write
        can_change = can_write and self._index_process.is_idle
        menu = QMenu(self._window)
        rescan = menu.addAction(tr("&Rescan"), lambda: controller.rescan([source.path]))
        rescan.setEnabled(source.online and can_write)
        watch = menu.addAction(tr("&Watch for changes"))
        watch.setCheckable(True)
        watch.setChecked(source.watched)
        watch.setEnabled(can_write)
        watch.toggled.connect(lambda watched: controller.watch(source, watched))
        show = menu.addAction(show_in_folder_text(), lambda: controller.show_in_folder(source.path))
        show.setEnabled(source.online)
        self._add_folder_actions(menu, source.path)
        menu.addSeparator()
        locate = menu.addAction(tr("L&ocate folder…"), lambda: controller.locate(source))
        locate.setEnabled(can_change)
        missing = source.missing + source.kept_missing
        if missing:
            text = tr("Remove %Ln &missing photo(s)", "", missing)
            menu.addAction(text, lambda: controller.forget_missing(source)).setEnabled(can_change)
        remove = menu.addAction(tr("Remove from &library…"), lambda: controller.remove(source))
        remove.setEnabled(can_change)
        return menu

    def show_folder_menu(self, folder: str, point: QPoint) -> None:
        """Show the menu of a folder below one of the library."""
        self.show_menu(self.folder_menu(folder), point)

    def folder_menu(self, folder: str) -> QMenu:
        """Build the menu of a folder below one of the library."""
        controller = self._library_controller
        menu = QMenu(self._window)
        rescan = menu.addAction(tr("&Rescan"), lambda: controller.rescan([folder]))
        menu.addAction(show_in_folder_text(), lambda: controller.show_in_folder(folder))
        self._add_folder_actions(menu, folder)
        menu.addSeparator()
        exclude = menu.addAction(tr("&Exclude from library"), lambda: controller.exclude(folder))
        for action in (rescan, exclude):
            action.setEnabled(controller.guard.can_write)
        return menu

    def show_menu(self, menu: QMenu, point: QPoint) -> None:
        """Show a menu at a point of the screen, and delete the previous one."""
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = menu
        menu.popup(point)

    def _add_folder_actions(self, menu: QMenu, folder: str) -> None:
        menu.setToolTipsVisible(True)
        for contributor in self._folder_contributors:
            menu.addActions(list(contributor(folder, menu)))

    def _build(self, context: MenuContext, sections: Sequence[MenuSection]) -> QMenu:
        menu = QMenu(self._window)
        self._targets.set_context(context)
        menu.triggered.connect(lambda _: self._targets.clear_context(context))
        # A menu is hidden before it triggers its action, which needs the context.
        menu.aboutToHide.connect(
            lambda: QTimer.singleShot(0, self, lambda: self._targets.clear_context(context))
        )
        for section in sections:
            actions = [
                action
                for own_section, contributor in self._contributors
                if own_section is section
                for action in contributor(context)
            ]
            if actions and not menu.isEmpty():
                menu.addSeparator()
            menu.addActions(actions)
        return menu
