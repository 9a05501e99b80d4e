"""The services, views and controllers of a window, and the functions that build them in this order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions
from photosim.gui.controllers.clusters import ClusterController
from photosim.gui.controllers.compare import CompareController
from photosim.gui.controllers.details import PhotoDetails
from photosim.gui.controllers.files import FileController
from photosim.gui.controllers.filters import FilterController
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
from photosim.gui.filters.bar import FilterBar
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.panels.file_strip import FileStrip
from photosim.gui.panels.index_strip import IndexStrip
from photosim.gui.panels.preview import PhotoPreview
from photosim.gui.panels.query_chips import QueryBar
from photosim.gui.panels.similar import SimilarPanel
from photosim.gui.panels.source_model import SourceModel
from photosim.gui.panels.sources import SourcesPanel
from photosim.gui.panels.top_bar import TopBar
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
from photosim.gui.viewer.compare import CompareView
from photosim.gui.viewer.overlay import Overlay
from photosim.gui.viewer.viewer import Viewer
from photosim.gui.widgets.banner import Banner
from photosim.gui.widgets.drop_area import DropArea
from photosim.gui.widgets.status_strip import StatusArea
from photosim.gui.widgets.toast import Toast

if TYPE_CHECKING:
    from photosim.library import Library


@dataclass(frozen=True, slots=True)
class Services:
    """What talks to the library, to child processes and to the settings; no widgets."""

    jobs: Jobs
    thumbnails: ThumbnailLoader
    similarity: SimilarityService
    filtered_similarity: FilteredSimilarity
    write_guard: WriteGuard
    index_process: IndexProcess
    cluster_cache: ClusterCache
    library_monitor: LibraryMonitor
    navigator: Navigator
    undo: UndoHistory
    window_state: WindowState


@dataclass(frozen=True, slots=True)
class Views:
    """The actions and widgets of the window; none knows a controller."""

    actions: Actions
    top_bar: TopBar
    read_only_banner: Banner
    exact_search_banner: Banner
    model_banner: Banner
    filter_bar: FilterBar
    sources: SourcesPanel
    query_bar: QueryBar
    browser: Browser
    detail: DetailPanel
    file_strip: FileStrip
    index_strip: IndexStrip
    status_area: StatusArea
    viewer: Viewer
    compare: CompareView
    drop_area: DropArea
    toast: Toast
    center: QWidget
    splitter: QSplitter

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        """The views that cover the whole window, the topmost first."""
        return (self.compare, self.viewer)


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
    details: PhotoDetails


def build_services(library: Library, actions: Actions, window: QWidget) -> Services:
    """Build the services of one library."""
    jobs = Jobs(window)
    similarity = SimilarityService(library, jobs, window)
    cluster_cache = ClusterCache(library)
    return Services(
        jobs=jobs,
        thumbnails=ThumbnailLoader(
            library.thumbnail, jobs, parent=window, read_cached=library.cached_thumbnails
        ),
        similarity=similarity,
        filtered_similarity=FilteredSimilarity(similarity),
        write_guard=WriteGuard(library, window),
        index_process=IndexProcess(library.folder, window),
        cluster_cache=cluster_cache,
        library_monitor=LibraryMonitor(library, jobs, cluster_cache, window),
        navigator=Navigator(window),
        undo=UndoHistory(actions.undo, actions.redo, window),
        window_state=WindowState(library.folder),
    )


def build_views(library: Library, services: Services, actions: Actions, window: QWidget) -> Views:
    """Build the widgets of the window."""
    jobs, thumbnails = services.jobs, services.thumbnails
    loader = PlaceLoader(library, jobs, services.similarity, services.cluster_cache)
    preview = PhotoPreview(jobs, library.thumbnail)
    similar = SimilarPanel(services.filtered_similarity, thumbnails, jobs, library.thumbnail, window)
    file_strip, index_strip = FileStrip(services.undo, window), IndexStrip(window)
    return Views(
        actions=actions,
        top_bar=TopBar(
            actions.back,
            actions.forward,
            actions.filter,
            actions.search_image,
            actions.square,
            actions.panel,
        ),
        read_only_banner=Banner("", "", window, closable=False),
        exact_search_banner=Banner(
            tr("hnswlib can't be loaded, so searching a large library takes longer."), "", window
        ),
        model_banner=Banner(tr("A more accurate model is available:"), tr("Settings → Model"), window),
        filter_bar=FilterBar(window),
        sources=SourcesPanel(SourceModel(), window),
        query_bar=QueryBar(jobs, library.thumbnail, window),
        browser=Browser(loader, thumbnails, window),
        detail=DetailPanel(preview, similar, window),
        file_strip=file_strip,
        index_strip=index_strip,
        status_area=StatusArea((file_strip, index_strip), window),
        viewer=Viewer(jobs, library.thumbnail, window),
        compare=CompareView(jobs, library.thumbnail, window),
        drop_area=DropArea(window),
        toast=Toast(window),
        center=QWidget(window),
        splitter=QSplitter(Qt.Orientation.Horizontal, window),
    )


def build_controllers(library: Library, services: Services, views: Views, window: QMainWindow) -> Controllers:
    """Build the controllers; each connects its own actions and views."""
    jobs, navigator, monitor = services.jobs, services.navigator, services.library_monitor
    library_controller = LibraryController(
        window,
        library,
        jobs,
        services.index_process,
        navigator,
        services.write_guard,
        actions=views.actions,
        sources=views.sources,
    )
    targets = ActionTargets(
        navigator=navigator,
        browser=views.browser,
        similar=views.detail.similar,
        viewer=views.viewer,
        compare=views.compare,
    )
    menus = Menus(window, targets, library_controller, services.index_process)
    search = SearchController(
        window,
        jobs,
        targets,
        actions=views.actions,
        query_bar=views.query_bar,
        browser=views.browser,
        detail=views.detail,
        viewer=views.viewer,
        toast=views.toast,
        drop_area=views.drop_area,
        navigator=navigator,
        library_controller=library_controller,
        menus=menus,
    )
    photos = PhotoController(
        targets,
        actions=views.actions,
        browser=views.browser,
        detail=views.detail,
        viewer=views.viewer,
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
            actions=views.actions,
            top_bar=views.top_bar,
            sources=views.sources,
            browser=views.browser,
            detail=views.detail,
            overlays=views.overlays,
        ),
        view=ViewController(
            window,
            actions=views.actions,
            top_bar=views.top_bar,
            browser=views.browser,
            detail=views.detail,
            filter_bar=views.filter_bar,
            overlays=views.overlays,
            navigator=navigator,
            library_controller=library_controller,
        ),
        session=WindowSession(
            services.window_state,
            window,
            splitter=views.splitter,
            actions=views.actions,
            top_bar=views.top_bar,
            sources=views.sources,
            browser=views.browser,
            detail=views.detail,
            viewer=views.viewer,
        ),
        targets=targets,
        photos=photos,
        clusters=ClusterController(
            window,
            library,
            jobs,
            services.cluster_cache,
            actions=views.actions,
            browser=views.browser,
            navigator=navigator,
            library_controller=library_controller,
            menus=menus,
            undo=services.undo,
        ),
        compare=CompareController(
            views.compare,
            targets,
            actions=views.actions,
            browser=views.browser,
            viewer=views.viewer,
            library_controller=library_controller,
            menus=menus,
        ),
        filters=FilterController(
            library,
            jobs,
            actions=views.actions,
            bar=views.filter_bar,
            browser=views.browser,
            detail=views.detail,
            similarity=services.filtered_similarity,
            monitor=monitor,
            navigator=navigator,
            overlays=views.overlays,
        ),
        search=search,
        indexing=IndexingController(
            process=services.index_process,
            monitor=monitor,
            thumbnails=services.thumbnails,
            strip=views.index_strip,
            browser=views.browser,
            detail=views.detail,
            sources=views.sources,
            navigator=navigator,
            library_controller=library_controller,
        ),
        settings=SettingsController(
            window,
            library,
            jobs,
            services.index_process,
            library_controller,
            services.window_state,
            actions=views.actions,
            banner=views.model_banner,
        ),
        files=FileController(
            window,
            library,
            jobs,
            targets,
            services.undo,
            views.actions,
            views.file_strip,
            library_controller,
            menus,
        ),
        details=PhotoDetails(
            library,
            jobs,
            services.cluster_cache,
            detail=views.detail,
            viewer=views.viewer,
            navigator=navigator,
        ),
    )
