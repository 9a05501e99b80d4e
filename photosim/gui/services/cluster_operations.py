"""Applies the user's changes to clusters in a job, and finds out what became of the visited clusters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photosim.gui.base.jobs import CancelToken
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.library.clusters.edits import ClusterEdits
from photosim.records import Cluster, UserCluster
from photosim.runtime.gc_pause import gc_paused

if TYPE_CHECKING:
    from photosim.library import Library

Work = Callable[[ClusterEdits], object]
OverrideState = Sequence[UserCluster]


@dataclass(frozen=True, slots=True)
class ClusterChange:
    """The user's clusters before and after a change, and what has become of clusters that were visited."""

    before: OverrideState
    after: OverrideState
    successors: dict[Cluster, Cluster | None]


def apply(
    library: Library,
    cache: ClusterCache,
    work: Work,
    file_ids: frozenset[int],
    visited: Collection[Cluster],
    cancel: CancelToken,
) -> ClusterChange:
    """Apply a change to the clusters of these files, as a whole or not at all; runs in a job."""
    cancel.check()
    edits = library.cluster_edits
    before = edits.snapshot()
    try:
        work(edits)
    except Exception:
        edits.restore(before)
        raise
    finally:
        cache.invalidate()
    with gc_paused():
        level = cache.load(cache.level)
    current = [cluster for cluster, _ in (*level.clusters, *level.hidden)]
    changed = [cluster for cluster in visited if not file_ids.isdisjoint(cluster.file_ids)]
    successors = {cluster: _find_successor(cluster, current) for cluster in changed}
    return ClusterChange(before, edits.snapshot(), successors)


def apply_to_each(work: Callable[..., object], clusters: Sequence[Cluster], *arguments: object) -> None:
    """Call a function for each of several clusters."""
    for cluster in clusters:
        work(cluster, *arguments)


def _find_successor(cluster: Cluster, current: Sequence[Cluster]) -> Cluster | None:
    """The same cluster of the user, or the one with most of its photos."""
    if cluster.user_cluster_id is not None:
        for candidate in current:
            if candidate.user_cluster_id == cluster.user_cluster_id:
                return candidate
    file_ids = set(cluster.file_ids)
    shared = Counter(
        {index: len(file_ids.intersection(other.file_ids)) for index, other in enumerate(current)}
    )
    best, count = shared.most_common(1)[0] if shared else (0, 0)
    return current[best] if count else None
