"""The clusters that the person made their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlite_utils import Database

from photosim.records import UserCluster
from photosim.store.database import LibraryDatabase


class UserClusterTable:
    """The tables `user_clusters` and `user_cluster_photos`."""

    def __init__(self, store: LibraryDatabase) -> None:
        self._store = store

    def all(self) -> list[UserCluster]:
        """Every kept cluster, the oldest first."""
        members: dict[int, tuple[set[int], set[int]]] = {}
        for cluster_id, photo_id, pulled_out in self._store.rows(
            "SELECT cluster_id, photo_id, excluded FROM user_cluster_photos"
        ):
            members.setdefault(cluster_id, (set(), set()))[pulled_out].add(photo_id)
        clusters = []
        for cluster_id, name, hidden in self._store.rows(
            "SELECT id, name, hidden FROM user_clusters ORDER BY id"
        ):
            inside, outside = members.get(cluster_id, (set(), set()))
            clusters.append(
                UserCluster(cluster_id, name, bool(hidden), frozenset(inside), frozenset(outside))
            )
        return clusters

    def assign(self, photo_ids: Iterable[int], cluster_id: int | None = None) -> int:
        """Let these photos be members of a kept cluster, or of a new one, and of no other; returns its id."""
        with self._store.transaction() as db:
            if cluster_id is None:
                cluster_id = int(
                    db.execute("INSERT INTO user_clusters DEFAULT VALUES RETURNING id").fetchone()[0]
                )
            _move(db, photo_ids, cluster_id)
        return cluster_id

    def rename(self, cluster_id: int, name: str | None) -> None:
        """Name a kept cluster, or take its name away."""
        with self._store.transaction() as db:
            db.execute("UPDATE user_clusters SET name = ? WHERE id = ?", (name, cluster_id))

    def set_hidden(self, cluster_id: int, hidden: bool) -> None:
        """Hide a kept cluster, or show it again."""
        with self._store.transaction() as db:
            db.execute("UPDATE user_clusters SET hidden = ? WHERE id = ?", (hidden, cluster_id))

    def exclude(self, cluster_id: int, photo_ids: Iterable[int]) -> None:
        """Take photos out of a kept cluster, and keep them out of it."""
        with self._store.transaction() as db:
            db.conn.executemany(
                "INSERT INTO user_cluster_photos VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET excluded = 1",
                [(cluster_id, photo_id) for photo_id in photo_ids],
            )

    def delete(self, cluster_ids: Iterable[int]) -> None:
        """Forget these kept clusters: their photos lie where they are computed to lie."""
        with self._store.transaction() as db:
            db.conn.executemany("DELETE FROM user_clusters WHERE id = ?", [(one,) for one in cluster_ids])

    def replace_all(self, clusters: Sequence[UserCluster]) -> None:
        """Make the kept clusters those that `all` once gave, without photos that are gone since."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM user_clusters")
            db.conn.executemany(
                "INSERT INTO user_clusters VALUES (?, ?, ?)",
                [(one.id, one.name, one.hidden) for one in clusters],
            )
            db.conn.executemany(
                "INSERT INTO user_cluster_photos SELECT ?, id, ? FROM photos WHERE id = ?",
                [
                    (one.id, pulled_out, photo_id)
                    for one in clusters
                    for pulled_out, photo_ids in ((0, one.members), (1, one.excluded))
                    for photo_id in photo_ids
                ],
            )


def _move(db: Database, photo_ids: Iterable[int], cluster_id: int) -> None:
    wanted = list(photo_ids)
    db.conn.executemany(
        "DELETE FROM user_cluster_photos WHERE photo_id = ? AND excluded = 0", [(one,) for one in wanted]
    )
    db.conn.executemany(
        "INSERT INTO user_cluster_photos VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET excluded = 0",
        [(cluster_id, one) for one in wanted],
    )
