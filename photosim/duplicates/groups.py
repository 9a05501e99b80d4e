"""Groups of copies of one photo, and bursts, from pairs of photos."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
PhotoPair = tuple[int, int]
"""Two photo ids, the smaller one first."""

_BURST_GAP_S = 3.0
_BURST_SIMILARITY = 0.6
"""Shots within this gap need only be similar: with a moving subject they differ."""

_SCENE_GAP_S = 120.0
_SCENE_SIMILARITY = 0.8
"""Shots with a longer gap belong together only if they are very similar."""


class DuplicateKind(StrEnum):
    """Why photos are in one group."""

    IDENTICAL = "identical"
    """Files with the same bytes."""
    SAME = "same"
    """One photo, edited or saved again."""
    BURST = "burst"
    """Shots of one scene in a row."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo with the camera and the time (local, without a zone) from its metadata."""

    photo_id: int
    camera: str
    taken_at: datetime


def pair_of(first: int, second: int) -> PhotoPair:
    """Return two photo ids as a pair."""
    return (first, second) if first < second else (second, first)


def same_photo_groups(
    neighbours: Mapping[int, Mapping[int, float]],
    best: Callable[[Sequence[int]], int],
    different: AbstractSet[PhotoPair] = frozenset(),
) -> list[tuple[int, ...]]:
    """Group the copies of each photo: the best photo first, then those that a pair ties to it, most confident first.

    `neighbours` has the confidence of each pair for both of its photos. Groups are stars and not chains: the photos around
    a centre are each paired with it, so that A and C do not share a group because both resemble B a little. `best` returns
    one of some photos that are connected by pairs; the best one of those left becomes the next centre. A photo with a more
    certain partner that the centre is no copy of, as a copy of the next shot of a burst, is left for that one. No group
    holds two photos that are `different`. The result does not depend on the order of pairs.
    """
    groups: list[tuple[int, ...]] = []
    for component in connected(neighbours):
        groups += component_groups(component, neighbours, best, different)
    return groups


def component_groups(
    component: Collection[int],
    neighbours: Mapping[int, Mapping[int, float]],
    best: Callable[[Sequence[int]], int],
    different: AbstractSet[PhotoPair] = frozenset(),
) -> list[tuple[int, ...]]:
    """Return the groups of `same_photo_groups` of photos that pairs connect with each other and with no others."""
    left = set(component)
    found = _stars(left, neighbours, best, different, leave=True)
    left.difference_update(*found)
    found += _stars(left, neighbours, best, different, leave=False)
    left.difference_update(*found)
    group_of = {group[0]: group for group in found}
    for photo in sorted(left):
        around = neighbours[photo]
        for centre in sorted(around.keys() & group_of.keys(), key=lambda centre: (-around[centre], centre)):
            is_better = best(sorted((centre, photo))) == centre
            if is_better and _may_join(photo, group_of[centre], different):
                group_of[centre].append(photo)
                break
    return [tuple(group) for group in found]


def _stars(
    photos: AbstractSet[int],
    neighbours: Mapping[int, Mapping[int, float]],
    best: Callable[[Sequence[int]], int],
    different: AbstractSet[PhotoPair],
    *,
    leave: bool,
) -> list[list[int]]:
    """Return the groups among some photos; `leave` those with a more certain partner for that one."""
    left, ordered = set(photos), sorted(photos)
    groups: list[list[int]] = []
    while len(left) > 1:
        ordered = [photo for photo in ordered if photo in left]
        centre = best(ordered)
        left.discard(centre)
        group, around = [centre], neighbours[centre]
        for photo in sorted(around.keys() & left, key=lambda photo: (-around[photo], photo)):
            has_better = leave and any(
                confidence > around[photo]
                for other, confidence in neighbours[photo].items()
                if other in left and other not in around
            )
            if not has_better and _may_join(photo, group, different):
                group.append(photo)
        left.difference_update(group)
        if len(group) > 1:
            groups.append(group)
    return groups


def _may_join(photo: int, group: Iterable[int], different: AbstractSet[PhotoPair]) -> bool:
    return not different or all(pair_of(photo, member) not in different for member in group)


def connected(neighbours: Mapping[int, Iterable[int]]) -> list[tuple[int, ...]]:
    """Return the photos that are connected by chains of neighbours, each chain in order, ordered by its first photo."""
    found: list[tuple[int, ...]] = []
    seen: set[int] = set()
    for photo in sorted(neighbours):
        if photo in seen:
            continue
        seen.add(photo)
        component = [photo]
        for member in component:
            for other in neighbours[member]:
                if other not in seen:
                    seen.add(other)
                    component.append(other)
        found.append(tuple(sorted(component)))
    return found


def burst_links(
    shots: Iterable[Shot], similarities: Callable[[Sequence[int], Sequence[int]], Floats]
) -> list[tuple[int, int]]:
    """Return each shot and the next one by the same camera, in order of time, that shows the same scene soon after it.

    `similarities` returns the cosines (N,) of the photos with these ids, pair by pair.
    """
    ordered = sorted(shots, key=lambda shot: (shot.camera, shot.taken_at, shot.photo_id))
    near = [(one, other) for one, other in pairwise(ordered) if _gap(one, other) <= _SCENE_GAP_S]
    cosines = similarities([one.photo_id for one, _ in near], [other.photo_id for _, other in near])
    return [
        (one.photo_id, other.photo_id)
        for (one, other), cosine in zip(near, cosines, strict=True)
        if cosine >= (_BURST_SIMILARITY if _gap(one, other) <= _BURST_GAP_S else _SCENE_SIMILARITY)
    ]


def bursts(links: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Return the runs of shots that `burst_links` link, each in order of time, ordered by their first shots."""
    following = dict(links)
    runs: list[tuple[int, ...]] = []
    for first in sorted(following.keys() - following.values()):
        run = [first]
        while (shot := following.get(run[-1])) is not None:
            run.append(shot)
        runs.append(tuple(run))
    return runs


def split_run(run: Sequence[int], are_different: Callable[[int, int], bool]) -> list[tuple[int, ...]]:
    """Split the shots of a burst, so that no part holds two that are different: each joins the first part that it can."""
    parts: list[list[int]] = []
    for shot in run:
        for part in parts:
            if not any(are_different(shot, member) for member in part):
                part.append(shot)
                break
        else:
            parts.append([shot])
    return [tuple(part) for part in parts if len(part) > 1]


def _gap(one: Shot, other: Shot) -> float:
    """Return the seconds between two shots, infinite for different cameras."""
    if one.camera != other.camera:
        return float("inf")
    return (other.taken_at - one.taken_at).total_seconds()
