"""The window: puts its panels together, and passes on what each of them tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QVBoxLayout, QWidget

from photosim import APP_NAME
from photosim.gui.base import focus, theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions
from photosim.gui.controllers.clusters import ClusterController
from photosim.gui.controllers.compare import CompareController
from photosim.gui.controllers.details import LabelFacts
from photosim.gui.controllers.files import FileController
from photosim.gui.controllers.filters import FilterController
from photosim.gui.controllers.indexing import IndexingController
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus
from photosim.gui.controllers.navigation import NavigationController
from photosim.gui.controllers.photo_desk import PhotoDesk
from photosim.gui.controllers.search import Centre, SearchController
from photosim.gui.controllers.selection_count import SelectionCount
from photosim.gui.controllers.session import WindowSession
from photosim.gui.controllers.settings import SettingsController
from photosim.gui.controllers.targets import Chosen
from photosim.gui.controllers.view import ViewController
from photosim.gui.controllers.viewer_facts import ViewerFacts
from photosim.gui.filters.bar import FilterBar
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.panels.index_strip import IndexStrip
from photosim.gui.panels.preview import PhotoPreview
from photosim.gui.panels.similar import SimilarPanel
from photosim.gui.panels.source_model import SourceModel
from photosim.gui.panels.sources import SourcesPanel
from photosim.gui.panels.top_bar import TopBar
from photosim.gui.preparing import Preparing
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.gui.services.index_process import IndexProcess
from photosim.gui.services.library_monitor import LibraryMonitor
from photosim.gui.services.loader import PlaceLoader
from photosim.gui.services.similarity import FilteredSimilarity, SimilarityService
from photosim.gui.services.thumbnails import ThumbnailLoader
from photosim.gui.services.undo import UndoHistory
from photosim.gui.services.window_state import WindowState
from photosim.gui.services.write_guard import WriteGuard
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Place, View
from photosim.gui.viewer.compare import CompareView
from photosim.gui.viewer.viewer import Viewer
from photosim.gui.widgets.banner import Banner
from photosim.gui.widgets.drop_area import DropArea
from photosim.gui.widgets.focus_ring import FocusRing
from photosim.gui.widgets.mouse_buttons import SideButtons
from photosim.gui.widgets.status_strip import StatusArea

if TYPE_CHECKING:
    from photosim.gui.viewer.overlay import Overlay
    from photosim.library.library import Library


class MainWindow(QMainWindow):
    """One library's window. It does not own the library: whoever opened it closes it afterwards."""

    def __init__(self, library: Library) -> None:  # noqa: PLR0915
        super().__init__()
        self.setWindowTitle(APP_NAME)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.jobs = Jobs(self)
        self.thumbnails = ThumbnailLoader(
            library.thumbnail, self.jobs, parent=self, kept=library.cached_thumbnails
        )
        self.likeness = SimilarityService(library, self.jobs, self)
        self.guard = WriteGuard(library, self)
        self.read_only_bar = Banner("", "", self, closable=False)
        self.indexing = IndexProcess(library.folder, self)
        shelf = ClusterCache(library)
        self.upkeep = LibraryMonitor(library, self.jobs, shelf, self)
        self.navigator = Navigator(self)
        self.commands = LibraryController(self, library, self.jobs, self.indexing, self.navigator, self.guard)
        self.menus = Menus(self, self.commands, self.indexing, self.navigator)
        self.actions_ = Actions(self)
        self.undo = UndoHistory(self.actions_.undo, self.actions_.redo, self)
        self.sources = SourcesPanel(SourceModel(), self)
        self.browser = Browser(PlaceLoader(library, self.jobs, self.likeness, shelf), self.thumbnails, self)
        self.centre = Centre(self.browser, self.jobs, library.thumbnail, self)
        narrowed = FilteredSimilarity(self.likeness)
        similar = SimilarPanel(narrowed, self.thumbnails, self.jobs, library.thumbnail, self)
        self.detail = DetailPanel(PhotoPreview(self.jobs, library.thumbnail), similar, self)
        self.filter = FilterController(
            library, self.jobs, FilterBar(self), self.browser, narrowed, self.detail, self.upkeep
        )
        self.progress = IndexStrip(self)
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
        self.queries = SearchController(self, self.desk, self.centre, self.detail, self.jobs)
        self.comparing = CompareController(
            CompareView(self.jobs, library.thumbnail, self),
            *(self.browser, self.viewer, self.navigator, self.commands, self.menus),
        )
        self.cluster_desk = ClusterController(
            *(self, library, self.jobs, shelf),
            actions=self.actions_,
            browser=self.browser,
            navigator=self.navigator,
            commands=self.commands,
            menus=self.menus,
            undo=self.undo,
        )
        chosen = Chosen(self.desk, similar, self.comparing)
        self.doing = FileController(self, library, self.jobs, chosen, self.undo, self.actions_)
        self.cluster_desk.did.connect(lambda text, what: self.doing.strip.show_message(text, undoes=what))
        self.comparing.view.enable_trash(lambda photo: self.doing.trash([photo]))
        self._indexing_desk = IndexingController(
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
        self.foot = StatusArea((self.doing.strip, self.progress), self)
        self.queries.notice.stay_above(self.foot)
        self.settings = SettingsController(self, library, self.jobs, self.indexing, self.commands)
        self._state = WindowState(library.folder)
        Preparing(self.browser, self.comparing.view.prepare, self.settings.prepare)
        self._wiring = ViewController(self)
        self._signpost = NavigationController(self)
        self._build()
        self._connect()
        self._remembering = WindowSession(self, self._state)
        self._remembering.restore()
        theme.polish_widgets(self)

    def start(self, folders: Sequence[Path] = ()) -> None:
        """Show the library, and index these folders."""
        self.indexing.resume_pending()
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
        self.guard.reason_changed.connect(self._show_read_only)
        self._show_read_only(self.guard.reason)
        self.actions_.fill_menu_bar(
            list(self.top.order_actions.values()), list(self.top.group_by_actions.values())
        )
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
        column.addWidget(self.read_only_bar)
        column.addWidget(self.settings.hint)
        column.addWidget(self.filter.bar)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.foot)
        self.setCentralWidget(centre)
        browser = self.browser
        grids = (browser.grid, browser.cluster_grid, self.detail.similar.grid)
        lists = (*grids, self.sources.list, browser.table)
        self.focus_ring = FocusRing(self, lists)
        views = [view.viewport() for view in lists]
        self._side_buttons = SideButtons((self, *views), self._wiring.back, self._wiring.forward, self)

    def _connect(self) -> None:
        navigator, browser, detail, commands = self.navigator, self.browser, self.detail, self.commands
        self.sources.place_selected.connect(navigator.go)
        self.sources.add_folder_requested.connect(commands.add_folder)
        self.sources.menu_requested.connect(
            lambda source, point: self.menus.pop_up(self.menus.source_menu(source), point)
        )
        browser.selection.photo_selected.connect(navigator.select)
        browser.selection.photo_opened.connect(self.viewer.open)
        browser.selection.cluster_opened.connect(navigator.open_cluster)
        browser.file_menu_requested.connect(
            lambda path, point: self.menus.pop_up(self.menus.file_menu(path), point)
        )
        browser.status.count_changed.connect(self.top.show_count)
        for counting in (browser.clusters_counted, self.cluster_desk.counted):
            counting.connect(self.upkeep.set_cluster_counts)
        self.filter.bar.unreadable_requested.connect(lambda: navigator.go(Place(View.UNREADABLE)))
        detail.open_requested.connect(self.desk.view)
        detail.menu_requested.connect(self.desk.pop_up_query_menu)
        detail.similar.photo_selected.connect(navigator.select_similar)
        detail.similar.show_all_requested.connect(navigator.find_similar)
        detail.similar.open_requested.connect(self.viewer.open)
        detail.similar.threshold_changed.connect(browser.set_threshold)
        for view in (self.viewer, self.comparing.view):
            view.full_screen_toggle_requested.connect(self.actions_.full_screen.trigger)
            view.full_screen_ended.connect(lambda: self.actions_.full_screen.setChecked(False))
        self.top.group_by_changed.connect(browser.set_group_by)
        self.top.tile_size_changed.connect(browser.set_tile_size)
        self.top.crumb_clicked.connect(lambda: navigator.go(Place(View.CLUSTERS)))
        self.drops.dropped.connect(self.queries.take_drop)

    def _show_read_only(self, reason: str) -> None:
        self.read_only_bar.text.setText(reason)
        self.read_only_bar.setVisible(bool(reason))

    # --- looks and size ----------------------------------------------------------------------------------

    def _update_icons(self) -> None:
        for part in (self.actions_, self.top, self.sources, self.filter.bar):
            part.update_icons()

    # --- events ------------------------------------------------------------------------------------------

    def setVisible(self, visible: bool) -> None:
        """Lay everything out before the screen asks for the picture: it would be painted once more after that."""
        super().setVisible(visible)
        for kind in (QEvent.Type.LayoutRequest, QEvent.Type.UpdateLater):
            QApplication.sendPostedEvents(None, kind)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system from light to dark, and the window's manager into the full screen and out of it."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "desk"):
            self._update_icons()
        elif event.type() == QEvent.Type.WindowStateChange and hasattr(self, "desk"):
            self.actions_.full_screen.setChecked(self.isFullScreen())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keyboard, Shift+F10 opens its menu, Esc leaves the full screen."""
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.actions_.full_screen.setChecked(False)
        elif not focus.click_focused_button(event) and not focus.open_focused_menu(event):
            super().keyPressEvent(event)

    def overlays(self) -> Iterator[Overlay]:
        """What lies over the whole window just now, the uppermost first."""
        return (one for one in (self.comparing.view, self.viewer) if one.isVisible())

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the window as one reads it, and does not leave what lies over it."""
        over = next(self.overlays(), None)
        if over is not None:
            return focus.focus_next((over,), forward)
        above = (self.top, self.read_only_bar, self.settings.hint, self.filter.bar)
        parts = (*above, self.sources, self.centre, self.detail, self.foot)
        return focus.focus_next(parts, forward, home=self.centre)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember how the window stood, and leave nothing running."""
        if self.guard.can_write:
            self._remembering.save()
        self.hide()
        self.upkeep.close()
        self.settings.close()
        self.indexing.close()
        self.guard.close()
        self.likeness.close()
        self.queries.close()
        self.jobs.close()
        event.accept()
