"""The details panel: what it is about, and the details of a photo that its record does not hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.browser.browser import Browser
from photosim.gui.controllers.actions import Actions, connect
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Query
from photosim.gui.state.text.events import event_days
from photosim.gui.viewer.compare import MAX_PHOTOS, MIN_PHOTOS
from photosim.gui.viewer.viewer import Viewer
from photosim.records import Cluster, Event, Label, Photo

if TYPE_CHECKING:
    from photosim.library import Library

_MAX_PHOTOS = 300
"""Photos of a cluster or of a selection that the panel shows."""


@dataclass(frozen=True, slots=True)
class _Relations:
    """The paths of the other files with the same content, and the cluster of the photo."""

    copies: tuple[str, ...]
    cluster: Cluster | None


class DetailController(QObject):
    """Keeps the panel about what is selected in the center; it takes no room while that is nothing."""

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        *,
        actions: Actions,
        browser: Browser,
        detail: DetailPanel,
        navigator: Navigator,
    ) -> None:
        super().__init__(detail)
        self._library, self._jobs, self._actions = library, jobs, actions
        self._browser, self._detail, self._navigator = browser, detail, navigator
        self._cluster: Cluster | None = None
        self._cluster_job: int | None = None
        # Once a turn, and after the browser has been painted: both in one turn would block the window.
        self._timer = QTimer(self, interval=0, singleShot=True)
        self._timer.timeout.connect(self._fill)
        # The panel opens when it is filled: laying it out makes the tiles beside it smaller, which takes as long.
        self._show_timer = QTimer(self, interval=0, singleShot=True)
        self._show_timer.timeout.connect(detail.show)
        navigator.place_changed.connect(self._schedule_update)
        browser.selection.changed.connect(self._schedule_update)
        for changed in (browser.currentChanged, browser.loaded):
            changed.connect(self._schedule_update)
        actions.panel.toggled.connect(self._update)
        detail.photo_set.grid.photo_chosen.connect(self._choose)
        connect(((actions.open_cluster, self._open_cluster),))
        self._update()

    def _schedule_update(self, *_: object) -> None:
        self._timer.start()

    def _update(self) -> None:
        """Fill the panel, and show it or hide it at once."""
        self._fill()
        if self._show_timer.isActive():
            self._show_timer.stop()
            self._detail.show()

    def _fill(self) -> None:
        place, browser, detail = self._navigator.current, self._browser, self._detail
        clusters = browser.selection.clusters() if browser.currentWidget() is browser.cluster_page else []
        count = browser.selection.count() if browser.currentWidget() is browser.grid else 0
        self._actions.open_cluster.setEnabled(len(clusters) == 1)
        are_events = bool(clusters) and isinstance(clusters[0], Event)
        self._actions.open_cluster.setText(tr("&Open event") if are_events else tr("&Open cluster"))
        query = place.selected
        shows_clusters = query is None and bool(clusters)
        if not shows_clusters:
            self._set_cluster(None)
        if shows_clusters:
            self._show_clusters(clusters)
        elif count > 1:
            self._show_selection(count)
        else:
            detail.similar.set_shown_in_grid(place.is_search and place.search == query)
            detail.show_query(query)
        is_needed = shows_clusters or count > 1 or query is not None
        if not is_needed or not self._actions.panel.isChecked():
            self._show_timer.stop()
            detail.hide()
        elif detail.isHidden():
            self._show_timer.start()

    def _show_selection(self, count: int) -> None:
        actions = self._actions
        shown = [actions.find_similar, actions.copy_files, actions.trash, actions.add_to_collection]
        if MIN_PHOTOS <= count <= MAX_PHOTOS:
            shown.append(actions.compare)
        photos = self._browser.selection.photos(_MAX_PHOTOS)
        self._detail.show_photo_set()
        self._detail.photo_set.show_photos(tr("%Ln photo(s) selected", "", count), "", photos, shown)

    def _show_clusters(self, clusters: Sequence[Cluster]) -> None:
        actions, page = self._actions, self._detail.photo_set
        self._detail.show_photo_set()
        size = formatting.count_photos(sum(cluster.size for cluster in clusters))
        are_events = isinstance(clusters[0], Event)
        if len(clusters) > 1:
            self._set_cluster(None)
            covers = self._browser.selection.covers(_MAX_PHOTOS)
            if are_events:
                title, shown = tr("%Ln event(s) selected", "", len(clusters)), list(actions.event_actions)
            else:
                title = tr("%Ln cluster(s) selected", "", len(clusters))
                shown = [actions.merge_clusters, actions.hide_clusters]
            page.show_photos(title, size, covers, shown)
            return
        if are_events:
            shown = [actions.open_cluster, *actions.event_actions]
            size = f"{size} · {event_days(clusters[0])}"
        else:
            shown = [actions.open_cluster, actions.rename_cluster, actions.hide_clusters]
        [cover] = self._browser.selection.covers(1)
        name = formatting.cluster_title(clusters[0])
        is_same = self._set_cluster(clusters[0])
        photos = page.model.photos if is_same else [cover]
        page.show_photos(name or size, size if name else "", photos, shown, cover=cover)

    def _set_cluster(self, cluster: Cluster | None) -> bool:
        """Load the photos of the cluster that is shown; return whether it is the same as before."""
        previous, self._cluster = self._cluster, cluster
        if cluster is not None and previous is not None and cluster.file_ids == previous.file_ids:
            return True
        self._jobs.cancel(self._cluster_job)
        if cluster is not None:
            work = partial(_cluster_photos, self._library, cluster)
            self._cluster_job = self._jobs.start(work, partial(self._accept, cluster), Priority.HIGH)
        return False

    def _accept(self, cluster: Cluster, photos: Sequence[Photo] | None, _: Exception | None) -> None:
        if photos is not None and cluster is self._cluster:
            self._detail.photo_set.set_photos(photos)

    def _choose(self, photo: Photo) -> None:
        if self._cluster is not None:
            self._navigator.select_similar(photo)

    def _open_cluster(self) -> None:
        for cluster in self._browser.selection.clusters()[:1]:
            self._navigator.open_cluster(cluster)


class PhotoDetails(QObject):
    """Loads the details of the photo in the detail panel and of the photo in the viewer."""

    def __init__(
        self,
        library: Library,
        jobs: Jobs,
        clusters: ClusterCache,
        *,
        detail: DetailPanel,
        viewer: Viewer,
        navigator: Navigator,
    ) -> None:
        super().__init__(detail)
        self._library, self._jobs, self._clusters = library, jobs, clusters
        self._detail, self._viewer, self._navigator = detail, viewer, navigator
        self._label_jobs: dict[QObject, int] = {}
        self._relations_job: int | None = None
        detail.facts.query_changed.connect(self._load_panel_labels)
        viewer.photo_changed.connect(self._load_viewer_labels)
        viewer.photo_changed.connect(self._load_relations)
        viewer.info_shown.connect(self._load_relations)
        viewer.closed.connect(lambda _: jobs.cancel(self._relations_job))
        viewer.info.cluster_requested.connect(self._open_cluster)

    def _load_panel_labels(self, query: Query | None) -> None:
        photo = None if query is None else query.photo
        self._load_labels(self._detail, photo, self._detail.facts.show_labels)

    def _load_viewer_labels(self, photo: Photo) -> None:
        self._load_labels(self._viewer, photo, self._viewer.show_labels)

    def _load_labels(self, view: QObject, photo: Photo | None, show: Callable[[str], None]) -> None:
        self._jobs.cancel(self._label_jobs.pop(view, None))
        if photo is None:
            show("")
        else:
            work = partial(_labels, self._library, photo.photo_id)
            self._label_jobs[view] = self._jobs.start(work, partial(_show_labels, show), Priority.NORMAL)

    def _load_relations(self, photo: Photo | None) -> None:
        self._jobs.cancel(self._relations_job)
        if photo is None or not self._viewer.is_info_visible:
            return
        work = partial(_relations, self._library, self._clusters, photo)
        self._relations_job = self._jobs.start(work, partial(self._show_relations, photo), Priority.NORMAL)

    def _show_relations(self, photo: Photo, relations: _Relations | None, _: Exception | None) -> None:
        if relations is None or photo != self._viewer.photo:
            return
        cluster = relations.cluster
        self._viewer.info.show_duplicates(relations.copies)
        name = tr("None") if cluster is None else formatting.describe_cluster(cluster)
        self._viewer.info.show_cluster(cluster, name)

    def _open_cluster(self, cluster: Cluster) -> None:
        self._viewer.dismiss()
        self._navigator.open_cluster(cluster)


def _cluster_photos(library: Library, cluster: Cluster, cancel: CancelToken) -> Sequence[Photo]:
    cancel.check()
    return library.photos_by_id(cluster.file_ids[:_MAX_PHOTOS])


def _labels(library: Library, photo_id: int, _: CancelToken) -> Sequence[Label]:
    return library.labels.labels_of(photo_id)


def _show_labels(show: Callable[[str], None], labels: Sequence[Label] | None, _: Exception | None) -> None:
    show(formatting.format_labels(labels or ()))


def _relations(library: Library, clusters: ClusterCache, photo: Photo, cancel: CancelToken) -> _Relations:
    own_paths = (photo.path, *photo.raw_files)
    copies = tuple(copy.path for copy in library.copies(photo.photo_id) if copy.path not in own_paths)
    cancel.check()
    level = clusters.load(clusters.level)
    matching = (cluster for cluster, _ in level.clusters if photo.file_id in cluster.file_ids)
    return _Relations(copies, next(matching, None))
