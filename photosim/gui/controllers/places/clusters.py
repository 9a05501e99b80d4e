"""Operations on clusters: rename, merge, remove photos, hide, reset, and undo."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.browser.cluster_rename import open_rename_dialog
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.targets import MenuContext
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.gui.services.cluster_operations import ClusterChange, OverrideState, Work, apply, apply_to_each
from photosim.gui.services.undo import UndoHistory
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Place, View
from photosim.records import Cluster, Event

if TYPE_CHECKING:
    from photosim.library import Library

_Callback = Callable[[], object]


class ClusterController(QObject):
    """Runs cluster operations in jobs, one after the other, and records how to undo them."""

    operation_finished = Signal(str, object)
    """A message for the user, and the id of the operation in the undo history, or None."""

    counted = Signal(int, int)
    """The number of clusters and of ungrouped photos has changed."""

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        cache: ClusterCache,
        *,
        actions: Actions,
        browser: Browser,
        navigator: Navigator,
        library_controller: LibraryController,
        menus: Menus,
        undo: UndoHistory,
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._jobs, self._cache = window, library, jobs, cache
        self._actions, self._browser, self._navigator = actions, browser, navigator
        self._library_controller, self._menus, self._undo = library_controller, menus, undo
        self._queue: deque[_Callback] = deque()
        self._is_running = False
        menus.contribute(MenuSection.CLUSTER, self._menu_actions)
        page = browser.cluster_page
        page.rename_requested.connect(self._rename)
        page.level_changed.connect(browser.set_level)
        page.place_requested.connect(navigator.go)
        browser.selection.cluster_menu_requested.connect(self._show_menu)
        for signal in (
            library_controller.guard.changed,
            browser.loaded,
            browser.currentChanged,
            browser.grid.selectionModel().selectionChanged,
            browser.cluster_grid.selectionModel().selectionChanged,
        ):
            signal.connect(self._update_actions)
        connect(
            (
                (actions.rename_cluster, self.rename),
                (actions.merge_clusters, self.merge),
                (actions.remove_from_cluster, self.remove_photos),
                (actions.hide_clusters, self.toggle_hidden),
                (actions.reset_clusters, self.reset),
                (actions.show_clusters, lambda: navigator.go(Place(View.CLUSTERS))),
                (actions.show_ungrouped, lambda: navigator.go(Place(View.UNGROUPED))),
                (actions.show_hidden, lambda: navigator.go(Place(View.HIDDEN))),
            )
        )
        self._update_actions()

    def rename(self) -> None:
        """Edit the name of the selected cluster on its tile, or of the open one in a dialog."""
        if self._navigator.current.view is View.CLUSTER:
            for cluster in self._browser.selected_clusters():
                open_rename_dialog(self._window, cluster, self._rename)
            return
        grid = self._browser.cluster_grid
        grid.scrollTo(grid.currentIndex())
        grid.edit(grid.currentIndex())

    def merge(self) -> None:
        """Merge the selected clusters."""
        clusters = self._browser.selected_clusters()
        self._run(
            tr("Merge"),
            clusters,
            lambda edits: edits.merge(clusters),
            message=tr("%Ln cluster(s) merged.", "", len(clusters)),
            after_undo=partial(self._select, clusters),
        )

    def remove_photos(self) -> None:
        """Remove the selected photos from the open cluster."""
        photos = self._browser.selected_photos()
        file_ids = [photo.file_id for photo in photos]
        [cluster] = self._browser.selected_clusters()
        following = self._browser.photo_model.next_remaining(file_ids[-1], set(file_ids))

        def select_following() -> None:
            if following is not None and self._navigator.current.view is View.CLUSTER:
                self._navigator.select(following)

        def select_removed() -> None:
            if self._navigator.current.view is View.CLUSTER:
                self._navigator.select(photos[0])
                self._browser.select_together(file_ids)

        self._run(
            tr("Remove from cluster"),
            [cluster],
            lambda edits: edits.exclude(cluster, file_ids),
            message=tr("%Ln photo(s) removed from the cluster.", "", len(photos)),
            after=select_following,
            after_undo=select_removed,
        )

    def toggle_hidden(self) -> None:
        """Hide the selected clusters, or unhide them where all of them are hidden."""
        clusters, hide = self._browser.selected_clusters(), not self._are_hidden()
        hidden = tr("%Ln cluster(s) hidden.", "", len(clusters))
        unhidden = tr("%Ln cluster(s) unhidden.", "", len(clusters))
        self._run(
            tr("Hide") if hide else tr("Unhide"),
            clusters,
            lambda edits: apply_to_each(edits.hide, clusters, hide),
            message=hidden if hide else unhidden,
            after_undo=partial(self._select, clusters),
        )
        if self._navigator.current.view is View.CLUSTER:
            self._navigator.go(Place(View.CLUSTERS))

    def reset(self) -> None:
        """Discard the user's changes to the selected clusters."""
        clusters = self._browser.selected_clusters()
        self._run(
            tr("Reset"),
            clusters,
            lambda edits: apply_to_each(edits.reset, clusters),
            message=tr("%Ln cluster(s) reset.", "", len(clusters)),
        )

    def _rename(self, cluster: Cluster, name: str) -> None:
        if self._library_controller.guard.can_write:
            self._browser.cluster_model.rename(cluster, " ".join(name.split()) or None)
        self._run(tr("Rename"), [cluster], lambda edits: edits.rename(cluster, name))

    def _selected(self) -> list[Cluster]:
        """Return the selected clusters; events are none that can be changed."""
        return [each for each in self._browser.selected_clusters() if not isinstance(each, Event)]

    def _are_hidden(self) -> bool:
        """Whether all selected clusters are hidden."""
        level = self._cache.cached(self._cache.level)
        hidden = {cluster.user_cluster_id for cluster, _ in level.hidden} if level is not None else set()
        return all(cluster.user_cluster_id in hidden for cluster in self._selected())

    def _select(self, clusters: Sequence[Cluster]) -> None:
        self._browser.cluster_page.select_when_shown(cluster.medoid_id for cluster in clusters)

    def _update_actions(self) -> None:
        """Enable the actions that apply to the selection."""
        actions, browser = self._actions, self._browser
        clusters, can_write = self._selected(), self._library_controller.guard.can_write
        has_edits = any(cluster.user_cluster_id is not None for cluster in clusters)
        has_photos = browser.currentWidget() is browser.grid and browser.grid.selectionModel().hasSelection()
        actions.rename_cluster.setEnabled(can_write and len(clusters) == 1)
        actions.merge_clusters.setEnabled(can_write and len(clusters) > 1)
        actions.hide_clusters.setEnabled(can_write and bool(clusters))
        actions.hide_clusters.setText(tr("Un&hide") if clusters and self._are_hidden() else tr("&Hide"))
        actions.reset_clusters.setEnabled(can_write and has_edits)
        actions.remove_from_cluster.setEnabled(
            can_write and browser.place.view is View.CLUSTER and has_photos
        )

    def _menu_actions(self, context: MenuContext) -> Sequence[QAction]:
        """Return the actions for the photos of a menu, where they are the selection of the open cluster."""
        action = self._actions.remove_from_cluster
        is_selection = context.photos == self._browser.selected_photos()
        return (action,) if is_selection and action.isEnabled() else ()

    def _show_menu(self, point: QPoint) -> None:
        clusters = self._selected()
        if not clusters:
            return
        menu = QMenu(self._window)
        menu.addAction(tr("&Open"), lambda: self._navigator.open_cluster(clusters[0]))
        menu.addSeparator()
        menu.addActions([action for action in self._actions.cluster_actions if action.isEnabled()])
        self._menus.show_menu(menu, point)

    def _run(
        self,
        name: str,
        clusters: Iterable[Cluster],
        work: Work,
        *,
        message: str = "",
        after: _Callback = lambda: None,
        after_undo: _Callback = lambda: None,
    ) -> None:
        """Run an operation named `name` and push it on the undo stack.

        `after` and `after_undo` are called each time it was done or undone. Without a message nothing is shown:
        the change is visible by itself.
        """
        if not self._library_controller.check_writable():
            return
        file_ids = frozenset(file_id for cluster in clusters for file_id in cluster.file_ids)
        undo_id: int | None = None

        def push(change: ClusterChange) -> None:
            nonlocal undo_id
            undo_id = self._undo.push(
                name,
                undo=lambda: self._restore(change.before, file_ids, show_undone),
                redo=lambda: self._restore(change.after, file_ids, show_done),
            )
            show_done(change)

        def show_done(_: ClusterChange) -> None:
            after()
            if message:
                self.operation_finished.emit(message, undo_id)

        def show_undone(_: ClusterChange) -> None:
            after_undo()
            if message:
                self.operation_finished.emit(tr("{operation} undone.").format(operation=name), None)

        self._enqueue(work, file_ids, push)

    def _restore(
        self, state: OverrideState, file_ids: frozenset[int], done: Callable[[ClusterChange], object]
    ) -> None:
        self._enqueue(lambda edits: edits.restore(state), file_ids, done)

    def _enqueue(self, work: Work, file_ids: frozenset[int], done: Callable[[ClusterChange], object]) -> None:
        """Run `work` on the clusters of these files once the operations before it have finished."""

        def start() -> None:
            self._is_running = True
            visited = self._navigator.visited_clusters
            job = partial(apply, self._library, self._cache, work, file_ids, visited)
            self._jobs.start(job, partial(self._finish, done), Priority.HIGH)

        self._queue.append(start)
        self._start_next()

    def _start_next(self) -> None:
        if self._queue and not self._is_running:
            self._queue.popleft()()

    def _finish(
        self, done: Callable[[ClusterChange], object], change: ClusterChange | None, error: Exception | None
    ) -> None:
        self._is_running = False
        if change is None:
            self._library_controller.show_error(error or RuntimeError("The cluster operation has no result."))
            self._browser.reload()
        else:
            done(change)
            if not self._navigator.replace_clusters(change.successors):
                self._browser.reload()
            level = self._cache.cached(self._cache.level)
            if level is not None:
                self.counted.emit(len(level.clusters), len(level.ungrouped))
        self._start_next()
