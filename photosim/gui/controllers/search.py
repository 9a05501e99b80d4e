"""Searching by similar photos: of photos, regions, objects, image files, drops and the clipboard; refining a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QWidget

from photosim.gui.base.boxes import FoundObject
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.targets import ActionTargets, MenuContext
from photosim.gui.filters.search_field import SearchField
from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.panels.query_chips import QueryBar
from photosim.gui.services.clipboard import ClipboardSearch
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import DroppedItems, Query, QueryImage, View
from photosim.gui.viewer.viewer import Viewer
from photosim.gui.widgets.drop_area import DropArea
from photosim.gui.widgets.toast import Toast
from photosim.records import Photo, PhotoObject, SimilarityBand
from photosim.search.query import Region

if TYPE_CHECKING:
    from photosim.library import Library

_MORE = (Qt.Key.Key_Plus, Qt.Key.Key_Equal)
_LESS = (Qt.Key.Key_Minus, Qt.Key.Key_Underscore)

_MAX_QUERY_FILES = 12
"""Each image of a query takes a moment to analyze, and more of them do not make the results better."""


class SearchController(QObject):
    """Connects the chips, the results, the regions, the clipboard and drops with the current place.

    There are two result grids: the browser, where it shows a search, and the similar panel beside a photo.
    """

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        targets: ActionTargets,
        *,
        actions: Actions,
        query_bar: QueryBar,
        browser: Browser,
        detail: DetailPanel,
        viewer: Viewer,
        toast: Toast,
        drop_area: DropArea,
        field: SearchField,
        navigator: Navigator,
        library_controller: LibraryController,
        menus: Menus,
    ) -> None:
        super().__init__(window)
        self._library, self._jobs = library, jobs
        self._targets, self._actions, self._menus = targets, actions, menus
        self._browser, self._detail, self._viewer = browser, detail, viewer
        self._navigator, self._library_controller = navigator, library_controller
        self.clipboard = ClipboardSearch(jobs, self)
        self._in_browser: dict[PhotoGrid, bool] = {browser.grid: True, detail.similar.grid: False}
        self._row_to_restore: tuple[PhotoGrid, int] | None = None
        for grid in self._in_browser:
            grid.installEventFilter(self)
        menus.contribute(MenuSection.VIEW, self._menu_actions)
        targets.context_changed.connect(self._update_action)
        connect(
            (
                (actions.find_similar, self.find_similar),
                (actions.more_like_this, lambda: self._refine_by_menu(more=True)),
                (actions.less_like_this, lambda: self._refine_by_menu(more=False)),
                (actions.search_image, self.search_image),
                (actions.paste, self.clipboard.paste),
            )
        )
        # Query
        navigator.place_changed.connect(
            lambda place, _: query_bar.show_query(place.search if place.is_search else None)
        )
        query_bar.chips.query_changed.connect(
            lambda query: navigator.replace_query(navigator.current.search, query)
        )
        detail.similar.chips.query_changed.connect(
            lambda query: navigator.replace_query(navigator.current.selected, query)
        )
        for chosen, in_browser in (
            (query_bar.strictness_chosen, True),
            (detail.similar.strictness_chosen, False),
        ):
            chosen.connect(partial(self._restrict, in_browser))
        # Regions
        detail.preview.region_selected.connect(self._search_region_of_query)
        detail.photo_set.region_selected.connect(self._search_region)
        viewer.region_selected.connect(self._search_region)
        # Objects
        detail.preview.object_chosen.connect(self._search_object_of_query)
        detail.photo_set.object_chosen.connect(self._search_object)
        viewer.object_chosen.connect(self._search_object)
        # Clipboard and drops
        self.clipboard.pasted.connect(navigator.find_similar)
        self.clipboard.files_pasted.connect(self.search_by_files)
        for pasted in (self.clipboard.pasted, self.clipboard.files_pasted):
            pasted.connect(toast.hide)  # it may show why an earlier paste was refused
        self.clipboard.failed.connect(toast.show_message)
        library_controller.message.connect(toast.show_message)
        drop_area.dropped.connect(self.handle_drop)
        field.dropped.connect(self.handle_drop)
        field.image_pasted.connect(self.clipboard.paste)
        # Results
        browser.selection.photo_menu_requested.connect(partial(self._show_menu, True))
        detail.similar.grid.menu_requested.connect(partial(self._show_menu, False))
        browser.loaded.connect(lambda: self._restore_row(browser.grid))
        detail.similar.matches_shown.connect(lambda: self._restore_row(detail.similar.grid))
        browser.selection.similar_requested.connect(partial(self._find_similar_to, browser.photo_model))
        for grid, model in zip(detail.grids, detail.models, strict=True):
            grid.photo_similar_requested.connect(partial(self._find_similar_to, model))
        # Results that are less similar
        for grid in self._in_browser:
            grid.fold_toggled.connect(lambda _: actions.less_similar.toggle())
        actions.less_similar.toggled.connect(browser.set_unfolded)
        actions.less_similar.toggled.connect(detail.similar.set_unfolded)
        for shown in (browser.loaded, detail.similar.matches_shown, navigator.place_changed):
            shown.connect(self._update_fold_action)
        self._update_fold_action()

    def find_similar(self) -> None:
        """Search for photos similar to the targets."""
        query = self._targets.query()
        if self._viewer.isVisible():
            self._viewer.dismiss()
        if query is not None:
            self._navigator.find_similar(query)

    def _find_similar_to(self, model: PhotoModel, photo: Photo) -> None:
        self._navigator.find_similar(Query.of_object(photo, model.found(photo)))

    def refine(self, photo: Photo, *, more: bool, in_browser: bool) -> None:
        """Search for more, or for less, like one of the results, or the object that was found in it."""
        query = self._query(in_browser)
        if query is not None:
            image = QueryImage.of_photo(photo, self._model(in_browser).found(photo))
            self._navigator.replace_query(query, query.with_feedback(image, more=more))

    def handle_drop(self, dropped: DroppedItems) -> None:
        """Add dropped folders, and search by dropped files or by a dropped image."""
        if dropped.image is not None:
            self.clipboard.search_by_image(dropped.image)
        else:
            self.open_items(dropped)

    def open_items(self, items: DroppedItems) -> None:
        """Add folders to the library, and search by image files."""
        if items.folders:
            self._library_controller.add_folders(items.folders)
        if items.files:
            self.search_by_files(items.files)

    def search_image(self) -> None:
        """Ask for an image file, and search for photos similar to it."""
        if path := self._library_controller.ask_image(tr("Search by an image")):
            self.search_by_files((path,))

    def search_by_files(self, paths: Sequence[str]) -> None:
        """Search for photos similar to image files together, whether these are in the library or not."""
        job = partial(_find_images, self._library, tuple(paths)[:_MAX_QUERY_FILES])
        self._jobs.start(job, self._search_by_images, Priority.HIGH)

    def close(self) -> None:
        """Delete temporary files."""
        self.clipboard.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Refine the query by plus and minus on a result, and leave the results by Escape without a selection."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, PhotoGrid) or watched not in self._in_browser:
            return False
        key, index = Qt.Key(event.key()), watched.currentIndex()
        modified = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        in_browser = self._in_browser[watched]
        if key == Qt.Key.Key_Escape and not modified and in_browser:
            return self._leave_results(watched)
        if modified or key not in (*_MORE, *_LESS) or not index.isValid() or self._query(in_browser) is None:
            return False
        self._row_to_restore = (watched, index.row())
        photo = self._model(in_browser).photo(index.row())
        self.refine(photo, more=key in _MORE, in_browser=in_browser)
        return True

    def _leave_results(self, grid: PhotoGrid) -> bool:
        is_left = (
            self._navigator.current.view is View.SIMILAR
            and not grid.selectionModel().hasSelection()
            and not grid.window().isFullScreen()
        )
        if is_left:
            self._navigator.back()
        return is_left

    def _restrict(self, in_browser: bool, least: SimilarityBand) -> None:
        """Show the results of a search down to a band."""
        query = self._query(in_browser)
        if query is not None:
            self._navigator.restrict_query(query, replace(query, least=least))

    def _update_fold_action(self, *_: object) -> None:
        lists = (self._browser.results, self._detail.similar.shown)
        can_fold = any(each is not None and each.fold is not None for each in lists)
        self._actions.less_similar.setEnabled(can_fold)

    def _query(self, in_browser: bool) -> Query | None:
        """Return the query that a grid shows the results of."""
        place = self._navigator.current
        if not in_browser:
            return place.selected
        return place.search if place.is_search else None

    def _model(self, in_browser: bool) -> PhotoModel:
        """Return the model of a grid of results."""
        return self._browser.photo_model if in_browser else self._detail.similar.model

    def _restore_row(self, grid: PhotoGrid) -> None:
        """Keep the focus on its row after a key has refined the query."""
        if self._row_to_restore is not None and self._row_to_restore[0] is grid:
            row, self._row_to_restore = self._row_to_restore[1], None
            if grid.model().rowCount():
                grid.select_row(min(row, grid.model().rowCount() - 1))

    def _search_by_images(self, images: tuple[QueryImage, ...] | None, error: Exception | None) -> None:
        if error is not None:
            self._library_controller.show_error(error)
        elif images:
            self._navigator.find_similar(Query(images))

    def _search_region(self, photo: Photo, region: Region) -> None:
        self._navigator.find_similar(Query((QueryImage(photo.path, photo, region),)))

    def _search_region_of_query(self, region: Region) -> None:
        query = self._navigator.current.selected
        if query is not None:
            self._navigator.find_similar(Query((replace(query.images[0].whole(), region=region),)))

    def _search_object(self, photo: Photo, found: PhotoObject) -> None:
        self._navigator.find_similar(Query.of_object(photo, FoundObject(found.box, found.label)))

    def _search_object_of_query(self, found: PhotoObject) -> None:
        query = self._navigator.current.selected
        if query is not None:
            image = query.images[0].with_object(FoundObject(found.box, found.label))
            self._navigator.find_similar(Query((image,)))

    def _show_menu(self, in_browser: bool, photos: Sequence[Photo], point: QPoint) -> None:
        if photos:
            model = self._model(in_browser)
            queries = [Query.of_object(photo, model.found(photo)) for photo in photos]
            self._menus.show_photo_menu(queries, point, results_of=self._query(in_browser))

    def _menu_actions(self, context: MenuContext) -> Sequence[QAction]:
        actions = self._actions
        if context.results_of is None or len(context.photos) != 1:
            return (actions.find_similar,)
        return (actions.find_similar, actions.more_like_this, actions.less_like_this)

    def _update_action(self) -> None:
        context = self._targets.context
        count = 1 if context is None else len(context.queries)
        text = tr("&Find similar") if count == 1 else tr("&Find similar to these %Ln photo(s)", "", count)
        self._actions.find_similar.setText(text)

    def _refine_by_menu(self, *, more: bool) -> None:
        context = self._targets.context
        if context is not None and context.results_of is not None:
            query = context.results_of.with_feedback(context.queries[0].images[0], more=more)
            self._navigator.replace_query(context.results_of, query)


def _find_images(library: Library, paths: Sequence[str], cancel: CancelToken) -> tuple[QueryImage, ...]:
    cancel.check()
    photos = {path: library.find(path) for path in paths}
    return tuple(QueryImage(path if photo is None else photo.path, photo) for path, photo in photos.items())
