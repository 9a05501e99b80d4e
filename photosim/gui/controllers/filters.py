"""The filter: applies it to every view, and counts the choices of the filter bar."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.filters.bar import FilterBar
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.services.library_monitor import LibraryMonitor
from photosim.gui.services.similarity import FilteredSimilarity
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Overview, Place, View
from photosim.gui.state.view_filter import ViewFilter
from photosim.gui.viewer.overlay import Overlay
from photosim.library.filters import FilterScope
from photosim.search.facets import FacetCounts
from photosim.search.photo_filter import PhotoFilter

if TYPE_CHECKING:
    from photosim.library import Library


class FilterController(QObject):
    """Connects the filter bar with the views; the filter stays while the place changes."""

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        *,
        actions: Actions,
        bar: FilterBar,
        browser: Browser,
        detail: DetailPanel,
        similarity: FilteredSimilarity,
        monitor: LibraryMonitor,
        navigator: Navigator,
        overlays: Sequence[Overlay],
    ) -> None:
        super().__init__(bar)
        self._library, self._jobs, self._actions = library, jobs, actions
        self._bar, self._browser, self._detail = bar, browser, detail
        self._similarity, self._overlays = similarity, overlays
        self._offline: frozenset[str] = frozenset()
        self._facets_job: int | None = None
        bar.filter_changed.connect(lambda _: self._apply())
        bar.exited.connect(browser.focus)
        bar.facets_requested.connect(self._load_facets)
        bar.unreadable_requested.connect(lambda: navigator.go(Place(View.UNREADABLE)))
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
        """Open the filter bar and focus its search field."""
        if not any(overlay.isVisible() for overlay in self._overlays):
            self._actions.filter.setChecked(True)
            self._bar.focus_text()

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
            for model in (self._browser.photo_model, self._browser.cluster_model, self._detail.similar.model):
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
