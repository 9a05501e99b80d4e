"""The menus of folders, photos and unreadable files, which other parts of the window add to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.controllers.library import LibraryController
from photosim.gui.services import external
from photosim.gui.services.index_process import IndexProcess
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Query
from photosim.records import Source


class Menus(QObject):
    """Makes the menus of one window, and shows one at a time."""

    filling = Signal(QMenu, object)
    """The menu of some photos, given as a list of Query, is about to be shown: whoever can do more adds it."""

    filled = Signal(QMenu, object)
    """As `filling`, for what stands at the end of the menu."""

    def __init__(
        self, window: QWidget, commands: LibraryController, indexing: IndexProcess, navigator: Navigator
    ) -> None:
        super().__init__(window)
        self._window, self._commands = window, commands
        self._indexing, self._navigator = indexing, navigator
        self.menu: QMenu | None = None
        self.more_for: Callable[[Sequence[Query]], Sequence[QAction]] = lambda _: ()
        """What else can be done with photos where they are."""

    def source_menu(self, source: Source) -> QMenu:
        """The menu of a folder."""
        menu = QMenu(self._window)
        may_write = self._commands.guard.can_write
        idle = self._indexing.is_idle and may_write
        menu.addAction(tr("&Rescan"), lambda: self._commands.rescan([source.path])).setEnabled(
            source.online and may_write
        )
        watch = menu.addAction(tr("&Watch for changes"))
        watch.setCheckable(True)
        watch.setChecked(source.watched)
        watch.setEnabled(may_write)
        watch.toggled.connect(lambda wanted: self._commands.watch(source, wanted))
        show = menu.addAction(tr("&Show in folder"), lambda: self._commands.show_in_folder(source.path))
        show.setEnabled(source.online)
        menu.addSeparator()
        menu.addAction(tr("L&ocate folder…"), lambda: self._commands.locate(source)).setEnabled(idle)
        gone = source.missing + source.kept_missing
        if gone:
            text = tr("&Forget {photos} that are missing").format(photos=formatting.count_photos(gone))
            menu.addAction(text, lambda: self._commands.forget_missing(source)).setEnabled(idle)
        menu.addAction(tr("Remove from &library…"), lambda: self._commands.remove(source)).setEnabled(idle)
        return menu

    def photo_menu(self, queries: Sequence[Query], view: Callable[[], object]) -> QMenu:
        """The menu of photos; `view` opens the first of them in the full window."""
        menu = QMenu(self._window)
        first = queries[0]
        alike = tr("&Find similar to these {photos}").format(photos=formatting.count_photos(len(queries)))
        every = Query(tuple(query.images[0] for query in queries)) if len(queries) > 1 else first
        menu.addAction(
            tr("&Find similar") if every is first else alike, lambda: self._navigator.find_similar(every)
        )
        menu.addAction(tr("Open in &viewer"), view).setEnabled(first.photo is not None)
        self.filling.emit(menu, queries)
        menu.addSeparator()
        menu.addAction(tr("&Open with default program"), lambda: self._commands.open_file(first.path))
        menu.addAction(tr("&Show in folder"), lambda: self._commands.show_in_folder(first.path))
        paths = [query.path for query in queries]
        raws = [raw for query in queries if query.photo is not None for raw in query.photo.raw_files]
        menu.addAction(tr("&Copy"), lambda: external.copy_files([*paths, *raws]))
        copy = tr("Copy &path") if len(queries) == 1 else tr("Copy &paths")
        menu.addAction(copy, lambda: external.copy_paths(paths))
        self.filled.emit(menu, queries)
        more = self.more_for(queries)
        if more:
            menu.addSeparator()
            menu.addActions(more)
        return menu

    def file_menu(self, path: str) -> QMenu:
        """The menu of an unreadable file."""
        menu = QMenu(self._window)
        menu.addAction(tr("&Open with default program"), lambda: self._commands.open_file(path))
        menu.addAction(tr("&Show in folder"), lambda: self._commands.show_in_folder(path))
        menu.addAction(tr("&Copy"), lambda: external.copy_files([path]))
        menu.addAction(tr("Copy &path"), lambda: external.copy_paths([path]))
        return menu

    def pop_up(self, menu: QMenu, point: QPoint) -> None:
        """Show a menu at a point of the screen, in place of the one before."""
        if self.menu is not None:
            self.menu.deleteLater()
        self.menu = menu
        menu.popup(point)
