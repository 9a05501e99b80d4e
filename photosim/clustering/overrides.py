"""Apply the user's edits to computed clusters, so that they survive every new clustering."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from photosim.records import UserCluster
from photosim.runtime.bulk_records import bulk_constructor

MIN_SIZE = 2
"""Photos that must be left in a computed cluster after user clusters took theirs out of it."""

MIN_SHARE = 0.5
"""Share of a computed cluster that must be in a user cluster for the rest of it to join."""


@dataclass(frozen=True, slots=True)
class ShownCluster:
    """A cluster after the user's edits: its photo ids, and the user cluster behind it, if any.

    `is_medoid_first`: the photos are those of one computed cluster in its order.
    """

    photo_ids: tuple[int, ...]
    user_cluster: UserCluster | None = None
    is_medoid_first: bool = True


_make_shown = bulk_constructor(ShownCluster)


def apply_overrides(
    clusters: Sequence[Sequence[int]],
    user_clusters: Sequence[UserCluster],
    changed: Collection[int] | None = None,
) -> list[ShownCluster]:
    """Overlay computed clusters with user clusters; largest first, then in computed order.

    Each photo is in at most one cluster, a member of a user cluster only there. If most of a computed cluster is in one
    user cluster, the rest of it joins that one, as similar new photos do, except for photos the user removed from it. `changed` are the positions of the computed clusters
    with photos of user clusters, if the caller knows them. The photo ids of others are the same object if it is a tuple.
    """
    owner_of = {photo: cluster.id for cluster in user_clusters for photo in cluster.members}
    by_id = {cluster.id: cluster for cluster in user_clusters}
    parts: dict[int, list[Sequence[int]]] = {cluster.id: [] for cluster in user_clusters}
    first_position: dict[int, int] = {}
    shown: list[tuple[int, ShownCluster]] = []
    for position, cluster in enumerate(clusters):
        if position not in changed if changed is not None else owner_of.keys().isdisjoint(cluster):
            shown.append((position, _make_shown(tuple(cluster), None, True)))
            continue
        owner = owner_of.get(cluster[0])
        if owner is not None and by_id[owner].members.issuperset(cluster):
            first_position.setdefault(owner, position)
            parts[owner].append(cluster)
            continue
        counts = Counter(owner_of[photo] for photo in cluster if photo in owner_of)
        [(owner, count)] = counts.most_common(1)
        if count >= MIN_SHARE * len(cluster):
            excluded = by_id[owner].excluded
            first_position.setdefault(owner, position)
            parts[owner].append([p for p in cluster if owner_of.get(p, owner) == owner and p not in excluded])
        elif len(rest := [photo for photo in cluster if photo not in owner_of]) >= MIN_SIZE:
            shown.append((position, ShownCluster(tuple(rest), is_medoid_first=False)))
    for user_cluster in user_clusters:
        computed = list(itertools.chain.from_iterable(parts[user_cluster.id]))
        others = sorted(user_cluster.members.difference(computed))
        if computed or others:
            is_one_part = len(parts[user_cluster.id]) == 1 and not others
            position = first_position.get(user_cluster.id, len(clusters))
            photo_ids = (*computed, *others)
            shown.append((position, ShownCluster(photo_ids, user_cluster, is_medoid_first=is_one_part)))
    shown.sort(key=lambda item: (-len(item[1].photo_ids), item[0]))
    return [cluster for _, cluster in shown]
