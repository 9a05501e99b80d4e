"""What is done to clusters, as the work of jobs, and what became of those that were open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photosim.gui.base.jobs import CancelToken
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.library.cluster_edits import ClusterEdits
from photosim.records import Cluster, UserCluster
from photosim.runtime.gc_pause import gc_paused

if TYPE_CHECKING:
    from photosim.library.library import Library

Work = Callable[[ClusterEdits], object]
OverrideState = Sequence[UserCluster]


@dataclass(frozen=True, slots=True)
class ClusterChange:
    """What was done: the state of all kept clusters before and after, and what opened clusters are now."""

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
    """Do it; a job. What it fails at is as it was before."""
    cancel.check()
    steering = library.cluster_edits
    before = steering.snapshot()
    try:
        work(steering)
    except Exception:
        steering.restore(before)  # a deed of several steps is done as a whole, or not at all
        raise
    finally:
        cache.invalidate()
    with gc_paused():
        page = cache.load(cache.level)
    there = [cluster for cluster, _ in (*page.clusters, *page.hidden)]
    moved = [cluster for cluster in visited if not file_ids.isdisjoint(cluster.file_ids)]
    return ClusterChange(before, steering.snapshot(), {one: _successor(one, there) for one in moved})


def apply_to_each(work: Callable[..., object], clusters: Sequence[Cluster], *more: object) -> None:
    """Do one thing with several clusters."""
    for cluster in clusters:
        work(cluster, *more)


def _successor(cluster: Cluster, there: Sequence[Cluster]) -> Cluster | None:
    """What a cluster has become: the same one of the person's, or the one that holds most of its photos."""
    same = next(
        (
            one
            for one in there
            if one.user_cluster_id is not None and one.user_cluster_id == cluster.user_cluster_id
        ),
        None,
    )
    if same is not None:
        return same
    files = set(cluster.file_ids)
    shares = Counter({place: len(files.intersection(one.file_ids)) for place, one in enumerate(there)})
    best, share = shares.most_common(1)[0] if shares else (0, 0)
    return there[best] if share else None
