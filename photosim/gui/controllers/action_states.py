"""Enables each action only while it can act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from photosim.files.fspaths import is_inside
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions
from photosim.gui.controllers.targets import ActionTargets
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.panels.top_bar import TopBar
from photosim.gui.services.library_monitor import LibraryMonitor
from photosim.gui.services.write_guard import WriteGuard
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.ordering import MAX_TILE_EDGE, MIN_TILE_EDGE
from photosim.gui.viewer.compare import MAX_PHOTOS, MIN_PHOTOS, CompareView
from photosim.gui.viewer.origin import OriginView
from photosim.gui.viewer.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides which actions can act."""

    can_write: bool
    has_sources: bool
    has_photos: bool
    shows_tiles: bool
    """The center shows photos or clusters."""
    can_filter: bool
    """The filter applies to what the center shows."""
    tile_edge: int
    has_query: bool
    """A photo or image file is selected, or a context menu is open on one."""
    has_photo: bool
    """It is a photo of the library."""
    is_single: bool
    """It is the only one."""
    reachable: bool
    """Its file is there, as far as is known."""
    has_files: bool
    """File operations apply to photos of the library."""
    can_compare: bool
    has_stack: bool
    """The selected photo stands for several."""
    compares_two: bool
    """Exactly two photos are compared, or would be."""
    in_viewer: bool
    in_comparison: bool
    in_origin: bool
    """The original of an image is shown."""
    can_go_back: bool
    can_go_forward: bool

    @property
    def shows_pair(self) -> bool:
        """Whether photos are beside each other, where it would not be plain which one is meant."""
        return self.in_comparison or self.in_origin

    @property
    def is_covered(self) -> bool:
        """Whether the viewer, the comparison or the view of originals covers the window."""
        return self.in_viewer or self.shows_pair


def _always(_: Situation) -> bool:
    return True


def _has_photos(now: Situation) -> bool:
    return now.has_photos


def _has_file(now: Situation) -> bool:
    return now.has_query and now.reachable and not now.shows_pair


RULES: Mapping[str, Callable[[Situation], bool]] = {
    "add_folder": lambda now: now.can_write,
    "rescan": lambda now: now.can_write and now.has_sources,
    "search_image": _has_photos,
    "paste": _has_photos,
    "select_all": lambda now: now.shows_tiles and not now.is_covered,
    "find": lambda now: now.has_photos and not now.is_covered,
    "filter": lambda now: now.has_photos and now.can_filter and not now.is_covered,
    "settings": _always,
    "quit": _always,
    "back": lambda now: now.can_go_back or now.is_covered,
    "forward": lambda now: now.can_go_forward and not now.is_covered,
    "larger": lambda now: now.shows_tiles and not now.is_covered and now.tile_edge < MAX_TILE_EDGE,
    "smaller": lambda now: now.shows_tiles and not now.is_covered and now.tile_edge > MIN_TILE_EDGE,
    "square": lambda now: now.shows_tiles and not now.is_covered,
    "stack": lambda now: now.has_photos and not now.is_covered,
    "show_stack": lambda now: now.has_stack and not now.is_covered,
    "panel": lambda now: not now.is_covered,
    "full_screen": _always,
    "view": lambda now: now.has_photo and not now.is_covered,
    "find_similar": lambda now: now.has_query and not now.shows_pair,
    "compare": lambda now: not now.in_origin and (now.can_compare or now.in_comparison),
    "why": lambda now: now.compares_two and not now.in_origin,
    "find_original": lambda now: now.in_origin or (_has_file(now) and now.is_single),
    "then_and_now": lambda now: now.has_photo and now.is_single and not now.shows_pair,
    "walk": lambda now: now.compares_two and not now.is_covered,
    "open": _has_file,
    "show_in_folder": _has_file,
    "copy_files": _has_file,
    "copy_path": lambda now: now.has_query and not now.shows_pair,
    "copy_to": lambda now: now.has_files and now.reachable,
    "move_to": lambda now: now.has_files and now.reachable and now.can_write,
    "trash": lambda now: now.has_files and now.reachable and now.can_write,
    "pick_photos": lambda now: now.has_photos and now.shows_tiles and not now.is_covered,
    "contact_sheet": lambda now: now.has_photos and now.shows_tiles and not now.is_covered,
    "add_to_collection": lambda now: now.has_files and now.can_write,
    "new_collection": lambda now: now.has_photos and now.can_write and not now.is_covered,
    "show_clusters": _has_photos,
    "show_events": _has_photos,
    "show_map": _has_photos,
    "show_ungrouped": _has_photos,
    "show_hidden": _has_photos,
    "show_duplicates": _always,
    "compare_folder": lambda now: now.can_write and now.has_photos,
    "compare_folders": lambda now: now.can_write,
    "keep_rules": _always,
    "review_certain": lambda now: now.can_write and now.has_photos,
    "features": _always,
    "shortcuts": _always,
    "about": _always,
}
"""When each action can act, by its name in `Actions`."""

