"""The controllers of a window."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMainWindow

from photosim.gui.composition.services import Services
from photosim.gui.composition.views import Views
from photosim.gui.controllers.action_states import ActionStates
from photosim.gui.controllers.duplicates.certainty import DuplicateCertaintyController
from photosim.gui.controllers.duplicates.review import DuplicatesController
from photosim.gui.controllers.duplicates.rules import DuplicateRulesController
from photosim.gui.controllers.duplicates.stacks import StackController
from photosim.gui.controllers.files import FileController
from photosim.gui.controllers.filters import FilterController
from photosim.gui.controllers.help import HelpController
from photosim.gui.controllers.indexing import IndexingController
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus
from photosim.gui.controllers.navigation import NavigationController
from photosim.gui.controllers.photos.compare import CompareController
from photosim.gui.controllers.photos.details import DetailController, PhotoDetails
from photosim.gui.controllers.photos.objects import ObjectController
from photosim.gui.controllers.photos.opening import PhotoController
from photosim.gui.controllers.photos.why import WhyController
from photosim.gui.controllers.places.clusters import ClusterController
from photosim.gui.controllers.places.collections import CollectionController
from photosim.gui.controllers.places.comparison import ComparisonController
from photosim.gui.controllers.places.events import EventController
from photosim.gui.controllers.places.look_alikes import LookAlikeController
from photosim.gui.controllers.places.map import MapController
from photosim.gui.controllers.places.origin import OriginController
from photosim.gui.controllers.search import SearchController
from photosim.gui.controllers.selections import SelectionController
from photosim.gui.controllers.session import WindowSession
from photosim.gui.controllers.settings import SettingsController
from photosim.gui.controllers.targets import ActionTargets
from photosim.gui.controllers.view import ViewController
from photosim.gui.duplicates.certain_dialog import CertainDialog

if TYPE_CHECKING:
    from photosim.library.library import Library


@dataclass(frozen=True, slots=True)
class Controllers:
    """What connects services with views."""

    library: LibraryController
    menus: Menus
    navigation: NavigationController
    view: ViewController
    stacks: StackController
    duplicate_rules: DuplicateRulesController
    session: WindowSession
    targets: ActionTargets
    photos: PhotoController
    selections: SelectionController
    clusters: ClusterController
    collections: CollectionController
    events: EventController
    compare: CompareController
    comparison: ComparisonController
    map: MapController
    why: WhyController
    origin: OriginController
    look_alikes: LookAlikeController
    duplicates: DuplicatesController
    duplicate_certainty: DuplicateCertaintyController
    filters: FilterController
    search: SearchController
    indexing: IndexingController
    settings: SettingsController
    files: FileController
    detail: DetailController
    details: PhotoDetails
    objects: ObjectController
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
        navigator=navigator,
        browser=browser,
        detail=detail,
        viewer=viewer,
        compare=views.compare,
        origin=views.origin,
    )
    menus = Menus(window, targets, library_controller, index_process)
    duplicate_rules = DuplicateRulesController(
        window, library, jobs, monitor, library_controller, actions=actions, menus=menus
    )
    search = SearchController(
        window,
        library,
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
    files = FileController(
        window,
        library,
        jobs,
        targets,
        services.undo,
        actions,
        views.file_strip,
        library_controller,
        menus,
    )
    duplicates = DuplicatesController(
        views.duplicates,
        library,
        jobs,
        services.undo,
        navigator=navigator,
        monitor=monitor,
        index_process=index_process,
        library_controller=library_controller,
        files=files,
        compare=views.compare,
    )
    duplicates.reviewed.connect(monitor.count_duplicates)
    duplicate_rules.rules_changed.connect(duplicates.reload)
    collections = CollectionController(
        window,
        library,
        jobs,
        targets,
        actions=actions,
        browser=browser,
        sources=views.sources,
        filter_bar=views.filter_bar,
        query_bar=views.query_bar,
        navigator=navigator,
        monitor=monitor,
        library_controller=library_controller,
        menus=menus,
        undo=services.undo,
        reopen=services.window_state.collection,
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
        duplicate_rules=duplicate_rules,
        stacks=StackController(
            targets,
            actions=actions,
            browser=browser,
            detail=detail,
            navigator=navigator,
            library_controller=library_controller,
            menus=menus,
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
        selections=SelectionController(
            window,
            library,
            jobs,
            targets,
            actions=actions,
            browser=browser,
            navigator=navigator,
            library_controller=library_controller,
        ),
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
        collections=collections,
        events=EventController(
            window,
            library,
            jobs,
            actions=actions,
            browser=browser,
            navigator=navigator,
            library_controller=library_controller,
            collections=collections,
            files=files,
            menus=menus,
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
        comparison=ComparisonController(
            window,
            library,
            jobs,
            services.comparison_process,
            actions=actions,
            page=views.comparison,
            strip=views.comparison_strip,
            compare=views.compare,
            drop_area=views.drop_area,
            navigator=navigator,
            index_process=index_process,
            library_controller=library_controller,
            files=files,
            menus=menus,
        ),
        map=MapController(
            views.map_page,
            library,
            jobs,
            services.cluster_cache,
            actions=actions,
            browser=browser,
            viewer=viewer,
            navigator=navigator,
            index_process=index_process,
            library_controller=library_controller,
            menus=menus,
            targets=targets,
            photos=photos,
        ),
        duplicates=duplicates,
        duplicate_certainty=DuplicateCertaintyController(
            views.duplicates,
            library,
            jobs,
            duplicates,
            library_controller,
            actions=actions,
            navigator=navigator,
            make_dialog=partial(CertainDialog, jobs, services.photo_client, library.thumbnail),
        ),
        why=WhyController(library, jobs, services.photo_client, views.compare),
        origin=OriginController(
            library,
            jobs,
            services.photo_client,
            views.origin,
            targets,
            actions=actions,
            browser=browser,
            viewer=viewer,
            navigator=navigator,
            library_controller=library_controller,
            menus=menus,
        ),
        look_alikes=LookAlikeController(targets, actions=actions, navigator=navigator, menus=menus),
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
            duplicate_rules,
            actions=actions,
            banner=views.model_banner,
            welcome=browser.welcome_page,
        ),
        files=files,
        detail=DetailController(
            library, jobs, actions=actions, browser=browser, detail=detail, navigator=navigator
        ),
        details=PhotoDetails(
            library, jobs, services.cluster_cache, detail=detail, viewer=viewer, navigator=navigator
        ),
        objects=ObjectController(
            library, jobs, services.photo_client, viewer, (detail.preview, detail.photo_set.preview)
        ),
        help=HelpController(window, jobs, actions),
        action_states=ActionStates(
            actions,
            targets,
            navigator=navigator,
            browser=browser,
            viewer=viewer,
            compare=views.compare,
            origin=views.origin,
            detail=detail,
            top_bar=top_bar,
            monitor=monitor,
            guard=services.write_guard,
        ),
    )
