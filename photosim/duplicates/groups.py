"""Groups of copies of one photo, and bursts, from pairs of photos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True, order=True)
class ConfirmedPair:
    """Two photos of which one was made from the other; `confidence` is 0 to 1."""

    first: int
    second: int
    confidence: float


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
    pairs: Iterable[ConfirmedPair], quality: Mapping[int, int], different: AbstractSet[PhotoPair]
) -> list[tuple[int, ...]]:
    """Group the copies of each photo: the best photo first, then those that a pair ties to it, most confident first.

    Groups are stars and not chains: the photos around a centre are each paired with it, so that A and C do not share a
    group because both resemble B a little. `quality` ranks photos, 0 is the best; the best photo of those left becomes
    the next centre. No group holds two photos that are `different`. The result does not depend on the order of pairs.
    """
    neighbours: dict[int, dict[int, float]] = {}
    for pair in pairs:
        if pair_of(pair.first, pair.second) not in different and pair.first != pair.second:
            for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
                known = neighbours.setdefault(one, {})
                known[other] = max(pair.confidence, known.get(other, 0.0))
    groups: list[tuple[int, ...]] = []
    grouped: set[int] = set()
    for centre in sorted(neighbours, key=lambda photo: (quality[photo], photo)):
        if centre in grouped:
            continue
        group = [centre]
        around = neighbours[centre]
        for photo in sorted(around, key=lambda photo: (-around[photo], quality[photo], photo)):
            if photo not in grouped and all(pair_of(photo, member) not in different for member in group):
                group.append(photo)
        if len(group) > 1:
            groups.append(tuple(group))
            grouped.update(group)
    return groups


def bursts(
    shots: Sequence[Shot],
    similarities: Callable[[Sequence[int], Sequence[int]], Floats],
    different: AbstractSet[PhotoPair] = frozenset(),
) -> list[tuple[int, ...]]:
    """Return the runs of shots of one scene by one camera, each in order of time.

    `similarities` returns the cosines (N,) of the photos with these ids, pair by pair. A run ends where the next shot
    comes too late or shows something else, and before a shot that is `different` from one of the run.
    """
    ordered = sorted(shots, key=lambda shot: (shot.camera, shot.taken_at, shot.photo_id))
    near = [(one, other) for one, other in pairwise(ordered) if _gap(one, other) <= _SCENE_GAP_S]
    cosines = similarities([one.photo_id for one, _ in near], [other.photo_id for _, other in near])
    linked = {
        (one.photo_id, other.photo_id)
        for (one, other), cosine in zip(near, cosines, strict=True)
        if cosine >= (_BURST_SIMILARITY if _gap(one, other) <= _BURST_GAP_S else _SCENE_SIMILARITY)
    }
    runs: list[list[int]] = []
    for previous, shot in pairwise([None, *ordered]):
        assert shot is not None
        follows = previous is not None and (previous.photo_id, shot.photo_id) in linked
        if follows and all(pair_of(shot.photo_id, member) not in different for member in runs[-1]):
            runs[-1].append(shot.photo_id)
        else:
            runs.append([shot.photo_id])
    return [tuple(run) for run in runs if len(run) > 1]


def _gap(one: Shot, other: Shot) -> float:
    """Return the seconds between two shots, infinite for different cameras."""
    if one.camera != other.camera:
        return float("inf")
    return (other.taken_at - one.taken_at).total_seconds()
