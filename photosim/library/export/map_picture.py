"""Draw the map of the library as one picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from photosim.clustering.density import colors_of, density
from photosim.imaging import turbojpeg
from photosim.library.map import MapPositions
from photosim.records import Cluster

Picture = npt.NDArray[np.uint8]

EDGE = 2400
"""Width and height of the picture, pixels."""

THUMBNAIL, GAP = 96, 6
"""Longer edge of a thumbnail and least distance between two, pixels."""

MIN_SIZE = 3
"""Photos in the smallest cluster that is shown by a thumbnail."""

MAX_THUMBNAILS = 300
"""Thumbnails at most: more would hide the map."""

_PAPER = 250
_FRAME = (255, 255, 255)


def draw_map(
    positions: MapPositions,
    clusters: Sequence[Cluster],
    thumbnails: Callable[[Sequence[int]], Mapping[int, bytes]],
) -> Picture:
    """Return the map (EDGE, EDGE, 3): density in the colors of clusters, and the cover of each where there is room.

    `clusters` run from the largest to the smallest; `thumbnails` returns JPEG bytes by photo id.
    """
    points = positions.xy * (EDGE - 1)
    layer = density(points, colors_of(positions.clusters), EDGE, EDGE)
    picture = layer[..., :3] + (_PAPER * (1 - layer[..., 3:] / 255.0)).astype(np.uint8)
    canvas = Image.fromarray(picture)
    place_of = dict(zip(positions.photo_ids.tolist(), points.tolist(), strict=True))
    chosen = _with_room(clusters, place_of)
    jpegs = thumbnails(list(chosen))
    for photo_id, (x, y) in chosen.items():
        pixels = turbojpeg.decode_thumbnail(jpegs[photo_id]) if photo_id in jpegs else None
        if pixels is not None:
            _paste(canvas, pixels, x, y)
    return np.asarray(canvas)


def _with_room(
    clusters: Sequence[Cluster], place_of: Mapping[int, Sequence[float]]
) -> dict[int, tuple[int, int]]:
    """Return the covers that do not overlap those of larger clusters, with their centres in pixels."""
    chosen: dict[int, tuple[int, int]] = {}
    taken = np.empty((0, 2))
    for cluster in clusters:
        place = place_of.get(cluster.cover_ids[0]) if cluster.cover_ids else None
        if place is None or cluster.size < MIN_SIZE or cluster.cover_ids[0] in chosen:
            continue
        centre = np.clip(np.array(place), THUMBNAIL / 2 + 1, EDGE - THUMBNAIL / 2 - 1)
        if (np.abs(taken - centre) < THUMBNAIL + GAP).all(axis=1).any():
            continue
        taken = np.vstack([taken, centre])
        chosen[cluster.cover_ids[0]] = (int(centre[0]), int(centre[1]))
        if len(chosen) == MAX_THUMBNAILS:
            break
    return chosen


def _paste(canvas: Image.Image, pixels: Picture, x: int, y: int) -> None:
    thumbnail = Image.fromarray(pixels)
    thumbnail.thumbnail((THUMBNAIL, THUMBNAIL))
    width, height = thumbnail.size
    left, top = x - width // 2, y - height // 2
    canvas.paste(_FRAME, (left - 2, top - 2, left + width + 2, top + height + 2))
    canvas.paste(thumbnail, (left, top))
