"""What the comparison of two photos needs of each: computed from its thumbnail, the costly part when first needed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from photosim.search.query import Region

GreyImage = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Box = tuple[float, float, float, float]
"""x, y, width and height in fractions of an upright picture, from its top left corner."""

EDGE = 256
"""Pixels of the longer edge for keypoints."""

SMALL_SCALE = 0.5
"""Size of the blurred picture that is correlated, as a share of the one for keypoints."""

TINY_SCALE = 0.25
"""Size of the picture in which the place of another is searched, likewise."""

SQUARE = 32
"""Edge of the square that is correlated to find out whether a plain stretch, turned or mirrored, fits."""

_MIN_LINEAR = 0.75
"""Pictures that are reduced to less than this are averaged; thumbnails are not, which takes a quarter of the time."""

_KEYPOINTS = 150
_LEVELS, _LEVEL_SCALE = 5, 1.3
"""Sizes in which a picture is searched for keypoints, and how much larger each is than the next."""

_FAST_THRESHOLDS = (20, 8)
"""Contrast of the corners that become keypoints. With the second one a detailed picture has thousands of corners to choose
from, which takes four times as long, so it is only for those that have too few with the first."""

_MIN_DETAIL = 3.4
"""Mean of the absolute Laplacian from which a picture mostly has enough corners with the first one."""

_ENOUGH_KEYPOINTS = 40

_HASHES, _HASH_BITS = 8, 12
"""Hashes of a descriptor, each of so many of its bits."""

_MAX_SHARP = 1.5
"""A small picture that is enlarged less is as sharp as others."""

_BORDER_TOLERANCE = 6
_BORDER_SHARE = 0.88
_MAX_BORDER = 0.45
"""A row or column is a border if this share of it has the colour of the edge, within this tolerance."""

_MIN_CONTENT_PX = 24
_MIN_CONTENT = 0.1
"""Less than this many pixels, or this share of an edge, is no content within borders."""

_SHARPNESS_EDGE = 320
_SHARPNESS_PARTS = 8
_SHARPNESS_SHARE = 0.9

_BLUR_KERNEL = cv2.getGaussianKernel(9, 1.2)

_PLACES = np.arange(SQUARE * SQUARE).reshape(SQUARE, SQUARE)
_TURNS = np.stack(
    [np.rot90(side, turns).ravel() for side in (_PLACES, _PLACES[:, ::-1]) for turns in range(4)]
)
"""Where each pixel of a turned and mirrored square comes from."""

cv2.setNumThreads(1)  # photos are compared in parallel, beside other work


@dataclass(frozen=True, slots=True)
class Keypoints:
    """Positions (N, 2) in pixels and descriptors (N, 32); `hashes` is the set of their hashes, one bit for each.

    `found` is empty for those of a mirrored picture.
    """

    found: tuple[cv2.KeyPoint, ...]
    points: Floats
    descriptors: GreyImage
    hashes: npt.NDArray[np.uint64]
    hash_count: int

    def __len__(self) -> int:
        """Return the number of keypoints."""
        return len(self.points)

    def shared(self, other: Keypoints) -> float:
        """Return how many more hashes are in both sets than by chance, in standard deviations.

        Similar descriptors have hashes in common (Indyk and Motwani, "Approximate nearest neighbors", STOC 1998). It takes
        a fiftieth of the time of comparing the descriptors.
        """
        common = int(np.bitwise_count(self.hashes & other.hashes).sum())
        expected = self.hash_count * other.hash_count / (_HASHES << _HASH_BITS)
        return (common - expected) / math.sqrt(expected + 1)


@dataclass(frozen=True)
class PhotoLook:
    """A photo without uniform borders: its grey picture, EDGE pixels long, and what is made from it.

    `content` is where the picture lies in the photo (x, y, width, height in fractions). `detail` is how many pixels long the
    picture was before it was resized.
    """

    grey: GreyImage
    content: tuple[float, float, float, float]
    detail: int = EDGE

    @property
    def photo_size(self) -> tuple[float, float]:
        """Width and height of the whole photo, in the pixels of `grey`."""
        return self.size[0] / self.content[2], self.size[1] / self.content[3]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of `keypoints`."""
        return self.grey.shape[1], self.grey.shape[0]

    @cached_property
    def small(self) -> GreyImage:
        """The blurred picture (H, W) that is correlated."""
        small = cv2.resize(self.grey, None, fx=SMALL_SCALE, fy=SMALL_SCALE, interpolation=cv2.INTER_AREA)
        # Not GaussianBlur, which for bytes takes four times as long and differs by 1 in one of 40 pixels.
        return cv2.sepFilter2D(small, -1, _BLUR_KERNEL, _BLUR_KERNEL).astype(np.uint8, copy=False)

    @property
    def blur(self) -> float:
        """How many pixels of `small` were one pixel of the photo, 0 if it is hardly blurred by that."""
        enlarged = EDGE * SMALL_SCALE / self.detail
        return enlarged if enlarged > _MAX_SHARP else 0.0

    @cached_property
    def coarse(self) -> GreyImage:
        """The blurred picture (H, W) at half the size, without the last row and column if they are odd."""
        height, width = (edge // 2 for edge in self.small.shape)
        small = self.small[: 2 * height, : 2 * width]
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)

    @cached_property
    def tiny(self) -> GreyImage:
        """The picture (H, W) in which the place of another is searched."""
        tiny = cv2.resize(self.grey, None, fx=TINY_SCALE, fy=TINY_SCALE, interpolation=cv2.INTER_AREA)
        return tiny.astype(np.uint8, copy=False)

    @cached_property
    def square(self) -> Floats:
        """The picture stretched to a square (SQUARE * SQUARE,), with mean 0 and unit length."""
        small = cv2.resize(self.grey, (SQUARE, SQUARE), interpolation=cv2.INTER_AREA).astype(np.float32)
        small = cv2.GaussianBlur(small, (0, 0), 0.8).astype(np.float32)
        small -= small.mean()
        return np.asarray(small / (float(np.linalg.norm(small)) + 1e-3), np.float32).ravel()

    @cached_property
    def keypoints(self) -> Keypoints:
        """The keypoints of the picture."""
        return _keypoints(self.grey, is_enlarged=self.blur > 0)

    @cached_property
    def mirrored(self) -> Keypoints:
        """The keypoints of the mirrored picture."""
        return _mirrored(self.grey, self.keypoints)


