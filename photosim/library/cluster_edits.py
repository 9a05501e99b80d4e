"""Clusters that a person can steer: rename, merge, hide, pull a photo out; kept through every new clustering."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from photosim.errors import LibraryError
from photosim.records import Cluster, UserCluster
from photosim.store.catalog import Catalog
from photosim.store.user_clusters import UserClusterTable

MAX_NAME = 200
"""Characters of a name; a longer one is cut."""


class ClusterEdits:
    """What the person says of clusters. It is theirs and not the model's: another model changes nothing of it."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._kept = UserClusterTable(catalog.database)
        self.changes = 0
        """Rows of the library's file that deeds have changed."""

    # --- steering ----------------------------------------------------------------------------------------

    def rename(self, cluster: Cluster, name: str) -> None:
        """Give a cluster a name of the person's own; an empty one takes it away again."""
        with self._counted():
            self._kept.rename(self._own(cluster), " ".join(name.split())[:MAX_NAME] or None)

    def hide(self, cluster: Cluster, hidden: bool = True) -> None:
        """Hide a cluster, or show it again."""
        with self._counted():
            self._kept.set_hidden(self._own(cluster), hidden)

    def merge(self, clusters: Sequence[Cluster]) -> None:
        """Make one cluster of several; it has the name of the first that has one."""
        if len(clusters) < 2:
            raise LibraryError("Two clusters or more are needed to merge them.")
        with self._counted():
            self._merge(clusters)

    def exclude(self, cluster: Cluster, file_ids: Sequence[int]) -> None:
        """Take photos out of a cluster, for good."""
        with self._counted():
            self._kept.exclude(self._own(cluster), self._photos(file_ids))

    def reset(self, cluster: Cluster) -> None:
        """Forget what the person did with a cluster."""
        if cluster.user_cluster_id is not None:
            with self._counted():
                self._kept.delete([cluster.user_cluster_id])

    def snapshot(self) -> list[UserCluster]:
        """Everything the person did, to give to `restore` when it is to be undone."""
        return self._kept.all()

    def restore(self, state: Sequence[UserCluster]) -> None:
        """Make everything as it was."""
        with self._counted():
            self._kept.replace_all(state)

    # --- helpers -----------------------------------------------------------------------------------------

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count what is changed within."""
        store = self._catalog.database
        with store.locked():
            before = store.state()[1]
            try:
                yield
            finally:
                self.changes += store.state()[1] - before

    def _merge(self, clusters: Sequence[Cluster]) -> None:
        into = self._own(clusters[0])
        others = [
            one.user_cluster_id
            for one in clusters[1:]
            if one.user_cluster_id is not None and one.user_cluster_id != into
        ]
        outside = {photo for one in self._kept.all() if one.id in others for photo in one.excluded}
        members = [photo for cluster in clusters for photo in self._photos(cluster.file_ids)]
        self._kept.assign(members, into)
        self._kept.exclude(into, outside.difference(members))
        self._kept.delete(others)
        self._kept.rename(into, next((one.name for one in clusters if one.name), None))

    def _own(self, cluster: Cluster) -> int:
        """The id of the kept cluster that this one is, or now becomes."""
        return self._kept.assign(self._photos(cluster.file_ids), cluster.user_cluster_id)

    def _photos(self, file_ids: Sequence[int]) -> list[int]:
        photos = self._catalog.photo_ids_of(file_ids)
        if not photos:
            raise LibraryError("These photos are no longer in the library.")
        return photos
