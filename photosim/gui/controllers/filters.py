"""Search and filter: turns words into conditions, applies them to every view, and counts what can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.filters.bar import FilterBar
from photosim.gui.filters.search_field import SearchField
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.services.library_monitor import LibraryMonitor
from photosim.gui.services.similarity import FilteredSimilarity
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Overview, Place, View
from photosim.gui.state.view_filter import ViewFilter
from photosim.gui.viewer.overlay import Overlay
from photosim.library.search.filters import FilterScope
from photosim.library.search.words import UnderstoodSearch
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.filters.facets import FacetCounts
from photosim.search.words.terms import Suggestion

if TYPE_CHECKING:
    from photosim.library import Library


class FilterController(QObject):
    """Connects the search field and the filter bar with the views; the filter stays while the place changes.

    A search covers the whole library, but while a folder, a cluster or the results of another search are open, only
    these: a chip says so, and its removal widens the search.
    """

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        *,
        actions: Actions,
        bar: FilterBar,
        field: SearchField,
        browser: Browser,
        detail: DetailPanel,
        similarity: FilteredSimilarity,
        monitor: LibraryMonitor,
        navigator: Navigator,
        overlays: Sequence[Overlay],
    ) -> None:
        super().__init__(bar)
        self._library, self._jobs, self._actions = library, jobs, actions
        self._bar, self._field, self._browser, self._detail = bar, field, browser, detail
        self._navigator = navigator
        self._similarity, self._overlays = similarity, overlays
        self._offline: frozenset[str] = frozenset()
        self._facets_job: int | None = None
        self._suggest_job: int | None = None
        self._is_preparing = False
        bar.filter_changed.connect(lambda _: self._apply())
        bar.exited.connect(browser.focus)
        bar.scope_removed.connect(lambda: navigator.go(Place(View.ALL)))
        bar.facets_requested.connect(self._load_facets)
        bar.unreadable_requested.connect(lambda: navigator.go(Place(View.UNREADABLE)))
        field.focused.connect(self._prepare)
        field.suggestions_requested.connect(self._suggest)
        field.suggestion_chosen.connect(self._add_suggestion)
        field.submitted.connect(self._search)
        field.exited.connect(browser.focus)
        navigator.place_changed.connect(lambda _place, _anchor: self._show_scope())
        browser.loaded.connect(self._update_facets)
        browser.status.count_changed.connect(self._show_count)
        detail.similar.clear_filters_requested.connect(bar.clear)
        monitor.overview_changed.connect(self._show_overview)
        actions.filter.toggled.connect(self.set_open)
        connect(((actions.find, self._find),))

    @property
    def filter(self) -> PhotoFilter:
        """The active filter."""
        return self._bar.photo_filter

    def set_open(self, is_open: bool) -> None:
        """Show or hide the controls of the bar; the filter stays active and visible."""
        self._bar.set_open(is_open)
        if is_open:
            self._load_facets()

    def _find(self) -> None:
        """Focus the search field."""
        if not any(overlay.isVisible() for overlay in self._overlays):
            self._field.focus()

    @property
    def _searched_place(self) -> str:
        """The name of the place that a search covers; empty for the whole library."""
        place = self._navigator.current
        is_part = place.shows_photos and place.view is not View.ALL
        return self._navigator.title()[0] if is_part else ""

    def _show_scope(self) -> None:
        place = self._searched_place
        self._bar.show_scope(tr("In: {place}").format(place=place) if place else "")
        self._bar.set_applicable(self._navigator.current.can_filter)

    def _prepare(self) -> None:
        """Read what the first suggestions need while the user is about to type."""
        if self._is_preparing:
            return

        def finish(_value: None, _error: Exception | None) -> None:
            self._is_preparing = False

        self._is_preparing = True
        level = self._browser.level
        self._jobs.start(lambda _: self._library.search.prepare(level), finish, Priority.NORMAL)

    def _suggest(self, text: str) -> None:
        self._jobs.cancel(self._suggest_job)
        place = self._searched_place

        def show(search: UnderstoodSearch | None, _: Exception | None) -> None:
            if search is not None and self._field.text() == text:
                self._field.show_suggestions(search, place)

        self._suggest_job = self._jobs.start(self._understanding(text, suggest=True), show, Priority.HIGH)

    def _search(self, text: str) -> None:
        """Search all words of a text."""
        self._jobs.cancel(self._suggest_job)

        def apply(search: UnderstoodSearch | None, _: Exception | None) -> None:
            if self._field.text() == text:
                self._field.clear()
            self._add(PhotoFilter(text=text) if search is None else search.criteria)
            self._browser.focus()

        self._suggest_job = self._jobs.start(self._understanding(text, suggest=False), apply, Priority.HIGH)

    def _understanding(self, text: str, *, suggest: bool) -> Callable[[CancelToken], UnderstoodSearch]:
        """Return the work of a job that understands a text."""
        scope = self._browser.scope if self._searched_place else FilterScope()
        criteria, level, offline = self.filter, self._browser.level, self._offline

        def understand(cancel: CancelToken) -> UnderstoodSearch:
            cancel.check()
            return self._library.search.understand(
                text, criteria, scope, offline, level=level, suggest=suggest
            )

        return understand

    def _add_suggestion(self, suggestion: Suggestion) -> None:
        self._add(suggestion.term.criteria)
        if self._field.text():
            self._suggest(self._field.text())

    def _add(self, criteria: PhotoFilter) -> None:
        """Add conditions to the filter, and go to the photos from a list of other things."""
        self._bar.apply(self.filter.combined(criteria))
        if not self._navigator.current.shows_photos:
            self._navigator.go(Place(View.ALL))

    def _apply(self) -> None:
        view_filter = ViewFilter(self._bar.photo_filter, self._offline)
        before, self._similarity.view_filter = self._similarity.view_filter, view_filter
        self._detail.similar.is_filtered = view_filter.is_active
        self._browser.set_view_filter(view_filter)
        if view_filter != before and (view_filter.is_active or before.is_active):
            self._detail.refresh()

    def _show_overview(self, overview: Overview) -> None:
        self._bar.show_unreadable(overview.unreadable)
        offline = frozenset(source.path for source in overview.sources if not source.online)
        if offline != self._offline:
            self._offline = offline
            for model in (self._browser.photo_model, self._browser.cluster_model, *self._detail.models):
                model.set_offline_folders(offline)
            self._apply()

    def _update_facets(self) -> None:
        if self._bar.is_open:
            self._load_facets()

    def _load_facets(self) -> None:
        self._jobs.cancel(self._facets_job)
        view_filter = ViewFilter(self._bar.photo_filter, self._offline)
        work = partial(_facets, self._library, view_filter, self._browser.scope)
        self._facets_job = self._jobs.start(work, self._show_facets, Priority.NORMAL)

    def _show_facets(self, facets: FacetCounts | None, _: Exception | None) -> None:
        if facets is not None:
            self._bar.show_facets(facets)

    def _show_count(self, count: str) -> None:
        self._bar.show_count(tr("Showing {photos}").format(photos=count) if count else "")


def _facets(
    library: Library, view_filter: ViewFilter, scope: FilterScope, cancel: CancelToken
) -> FacetCounts:
    cancel.check()
    return view_filter.facets(library, scope)
