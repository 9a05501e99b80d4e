"""Searches made of several things: between the chips, the results, the rectangles, the clipboard and the places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QMenu, QVBoxLayout, QWidget

from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.photo_desk import PhotoDesk
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.panels.query_chips import QueryChips, ThumbnailFetcher
from photosim.gui.services.clipboard import ClipboardSearch
from photosim.gui.state.places import DroppedItems, Place, Query, QueryImage, View
from photosim.gui.widgets.toast import Toast
from photosim.records import Photo
from photosim.search.query import Region

_MORE = (Qt.Key.Key_Plus, Qt.Key.Key_Equal)
_LESS = (Qt.Key.Key_Minus, Qt.Key.Key_Underscore)


class Centre(QWidget):
    """The centre of the window, under the chips of what it searches for."""

    def __init__(
        self, browser: Browser, jobs: Jobs, thumbnail: ThumbnailFetcher, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.bar = QFrame(self)
        self.bar.setObjectName("chip-bar")
        self.chips = QueryChips(jobs, thumbnail, self.bar)
        inside = QVBoxLayout(self.bar)
        inside.setContentsMargins(16, 9, 16, 9)
        inside.addWidget(self.chips)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(browser, 1)
        self.bar.hide()

    def show_place(self, place: Place) -> None:
        """Show the chips of a place that is a search."""
        self.chips.show_query(place.search)
        self.bar.setVisible(place.search is not None)


class SearchController(QObject):
    """Refines what is asked in place, and asks by parts, by several photos and by pasted pictures."""

    def __init__(
        self,
        window: QWidget,
        desk: PhotoDesk,
        centre: Centre,
        detail: DetailPanel,
        jobs: Jobs,
    ) -> None:
        super().__init__(window)
        browser, viewer, navigator, commands = desk.browser, desk.viewer, desk.navigator, desk.commands
        self._browser, self._detail, self._viewer = browser, detail, viewer
        self._navigator, self._commands, self._desk = navigator, commands, desk
        self.notice = Toast(window)
        self.pasting = ClipboardSearch(jobs, self)
        self._grids: dict[PhotoGrid, bool] = {browser.grid: True, detail.similar.grid: False}
        self._next: tuple[PhotoGrid, int] | None = None
        for grid in self._grids:
            grid.installEventFilter(self)
        navigator.place_changed.connect(lambda place, _: centre.show_place(place))
        centre.chips.query_changed.connect(
            lambda query: navigator.replace_query(navigator.current.search, query)
        )
        detail.similar.chips.query_changed.connect(
            lambda query: navigator.replace_query(navigator.current.selected, query)
        )
        detail.preview.region_selected.connect(self._search_part_beside)
        viewer.region_selected.connect(self._search_part)
        self.pasting.pasted.connect(self._search)
        self.pasting.files_pasted.connect(commands.search_by_all)
        for taken in (self.pasting.pasted, self.pasting.files_pasted):
            taken.connect(self.notice.hide)  # what it said of the clipboard before
        self.pasting.failed.connect(self.notice.show_message)
        commands.message.connect(self.notice.show_message)
        browser.selection.photo_menu_requested.connect(partial(self._pop_up_menu, True))
        detail.similar.menu_requested.connect(partial(self._pop_up_menu, False))
        browser.loaded.connect(lambda: self._go_on(browser.grid))
        detail.similar.matches_shown.connect(lambda: self._go_on(detail.similar.grid))

    # --- more and less -----------------------------------------------------------------------------------

    def refine(self, photo: Photo, *, more: bool, in_centre: bool) -> None:
        """Ask for more (or less) like a photo that was found."""
        query = self._asked(in_centre)
        if query is not None:
            self._navigator.replace_query(query, query.with_feedback(photo, more=more))

    def find_similar(self) -> None:
        """Show in the centre what looks like the chosen photos: one, or several together."""
        beside = self._desk.beside()
        photos = beside or self._browser.selected_photos()
        if (beside or len(photos) > 1) and not self._viewer.isVisible():
            self._navigator.find_similar(Query.of_photos(*photos))
        else:
            self._desk.find_similar()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Plus and minus on a result."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, PhotoGrid) or watched not in self._grids:
            return False
        key, index = Qt.Key(event.key()), watched.currentIndex()
        modified = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        in_centre = self._grids[watched]
        if modified or key not in (*_MORE, *_LESS) or not index.isValid() or self._asked(in_centre) is None:
            return False
        self._next = (watched, index.row())
        photo = self._photo(in_centre, index.row())
        self.refine(photo, more=key in _MORE, in_centre=in_centre)
        return True

    # --- from elsewhere ----------------------------------------------------------------------------------

    def paste(self) -> None:
        """Search by what the clipboard holds."""
        self.pasting.paste()

    def take_drop(self, dropped: DroppedItems) -> None:
        """Add folders, and search by files or by a picture."""
        if dropped.image is not None:
            self.pasting.search_by_image(dropped.image)
        else:
            self._commands.take_drop(dropped)

    def close(self) -> None:
        """Leave nothing behind."""
        self.pasting.close()

    # --- helpers -----------------------------------------------------------------------------------------

    def _asked(self, in_centre: bool) -> Query | None:
        here = self._navigator.current
        return (here.search if here.view is View.SIMILAR else None) if in_centre else here.selected

    def _photo(self, in_centre: bool, row: int) -> Photo:
        return (self._browser.photos if in_centre else self._detail.similar.model).photo(row)

    def _go_on(self, grid: PhotoGrid) -> None:
        """After a key has refined the answer, the keyboard is where it was."""
        if self._next is not None and self._next[0] is grid:
            row, self._next = self._next[1], None
            if grid.model().rowCount():
                grid.select_row(min(row, grid.model().rowCount() - 1))

    def _search(self, query: Query) -> None:
        self._navigator.find_similar(query)

    def _search_part(self, photo: Photo, region: Region) -> None:
        self._search(Query((QueryImage(photo.path, photo, region),)))

    def _search_part_beside(self, region: Region) -> None:
        query = self._navigator.current.selected
        if query is not None:
            first = replace(query.images[0], region=region)
            self._navigator.replace_query(query, Query((first,)))

    def _pop_up_menu(self, in_centre: bool, photos: Sequence[Photo], point: QPoint) -> None:
        """The menu of photos, with what can be done to the question where they are its answer."""
        if not photos:
            return
        menu = self._desk.menus.photo_menu(
            [Query.of_photos(photo) for photo in photos], lambda: self._desk.view_photo(photos[0])
        )
        self._add_refining(menu, photos, in_centre)
        self._desk.menus.pop_up(menu, point)

    def _add_refining(self, menu: QMenu, photos: Sequence[Photo], in_centre: bool) -> None:
        first = menu.actions()[1]
        added = []
        if len(photos) == 1 and self._asked(in_centre) is not None:
            for words, more in (
                (tr("&More like this") + "\t+", True),
                (tr("&Less like this") + "\t−", False),
            ):
                action = menu.addAction(words)
                action.triggered.connect(partial(self._judged, photos[0], more, in_centre))
                added.append(action)
        for action in added:
            menu.removeAction(action)
            menu.insertAction(first, action)

    def _judged(self, photo: Photo, more: bool, in_centre: bool, _: bool = False) -> None:
        self.refine(photo, more=more, in_centre=in_centre)
