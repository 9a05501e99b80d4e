"""Indexing: shows its progress, the photos it adds, and the counts it changes."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject

from photosim.files.fspaths import is_inside
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.library import LibraryController
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.panels.index_strip import IndexStrip
from photosim.gui.panels.sources import SourcesPanel
from photosim.gui.services.library_monitor import LibraryMonitor
from photosim.gui.services.processes.indexing import IndexProcess, IndexState
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Overview, Place, View
from photosim.library.files.operations import PhotoChanges
from photosim.records import Phase, Progress

_log = logging.getLogger(__name__)

_SILENT_LIMIT = 50
"""Indexing fewer new photos in the background shows no progress."""

_LONG_PHASES = (Phase.ANALYZING, Phase.DETECTING)


class IndexingController(QObject):
    """Connects the indexing process and the library monitor with the views."""

    def __init__(
        self,
        *,
        process: IndexProcess,
        monitor: LibraryMonitor,
        thumbnails: ThumbnailLoader,
        strip: IndexStrip,
        browser: Browser,
        detail: DetailPanel,
        sources: SourcesPanel,
        navigator: Navigator,
        library_controller: LibraryController,
    ) -> None:
        super().__init__(strip)
        self._process, self._strip, self._monitor = process, strip, monitor
        self._browser, self._detail, self._sources = browser, detail, sources
        self._thumbnails = thumbnails
        self._navigator, self._library_controller = navigator, library_controller
        self._is_shown = True
        self._summary: Progress | None = None
        process.progressed.connect(self._show_progress)
        process.state_changed.connect(self._show_state)
        process.added.connect(monitor.fetch)
        process.finished.connect(self._finish)
        process.failed.connect(self._fail)
        process.stopped_found.connect(self._show_stopped)
        strip.pause_requested.connect(process.pause)
        strip.resume_requested.connect(self._resume)
        strip.cancel_requested.connect(process.cancel)
        strip.unreadable_requested.connect(lambda: navigator.go(Place(View.UNREADABLE)))
        monitor.overview_changed.connect(self._show_overview)
        monitor.folders_changed.connect(sources.model.show_folders)
        monitor.photos_added.connect(browser.add_indexed)
        browser.clusters_counted.connect(monitor.set_cluster_counts)
        monitor.failed.connect(library_controller.show_error)
        library_controller.library_changed.connect(self._leave_removed_folder)
        library_controller.photos_changed.connect(self._refresh)
        library_controller.files_changed.connect(self._apply_changes)
        library_controller.folders_changed.connect(monitor.refresh)
        library_controller.guard.changed.connect(self._resume_writing)
        process.set_enabled(library_controller.guard.can_write)
        sources.missing_prompt.set_answerable(library_controller.guard.can_write)
        sources.missing_prompt.remove_requested.connect(library_controller.forget_missing)
        sources.missing_prompt.keep_requested.connect(library_controller.keep_missing)

    def _show_progress(self, progress: Progress) -> None:
        """Show what the user asked for, and of background indexing what takes long."""
        if progress.phase is Phase.SCANNING:
            self._is_shown = not self._process.is_background
        elif progress.phase in _LONG_PHASES and progress.total >= _SILENT_LIMIT:
            self._is_shown = True
        if self._is_shown:
            self._summary = None
            self._strip.show_progress(progress)

    def _show_state(self, state: IndexState) -> None:
        self._strip.show_state(state)
        self._sources.missing_prompt.set_answerable(
            state is IndexState.IDLE and self._library_controller.guard.can_write
        )
        self._show_library_state()

    def _resume_writing(self) -> None:
        """Another window on the library was closed: show what it changed, and index what is pending."""
        self._process.set_enabled(True)
        self._process.resume_pending()
        self._sources.missing_prompt.set_answerable(True)
        self._refresh()

    def _show_overview(self, overview: Overview) -> None:
        self._sources.model.show(overview)
        self._sources.missing_prompt.show_sources(overview.sources)
        self._update_summary(overview)
        self._show_library_state()
        place = self._navigator.current
        is_known = any(is_inside(place.folder or "", source.path) for source in overview.sources)
        if place.view is View.FOLDER and not is_known:
            self._navigator.go(Place(View.ALL))  # its path has changed with the drive
        if overview.clusters is None and overview.photos and self._process.is_idle:
            self._monitor.count_clusters()

    def _update_summary(self, overview: Overview) -> None:
        """Mention offline folders, which may become known only after the summary was shown."""
        if self._summary is not None and self._strip.isVisible() and self._process.is_idle:
            self._show_summary(self._summary, overview)

    def _show_summary(self, progress: Progress, overview: Overview) -> None:
        offline = any(not source.online for source in overview.sources)
        self._strip.show_summary(progress, offline=offline)

    def _show_library_state(self) -> None:
        self._browser.set_library(self._monitor.overview, indexing=not self._process.is_idle)

    def _resume(self) -> None:
        self._is_shown = True  # also where it has to wait for an indexing in the background
        self._process.resume()

    def _show_stopped(self, unreadable: int = 0) -> None:
        if self._process.stopped is not None:
            self._strip.show_stopped(self._process.stopped.left, unreadable)

    def _finish(self, progress: Progress) -> None:
        if self._process.stopped is not None and (self._is_shown or progress.cancelled):
            self._show_stopped(progress.unreadable)
        elif self._is_shown:
            self._show_summary(progress, self._monitor.overview)
            self._summary = progress
        self._refresh()
        if not self._process.is_background:
            self._process.prepare()  # who has added a folder often adds another one

    def _fail(self, message: str, details: str) -> None:
        self._strip.hide()
        if self._process.is_background:
            _log.warning("Background indexing failed: %s %s", message, details)
        else:
            self._library_controller.show_failure(message, details, damaged=self._process.found_damage)
        self._refresh()

    def _leave_removed_folder(self) -> None:
        """Leave a place that may show a folder removed from the library."""
        place = self._navigator.current
        self._navigator.clear_selection()
        if place.view is not View.ALL:
            self._navigator.go(Place(View.ALL))
        self._refresh()

    def _apply_changes(self, changes: PhotoChanges) -> None:
        """Bring the window up to date after a file operation, without loading everything again."""
        self._thumbnails.forget_missing()
        self._monitor.invalidate_clusters()
        self._monitor.refresh()
        if not self._browser.apply_changes(changes):
            self._browser.reload()
        self._detail.refresh()

    def _refresh(self) -> None:
        self._thumbnails.forget_missing()
        self._monitor.invalidate_clusters()
        self._monitor.refresh()
        self._browser.reload()
        self._detail.refresh()
