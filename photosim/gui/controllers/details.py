"""Details of a photo that its record does not hold: labels, duplicates and cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Query
from photosim.gui.viewer.viewer import Viewer
from photosim.records import Cluster, Label, Photo

if TYPE_CHECKING:
    from photosim.library import Library


@dataclass(frozen=True, slots=True)
class _Relations:
    """The paths of the other files with the same content, and the cluster of the photo."""

    copies: tuple[str, ...]
    cluster: Cluster | None


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
