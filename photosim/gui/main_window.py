"""The main window: lays out the views, connects its parts, and handles its own events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from photosim import APP_NAME
from photosim.gui.base import focus, theme
from photosim.gui.base.idle_steps import IdleSteps
from photosim.gui.base.jobs import Priority
from photosim.gui.base.translation import tr
from photosim.gui.composition.controllers import build_controllers
from photosim.gui.composition.services import build_services
from photosim.gui.composition.views import build_views
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.widgets.focus_ring import FocusRing
from photosim.gui.widgets.mouse_buttons import SideButtons

if TYPE_CHECKING:
    from photosim.gui.state.places import Overview
    from photosim.library import Library


class MainWindow(QMainWindow):
    """The window of one library, which whoever opened it closes afterwards."""

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self.setWindowTitle(APP_NAME)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        actions = Actions(self)
        self.services = build_services(library, actions, self)
        self.views = build_views(library, self.services, actions, self)
        self._lay_out()
        self.controllers = build_controllers(library, self.services, self.views, self)
        self._idle_steps = IdleSteps(self)
        self._connect()
        self.controllers.session.restore()
        theme.polish_widgets(self)

    def start(self, folders: Sequence[Path] = ()) -> None:
        """Show the library, and index these folders."""
        services, controllers = self.services, self.controllers
        services.index_process.resume_pending()
        if folders:
            services.index_process.start(folders)
        controllers.settings.start()
        services.library_monitor.overview_changed.connect(
            controllers.settings.offer_models, Qt.ConnectionType.SingleShotConnection
        )
        services.library_monitor.overview_changed.connect(self._warn_of_exact_search)
        controllers.files.start()
        monitor = services.library_monitor
        for read in (
            monitor.read_folders,
            monitor.read_collections,
            monitor.count_duplicates,
            controllers.comparison.start,
            self._make_services,
        ):
            # Photos first: in a large library this takes longer.
            self.views.browser.contents_shown.connect(read, Qt.ConnectionType.SingleShotConnection)
        services.navigator.start()
        services.library_monitor.read_counts()
        self.views.browser.grid.setFocus()

    def _lay_out(self) -> None:
        views = self.views
        self.addToolBar(views.top_bar)
        sort_menu = views.top_bar.sort_menu
        views.actions.fill_menu_bar(sort_menu.sort_actions, list(sort_menu.group_by_actions.values()))
        center = QVBoxLayout(views.center)
        center.addWidget(views.query_bar)
        center.addWidget(views.browser, 1)
        for panel, width, stretch in (
            (views.sources, 170, 0),
            (views.center, 240, 1),
            (views.detail, 250, 0),
        ):
            panel.setMinimumWidth(width)
            views.splitter.addWidget(panel)
            views.splitter.setStretchFactor(views.splitter.indexOf(panel), stretch)
        views.splitter.setChildrenCollapsible(False)
        central = QWidget(self)
        column = QVBoxLayout(central)
        column.addWidget(views.read_only_banner)
        column.addWidget(views.exact_search_banner)
        column.addWidget(views.model_banner)
        column.addWidget(views.filter_bar)
        column.addWidget(views.splitter, 1)
        column.addWidget(views.status_area)
        for layout in (center, column):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        self.setCentralWidget(central)
        views.toast.stay_above(views.status_area)

    def _connect(self) -> None:
        services, views, controllers = self.services, self.views, self.controllers
        # Application
        connect(((views.actions.quit, self.close),))
        views.browser.loaded.connect(self._preload, Qt.ConnectionType.SingleShotConnection)
        # Keyboard and mouse
        grids = (views.browser.grid, views.browser.cluster_grid, *views.detail.grids)
        lists = (*grids, views.sources.tree, views.browser.unreadable_table)
        self.focus_ring = FocusRing(self, lists)
        viewports = [view.viewport() for view in lists]
        navigation = controllers.navigation
        SideButtons((self, *viewports), navigation.back, navigation.forward, self)
        views.drop_area.folders_dragged.connect(services.index_process.prepare)
        # Write access
        guard = services.write_guard
        guard.reason_changed.connect(self._show_read_only)
        self._show_read_only(guard.reason)
        # Menu of the side list
        views.sources.menu_requested.connect(controllers.menus.show_source_menu)
        views.sources.folder_menu_requested.connect(controllers.menus.show_folder_menu)
        # Clusters, collections and files
        controllers.clusters.counted.connect(services.library_monitor.set_cluster_counts)
        for controller in (controllers.clusters, controllers.collections):
            controller.operation_finished.connect(
                lambda message, undo_id: views.file_strip.show_message(message, undo_id=undo_id)
            )
        services.navigator.place_about_to_change.connect(views.file_strip.release_undo)
        # Queued, since the overlay closes with its last photo.
        views.file_strip.result_shown.connect(self._show_over_overlay, Qt.ConnectionType.QueuedConnection)
        views.compare.enable_trash(lambda photo: controllers.files.trash([photo]))
        # Selection
        controllers.targets.selection_counted.connect(views.top_bar.show_selected)

    def _preload(self) -> None:
        """Start what is needed later, and build views step by step while the window is idle."""
        self.services.photo_client.start()
        views = self.views
        if views.browser.currentWidget() is views.browser.welcome_page:
            self.services.index_process.prepare()
        for steps in (
            views.compare.prepare(),
            views.duplicates.prepare(),
            self.controllers.settings.prepare(),
        ):
            self._idle_steps.add(steps)

    def _show_over_overlay(self, result: str, can_undo: bool) -> None:
        """Show the result of a file operation over the viewer, which covers the strip with Undo."""
        if next(self.controllers.navigation.visible_overlays(), None) is None:
            return
        keys = self.views.actions.undo.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        hint = tr("{result} Undo with {keys}.").format(result=result, keys=keys)
        self.views.toast.show_message(hint if can_undo else result)

    def _show_read_only(self, reason: str) -> None:
        self.views.read_only_banner.text.setText(reason)
        self.views.read_only_banner.setVisible(bool(reason))

    def _warn_of_exact_search(self, overview: Overview) -> None:
        if overview.search_is_exact:
            self.views.exact_search_banner.show()
            # Only once, so that it stays dismissed.
            self.services.library_monitor.overview_changed.disconnect(self._warn_of_exact_search)

    def _make_services(self) -> None:
        # In a job: the window's thread would import what it needs with the first click or menu.
        self.services.jobs.start(
            lambda _: self._library.make_services(), lambda _value, _error: None, Priority.LOW
        )

    def _update_icons(self) -> None:
        views = self.views
        for part in (views.actions, views.top_bar, views.search_field, views.sources, views.filter_bar):
            part.update_icons()

    def setVisible(self, visible: bool) -> None:
        super().setVisible(visible)
        # Lay everything out before the first paint event, or the window is painted twice.
        for kind in (QEvent.Type.LayoutRequest, QEvent.Type.UpdateLater):
            QApplication.sendPostedEvents(None, kind)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._update_icons()
        elif event.type() == QEvent.Type.WindowStateChange:
            self.views.actions.full_screen.setChecked(self.isFullScreen())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.views.actions.full_screen.setChecked(False)
        elif not focus.click_focused_button(event) and not focus.open_focused_menu(event):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Move the focus in reading order, and keep it inside an overlay."""
        overlay = next(self.controllers.navigation.visible_overlays(), None)
        if overlay is not None:
            return focus.focus_next_control((overlay,), forward)
        views = self.views
        above = (
            views.top_bar,
            views.read_only_banner,
            views.exact_search_banner,
            views.model_banner,
            views.filter_bar,
        )
        parts = (*above, views.sources, views.center, views.detail, views.status_area)
        return focus.focus_next_control(parts, forward, fallback=views.center)

    def closeEvent(self, event: QCloseEvent) -> None:
        services, controllers = self.services, self.controllers
        if services.write_guard.can_write:
            controllers.session.save()
        self.hide()
        services.library_monitor.close()
        controllers.settings.close()
        services.index_process.close()
        services.comparison_process.close()
        services.write_guard.close()
        services.photo_client.close()
        controllers.search.close()
        services.jobs.close()
        event.accept()
