"""Which photos an action on files is about, and where the person is when these have moved or gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QAbstractItemView, QApplication

from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.compare import CompareController
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus
from photosim.gui.controllers.photo_desk import PhotoDesk
from photosim.gui.panels.similar import SimilarPanel
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Query, QueryImage, View
from photosim.records import Photo


class Chosen:
    """Between the grids, the viewer and the places."""

    def __init__(self, desk: PhotoDesk, similar: SimilarPanel, comparing: CompareController) -> None:
        self._comparison = comparing.view
        self._browser: Browser = desk.browser
        self._viewer, self._similar = desk.viewer, similar
        self._navigator: Navigator = desk.navigator
        self.commands: LibraryController = desk.commands
        self.menus: Menus = desk.menus
        desk.beside = comparing.beside = self.panel_selection

    def panel_selection(self) -> list[Photo]:
        """The matches that are selected beside the photo in question, while they have the keyboard."""
        grid = self._similar.grid
        return [self._similar.model.photo(row) for row in grid.selected_rows()] if grid.hasFocus() else []

    def photos(self) -> list[Photo]:
        """The photo in the viewer, or those selected in the grid that has the keyboard; covers of clusters are none.

        None either while the person is at another list, or compares photos: what would be meant is not plain there.
        """
        if self._comparison.isVisible():
            return []
        if self._viewer.isVisible():
            return [self._viewer.photo] if self._viewer.photo is not None else []
        if beside := self.panel_selection():
            return beside
        focus = QApplication.focusWidget()
        elsewhere = isinstance(focus, QAbstractItemView) and focus is not self._browser.grid
        if elsewhere or self._browser.currentWidget() is not self._browser.grid:
            return []
        return self._browser.selected_photos()

    def are_covers(self, photos: Sequence[Photo]) -> bool:
        """Whether these stand for whole clusters, so that nothing is done to them alone."""
        covers = self._browser.currentWidget() is self._browser.cluster_grid
        return covers and list(photos) == self._browser.selected_photos()

    def after_change(self, before: Sequence[Photo], now: Mapping[int, Photo]) -> None:
        """Photos have moved or gone: go on with what the library has of them now, or with the next one."""
        ids = {photo.file_id for photo in before}
        renewals = {file_id: now.get(file_id) for file_id in ids}
        self._viewer.update_photos(renewals)
        self._comparison.update_photos(renewals)
        query = self._navigator.current.selected
        if not before:
            if now:
                self._navigator.select(next(iter(now.values())), by_keyboard=True)
                self._browser.select_together(now)
            return
        if query is not None and query.photo is not None and query.photo.file_id in ids - now.keys():
            following = self._following(ids)
            if following is not None:
                self._navigator.select(following, by_keyboard=True)

        def renewed(query: Query) -> Query | None:
            for part in query.all_images:
                if part.photo is None or part.photo.file_id not in ids:
                    continue
                photo = now.get(part.photo.file_id)
                if photo is None:
                    rest = query.without(part)
                    rest = None if rest is not None and part in rest.all_images else rest
                else:
                    rest = _with(query, part, replace(part, path=photo.path, photo=photo))
                if rest is None:
                    return None
                query = rest
            return query

        self._navigator.update_queries(renewed)

    def _following(self, ids: set[int]) -> Photo | None:
        """The photo after those that go, or the last before them, in the order of the view."""
        query = self._navigator.current.selected
        if self._navigator.current.view is View.CLUSTERS or query is None or query.photo is None:
            return None
        return self._browser.photos.next_remaining(query.photo.file_id, ids)


def _with(query: Query, old: QueryImage, new: QueryImage) -> Query:
    parts, more, less = (
        tuple(new if one == old else one for one in some) for some in (query.images, query.more, query.less)
    )
    return Query(parts, more, less)
