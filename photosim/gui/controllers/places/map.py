"""The map: loads it, follows the selection and the filter, and opens what is chosen on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction

from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.controllers.library import LibraryController
from photosim.gui.controllers.menus import Menus, MenuSection
from photosim.gui.controllers.photos.opening import PhotoController
from photosim.gui.controllers.targets import ActionTargets, MenuContext
from photosim.gui.map.data import Area, MapData
from photosim.gui.map.loading import Matching, files_in, load_map, match, neighbours, photos_around
from photosim.gui.map.page import MapPage, PageState
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.gui.services.processes.indexing import IndexProcess
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Place, Query, View
from photosim.gui.state.view_filter import ViewFilter
from photosim.gui.viewer.viewer import Viewer
from photosim.library.map import MapColoring
from photosim.records import Photo

if TYPE_CHECKING:
    from photosim.library import Library


class MapController(QObject):
    """Connects the map with the library, the navigator and the viewer."""

    def __init__(
        self,
        page: MapPage,
        library: Library,
        jobs: Jobs,
        clusters: ClusterCache,
        *,
        actions: Actions,
        browser: Browser,
        viewer: Viewer,
        navigator: Navigator,
        index_process: IndexProcess,
        library_controller: LibraryController,
        menus: Menus,
        targets: ActionTargets,
        photos: PhotoController,
    ) -> None:
        super().__init__(page)
        self._actions, self._targets = actions, targets
        self._page, self._library, self._jobs, self._clusters = page, library, jobs, clusters
        self._browser, self._viewer, self._navigator, self._menus = browser, viewer, navigator, menus
        self._library_controller = library_controller
        self._filter = ViewFilter()
        self._coloring = MapColoring.CLUSTER
        self._is_stale = True
        self._loaded_key: tuple[int, int] | None = None
        """The revision of the edits of clusters, and the level, that are shown."""

        self._recent: Query | None = None
        """What is selected where the map is not shown."""

        self._job: int | None = None
        self._match_job: int | None = None
        self._neighbour_job: int | None = None
        self._photo_job: int | None = None
        self._area_job: int | None = None
        canvas = page.canvas
        canvas.photo_selected.connect(self._select)
        canvas.deselected.connect(self._deselect)
        canvas.photo_opened.connect(self._open)
        canvas.area_selected.connect(self._open_area)
        canvas.menu_requested.connect(self._show_menu)
        page.coloring_chosen.connect(self._color)
        page.add_folder_requested.connect(library_controller.add_folder)
        page.update_requested.connect(library_controller.rescan)
        navigator.place_changed.connect(lambda place, _anchor: self._follow(place))
        browser.loaded.connect(self._apply_filter)
        for changed in (
            library_controller.photos_changed,
            library_controller.files_changed,
            library_controller.library_changed,
            index_process.finished,
        ):
            changed.connect(lambda *_: self.reload())
        photos.open_by(View.MAP, self._view)
        menus.contribute(MenuSection.VIEW, self._contribute)
        targets.context_changed.connect(self._update_text)
        connect(((actions.show_map, self._go),))

    def reload(self) -> None:
        """Load the map again: now if it is shown, else when it is."""
        self._is_stale = True
        self._load_if_shown()

    def _go(self) -> None:
        """Show on the map the photo of the context menu or of the viewer, else what is selected, or a cluster's cover."""
        selected = self._navigator.current.selected
        photos = self._targets.selection()[:1] if self._targets.context or self._viewer.isVisible() else ()
        if photos:
            selected = Query.of_photos(*photos)
        if self._viewer.isVisible():
            self._viewer.dismiss()
        clusters = self._browser.selected_clusters() if selected is None else ()
        self._navigator.go(Place(View.MAP, selected=selected))
        if clusters:
            cover = clusters[0].medoid_id
            self._with_photos(
                lambda _: self._library.photos_by_id([cover]), lambda found: self._navigator.select(found[0])
            )

    def _contribute(self, context: MenuContext) -> Sequence[QAction]:
        is_useful = not self._is_shown or self._viewer.isVisible()
        return (self._actions.show_map,) if len(context.photos) == 1 and is_useful else ()

    def _update_text(self) -> None:
        context = self._targets.context
        is_photo = context is not None and len(context.photos) == 1
        self._actions.show_map.setText(tr("Show on m&ap") if is_photo else tr("Show m&ap"))

    @property
    def _is_shown(self) -> bool:
        return self._navigator.current.view is View.MAP

    def _follow(self, place: Place) -> None:
        if self._is_shown:
            self._load_if_shown()
            self._show_selected(place)
        else:
            self._recent = place.selected

    def _load_if_shown(self) -> None:
        key = (self._library.cluster_edits.revision, self._clusters.level)
        if not self._is_shown or (not self._is_stale and key == self._loaded_key):
            return
        self._is_stale, self._loaded_key = False, key
        self._jobs.cancel(self._job)
        self._filter = self._browser.view_filter
        work = partial(
            load_map, self._library, self._clusters, self._clusters.level, self._coloring, self._filter
        )
        self._job = self._jobs.start(work, self._show, Priority.HIGH)

    def _show(self, loaded: tuple[MapData, Matching] | None, error: Exception | None) -> None:
        self._job = None
        page = self._page
        if loaded is None:
            self._is_stale = True
            page.show_state(PageState.FAILED, str(error))
            return
        data, matching = loaded
        page.canvas.scene.show_data(data, matching)
        if len(data):
            page.show_map()
        elif self._browser.status.overview.photos:
            page.show_state(PageState.NOT_MADE, can_update=self._library_controller.guard.can_write)
        else:
            page.show_state(PageState.NO_PHOTOS)
        self._apply_filter()
        self._show_selected(self._navigator.current)

    def _color(self, coloring: MapColoring) -> None:
        self._coloring = coloring
        self.reload()

    def _apply_filter(self) -> None:
        """Dim what does not match the filter of the window, if it has changed."""
        if not self._is_shown or self._job is not None or self._filter == self._browser.view_filter:
            return
        self._filter = self._browser.view_filter
        self._jobs.cancel(self._match_job)
        work = partial(match, self._library, self._page.canvas.scene.data, self._filter)
        self._match_job = self._jobs.start(
            work, partial(self._dim, self._page.canvas.scene.data), Priority.HIGH
        )

    def _dim(self, data: MapData, matching: Matching, error: Exception | None) -> None:
        self._match_job = None
        if error is None and data is self._page.canvas.scene.data:
            self._page.canvas.scene.set_matching(matching)

    def _show_selected(self, place: Place) -> None:
        canvas, scene = self._page.canvas, self._page.canvas.scene
        query = place.selected or self._recent
        photo = None if query is None else query.photo
        row = None if photo is None else scene.data.row_of(photo.file_id)
        scene.set_selected(row, reveal=row is not None)
        self._jobs.cancel(self._neighbour_job)
        if photo is None or row is None:
            canvas.setAccessibleDescription("")
            return
        work = partial(neighbours, self._library, scene.data, photo.file_id)
        self._neighbour_job = self._jobs.start(work, partial(self._show_neighbours, row))
        cluster = scene.data.cluster_of_id.get(int(scene.data.clusters[row]))
        name = formatting.display_name(photo.path)
        if cluster is None:
            canvas.announce(tr("{name}, ungrouped").format(name=name))
        else:
            title = cluster.title or tr("Cluster {number}").format(number=cluster.id)
            count = formatting.count_photos(cluster.size)
            canvas.announce(
                tr("{name}, in “{cluster}” with {photos}").format(name=name, cluster=title, photos=count)
            )

    def _show_neighbours(self, row: int, rows: npt.NDArray[np.intp] | None, _: Exception | None) -> None:
        self._neighbour_job = None
        if rows is not None and self._page.canvas.scene.selected == row:
            self._page.canvas.scene.set_neighbours(rows)

    def _select(self, row: int) -> None:
        self._with_photo(row, self._navigator.select)

    def _deselect(self) -> None:
        self._recent = None
        self._navigator.clear_selection()
        self._show_selected(self._navigator.current)

    def _open(self, row: int) -> None:
        """Open a photo in the viewer, which goes on to those around it."""
        scene = self._page.canvas.scene
        work = partial(photos_around, self._library, scene.data, row, scene.matching)
        self._with_photos(work, lambda photos: self._viewer.open(photos, 0))

    def _view(self, photo: Photo) -> None:
        row = self._page.canvas.scene.data.row_of(photo.file_id)
        if row is None:
            self._viewer.open((photo,), 0)
        else:
            self._open(row)

    def _show_menu(self, row: int, point: QPoint) -> None:
        self._with_photo(row, lambda photo: self._menus.show_photo_menu([Query.of_photos(photo)], point))

    def _with_photo(self, row: int, use: Callable[[Photo], object]) -> None:
        """Read a photo in a job, and pass it to a function unless another one was asked for since."""
        file_id = int(self._page.canvas.scene.data.file_ids[row])
        self._with_photos(lambda _: self._library.photos_by_id([file_id]), lambda photos: use(photos[0]))

    def _with_photos(
        self, work: Callable[[CancelToken], list[Photo]], use: Callable[[list[Photo]], object]
    ) -> None:
        """Read photos in a job, and pass them to a function unless others were asked for since."""

        def done(photos: list[Photo] | None, _: Exception | None) -> None:
            self._photo_job = None
            if photos and self._is_shown:
                use(photos)

        self._jobs.cancel(self._photo_job)
        self._photo_job = self._jobs.start(work, done, Priority.HIGH)

    def _open_area(self, area: Area) -> None:
        """Show the matching photos of an area in the grid."""

        def done(file_ids: list[int] | None, _: Exception | None) -> None:
            self._area_job = None
            if file_ids and self._is_shown:
                title = tr("%Ln photo(s) from the map", "", len(file_ids))
                self._navigator.open_selection(title, file_ids)

        scene = self._page.canvas.scene
        self._jobs.cancel(self._area_job)
        work = partial(files_in, scene.data, area, scene.matching)
        self._area_job = self._jobs.start(work, done, Priority.HIGH)
