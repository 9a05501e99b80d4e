"""The actions and widgets of a window."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.comparison.page import ComparisonPage
from photosim.gui.composition.services import Services
from photosim.gui.controllers.actions import Actions
from photosim.gui.duplicates.page import DuplicatesPage
from photosim.gui.filters.bar import FilterBar
from photosim.gui.filters.search_field import SearchField
from photosim.gui.map.page import MapPage
from photosim.gui.panels.comparison_strip import ComparisonStrip
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.panels.file_strip import FileStrip
from photosim.gui.panels.index_strip import IndexStrip
from photosim.gui.panels.photo_set import PhotoSetPage
from photosim.gui.panels.preview import PhotoPreview
from photosim.gui.panels.query_chips import QueryBar
from photosim.gui.panels.similar import SimilarPanel
from photosim.gui.panels.source_model import SourceModel
from photosim.gui.panels.sources import SourcesPanel
from photosim.gui.panels.top_bar import TopBar
from photosim.gui.services.loader import PlaceLoader
from photosim.gui.state.places import View
from photosim.gui.viewer.compare import CompareView
from photosim.gui.viewer.origin import OriginView
from photosim.gui.viewer.overlay import Overlay
from photosim.gui.viewer.viewer import Viewer
from photosim.gui.widgets.banner import Banner
from photosim.gui.widgets.drop_area import DropArea
from photosim.gui.widgets.status_strip import StatusArea
from photosim.gui.widgets.toast import Toast

if TYPE_CHECKING:
    from photosim.library.library import Library


@dataclass(frozen=True, slots=True)
class Views:
    """The actions and widgets of the window; none knows a controller."""

    actions: Actions
    search_field: SearchField
    top_bar: TopBar
    read_only_banner: Banner
    exact_search_banner: Banner
    model_banner: Banner
    filter_bar: FilterBar
    sources: SourcesPanel
    query_bar: QueryBar
    browser: Browser
    duplicates: DuplicatesPage
    comparison: ComparisonPage
    map_page: MapPage
    detail: DetailPanel
    file_strip: FileStrip
    index_strip: IndexStrip
    comparison_strip: ComparisonStrip
    status_area: StatusArea
    viewer: Viewer
    compare: CompareView
    origin: OriginView
    drop_area: DropArea
    toast: Toast
    center: QWidget
    splitter: QSplitter

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        """The views that cover the whole window, the topmost first."""
        return (self.origin, self.compare, self.viewer)


def build_views(library: Library, services: Services, actions: Actions, window: QWidget) -> Views:
    """Build the widgets of the window."""
    jobs, client, thumbnails = services.jobs, services.photo_client, services.thumbnails
    loader = PlaceLoader(library, jobs, services.similarity, services.cluster_cache, services.stack_cache)
    preview = PhotoPreview(jobs, client, library.thumbnail)
    similar = SimilarPanel(services.filtered_similarity, thumbnails, jobs, client, library.thumbnail, window)
    photo_set = PhotoSetPage(
        PhotoPreview(jobs, client, library.thumbnail),
        thumbnails,
        {
            actions.compare: tr("Compare"),
            actions.find_similar: tr("Find similar to all"),
            actions.copy_files: tr("Copy"),
            actions.trash: tr("Move to trash"),
            actions.add_to_collection: tr("Add to collection…"),
            actions.open_cluster: tr("Open"),
            actions.rename_cluster: tr("Rename…"),
            actions.merge_clusters: tr("Merge"),
            actions.hide_clusters: tr("Hide"),
            actions.keep_event: tr("Keep as collection…"),
            actions.copy_event: tr("Copy to folder…"),
            actions.pick_photos: tr("Pick photos…"),
        },
        window,
    )

    def compared_thumbnails(digests: Collection[bytes]) -> dict[bytes, bytes]:
        # Asked for here, when photos are shown: making the service imports much, which the first paint should not wait for.
        return library.comparisons.thumbnails_of(digests)

    file_strip, index_strip = FileStrip(services.undo, window), IndexStrip(window)
    comparison_strip = ComparisonStrip(window)
    browser = Browser(loader, thumbnails, window)
    duplicates = DuplicatesPage(
        jobs,
        client,
        library.thumbnail,
        thumbnails,
        window,
        (actions.review_certain, actions.keep_rules),
    )
    browser.add_page(View.DUPLICATES, duplicates)
    comparison = ComparisonPage(jobs, compared_thumbnails, window)
    browser.add_page(View.COMPARISON, comparison)
    map_page = MapPage(jobs, thumbnails, window)
    browser.add_page(View.MAP, map_page)
    search_field = SearchField(actions.search_image, window)
    return Views(
        actions=actions,
        search_field=search_field,
        top_bar=TopBar(
            actions.back,
            actions.forward,
            search_field,
            actions.filter,
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
        query_bar=QueryBar(jobs, client, library.thumbnail, window),
        browser=browser,
        duplicates=duplicates,
        comparison=comparison,
        map_page=map_page,
        detail=DetailPanel(preview, similar, photo_set, window),
        file_strip=file_strip,
        index_strip=index_strip,
        comparison_strip=comparison_strip,
        status_area=StatusArea((file_strip, index_strip, comparison_strip), window),
        viewer=Viewer(
            jobs,
            client,
            library.thumbnail,
            window,
            ((actions.find_similar, "similar"), (actions.trash, "trash")),
        ),
        compare=CompareView(jobs, client, library.thumbnail, window),
        origin=OriginView(jobs, client, library.thumbnail, thumbnails, window),
        drop_area=DropArea(window),
        toast=Toast(window),
        center=QWidget(window),
        splitter=QSplitter(Qt.Orientation.Horizontal, window),
    )
