"""Looks up what a photo's record does not say, for the viewer's panel: its copies and its cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject

from photosim.gui.base.formatting import describe_cluster as told_of
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.gui.state.navigator import Navigator
from photosim.gui.viewer.viewer import Viewer
from photosim.records import Cluster, Photo

Copies = Callable[[int], list[Photo]]


@dataclass(frozen=True, slots=True)
class Found:
    """The other files of the same content, and the cluster that the photo is in, or None."""

    copies: tuple[str, ...]
    cluster: Cluster | None


class ViewerFacts(QObject):
    """Follows the viewer while its panel is open."""

    def __init__(
        self,
        copies: Copies,
        shelf: ClusterCache,
        jobs: Jobs,
        viewer: Viewer,
        navigator: Navigator,
    ) -> None:
        super().__init__(viewer)
        self._copies, self._shelf, self._jobs = copies, shelf, jobs
        self._viewer, self._navigator = viewer, navigator
        self._asked: int | None = None
        viewer.photo_changed.connect(self._ask)
        viewer.info_shown.connect(self._ask)
        viewer.closed.connect(lambda _: self._jobs.cancel(self._asked))
        viewer.info.cluster_requested.connect(self._go)

    def _ask(self, photo: Photo | None) -> None:
        self._jobs.cancel(self._asked)
        if photo is None or not self._viewer.is_info_visible:
            return
        work = partial(_look_up, photo, self._copies, self._shelf)
        self._asked = self._jobs.start(work, partial(self._show, photo), Priority.NORMAL)

    def _show(self, photo: Photo, found: Found | None, _: Exception | None) -> None:
        if found is None or photo != self._viewer.photo:
            return
        info = self._viewer.info
        info.show_copies(found.copies)
        cluster = found.cluster
        info.show_cluster(cluster, tr("in none") if cluster is None else told_of(cluster))

    def _go(self, cluster: Cluster) -> None:
        self._viewer.dismiss()
        self._navigator.open_cluster(cluster)


def _look_up(photo: Photo, copies: Copies, shelf: ClusterCache, cancel: CancelToken) -> Found:
    same = tuple(
        other.path for other in copies(photo.photo_id) if other.path not in (photo.path, *photo.raw_files)
    )
    cancel.check()
    within = (one for one, _ in shelf.load(shelf.level).clusters if photo.file_id in one.file_ids)
    return Found(same, next(within, None))
