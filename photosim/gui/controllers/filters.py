"""What the filter means for the window: every view is narrowed, and the bar is told what can be chosen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.filters.bar import FilterBar
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.services.library_monitor import LibraryMonitor
from photosim.gui.services.similarity import FilteredSimilarity
from photosim.gui.state.places import Overview
from photosim.gui.state.view_filter import ViewFilter
from photosim.library.filters import FilterScope
from photosim.search.facets import FacetCounts
from photosim.search.photo_filter import PhotoFilter

if TYPE_CHECKING:
    from photosim.library.library import Library


class FilterController(QObject):
    """Holds the filter, which stays while the person goes from place to place."""

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        bar: FilterBar,
        browser: Browser,
        likeness: FilteredSimilarity,
        detail: DetailPanel,
        upkeep: LibraryMonitor,
    ) -> None:
        super().__init__(bar)
        self._library, self._jobs = library, jobs
        self.bar, self._browser, self._likeness, self._detail = bar, browser, likeness, detail
        self._away: frozenset[str] = frozenset()
        self._counting: int | None = None
        bar.filter_changed.connect(lambda _: self._narrow())
        bar.exited.connect(browser.focus)
        bar.facets_requested.connect(self._count)
        browser.loaded.connect(self._loaded)
        browser.status.count_changed.connect(self._tell)
        detail.similar.clear_filters_requested.connect(bar.clear)
        upkeep.overview_changed.connect(self._look_for_sources)

    @property
    def wanted(self) -> PhotoFilter:
        """The filter in force."""
        return self.bar.current

    def set(self, wanted: PhotoFilter) -> None:
        """Narrow every view to what fits this filter."""
        self.bar.show_filter(wanted)
        self._narrow()

    def set_open(self, is_open: bool) -> None:
        """Show the bar's controls, or hide them; what is chosen stays in force and in sight."""
        self.bar.set_open(is_open)
        if is_open:
            self._count()

    # --- helpers -----------------------------------------------------------------------------------------

    def _narrow(self) -> None:
        narrowing = ViewFilter(self.bar.current, self._away)
        before, self._likeness.view_filter = self._likeness.view_filter, narrowing
        self._detail.similar.is_filtered = narrowing.is_active
        self._browser.set_view_filter(narrowing)
        if narrowing != before and (narrowing.is_active or before.is_active):
            self._detail.refresh()

    def _look_for_sources(self, overview: Overview) -> None:
        self.bar.show_unreadable(overview.unreadable)
        away = frozenset(source.path for source in overview.sources if not source.online)
        if away != self._away:
            self._away = away
            for model in (self._browser.photos, self._browser.clusters, self._detail.similar.model):
                model.set_offline_folders(away)
            self._narrow()

    def _loaded(self) -> None:
        if self.bar.is_open:
            self._count()

    def _count(self) -> None:
        self._jobs.cancel(self._counting)
        work = partial(_facets, self._library, ViewFilter(self.bar.current, self._away), self._browser.scope)
        self._counting = self._jobs.start(work, self._take, Priority.NORMAL)

    def _take(self, facets: FacetCounts | None, _: Exception | None) -> None:
        if facets is not None:
            self.bar.show_facets(facets)

    def _tell(self, text: str) -> None:
        self.bar.show_count(tr("Showing {count}").format(count=text) if text else "")


def _facets(library: Library, narrowing: ViewFilter, scope: FilterScope, cancel: CancelToken) -> FacetCounts:
    cancel.check()
    return narrowing.facets(library, scope)
