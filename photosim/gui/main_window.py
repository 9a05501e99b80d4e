"""The window: puts its panels together, and passes on what each of them tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QCloseEvent, QMouseEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QVBoxLayout, QWidget

from photosim import APP_NAME
from photosim.gui import theme
from photosim.gui.actions import Actions, connect
from photosim.gui.browser import Browser
from photosim.gui.chosen import Chosen
from photosim.gui.closeness import SCALE_END, threshold_at
from photosim.gui.cluster_desk import ClusterDesk
from photosim.gui.cluster_shelf import ClusterShelf
from photosim.gui.commands import Commands
from photosim.gui.compare_desk import CompareDesk
from photosim.gui.compare_view import CompareView
from photosim.gui.contents import Loader
from photosim.gui.detail_panel import DetailPanel
from photosim.gui.doing import Doing
from photosim.gui.drops import DropArea
from photosim.gui.emptiness import Wish
from photosim.gui.filter_bar import FilterBar
from photosim.gui.filter_desk import FilterDesk
from photosim.gui.foot import Foot
from photosim.gui.indexing import Indexing
from photosim.gui.indexing_desk import IndexingDesk
from photosim.gui.jobs import Jobs
from photosim.gui.label_facts import LabelFacts
from photosim.gui.likeness import Likeness
from photosim.gui.menus import Menus
from photosim.gui.narrowed_likeness import NarrowedLikeness
from photosim.gui.navigator import Navigator
from photosim.gui.ordering import Order
from photosim.gui.photo_desk import PhotoDesk
from photosim.gui.photo_preview import PhotoPreview
from photosim.gui.places import Place, Query, View
from photosim.gui.preparing import Preparing
from photosim.gui.progress_strip import ProgressStrip
from photosim.gui.query_desk import Centre, QueryDesk
from photosim.gui.screen_room import resize_within_screen
from photosim.gui.selection_count import SelectionCount
from photosim.gui.settings_desk import SettingsDesk
from photosim.gui.similar_panel import SimilarPanel
from photosim.gui.source_model import SourceModel
from photosim.gui.sources import SourcesPanel
from photosim.gui.thumbnails import Thumbnails
from photosim.gui.top_bar import TopBar
from photosim.gui.undo import Undo
from photosim.gui.upkeep import Upkeep
from photosim.gui.viewer import Viewer
from photosim.gui.viewer_facts import ViewerFacts
from photosim.gui.window_state import WindowState
from photosim.gui.write_guard import WriteGuard

if TYPE_CHECKING:
    from photosim.library import Library

_SIZE = (1280, 820)  # logical pixels of the first start
_SIDE, _DETAIL = 220, 372
_ZOOM_STEP = 16


class MainWindow(QMainWindow):
    """One library's window. It does not own the library: whoever opened it closes it afterwards."""

    def __init__(self, library: Library) -> None:
        super().__init__()
        self.setWindowTitle(APP_NAME)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.jobs = Jobs(self)
        self.thumbnails = Thumbnails(library.thumbnail, self.jobs, parent=self, kept=library.kept_thumbnails)
        self.likeness = Likeness(library, self.jobs, self)
        self.guard = WriteGuard(library, self)
        self.indexing = Indexing(library.folder, self)
        shelf = ClusterShelf(library)
        self.upkeep = Upkeep(library, self.jobs, shelf, self)
        self.navigator = Navigator(self)
        self.commands = Commands(self, library, self.jobs, self.indexing, self.navigator, self.guard)
        self.menus = Menus(self, self.commands, self.indexing, self.navigator)
        self.actions_ = Actions(self)
        self.undo = Undo(self.actions_.undo, self.actions_.redo, self)
        self.sources = SourcesPanel(SourceModel(), self)
        self.browser = Browser(Loader(library, self.jobs, self.likeness, shelf), self.thumbnails, self)
        self.centre = Centre(self.browser, self.jobs, library.thumbnail, self)
        narrowed = NarrowedLikeness(self.likeness)
        similar = SimilarPanel(narrowed, self.thumbnails, self.jobs, library.thumbnail, self)
        self.detail = DetailPanel(PhotoPreview(self.jobs, library.thumbnail), similar, self)
        self.filter = FilterDesk(
            library, self.jobs, FilterBar(self), self.browser, narrowed, self.detail, self.upkeep
        )
        self.progress = ProgressStrip(self)
        self.top = TopBar(
            *(self.actions_.back, self.actions_.forward, self.actions_.filter),
            *(self.actions_.search_image, self.actions_.square, self.actions_.panel),
        )
        self._selection_count = SelectionCount(self.browser, self.top)
        self.viewer = Viewer(self.jobs, library.thumbnail, self)
        self._labels = LabelFacts(library, self.jobs, self.detail, self.viewer)
        self._viewer_facts = ViewerFacts(
            *(library.copies, shelf, self.jobs, self.viewer, self.navigator),
        )
        self.drops = DropArea(self)
        self.desk = PhotoDesk(self.browser, self.viewer, self.navigator, self.commands, self.menus)
        self.queries = QueryDesk(self, self.desk, self.centre, self.detail, self.jobs)
        self.comparing = CompareDesk(
            CompareView(self.jobs, library.thumbnail, self),
            *(self.browser, self.viewer, self.navigator, self.commands, self.menus),
        )
        self.cluster_desk = ClusterDesk(
            *(self, library, self.jobs, shelf),
            actions=self.actions_,
            browser=self.browser,
            navigator=self.navigator,
            commands=self.commands,
            menus=self.menus,
            undo=self.undo,
        )
        chosen = Chosen(self.desk, similar, self.comparing.view)
        self.doing = Doing(self, library, self.jobs, chosen, self.undo, self.actions_)
        self.cluster_desk.did.connect(lambda text, what: self.doing.strip.tell(text, undoes=what))
        self.comparing.view.offer_trash(lambda photo: self.doing.trash([photo]))
        self._indexing_desk = IndexingDesk(
            indexing=self.indexing,
            strip=self.progress,
            upkeep=self.upkeep,
            browser=self.browser,
            detail=self.detail,
            sources=self.sources,
            thumbnails=self.thumbnails,
            navigator=self.navigator,
            commands=self.commands,
        )
        self.foot = Foot((self.doing.strip, self.progress), self)
        self.queries.notice.keep_above(self.foot)
        self.settings = SettingsDesk(self, library, self.jobs, self.indexing, self.commands)
        self._state = WindowState(library.folder)
        Preparing(self.browser, self.comparing.view.prepare, self.settings.prepare)
        self._build()
        self._connect()
        self._restore()
        theme.polish(self)

    def start(self, folders: Sequence[Path] = ()) -> None:
        """Show the library, and index these folders."""
        self.indexing.go_on()
        if folders:
            self.indexing.start(folders)
        self.settings.start()
        self.upkeep.overview_changed.connect(
            partial(self.settings.tell_of_models, self._state), Qt.ConnectionType.SingleShotConnection
        )
        self.doing.start()
        self.navigator.start()
        self.upkeep.refresh()
        self.browser.grid.setFocus()

    # --- putting together --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.addToolBar(self.top)
        self.actions_.fill_menu_bar(list(self.top.orders.values()), list(self.top.headings.values()))
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        for panel, stretch in ((self.sources, 0), (self.centre, 1), (self.detail, 0)):
            self.splitter.addWidget(panel)
            self.splitter.setStretchFactor(self.splitter.indexOf(panel), stretch)
        self.splitter.setChildrenCollapsible(False)
        self.sources.setMinimumWidth(150)
        self.centre.setMinimumWidth(240)
        self.detail.setMinimumWidth(250)
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.guard.bar)
        column.addWidget(self.settings.hint)
        column.addWidget(self.filter.bar)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.foot)
        self.setCentralWidget(centre)
        browser = self.browser
        grids = (browser.grid, browser.cluster_grid, self.detail.similar.grid)
        for view in (*grids, self.sources.list, browser.table):
            view.viewport().installEventFilter(self)

    def _connect(self) -> None:
        navigator, browser, detail, commands = self.navigator, self.browser, self.detail, self.commands
        navigator.arrived.connect(self._arrive)
        self.sources.chosen.connect(navigator.go)
        self.sources.add_folder.connect(commands.add_folder)
        self.sources.menu_wanted.connect(
            lambda source, point: self.menus.pop_up(self.menus.source_menu(source), point)
        )
        browser.photo_chosen.connect(navigator.look_at)
        browser.photo_opened.connect(self.viewer.open)
        browser.cluster_opened.connect(navigator.open_cluster)
        browser.file_menu.connect(lambda path, point: self.menus.pop_up(self.menus.file_menu(path), point))
        browser.counted.connect(self.top.show_count)
        for counting in (browser.clusters_counted, self.cluster_desk.counted):
            counting.connect(self.upkeep.set_clusters)
        browser.wished.connect(self._grant)
        self.filter.bar.unreadable_wanted.connect(lambda: navigator.go(Place(View.UNREADABLE)))
        detail.opened.connect(self.desk.view)
        detail.menu_wanted.connect(self.desk.pop_up_query_menu)
        detail.similar.chosen.connect(navigator.follow)
        detail.similar.enlarged.connect(navigator.find_similar)
        detail.similar.opened.connect(self.viewer.open)
        detail.similar.threshold_changed.connect(browser.set_threshold)
        for view in (self.viewer, self.comparing.view):
            view.full_screen_wanted.connect(self.actions_.full_screen.trigger)
        self.top.order_chosen.connect(self._sort)
        self.top.headings_chosen.connect(browser.set_headings)
        self.top.edge_chosen.connect(browser.set_edge)
        self.top.crumb_clicked.connect(lambda: navigator.go(Place(View.CLUSTERS)))
        for grid in (browser.grid, browser.cluster_grid):
            grid.zoomed.connect(self._zoom)
        self.drops.dropped.connect(self.queries.take_drop)
        self._connect_actions()

    def _connect_actions(self) -> None:
        actions, commands = self.actions_, self.commands
        connect(
            (
                (actions.add_folder, commands.add_folder),
                (actions.search_image, commands.search_image),
                (actions.find, self._find),
                (actions.rescan, commands.rescan),
                (actions.settings, self.settings.open),
                (actions.quit, self.close),
                (actions.back, self._back),
                (actions.forward, self.navigator.forward),
                (actions.larger, lambda: self._zoom(1)),
                (actions.smaller, lambda: self._zoom(-1)),
                (actions.view, self.desk.view),
                (actions.find_similar, self.queries.find_similar),
                (actions.paste, self.queries.paste),
                (actions.compare, self.comparing.toggle),
                (actions.open, self.desk.open),
                (actions.show_in_folder, self.desk.show_in_folder),
                (actions.copy_files, self.desk.copy_files),
                (actions.copy_path, self.desk.copy_paths),
                (actions.shortcuts, commands.show_shortcuts),
                (actions.about, commands.show_about),
            )
        )
        self.guard.govern(
            actions.add_folder, actions.rescan, self.sources.button, actions.move_to, actions.trash
        )
        actions.square.toggled.connect(self.browser.set_square)
        actions.panel.toggled.connect(self.detail.setVisible)
        actions.filter.toggled.connect(self.filter.set_open)
        actions.full_screen.toggled.connect(self._set_full_screen)

    # --- places ------------------------------------------------------------------------------------------

    def _arrive(self, place: Place, anchor: Query | None) -> None:
        title, crumb = self.navigator.title()
        self.top.show_where(title, crumb)
        self.setWindowTitle(f"{title} – {APP_NAME}")
        self.top.offer(
            sorting=place.shows_photos and place.view is not View.SIMILAR,
            size=place.view is not View.UNREADABLE,
        )
        self.top.orders[Order.SIMILARITY].setEnabled(place.query is not None)
        self.top.show_order(Order.SIMILARITY if place.view is View.SIMILAR else self.browser.order)
        self.sources.follow(place)
        self.detail.show_query(place.query)
        self.browser.show_place(place, anchor=anchor)
        self.actions_.back.setEnabled(self.navigator.can_go_back)
        self.actions_.forward.setEnabled(self.navigator.can_go_forward)
        for action in self.actions_.of_photos:
            action.setEnabled(place.query is not None)

    def _back(self) -> None:
        over = next((one for one in (self.comparing.view, self.viewer) if one.isVisible()), None)
        if over is not None:
            over.leave()
        else:
            self.navigator.back()

    def _find(self) -> None:
        if not (self.viewer.isVisible() or self.comparing.view.isVisible()):
            self.actions_.filter.setChecked(True)
            self.filter.bar.focus_text()

    def _grant(self, wish: Wish) -> None:
        """Do what the button of an empty place says."""
        granted: dict[Wish, Callable[[], object]] = {
            Wish.ADD_FOLDER: self.commands.add_folder,
            Wish.SHOW_UNREADABLE: lambda: self.navigator.go(Place(View.UNREADABLE)),
            Wish.REACH_FURTHER: lambda: self.detail.similar.set_threshold(threshold_at(SCALE_END)),
            Wish.RESCAN: self.commands.rescan,
            Wish.CLEAR_FILTER: self.filter.bar.clear,
        }
        granted[wish]()

    def _sort(self, order: Order) -> None:
        self.top.show_order(order)
        self.browser.set_order(order)

    def _zoom(self, steps: int) -> None:
        self.browser.set_edge(self.browser.grid.edge + steps * _ZOOM_STEP)
        self.top.show_edge(self.browser.grid.edge)

    # --- looks and size ----------------------------------------------------------------------------------

    def _restore(self) -> None:
        state = self._state
        if not state.restore_window(self):
            resize_within_screen(self, QSize(*_SIZE))
        if not state.restore_splitter("panels", self.splitter):
            self.splitter.setSizes([_SIDE, self.width() - _SIDE - _DETAIL, _DETAIL])
        state.restore_splitter("details", self.detail.splitter)
        self.browser.set_edge(state.edge)
        self.top.show_edge(state.edge)
        self._sort(state.order)
        self.browser.set_headings(state.headings)
        self.top.show_headings(state.headings)
        self.browser.set_level(state.level)
        self.detail.similar.set_threshold(state.threshold)
        self.browser.set_threshold(self.detail.similar.threshold)
        self.actions_.square.setChecked(state.square)
        self.actions_.panel.setChecked(state.panel)
        self.actions_.filter.setChecked(state.filter)
        self.viewer.show_info(state.info)

    def _save(self) -> None:
        state = self._state
        state.edge = self.browser.grid.edge
        if self.browser.order is not Order.SIMILARITY:  # the next start has no photo to be similar to
            state.order = self.browser.order
        state.headings = self.browser.headings
        state.level = self.browser.level
        state.threshold = self.detail.similar.threshold
        state.square, state.panel = self.actions_.square.isChecked(), self.actions_.panel.isChecked()
        state.filter = self.actions_.filter.isChecked()
        state.info = self.viewer.shows_info
        state.save_window(self, panels=self.splitter, details=self.detail.splitter)

    def _set_full_screen(self, full: bool) -> None:
        self.setWindowState(
            self.windowState() | Qt.WindowState.WindowFullScreen
            if full
            else self.windowState() & ~Qt.WindowState.WindowFullScreen
        )

    def _dress(self) -> None:
        for part in (
            self.actions_,
            self.top,
            self.sources,
            self.browser,
            self.detail,
            self.filter.bar,
            self.progress,
            self.settings.hint,
            self.guard.bar,
            self.doing.strip,
        ):
            part.dress()

    # --- events ------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system from light to dark."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "desk"):
            self._dress()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The side buttons of the mouse go Back and Forward wherever the pointer is."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            return self._took_side_button(event)
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The side buttons of the mouse, where no list is under the pointer."""
        if not self._took_side_button(event):
            super().mousePressEvent(event)

    def _took_side_button(self, event: QMouseEvent) -> bool:
        if event.button() == Qt.MouseButton.BackButton:
            self._back()
        elif event.button() == Qt.MouseButton.ForwardButton:
            self.navigator.forward()
        else:
            return False
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember how the window stood, and leave nothing running."""
        if self.guard.may_write:
            self._save()
        self.hide()
        self.upkeep.close()
        self.settings.close()
        self.indexing.close()
        self.guard.close()
        self.likeness.close()
        self.queries.close()
        self.jobs.close()
        event.accept()