def look_at(thumbnail: GreyImage) -> PhotoLook:
    """Return what the comparison needs of a photo from its upright grey thumbnail (H, W)."""
    left, top, right, bottom = _without_borders(thumbnail)
    height, width = thumbnail.shape
    content = (left / width, top / height, (right - left) / width, (bottom - top) / height)
    detail = max(right - left, bottom - top)
    return PhotoLook(resized_for_look(thumbnail[top:bottom, left:right]), content, detail)


def resized_for_look(grey: GreyImage) -> GreyImage:
    """Return a grey picture with its longer edge EDGE pixels long."""
    height, width = grey.shape
    factor = EDGE / max(height, width)
    size = (max(8, round(width * factor)), max(8, round(height * factor)))
    how = cv2.INTER_AREA if factor < _MIN_LINEAR else cv2.INTER_LINEAR
    return cv2.resize(grey, size, interpolation=how).astype(np.uint8)


def sharpness(thumbnail: GreyImage, box: Box | None = None) -> float:
    """Return how sharp the sharpest parts of a grey thumbnail (H, W), or of a box in it, are: about a tenth of it.

    Without a box that is the subject, wherever it is: a blurred background is meant to be, and a moving subject in front of
    a sharp one is told only if the camera moved with it. The mean squared Laplacian of each of 8 x 8 parts, of which the
    value is taken that nine tenths stay below; comparable between pictures of one scene.
    """
    height, width = thumbnail.shape
    factor = _SHARPNESS_EDGE / max(height, width)
    if factor > 1:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        thumbnail = cv2.resize(thumbnail, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    edges = cv2.Laplacian(thumbnail, cv2.CV_16S)
    if box is not None:
        left, top, right, bottom = Region(*box).pixel_box(edges.shape[1], edges.shape[0])
        edges = edges[top:bottom, left:right]
    squares = cv2.multiply(edges, edges, dtype=cv2.CV_32F)
    parts = cv2.resize(squares, (_SHARPNESS_PARTS, _SHARPNESS_PARTS), interpolation=cv2.INTER_AREA)
    return float(np.sort(parts.ravel())[int(_SHARPNESS_SHARE * parts.size)])


def turned_squares(square: Floats) -> Floats:
    """Return the eight ways (8, SQUARE * SQUARE) to turn and mirror a square: four quarter turns, then those mirrored."""
    return square.take(_TURNS)


def best_correlations(square: Floats, others: Floats) -> Floats:
    """Return the highest correlation (N,) of a square, turned and mirrored, with others (N, SQUARE * SQUARE)."""
    return np.asarray((turned_squares(square) @ others.T).max(axis=0), np.float32)


def _without_borders(grey: GreyImage) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what is inside uniform borders, as of frames and screenshots."""
    height, width = grey.shape
    left, top, right, bottom = 0, 0, width, height
    for _ in range(2):  # a screenshot may have a frame
        rows = grey[top:bottom, left:right]
        above, below = _border(rows), _border(rows[::-1])
        if above + below < len(rows):
            top, bottom = top + above, bottom - below
        columns = grey[top:bottom, left:right].T
        before, behind = _border(columns), _border(columns[::-1])
        if before + behind < len(columns):
            left, right = left + before, right - behind
        if not above + below + before + behind:
            break
    if min(right - left, bottom - top) < max(_MIN_CONTENT_PX, _MIN_CONTENT * min(grey.shape)):
        return 0, 0, width, height
    return left, top, right, bottom


def _border(lines: GreyImage) -> int:
    """Return how many lines from the first on have its colour almost throughout, signs on them apart."""
    count, middle = int(len(lines) * _MAX_BORDER), lines.shape[1] // 2
    color = int(np.partition(lines[0], middle)[middle])
    if not count or not _has_color(lines[:1], color)[0]:
        return 0
    is_border = _has_color(lines[:count], color)
    first = int(is_border.argmin())
    return count if is_border[first] else first


def _has_color(lines: GreyImage, color: int) -> npt.NDArray[np.bool_]:
    """Return whether each line (N, W) has a grey value almost throughout."""
    low, high = max(color - _BORDER_TOLERANCE, 0), min(color + _BORDER_TOLERANCE, 255)
    inside = cv2.inRange(np.ascontiguousarray(lines), low, high)  # 255 for each pixel
    counts = cv2.reduce(inside, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel()
    return np.asarray(counts >= 255 * _BORDER_SHARE * lines.shape[1])


def _keypoints(grey: GreyImage, *, is_enlarged: bool) -> Keypoints:
    is_detailed = (
        not is_enlarged and cv2.norm(cv2.Laplacian(grey, cv2.CV_16S), cv2.NORM_L1) >= _MIN_DETAIL * grey.size
    )
    for threshold in _FAST_THRESHOLDS[0 if is_detailed else 1 :]:
        found, descriptors = _detector(threshold).detectAndCompute(grey, None)
        if len(found) >= _ENOUGH_KEYPOINTS:
            break
    return _described(tuple(found), descriptors)


def _mirrored(grey: GreyImage, keypoints: Keypoints) -> Keypoints:
    """Return the keypoints of a mirrored picture, by those of the picture; finding them takes longer than describing them."""
    right = grey.shape[1] - 1
    mirrored = [
        cv2.KeyPoint(right - x, y, point.size, (540 - point.angle) % 360, 0, point.octave)
        for point, (x, y) in zip(keypoints.found, keypoints.points.tolist(), strict=True)
    ]
    found, descriptors = _detector(_FAST_THRESHOLDS[0]).compute(cv2.flip(grey, 1), mirrored)
    return replace(_described(tuple(found), descriptors), found=())  # 20 KB that nothing needs


def _detector(threshold: int) -> cv2.ORB:
    return cv2.ORB.create(_KEYPOINTS, scaleFactor=_LEVEL_SCALE, nlevels=_LEVELS, fastThreshold=threshold)


def _described(found: tuple[cv2.KeyPoint, ...], descriptors: npt.NDArray[np.generic] | None) -> Keypoints:
    described = np.empty((0, 32), np.uint8) if descriptors is None else descriptors.astype(np.uint8)
    hashes = _hashes(described)
    count = int(np.bitwise_count(hashes).sum())
    points = np.asarray(cv2.KeyPoint.convert(found), np.float32).reshape(-1, 2)
    return Keypoints(found, points, described, hashes, count)


def _hashes(descriptors: GreyImage) -> npt.NDArray[np.uint64]:
    """Return the set of the hashes of descriptors (N, 32) as bits."""
    values = descriptors.view("<u2")[:, : 2 * _HASHES : 2] & ((1 << _HASH_BITS) - 1)
    is_in = np.zeros((_HASHES, 1 << _HASH_BITS), np.bool_)
    is_in[np.arange(_HASHES), values] = True
    return np.packbits(is_in).view(np.uint64)
