"""The controllers of a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMainWindow

from photosim.gui.composition.services import Services
from photosim.gui.composition.views import Views
from photosim.gui.controllers.action_states import ActionStates
from photosim.gui.controllers.clusters import ClusterController
from photosim.gui.controllers.compare import CompareController
from photosim.gui.controllers.details import DetailController, PhotoDetails
from photosim.gui.controllers.files import FileController
from photosim.gui.controllers.filters import FilterController
from photosim.gui.controllers.help import HelpController
from photosim.gui.controllers.indexing import IndexingController
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus
from photosim.gui.controllers.navigation import NavigationController
from photosim.gui.controllers.photos import PhotoController
from photosim.gui.controllers.search import SearchController
from photosim.gui.controllers.session import WindowSession
from photosim.gui.controllers.settings import SettingsController
from photosim.gui.controllers.targets import ActionTargets
from photosim.gui.controllers.view import ViewController

if TYPE_CHECKING:
    from photosim.library.library import Library


@dataclass(frozen=True, slots=True)
class Controllers:
    """What connects services with views."""

    library: LibraryController
    menus: Menus
    navigation: NavigationController
    view: ViewController
    session: WindowSession
    targets: ActionTargets
    photos: PhotoController
    clusters: ClusterController
    compare: CompareController
    filters: FilterController
    search: SearchController
    indexing: IndexingController
    settings: SettingsController
    files: FileController
    detail: DetailController
    details: PhotoDetails
    help: HelpController
    action_states: ActionStates


def build_controllers(library: Library, services: Services, views: Views, window: QMainWindow) -> Controllers:
    """Build the controllers; each connects its own actions and views."""
    jobs, navigator, index_process = services.jobs, services.navigator, services.index_process
    monitor, actions, top_bar = services.library_monitor, views.actions, views.top_bar
    browser, detail, viewer = views.browser, views.detail, views.viewer
    library_controller = LibraryController(
        window,
        library,
        jobs,
        index_process,
        navigator,
        services.write_guard,
        actions=actions,
        sources=views.sources,
    )
    targets = ActionTargets(
        navigator=navigator, browser=browser, detail=detail, viewer=viewer, compare=views.compare
    )
    menus = Menus(window, targets, library_controller, index_process)
    search = SearchController(
        window,
        jobs,
        targets,
        actions=actions,
        query_bar=views.query_bar,
        browser=browser,
        detail=detail,
        viewer=viewer,
        toast=views.toast,
        drop_area=views.drop_area,
        field=views.search_field,
        navigator=navigator,
        library_controller=library_controller,
        menus=menus,
    )
    photos = PhotoController(
        targets,
        actions=actions,
        browser=browser,
        detail=detail,
        viewer=viewer,
        navigator=navigator,
        library_controller=library_controller,
        menus=menus,
    )
    return Controllers(
        library=library_controller,
        menus=menus,
        navigation=NavigationController(
            window,
            navigator,
            actions=actions,
            top_bar=top_bar,
            sources=views.sources,
            browser=browser,
            detail=detail,
            overlays=views.overlays,
        ),
        view=ViewController(
            window,
            actions=actions,
            top_bar=top_bar,
            browser=browser,
            query_bar=views.query_bar,
            filter_bar=views.filter_bar,
            overlays=views.overlays,
            navigator=navigator,
            library_controller=library_controller,
        ),
        session=WindowSession(
            services.window_state,
            window,
            splitter=views.splitter,
            actions=actions,
            top_bar=top_bar,
            sources=views.sources,
            browser=browser,
            detail=detail,
            viewer=viewer,
        ),
        targets=targets,
        photos=photos,
        clusters=ClusterController(
            window,
            library,
            jobs,
            services.cluster_cache,
            actions=actions,
            browser=browser,
            navigator=navigator,
            library_controller=library_controller,
            menus=menus,
            undo=services.undo,
        ),
        compare=CompareController(
            views.compare,
            targets,
            actions=actions,
            browser=browser,
            viewer=viewer,
            library_controller=library_controller,
            menus=menus,
        ),
        filters=FilterController(
            library,
            jobs,
            actions=actions,
            bar=views.filter_bar,
            field=views.search_field,
            browser=browser,
            detail=detail,
            similarity=services.filtered_similarity,
            monitor=monitor,
            navigator=navigator,
            overlays=views.overlays,
        ),
        search=search,
        indexing=IndexingController(
            process=index_process,
            monitor=monitor,
            thumbnails=services.thumbnails,
            strip=views.index_strip,
            browser=browser,
            detail=detail,
            sources=views.sources,
            navigator=navigator,
            library_controller=library_controller,
        ),
        settings=SettingsController(
            window,
            library,
            jobs,
            index_process,
            library_controller,
            services.window_state,
            actions=actions,
            banner=views.model_banner,
            welcome=browser.welcome_page,
        ),
        files=FileController(
            window,
            library,
            jobs,
            targets,
            services.undo,
            actions,
            views.file_strip,
            library_controller,
            menus,
        ),
        detail=DetailController(
            library, jobs, actions=actions, browser=browser, detail=detail, navigator=navigator
        ),
        details=PhotoDetails(
            library, jobs, services.cluster_cache, detail=detail, viewer=viewer, navigator=navigator
        ),
        help=HelpController(window, jobs, actions),
        action_states=ActionStates(
            actions,
            targets,
            navigator=navigator,
            browser=browser,
            viewer=viewer,
            compare=views.compare,
            detail=detail,
            top_bar=top_bar,
            monitor=monitor,
            guard=services.write_guard,
        ),
    )
