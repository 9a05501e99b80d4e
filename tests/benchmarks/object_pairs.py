"""Make photos that show one object twice: cut out of a photo, and pasted into two others, each time changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from photosim.errors import UnreadablePhotoError
from photosim.imaging.color import Picture
from photosim.imaging.decode import read_photo
from photosim.records import PhotoObject

Box = tuple[float, float, float, float]
"""x, y, width and height in fractions of the photo."""

_MAX_CUT_EDGE = 320
"""Pixels; longest side of the photo that an object is cut out of."""

_MIN_SIDE, _MIN_AREA = 24, 0.06
"""Least side of an object in pixels, and least share of its photo."""

_COVERED = (0.25, 0.97)
"""How much of its box an object covers; outside of it, the silhouette is not that of an object."""

_EDGE = 480
"""Pixels; longest side of a made photo."""

_WIDTHS = (0.4, 0.55)
"""Width of the pasted object, as a fraction of the photo's; the height is at most _MAX_HEIGHT of the photo's."""

_MAX_HEIGHT = 0.9
_MAX_TURN = 15.0
"""Degrees."""

_GRAB_CUT_STEPS = 4

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}

Detect = Callable[[Picture], Sequence[PhotoObject]]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class PastedObject:
    """The same object in several photos, each with its place there."""

    label: str
    pictures: tuple[Picture, ...]
    boxes: tuple[Box, ...]


def make_pasted(
    paths: Sequence[Path], count: int, random: Random, detect: Detect, times: int = 2
) -> Iterator[PastedObject]:
    """Yield up to `count` objects of these photos, each pasted into `times` others of them."""
    made = 0
    for row in random.permutation(len(paths)).tolist():
        if made == count:
            return
        cut = _object_of(_read(paths[row]), random, detect)
        if cut is None:
            continue
        label, pixels = cut
        others = random.choice(len(paths), times, replace=False)
        pasted = [paste(_read(paths[other]), pixels, random) for other in others]
        yield PastedObject(label, tuple(one for one, _ in pasted), tuple(box for _, box in pasted))
        made += 1


def _object_of(picture: Picture, random: Random, detect: Detect) -> tuple[str, Picture] | None:
    objects = [one for one in detect(picture) if one.box[2] * one.box[3] > _MIN_AREA]
    if not objects:
        return None
    one = objects[int(random.integers(len(objects)))]
    pixels = cut_out(picture, one.box)
    return None if pixels is None else (one.label, pixels)


def cut_out(picture: Picture, box: Box) -> Picture | None:
    """Return the object in a box with its opacity, uint8 (H, W, 4), or None if it cannot be told from what is around.

    GrabCut (Rother, Kolmogorov and Blake, 2004); the largest connected part of what it finds.
    """
    scale = min(1.0, _MAX_CUT_EDGE / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    left, top = int(box[0] * width), int(box[1] * height)
    right, bottom = round((box[0] + box[2]) * width), round((box[1] + box[3]) * height)
    if min(right - left, bottom - top) < _MIN_SIDE or (right - left) * (bottom - top) > 0.95 * width * height:
        return None
    mask = np.zeros((height, width), np.uint8)
    rectangle = (left, top, min(right - left, width - 1 - left), min(bottom - top, height - 1 - top))
    models = np.zeros((1, 65)), np.zeros((1, 65))
    try:
        cv2.grabCut(small, mask, rectangle, *models, _GRAB_CUT_STEPS, cv2.GC_INIT_WITH_RECT)
    except cv2.error:  # nothing is left on one side
        return None
    inside = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    count, parts, statistics, _ = cv2.connectedComponentsWithStats(inside)
    if count < 2:
        return None
    opacity = np.where(parts == 1 + statistics[1:, cv2.CC_STAT_AREA].argmax(), 255, 0).astype(np.uint8)
    left, top, right, bottom = _extent(opacity)
    covered = (opacity > 0).sum() / ((right - left) * (bottom - top))
    if min(right - left, bottom - top) < _MIN_SIDE or not _COVERED[0] < covered < _COVERED[1]:
        return None
    soft = cv2.GaussianBlur(opacity, (3, 3), 0)
    cut: Picture = np.dstack([small, soft])[top:bottom, left:right]
    return cut


def paste(background: Picture, cut: Picture, random: Random) -> tuple[Picture, Box]:
    """Return a photo with the object in it, turned, scaled and lit at random, and its box there."""
    scale = _EDGE / max(background.shape[:2])
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    photo = cv2.resize(background, None, fx=scale, fy=scale, interpolation=way)
    height, width = photo.shape[:2]
    opacity = cut[..., 3:].astype(np.float32) / 255
    light = random.uniform(0.7, 1.3) * (1 + random.uniform(-0.08, 0.08, 3))
    colors = 255 * ((cut[..., :3] / 255.0) ** random.uniform(0.8, 1.25) * light).clip(0, 1)
    layer = np.dstack([colors * opacity, opacity]).astype(np.float32)
    turned = _turn(layer, random.uniform(-_MAX_TURN, _MAX_TURN), random.uniform(*_WIDTHS) * width, height)
    rows, columns = min(turned.shape[0], height), min(turned.shape[1], width)
    turned = turned[:rows, :columns]
    left, top = (int(random.integers(side + 1)) for side in (width - columns, height - rows))
    under = photo[top : top + rows, left : left + columns].astype(np.float32)
    mixed = under * (1 - turned[..., 3:]) + turned[..., :3]
    photo[top : top + rows, left : left + columns] = mixed.clip(0, 255).astype(np.uint8)
    x1, y1, x2, y2 = _extent(turned[..., 3] > 0.3)
    return photo, ((left + x1) / width, (top + y1) / height, (x2 - x1) / width, (y2 - y1) / height)


def _turn(
    layer: npt.NDArray[np.float32], degrees: float, target: float, height: int
) -> npt.NDArray[np.float32]:
    """Return a layer (H, W, 4) turned and scaled to a width of `target` pixels, in a photo of this height."""
    rows, columns = layer.shape[:2]
    cosine, sine = abs(np.cos(np.radians(degrees))), abs(np.sin(np.radians(degrees)))
    wide, high = columns * cosine + rows * sine, columns * sine + rows * cosine
    scale = min(target / wide, _MAX_HEIGHT * height / high)
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, scale)
    size = int(np.ceil(wide * scale)), int(np.ceil(high * scale))
    matrix[:, 2] += size[0] / 2 - columns / 2, size[1] / 2 - rows / 2
    if scale < 0.7:
        layer = cv2.GaussianBlur(layer, (0, 0), 0.35 / scale)
    turned: npt.NDArray[np.float32] = cv2.warpAffine(layer, matrix, size, flags=cv2.INTER_LINEAR)
    return turned


def _extent(mask: npt.NDArray[np.uint8] | npt.NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what is not zero."""
    rows, columns = np.nonzero(mask)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def _read(path: Path) -> Picture:
    try:
        return read_photo(path).picture
    except UnreadablePhotoError as error:
        raise SystemExit(f"{path} cannot be read. {error}") from error
