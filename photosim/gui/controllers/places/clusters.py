"""Operations on clusters: rename, merge, remove photos, hide, reset, and undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from photosim.gui.base.jobs import Jobs
from photosim.gui.base.jobs import Work as JobWork
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.browser.cluster_rename import open_rename_dialog
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.targets import MenuContext
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.gui.services.cluster_operations import ClusterChange, Work, apply, apply_to_each
from photosim.gui.services.undo import UndoHistory
from photosim.gui.services.undoable_changes import UndoableChange, UndoableChanges
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
        self._window, self._library, self._cache = window, library, cache
        self._actions, self._browser, self._navigator = actions, browser, navigator
        self._library_controller, self._menus = library_controller, menus
        self._changes = UndoableChanges[ClusterChange](
            jobs, undo, show=self._finish, tell=self.operation_finished.emit
        )
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
        """Run an operation named `name`, which can be undone. Without a message nothing is shown: it is visible by itself."""
        if not self._library_controller.check_writable():
            return
        file_ids = frozenset(file_id for cluster in clusters for file_id in cluster.file_ids)

        def prepare(work: Work) -> Callable[[], JobWork]:
            return lambda: partial(
                apply, self._library, self._cache, work, file_ids, self._navigator.visited_clusters
            )

        self._changes.make(
            UndoableChange(
                name,
                prepare(work),
                undo=lambda change: prepare(lambda edits: edits.restore(change.before)),
                redo=lambda change: prepare(lambda edits: edits.restore(change.after)),
                message=lambda _: message,
                after=after,
                after_undo=after_undo,
            )
        )

    def _finish(self, change: ClusterChange | None, error: Exception | None) -> None:
        if change is None:
            self._library_controller.show_error(error or RuntimeError("The cluster operation has no result."))
            self._browser.reload()
            return
        if not self._navigator.replace_clusters(change.successors):
            self._browser.reload()
        level = self._cache.cached(self._cache.level)
        if level is not None:
            self.counted.emit(len(level.clusters), len(level.ungrouped))