RULED_ELSEWHERE = frozenset(
    {"undo", "redo"}  # by the history
    | {
        "rename_cluster",
        "merge_clusters",
        "remove_from_cluster",
        "hide_clusters",
        "reset_clusters",
    }  # clusters
    | {"keep_event", "copy_event"}  # events
    | {
        "remove_from_collection",
        "keep_search",
        "rename_collection",
        "delete_collection",
    }  # collections
    | {"more_like_this", "less_like_this"}  # only in menus of search results
    | {"less_similar"}  # while a search shows results that can be folded
    | {"open_cluster"}  # while a cluster is in the details panel
)
"""Actions whose own controllers enable them."""


class ActionStates(QObject):
    """Follows the window, and applies the rules."""

    def __init__(
        self,
        actions: Actions,
        targets: ActionTargets,
        *,
        navigator: Navigator,
        browser: Browser,
        viewer: Viewer,
        compare: CompareView,
        origin: OriginView,
        detail: DetailPanel,
        top_bar: TopBar,
        monitor: LibraryMonitor,
        guard: WriteGuard,
    ) -> None:
        super().__init__(browser)
        self._actions, self._targets, self._navigator = actions, targets, navigator
        self._browser, self._viewer, self._compare = browser, viewer, compare
        self._origin = origin
        self._monitor, self._guard = monitor, guard
        self._timer = QTimer(self, interval=0, singleShot=True)
        self._timer.timeout.connect(self.update)
        for changed in (navigator.place_changed, targets.context_changed, guard.changed):
            changed.connect(self.update)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        for changed in (
            targets.selection_counted,
            monitor.overview_changed,
            browser.currentChanged,
            browser.loaded,
            *(grid.selectionModel().selectionChanged for grid in detail.grids),
            browser.grid.zoom_requested,
            browser.cluster_grid.zoom_requested,
            top_bar.tile_size_changed,
            actions.larger.triggered,
            actions.smaller.triggered,
            app.focusChanged,
        ):
            changed.connect(self._schedule)
        for overlay in (viewer, compare, origin):
            overlay.installEventFilter(self)
        self.update()

    def update(self) -> None:
        """Enable what can act now."""
        self._timer.stop()
        now = self._situation()
        for name, can_act in RULES.items():
            getattr(self._actions, name).setEnabled(can_act(now))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self._timer.start()
        return False

    def _schedule(self, *_: object) -> None:
        self._timer.start()

    def _situation(self) -> Situation:
        targets, browser, overview = self._targets, self._browser, self._monitor.overview
        context, selected = targets.context, self._navigator.current.selected
        query = selected if context is None else context.queries[0]
        photo = None if query is None else query.photo
        count, compared = targets.count(), targets.count(with_current=True)
        if context is None and photo is not None and self._viewer.isVisible():
            photo = self._viewer.photo
        offline = [source.path for source in overview.sources if not source.online]
        away = photo is not None and (photo.missing or any(is_inside(photo.path, path) for path in offline))
        return Situation(
            can_write=self._guard.can_write,
            has_sources=bool(overview.sources),
            has_photos=overview.photos > 0,
            shows_tiles=browser.currentWidget() in (browser.grid, browser.cluster_page),
            can_filter=self._navigator.current.can_filter,
            tile_edge=browser.grid.tile_size,
            has_query=query is not None or count > 0,
            has_photo=photo is not None,
            is_single=count <= 1 and (context is None or len(context.queries) == 1),
            reachable=count > 1 or not away,
            has_files=targets.has_files(),
            can_compare=compared >= MIN_PHOTOS and (context is None or compared <= MAX_PHOTOS),
            has_stack=bool(targets.stack()),
            compares_two=(len(self._compare.photos) if self._compare.isVisible() else compared) == MIN_PHOTOS,
            in_viewer=self._viewer.isVisible(),
            in_comparison=self._compare.isVisible(),
            in_origin=self._origin.isVisible(),
            can_go_back=self._navigator.can_go_back,
            can_go_forward=self._navigator.can_go_forward,
        )
