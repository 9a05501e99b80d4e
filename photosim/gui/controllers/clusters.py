"""What the person does with clusters: naming, merging, hiding, pulling photos out, and taking it back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from photosim.gui.base import formatting
from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.browser.cluster_rename import open_rename_dialog
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.targets import MenuContext
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.gui.services.cluster_operations import ClusterChange, State, Work, apply, apply_to_each
from photosim.gui.services.undo import UndoHistory
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Place, View
from photosim.records import Cluster

if TYPE_CHECKING:
    from photosim.library.library import Library

_Step = Callable[[], object]


class ClusterController(QObject):
    """Does in jobs, one after the other, what the cluster actions say; each can be undone."""

    did = Signal(str, str)
    """What was done, in a sentence, and the name of what Undo would take back now, or nothing."""

    counted = Signal(int, int)
    """How many clusters there are now, and how many photos in none."""

    def __init__(
        self,
        window: QWidget,
        library: Library,
        jobs: Jobs,
        shelf: ClusterCache,
        *,
        actions: Actions,
        browser: Browser,
        navigator: Navigator,
        commands: LibraryController,
        menus: Menus,
        undo: UndoHistory,
    ) -> None:
        super().__init__(window)
        self._window, self._library, self._jobs, self._shelf = window, library, jobs, shelf
        self._actions, self._browser, self._navigator = actions, browser, navigator
        self._commands, self._menus, self._undo = commands, menus, undo
        self._waiting: deque[Callable[[], object]] = deque()
        self._busy = False
        menus.contribute(MenuSection.CLUSTER, self._menu_actions)
        commands.guard.changed.connect(self._offer)
        page = browser.cluster_page
        page.rename_requested.connect(self._name)
        page.level_changed.connect(browser.set_level)
        page.place_requested.connect(navigator.go)
        browser.selection.cluster_menu_requested.connect(self._pop_up_menu)
        for change in (
            *(browser.loaded, browser.cluster_grid.selectionModel().selectionChanged),
            *(browser.grid.selectionModel().selectionChanged, browser.currentChanged),
        ):
            change.connect(self._offer)
        connect(
            (
                (actions.rename_cluster, self.rename),
                (actions.merge_clusters, self.merge),
                (actions.remove_from_cluster, self.pull_out),
                (actions.hide_clusters, self.hide),
                (actions.reset_clusters, self.let_go),
                (actions.show_clusters, lambda: navigator.go(Place(View.CLUSTERS))),
                (actions.show_ungrouped, lambda: navigator.go(Place(View.UNGROUPED))),
                (actions.show_hidden, lambda: navigator.go(Place(View.HIDDEN))),
            )
        )
        self._offer()

    def rename(self) -> None:
        """Let the person type a name: over the tile, or in a dialog for the cluster that is open."""
        if self._navigator.current.view is View.CLUSTER:
            for cluster in self._browser.selected_clusters():
                open_rename_dialog(self._window, cluster, self._name)
            return
        grid = self._browser.cluster_grid
        grid.scrollTo(grid.currentIndex())
        grid.edit(grid.currentIndex())

    def merge(self) -> None:
        """Make one cluster of the selected ones."""
        clusters = self._browser.selected_clusters()
        told = tr("{clusters} merged.").format(clusters=formatting.count_clusters(len(clusters)))
        what, back = tr("merging clusters"), partial(self._select, clusters)
        self._do(what, clusters, lambda steering: steering.merge(clusters), told, undone=back)

    def pull_out(self) -> None:
        """Take the selected photos out of the open cluster."""
        photos = self._browser.selected_photos()
        ids = [photo.file_id for photo in photos]
        [cluster] = self._browser.selected_clusters()
        what = tr("pulling out a photo") if len(photos) == 1 else tr("pulling out photos")
        told = tr("{photos} pulled out of the cluster.").format(photos=formatting.count_photos(len(photos)))
        following = self._browser.photos.next_remaining(ids[-1], set(ids))

        def gone() -> None:
            if following is not None and self._navigator.current.view is View.CLUSTER:
                self._navigator.select(following, by_keyboard=True)

        def back() -> None:
            if self._navigator.current.view is View.CLUSTER:
                self._navigator.select(photos[0], by_keyboard=True)
                self._browser.select_together(ids)

        self._do(what, [cluster], lambda steering: steering.exclude(cluster, ids), told, gone, back)

    def hide(self) -> None:
        """Hide the selected clusters, or show them again where the hidden ones are."""
        clusters, hides = self._browser.selected_clusters(), self._hides
        what = tr("hiding") if hides else tr("showing again")
        told = tr("{clusters} hidden.") if hides else tr("{clusters} shown again.")
        told = told.format(clusters=formatting.count_clusters(len(clusters)))
        back = partial(self._select, clusters)
        self._do(
            what, clusters, lambda steering: apply_to_each(steering.hide, clusters, hides), told, undone=back
        )
        if self._navigator.current.view is View.CLUSTER:
            self._navigator.go(Place(View.CLUSTERS))

    def let_go(self) -> None:
        """Forget what the person did with the selected clusters."""
        clusters = self._browser.selected_clusters()
        what = tr("forgetting changes")
        told = tr("What you did with {clusters} is forgotten.")
        told = told.format(clusters=formatting.count_clusters(len(clusters)))
        self._do(what, clusters, lambda steering: apply_to_each(steering.reset, clusters), told)

    # --- helpers -----------------------------------------------------------------------------------------

    @property
    def _hides(self) -> bool:
        """Whether the selected clusters are to be hidden, and not to be shown again."""
        shelf = self._shelf.cached(self._shelf.level)
        hidden = {one.user_cluster_id for one, _ in shelf.hidden} if shelf is not None else set()
        return not all(one.user_cluster_id in hidden for one in self._browser.selected_clusters())

    def _select(self, clusters: Sequence[Cluster]) -> None:
        """What an undo brings back is selected as it was."""
        self._browser.cluster_page.select_when_shown(cluster.medoid_id for cluster in clusters)

    def _name(self, cluster: Cluster, name: str) -> None:
        if self._commands.guard.can_write:
            self._browser.clusters.rename(cluster, " ".join(name.split()) or None)
        self._do(tr("renaming"), [cluster], lambda steering: steering.rename(cluster, name))

    def _offer(self) -> None:
        """Enable what can be done with what is selected, and name it."""
        actions, browser = self._actions, self._browser
        clusters = browser.selected_clusters()
        may, opened = self._commands.guard.can_write, browser.place.view is View.CLUSTER
        actions.rename_cluster.setEnabled(may and len(clusters) == 1)
        actions.merge_clusters.setEnabled(may and len(clusters) > 1)
        actions.hide_clusters.setEnabled(may and bool(clusters))
        hide = tr("&Hide") if not clusters or self._hides else tr("&Show again")
        actions.hide_clusters.setText(hide)
        actions.reset_clusters.setEnabled(may and any(one.user_cluster_id is not None for one in clusters))
        photos = browser.currentWidget() is browser.grid and browser.grid.selectionModel().hasSelection()
        actions.remove_from_cluster.setEnabled(may and opened and photos)

    def _menu_actions(self, context: MenuContext) -> Sequence[QAction]:
        """Return the actions for the photos of a menu, where they are the selection of the open cluster."""
        action = self._actions.remove_from_cluster
        is_selection = context.photos == self._browser.selected_photos()
        return (action,) if is_selection and action.isEnabled() else ()

    def _pop_up_menu(self, point: QPoint) -> None:
        clusters = self._browser.selected_clusters()
        if not clusters:
            return
        menu = QMenu(self._window)
        menu.addAction(tr("&Open"), lambda: self._navigator.open_cluster(clusters[0]))
        menu.addSeparator()
        menu.addActions([action for action in self._actions.cluster_actions if action.isEnabled()])
        self._menus.show_menu(menu, point)

    # --- doing -------------------------------------------------------------------------------------------

    def _do(
        self,
        what: str,
        clusters: Iterable[Cluster],
        work: Work,
        told: str = "",
        after: _Step = lambda: None,
        undone: _Step = lambda: None,
    ) -> None:
        """Do it and remember how to take it back; what can be seen by itself needs no words."""
        if not self._commands.check_writable():
            return
        touched = frozenset(file_id for cluster in clusters for file_id in cluster.file_ids)

        def done(deed: ClusterChange) -> None:
            self._undo.push(
                what,
                undo=lambda: self._restore(deed.before, touched, taken_back),
                redo=lambda: self._restore(deed.after, touched, again),
            )
            again(deed)

        def again(_: ClusterChange) -> None:
            after()
            if told:
                self.did.emit(told, what)

        def taken_back(_: ClusterChange) -> None:
            undone()
            if told:
                self.did.emit(tr("Undone: {what}.").format(what=what), "")

        self._start(work, touched, done)

    def _restore(
        self, state: State, touched: frozenset[int], done: Callable[[ClusterChange], object]
    ) -> None:
        self._start(lambda steering: steering.restore(state), touched, done)

    def _start(self, work: Work, touched: frozenset[int], done: Callable[[ClusterChange], object]) -> None:
        """Do it when what was begun before is done."""

        def start() -> None:
            self._busy = True
            opened = self._navigator.visited_clusters
            doing = partial(apply, self._library, self._shelf, work, touched, opened)
            self._jobs.start(doing, partial(self._take, done), Priority.HIGH)

        self._waiting.append(start)
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting and not self._busy:
            self._waiting.popleft()()

    def _take(
        self, done: Callable[[ClusterChange], object], deed: ClusterChange | None, error: Exception | None
    ) -> None:
        self._busy = False
        if deed is None:
            self._commands.show_error(error or RuntimeError("no deed"))
            self._browser.reload()
        else:
            done(deed)
            if not self._navigator.replace_clusters(deed.successors):
                self._browser.reload()
            shelf = self._shelf.cached(self._shelf.level)
            if shelf is not None:
                self.counted.emit(len(shelf.clusters), len(shelf.ungrouped))
        self._go_on()
