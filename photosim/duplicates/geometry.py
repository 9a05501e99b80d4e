"""Compare the thumbnails of two photos, to confirm that one was made from the other, and how.

Keypoints (ORB: Rublee et al., "ORB: an efficient alternative to SIFT or SURF", ICCV 2011) that match give, by RANSAC, a
turn, scale and shift of one picture onto the other; a mirrored picture and the plain stretch of one onto the other are
tried too. Where they overlap, the blurred pictures are correlated part by part: copies agree everywhere but under
a watermark, while two shots of one scene, or two things on one floor, agree in their background only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

GreyImage = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]

_EDGE = 256
"""Pixels of the longer edge for keypoints."""

_SMALL_SCALE = 0.5
"""Size of the blurred picture that is correlated, as a share of the one for keypoints."""

_TINY = 32
"""Edge of the square that is correlated to find out whether a plain stretch, turned or mirrored, fits."""

_KEYPOINTS = 300
_MAX_DISTANCE = 70
_MAX_RATIO = 0.8
"""Matches are kept if the Hamming distance of their descriptors (256 bits) is below, and well below the next best."""

_MIN_INLIERS = 5
_ENOUGH_CONFIDENCE = 0.95
"""With as much, nothing else is tried."""

_MAX_ERROR_PX = 3.5
_RANSAC_ROUNDS = 500
_SCALES = (0.12, 8.0)
_MIN_STRETCH_CORRELATION = 0.7

_BORDER_TOLERANCE = 6
_BORDER_SHARE = 0.88
_MAX_BORDER = 0.45
"""A row or column is a border if this share of it has the colour of the edge, within this tolerance."""

_PARTS = 5
"""The overlap is correlated in this many parts along each edge."""

_MIN_OVERLAP_PX = 200
_MIN_PART_PX = 25
_MIN_PARTS = 4

_NOISE = 0.003
"""Variance of noise, as a share of that of the whole picture: parts without a pattern correlate by chance."""

_WEIGHTS = (2.9, 2.9, -2.0, 1.3, 4.6, 12.7, 100.0)
_BIAS = -12.2
"""Of the terms in `_confidence`: logistic regression on pairs of known origin, two random edits on each copy."""


@dataclass(frozen=True, slots=True)
class Keypoints:
    """Positions (N, 2) in pixels and descriptors (N, 32)."""

    points: Floats
    descriptors: GreyImage


@dataclass(frozen=True)
class PhotoLook:
    """What the comparison needs of a photo, without uniform borders.

    `size` is the width and height of the picture in pixels of `keypoints`; `content` is where it lies in the photo
    (x, y, width, height in fractions); `tiny` are the eight turns and mirrorings of the square (8, 1024), each with mean
    0 and unit length.
    """

    size: tuple[int, int]
    content: tuple[float, float, float, float]
    small: GreyImage
    tiny: Floats
    keypoints: Keypoints
    grey: GreyImage

    @cached_property
    def mirrored(self) -> Keypoints:
        """The keypoints of the mirrored picture, found when they are first needed."""
        return _keypoints(np.ascontiguousarray(self.grey[:, ::-1]))


@dataclass(frozen=True, slots=True)
class Alignment:
    """How one picture lies on another.

    `matrix` (2, 3) maps fractions of the first photo to fractions of the second. `inliers` are the keypoints that agree on
    it, 0 for a plain stretch. `correlation` is the mean over the parts of the overlap, `lower` the correlation that all but
    a fifth of them reach, both -1 to 1. `overlap` is the share of the second picture that the first covers.
    """

    matrix: Matrix
    inliers: int
    inlier_share: float
    correlation: float
    median: float
    lower: float
    overlap: float

    @property
    def is_mirrored(self) -> bool:
        """Whether one picture is the mirror image of the other."""
        return bool(np.linalg.det(self.matrix[:, :2]) < 0)

    @property
    def confidence(self) -> float:
        """The probability, 0 to 1, that one picture was made from the other."""
        return _confidence(self)


def look_at(thumbnail: GreyImage) -> PhotoLook:
    """Return what the comparison needs of a photo from its upright grey thumbnail (H, W)."""
    left, top, right, bottom = _without_borders(thumbnail)
    height, width = thumbnail.shape
    grey = _resized(thumbnail[top:bottom, left:right])
    small = cv2.resize(grey, None, fx=_SMALL_SCALE, fy=_SMALL_SCALE, interpolation=cv2.INTER_AREA)
    return PhotoLook(
        size=(grey.shape[1], grey.shape[0]),
        content=(left / width, top / height, (right - left) / width, (bottom - top) / height),
        small=cv2.GaussianBlur(small, (0, 0), 1.2).astype(np.uint8),
        tiny=_turned_squares(grey),
        keypoints=_keypoints(grey),
        grey=grey,
    )


def align(one: PhotoLook, other: PhotoLook) -> Alignment | None:
    """Return the best way to lay one picture on the other, None if there is none."""
    best: Alignment | None = None
    for matrix, inliers, share in _proposals(one, other):
        alignment = _measured(one, other, matrix, inliers, share)
        if alignment is not None and (best is None or alignment.confidence > best.confidence):
            best = alignment
            if best.confidence >= _ENOUGH_CONFIDENCE:
                break
    return best


def _measured(
    one: PhotoLook, other: PhotoLook, matrix: Matrix, inliers: int, inlier_share: float
) -> Alignment | None:
    """Correlate the overlap of two pictures; None if the matrix is implausible or they hardly overlap."""
    scale = math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))
    if not _SCALES[0] < scale < _SCALES[1]:
        return None
    # The larger one is reduced to the smaller one: enlarged, it would be blurred and correlate less.
    small = matrix.copy()
    small[:, 2] *= _SMALL_SCALE
    is_enlarged = scale > 1
    source, target = (other, one) if is_enlarged else (one, other)
    if is_enlarged:
        small = np.asarray(cv2.invertAffineTransform(small), np.float64)
    parts = _correlations(source.small, target.small, small)
    if parts is None:
        return None
    values, weights, overlap = parts
    order = np.argsort(values)
    shares = np.cumsum(weights[order]) / weights.sum()
    lower, median = (float(values[order][np.searchsorted(shares, share)]) for share in (0.2, 0.5))
    (width, height), (new_width, new_height) = one.size, other.size
    fractions = matrix * [width, height, 1] / [[new_width], [new_height]]
    mean = float(np.average(values, weights=weights))
    return Alignment(_in_photo(fractions, one, other), inliers, inlier_share, mean, median, lower, overlap)


def _in_photo(matrix: Matrix, one: PhotoLook, other: PhotoLook) -> Matrix:
    """Turn a matrix between fractions of contents into one between fractions of photos, borders included."""
    x, y, width, height = one.content
    inward = np.array([[1 / width, 0, -x / width], [0, 1 / height, -y / height], [0, 0, 1]])
    x, y, width, height = other.content
    outward = np.array([[width, 0, x], [0, height, y]])
    return np.asarray(outward @ np.vstack([matrix, [0, 0, 1]]) @ inward, np.float64)


def _correlations(
    source: GreyImage, target: GreyImage, matrix: Matrix
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float] | None:
    """Return the correlation and weight of each part of the overlap, and the share of the target that it covers."""
    height, width = target.shape
    warped = cv2.warpAffine(source, matrix, (width, height), flags=cv2.INTER_LINEAR).astype(np.float32)
    covered = cv2.warpAffine(np.full_like(source, 255), matrix, (width, height)) >= 254
    count = int(covered.sum())
    if count < _MIN_OVERLAP_PX:
        return None
    pictures = [picture.astype(np.float32) for picture in (warped, target)]
    normed = [(picture - picture[covered].mean()) / (picture[covered].std() + 1e-3) for picture in pictures]
    rows, columns = np.nonzero(covered.any(1))[0], np.nonzero(covered.any(0))[0]
    row_edges = np.linspace(rows[0], rows[-1] + 1, _PARTS + 1).astype(int)
    column_edges = np.linspace(columns[0], columns[-1] + 1, _PARTS + 1).astype(int)
    values, weights = [], []
    for top, bottom in pairwise(row_edges):
        for left, right in pairwise(column_edges):
            part = np.s_[top:bottom, left:right]
            inside = covered[part]
            if inside.sum() < max(_MIN_PART_PX, 0.5 * inside.size):
                continue
            one, other = (picture[part][inside] for picture in normed)
            one, other = one - one.mean(), other - other.mean()
            one_variance, other_variance = float((one * one).mean()), float((other * other).mean())
            spread = math.sqrt((one_variance + _NOISE) * (other_variance + _NOISE))
            values.append(float((one * other).mean()) / spread)
            weights.append(min(math.sqrt(max(one_variance, other_variance)), 0.5) + 0.02)
    if len(values) < _MIN_PARTS:
        return None
    return np.array(values), np.array(weights), count / (width * height)


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
    if min(right - left, bottom - top) < max(24, 0.1 * min(grey.shape)):
        return 0, 0, width, height
    return left, top, right, bottom


def _border(lines: GreyImage) -> int:
    """Return how many lines from the first on have its colour almost throughout, signs on them apart."""
    color = int(np.median(lines[0]))
    count = int(len(lines) * _MAX_BORDER)
    is_border = (np.abs(lines[:count].astype(np.int16) - color) <= _BORDER_TOLERANCE).mean(1) >= _BORDER_SHARE
    return count if is_border.all() else int(is_border.argmin())


def _resized(grey: GreyImage) -> GreyImage:
    height, width = grey.shape
    factor = _EDGE / max(height, width)
    size = (max(8, round(width * factor)), max(8, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return cv2.resize(grey, size, interpolation=how).astype(np.uint8)


def _turned_squares(grey: GreyImage) -> Floats:
    square = cv2.resize(grey, (_TINY, _TINY), interpolation=cv2.INTER_AREA).astype(np.float32)
    square = cv2.GaussianBlur(square, (0, 0), 0.8).astype(np.float32)
    square -= square.mean()
    square /= float(np.linalg.norm(square)) + 1e-3
    sides = (square, square[:, ::-1])
    return np.stack([np.rot90(side, turns).ravel() for side in sides for turns in range(4)])


def _keypoints(grey: GreyImage) -> Keypoints:
    detector = cv2.ORB.create(_KEYPOINTS, scaleFactor=1.2, nlevels=8, fastThreshold=8)
    found, descriptors = detector.detectAndCompute(grey, None)
    if descriptors is None:
        return Keypoints(np.empty((0, 2), np.float32), np.empty((0, 32), np.uint8))
    return Keypoints(np.array([point.pt for point in found], np.float32), descriptors.astype(np.uint8))


def _proposals(one: PhotoLook, other: PhotoLook) -> Iterator[tuple[Matrix, int, float]]:
    """Yield matrices (2, 3) from pixels of one picture to those of the other, inliers and their share of the matches."""
    for is_mirrored in (False, True):
        found = _by_keypoints(one.mirrored if is_mirrored else one.keypoints, other.keypoints)
        if found is None:
            continue
        matrix, inliers, share = found
        if is_mirrored:
            matrix = matrix @ np.array([[-1, 0, one.size[0] - 1], [0, 1, 0], [0, 0, 1]], np.float64)
        yield matrix, inliers, share
    correlations = one.tiny @ other.tiny[0]
    if correlations.max() >= _MIN_STRETCH_CORRELATION:
        yield _stretch(one.size, other.size, int(correlations.argmax())), 0, 0.0


def _by_keypoints(one: Keypoints, other: Keypoints) -> tuple[Matrix, int, float] | None:
    if min(len(one.points), len(other.points)) < _MIN_INLIERS:
        return None
    matches = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(one.descriptors, other.descriptors, k=2)
    good = [
        best
        for best, second in (pair for pair in matches if len(pair) == 2)
        if best.distance < min(_MAX_DISTANCE, _MAX_RATIO * second.distance)
    ]
    if len(good) < _MIN_INLIERS:
        return None
    matrix, is_inlier = cv2.estimateAffinePartial2D(
        one.points[[match.queryIdx for match in good]],
        other.points[[match.trainIdx for match in good]],
        method=cv2.RANSAC,
        ransacReprojThreshold=_MAX_ERROR_PX,
        maxIters=_RANSAC_ROUNDS,
    )
    inliers = 0 if matrix is None else int(is_inlier.sum())
    return None if inliers < _MIN_INLIERS else (matrix.astype(np.float64), inliers, inliers / len(good))


def _stretch(size: tuple[int, int], onto: tuple[int, int], turn: int) -> Matrix:
    """Return the matrix that stretches a picture onto another, `turn` as in `_turned_squares`."""
    is_mirrored, quarter_turns = divmod(turn, 4)
    (width, height), (new_width, new_height) = size, onto
    corners = [(0, 0), (width, 0), (0, height)]
    if is_mirrored:
        corners = [(width, 0), (0, 0), (width, height)]
    turned = (
        [(0, 0), (1, 0), (0, 1)],
        [(0, 1), (0, 0), (1, 1)],
        [(1, 1), (0, 1), (1, 0)],
        [(1, 0), (1, 1), (0, 0)],
    )[quarter_turns]
    targets = [(x * new_width, y * new_height) for x, y in turned]
    found = cv2.getAffineTransform(np.array(corners, np.float32), np.array(targets, np.float32))
    return np.asarray(found, np.float64)


def _confidence(alignment: Alignment) -> float:
    stretch = max(alignment.lower - 0.8, 0.0) if alignment.inliers == 0 else 0.0
    terms = (
        alignment.correlation,
        alignment.median,
        min(alignment.overlap, 1.0),
        min(math.log1p(alignment.inliers), 5.0),
        alignment.inlier_share,
        max(alignment.correlation - 0.6, 0.0),
        stretch,
    )
    logit = _BIAS + sum(weight * term for weight, term in zip(_WEIGHTS, terms, strict=True))
    return 1 / (1 + math.exp(-logit))
