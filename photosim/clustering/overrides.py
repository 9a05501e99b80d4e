"""What the person did with clusters, put over what was computed, so that it survives every new clustering."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from photosim.records import UserCluster

MIN_SIZE = 3
"""Photos that a computed cluster needs when the person's own have taken theirs out of it."""

MIN_SHARE = 0.5
"""Share of a computed cluster that must be a person's before the rest of it joins them."""


@dataclass(frozen=True, slots=True)
class ShownCluster:
    """A cluster as it is shown: its photo ids, and the kept cluster that it is, if any.

    `settled`: the photos are those of one computed cluster in its order, the medoid first.
    """

    photo_ids: tuple[int, ...]
    user_cluster: UserCluster | None = None
    is_unchanged: bool = True


def apply_overrides(
    clusters: Sequence[Sequence[int]], user_clusters: Sequence[UserCluster]
) -> list[ShownCluster]:
    """Put kept clusters over computed ones, a photo in one at most; largest first, then as computed.

    A member of a kept cluster is nowhere else. Of a computed cluster that is mostly one kept cluster's the rest joins
    that one, as new photos that look like it do, except what was pulled out of it.
    """
    owner = {photo: one.id for one in user_clusters for photo in one.members}
    by_id = {one.id: one for one in user_clusters}
    parts: dict[int, list[Sequence[int]]] = {one.id: [] for one in user_clusters}
    first: dict[int, int] = {}
    shown: list[tuple[int, ShownCluster]] = []
    for place, group in enumerate(clusters):
        if owner.keys().isdisjoint(group):
            shown.append((place, ShownCluster(tuple(group))))
            continue
        counts = Counter(owner[photo] for photo in group if photo in owner)
        [(best, count)] = counts.most_common(1)
        if count >= MIN_SHARE * len(group):
            pulled = by_id[best].excluded
            first.setdefault(best, place)
            parts[best].append([p for p in group if owner.get(p, best) == best and p not in pulled])
        elif len(rest := [photo for photo in group if photo not in owner]) >= MIN_SIZE:
            shown.append((place, ShownCluster(tuple(rest), is_unchanged=False)))
    for one in user_clusters:
        found = [photo for part in parts[one.id] for photo in part]
        strays = sorted(one.members.difference(found))
        if found or strays:
            whole = len(parts[one.id]) == 1 and not strays
            place = first.get(one.id, len(clusters))
            shown.append((place, ShownCluster((*found, *strays), one, is_unchanged=whole)))
    shown.sort(key=lambda placed: (-len(placed[1].photo_ids), placed[0]))
    return [cluster for _, cluster in shown]
