"""The clusters that the user edited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from sqlite_utils import Database

from photosim.errors import LibraryError
from photosim.records import UserCluster
from photosim.search.id_sets import counted
from photosim.store.database import JSON_IDS, LibraryDatabase, json_ids

PHOTOS_ARE_GONE = "These photos are no longer in the library."


class UserClusterTable:
    """The tables `user_clusters` and `user_cluster_photos`.

    Writes leave the database's revision as it is: nothing that is cached by it depends on them.
    """

    def __init__(self, database: LibraryDatabase) -> None:
        self._database = database

    def all(self) -> list[UserCluster]:
        """Return all user clusters, the oldest first."""
        members, excluded = self._photos("excluded = 0"), self._photos("excluded <> 0")
        clusters = []
        for cluster_id, name, hidden in self._database.rows(
            "SELECT id, name, hidden FROM user_clusters ORDER BY id"
        ):
            photos = (found.get(cluster_id, frozenset()) for found in (members, excluded))
            clusters.append(UserCluster(cluster_id, name, bool(hidden), *photos))
        return clusters

    def _photos(self, condition: str) -> dict[int, frozenset[int]]:
        """Return the photo ids in the rows of each cluster that match a condition."""
        # Not "IS NOT NULL", which SQLite takes for granted in a column that is declared so.
        sql = f"""
            SELECT cluster_id, photo_id FROM user_cluster_photos WHERE TYPEOF(photo_id) <> 'null' AND {condition}
            ORDER BY cluster_id
        """  # noqa: S608
        cluster_ids, photo_ids = self._database.fetch_ids(("cluster_id", "photo_id"), sql)
        clusters, sizes = counted(cluster_ids)
        parts = np.split(photo_ids, sizes.cumsum()[:-1])
        return {
            cluster_id: frozenset(part.tolist())
            for cluster_id, part in zip(clusters.tolist(), parts, strict=False)
        }

    def named_cluster_of(self, photo_id: int) -> int | None:
        """Return the id of the named cluster that a photo is a member of, or None."""
        sql = """
            SELECT cluster_id FROM user_cluster_photos JOIN user_clusters ON user_clusters.id = cluster_id
            WHERE photo_id = ? AND excluded = 0 AND name IS NOT NULL
        """
        cluster_id = self._database.value(sql, (photo_id,))
        return None if cluster_id is None else int(cluster_id)

    def is_placed(self, photo_id: int, cluster_id: int) -> bool:
        """Return whether the user put a photo into a cluster, or took it out of this one."""
        sql = "SELECT 1 FROM user_cluster_photos WHERE photo_id = ? AND (excluded = 0 OR cluster_id = ?)"
        return self._database.value(sql, (photo_id, cluster_id)) is not None

    def assign(self, photo_ids: Iterable[int], cluster_id: int | None = None) -> int:
        """Make photos members of this cluster (None: a new one) and of no other; returns its id.

        Raises LibraryError when none of the photos is in the library any more.
        """
        with self._database.transaction(bump_revision=False) as db:
            if cluster_id is None:
                cluster_id = _insert_cluster(db)
            ids = json_ids(sorted(set(photo_ids)))  # the indexes grow at their ends
            db.execute(
                f"DELETE FROM user_cluster_photos WHERE photo_id IN {JSON_IDS} AND (excluded = 0 OR cluster_id = ?)",  # noqa: S608
                (ids, cluster_id),
            )
            inserted = db.execute(
                "INSERT INTO user_cluster_photos SELECT ?, photos.id, 0"
                " FROM json_each(?) CROSS JOIN photos ON photos.id = value",
                (cluster_id, ids),
            )
            if not inserted.rowcount:
                raise LibraryError(PHOTOS_ARE_GONE)
        return cluster_id

    def rename(self, cluster_id: int, name: str | None) -> None:
        """Set or remove the name of a cluster."""
        with self._database.transaction(bump_revision=False) as db:
            db.execute("UPDATE user_clusters SET name = ? WHERE id = ?", (name, cluster_id))

    def set_hidden(self, cluster_id: int, hidden: bool) -> None:
        """Hide or unhide a cluster."""
        with self._database.transaction(bump_revision=False) as db:
            db.execute("UPDATE user_clusters SET hidden = ? WHERE id = ?", (hidden, cluster_id))

    def exclude(self, cluster_id: int, photo_ids: Iterable[int]) -> None:
        """Remove photos from a cluster and exclude them from it in future."""
        with self._database.transaction(bump_revision=False) as db:
            db.conn.executemany(
                "INSERT INTO user_cluster_photos VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET excluded = 1",
                [(cluster_id, photo_id) for photo_id in photo_ids],
            )

    def remove(self, cluster_id: int, photo_id: int) -> None:
        """Remove a member from a cluster."""
        with self._database.transaction(bump_revision=False) as db:
            db.execute(
                "DELETE FROM user_cluster_photos WHERE cluster_id = ? AND photo_id = ? AND excluded = 0",
                (cluster_id, photo_id),
            )

    def delete(self, cluster_ids: Iterable[int]) -> None:
        """Delete clusters: their photos return to the computed ones."""
        with self._database.transaction(bump_revision=False) as db:
            db.conn.executemany(
                "DELETE FROM user_clusters WHERE id = ?", [(cluster_id,) for cluster_id in cluster_ids]
            )

    def replace_all(self, clusters: Sequence[UserCluster]) -> None:
        """Replace all clusters by those that `all` once returned, leaving out photos that are gone since."""
        with self._database.transaction(bump_revision=False) as db:
            db.execute("DELETE FROM user_clusters")
            db.conn.executemany(
                "INSERT INTO user_clusters VALUES (?, ?, ?)",
                [(cluster.id, cluster.name, cluster.hidden) for cluster in clusters],
            )
            db.conn.executemany(
                "INSERT INTO user_cluster_photos SELECT ?, id, ? FROM photos WHERE id = ?",
                [
                    (cluster.id, is_excluded, photo_id)
                    for cluster in clusters
                    for is_excluded, photo_ids in ((0, cluster.members), (1, cluster.excluded))
                    for photo_id in photo_ids
                ],
            )


def _insert_cluster(db: Database) -> int:
    return int(db.execute("INSERT INTO user_clusters DEFAULT VALUES RETURNING id").fetchone()[0])
