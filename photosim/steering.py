"""Clusters that a person can steer: rename, merge, hide, pull a photo out; kept through every new clustering."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from photosim.core.clusters import medoid_first
from photosim.core.records import Cluster, Clustering
from photosim.core.steering import KeptCluster, SteeredCluster, steer
from photosim.errors import LibraryError
from photosim.store.catalog import Catalog
from photosim.store.kept_clusters import KeptClusters

VectorsOf = Callable[[Sequence[int]], npt.NDArray[np.float32]]
"""Photo ids to their embeddings, (N, D); KeyError when one has none."""

MAX_NAME = 200
"""Characters of a name; a longer one is cut."""


class Steering:
    """What the person says of clusters. It is theirs and not the model's: another model changes nothing of it."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._kept = KeptClusters(catalog.store)

    # --- looking -----------------------------------------------------------------------------------------

    def clustering(self, groups: Sequence[Sequence[int]], vectors_of: VectorsOf) -> Clustering:
        """The computed groups of photo ids, with what the person did put over them."""
        files: dict[int, list[tuple[int, str]]] = {}
        for photo_id, file_id, path in self._catalog.shown_files():
            files.setdefault(photo_id, []).append((file_id, path))
        shown: list[Cluster] = []
        hidden: list[Cluster] = []
        for steered in steer(groups, self._kept.all()):
            kept = steered.kept
            members = [file for one in _in_order(steered, vectors_of) for file in files.pop(one, ())]
            if not members:
                continue
            into = hidden if kept is not None and kept.hidden else shown
            into.append(
                Cluster(
                    id=len(into) + 1,
                    file_ids=tuple(file_id for file_id, _ in members),
                    paths=tuple(path for _, path in members),
                    name=kept.name if kept is not None else None,
                    kept=kept.id if kept is not None else None,
                )
            )
        loose = tuple(file_id for left in files.values() for file_id, _ in left)
        return Clustering(_numbered(shown), len(loose), _numbered(hidden), loose)

    # --- steering ----------------------------------------------------------------------------------------

    def rename(self, cluster: Cluster, name: str) -> None:
        """Give a cluster a name of the person's own; an empty one takes it away again."""
        self._kept.rename(self._own(cluster), " ".join(name.split())[:MAX_NAME] or None)

    def hide(self, cluster: Cluster, hidden: bool = True) -> None:
        """Hide a cluster, or show it again."""
        self._kept.hide(self._own(cluster), hidden)

    def merge(self, clusters: Sequence[Cluster]) -> None:
        """Make one cluster of several; it has the name of the first that has one."""
        if len(clusters) < 2:
            raise LibraryError("Two clusters or more are needed to merge them.")
        into = self._own(clusters[0])
        others = [one.kept for one in clusters[1:] if one.kept is not None and one.kept != into]
        outside = {photo for one in self._kept.all() if one.id in others for photo in one.pulled_out}
        members = [photo for cluster in clusters for photo in self._photos(cluster.file_ids)]
        self._kept.keep(members, into)
        self._kept.pull_out(into, outside.difference(members))
        self._kept.let_go(others)
        self._kept.rename(into, next((one.name for one in clusters if one.name), None))

    def pull_out(self, cluster: Cluster, file_ids: Sequence[int]) -> None:
        """Take photos out of a cluster, for good."""
        self._kept.pull_out(self._own(cluster), self._photos(file_ids))

    def let_go(self, cluster: Cluster) -> None:
        """Forget what the person did with a cluster."""
        if cluster.kept is not None:
            self._kept.let_go([cluster.kept])

    def state(self) -> list[KeptCluster]:
        """Everything the person did, to give to `restore` when it is to be undone."""
        return self._kept.all()

    def restore(self, state: Sequence[KeptCluster]) -> None:
        """Make everything as it was."""
        self._kept.restore(state)

    # --- helpers -----------------------------------------------------------------------------------------

    def _own(self, cluster: Cluster) -> int:
        """The id of the kept cluster that this one is, or now becomes."""
        return self._kept.keep(self._photos(cluster.file_ids), cluster.kept)

    def _photos(self, file_ids: Sequence[int]) -> list[int]:
        photos = self._catalog.photos_by_id(file_ids)
        if not photos:
            raise LibraryError("These photos are no longer in the library.")
        return list(dict.fromkeys(photo.photo_id for photo in photos))


def _in_order(steered: SteeredCluster, vectors_of: VectorsOf) -> Sequence[int]:
    """The photo ids, the medoid first."""
    if steered.settled:
        return steered.photo_ids
    try:
        vectors = vectors_of(steered.photo_ids)
    except KeyError:
        return steered.photo_ids  # the model in use has not looked at all of them yet
    return [steered.photo_ids[row] for row in medoid_first(vectors)]


def _numbered(clusters: list[Cluster]) -> tuple[Cluster, ...]:
    clusters.sort(key=lambda cluster: (-cluster.size, cluster.id))
    return tuple(
        Cluster(number, one.file_ids, one.paths, one.name, one.kept) for number, one in enumerate(clusters, 1)
    )
