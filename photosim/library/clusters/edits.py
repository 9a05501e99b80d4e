"""The user's edits to clusters: rename, merge, hide and exclude photos; they survive every new clustering."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from photosim.errors import LibraryError
from photosim.records import Cluster, UserCluster
from photosim.store.catalog import Catalog
from photosim.store.user_clusters import PHOTOS_ARE_GONE, UserClusterTable

MAX_NAME = 200
"""Characters of a cluster's name; longer names are cut."""


class ClusterEdits:
    """Edits clusters, each edit in one transaction. Edits belong to the user: switching the model keeps them."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._table = UserClusterTable(catalog.database)
        self.revision = 0
        """Counts the edits made through this object."""

    def rename(self, cluster: Cluster, name: str) -> None:
        """Name a cluster; an empty name removes the name."""
        with self._edit():
            self._table.rename(self._user_cluster(cluster), " ".join(name.split())[:MAX_NAME] or None)

    def hide(self, cluster: Cluster, hidden: bool = True) -> None:
        """Hide a cluster, or unhide it."""
        with self._edit():
            self._table.set_hidden(self._user_cluster(cluster), hidden)

    def merge(self, clusters: Sequence[Cluster]) -> None:
        """Merge clusters into the first one, named as the first that has a name. Raises LibraryError."""
        if len(clusters) < 2:
            raise LibraryError("Select at least two clusters to merge.")
        with self._edit():
            self._merge(clusters)

    def exclude(self, cluster: Cluster, file_ids: Sequence[int]) -> None:
        """Remove photos from a cluster and exclude them from it in future clusterings."""
        with self._edit():
            self._table.exclude(self._user_cluster(cluster), self._photo_ids(file_ids))

    def reset(self, cluster: Cluster) -> None:
        """Discard all edits to a cluster."""
        if cluster.user_cluster_id is not None:
            with self._edit():
                self._table.delete([cluster.user_cluster_id])

    def join_named(self, photo_id: int, other_id: int) -> int | None:
        """Make a photo a member of the named cluster of another one, unless the user put it elsewhere or took it out.

        Returns the id of that cluster, None if the photo joined none.
        """
        cluster_id = self._table.named_cluster_of(other_id)
        if cluster_id is None or self._table.is_placed(photo_id, cluster_id):
            return None
        with self._edit():
            self._table.assign([photo_id], cluster_id)
        return cluster_id

    def leave(self, cluster_id: int, photo_id: int) -> None:
        """Take a photo that joined a cluster out of it, without excluding it."""
        with self._edit():
            self._table.remove(cluster_id, photo_id)

    def snapshot(self) -> list[UserCluster]:
        """Return all edits, for `restore`."""
        return self._table.all()

    def restore(self, snapshot: Sequence[UserCluster]) -> None:
        """Replace all edits by those of a snapshot."""
        with self._edit():
            self._table.replace_all(snapshot)

    @contextmanager
    def _edit(self) -> Iterator[None]:
        with self._catalog.database.transaction(bump_revision=False):
            yield
        self.revision += 1

    def _merge(self, clusters: Sequence[Cluster]) -> None:
        target = clusters[0].user_cluster_id
        merged_ids = [
            cluster.user_cluster_id
            for cluster in clusters[1:]
            if cluster.user_cluster_id is not None and cluster.user_cluster_id != target
        ]
        excluded = {
            photo
            for cluster in (self._table.all() if merged_ids else ())
            if cluster.id in merged_ids
            for photo in cluster.excluded
        }
        members = [photo for cluster in clusters for photo in self._members(cluster)]
        target = self._table.assign(members, target)
        self._table.exclude(target, excluded.difference(members))
        self._table.delete(merged_ids)
        self._table.rename(target, next((cluster.name for cluster in clusters if cluster.name), None))

    def _user_cluster(self, cluster: Cluster) -> int:
        """Return the id of the user cluster that a cluster is, creating it for a computed one."""
        return self._table.assign(self._members(cluster), cluster.user_cluster_id)

    def _members(self, cluster: Cluster) -> Sequence[int]:
        return cluster.photo_ids or self._photo_ids(cluster.file_ids)

    def _photo_ids(self, file_ids: Sequence[int]) -> list[int]:
        photo_ids = self._catalog.photo_ids_of(file_ids)
        if not photo_ids:
            raise LibraryError(PHOTOS_ARE_GONE)
        return photo_ids
