"""Lay one picture on another, to confirm that one photo was made from the other, and how.

Keypoints (ORB: Rublee et al., "ORB: an efficient alternative to SIFT or SURF", ICCV 2011) that match give, by RANSAC, a
turn, scale and shift of one picture onto the other; a mirrored picture, the plain stretch of one onto the other, and the
place where their tiny pictures correlate best are tried too. Where they overlap, the blurred pictures are correlated part by part: copies agree everywhere but under
a watermark, while two shots of one scene, or two things on one floor, agree in their background only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from photosim.duplicates.coverage import covered
from photosim.duplicates.looks import SMALL_SCALE, TINY_SCALE, GreyImage, Keypoints, PhotoLook, turned_squares
from photosim.duplicates.overlap import correlations_of_parts
from photosim.duplicates.placement import placement
from photosim.duplicates.results import CopyRelation

Matrix = npt.NDArray[np.float64]

_MAX_DISTANCE = 70
_MAX_RATIO = 0.8
"""Matches are kept if the Hamming distance of their descriptors (256 bits) is below, and well below the next best."""

_MIN_INLIERS = 5
_ENOUGH_CONFIDENCE = 0.95
"""With as much, nothing else is tried."""

_MAX_ERROR_PX = 3.5
_RANSAC_ROUNDS = 500
_SCALES = (0.12, 8.0)
_MIN_STRETCH_CORRELATION = 0.85
_LIKELY_STRETCH_CORRELATION = 0.9
_SURE_STRETCH_CORRELATION = 0.97
"""Correlation of the squares from which a plain stretch is tried where there are few keypoints, from which a refined stretch
is tried before the keypoints, and from which it is tried as it is before that."""

_MAX_LEAD = 0.05
"""Keypoints are tried unless the squares of the mirrored picture correlate more by this, and those of the mirrored picture
if they correlate more at all, as with each of 181 mirrored copies: that saves half of the attempts."""

_MIN_MIRRORED_CORRELATION = 0.3
"""Keypoints of a mirrored picture are tried from this correlation of its square on: two of 170 copies have less."""

_HASHED_MATCHES = 6_000
_MIN_SHARED_HASHES = 11.0
"""With so many pairs of keypoints, the keypoints are matched only if they have this many hashes in common, see
`Keypoints.shared`: hardly any of 843 copies that are confirmed by their keypoints has less, most other pairs have."""

_FEW_KEYPOINTS = 50
_MIN_PLACED_CORRELATION = 0.5
_MAX_PLACED_LEAD = 0.2
"""The best place is searched for if one picture has fewer keypoints or was enlarged, the squares correlate as much, and those of the
picture turned the other way do not correlate more by the last of these. Others match by their keypoints."""

_BLUR = 0.5
"""Standard deviation that blurs pictures as much as having been this many times smaller, as a share."""

_MIN_BLUR_PX = 0.5

_TO_SMALL = np.array([1, 1, SMALL_SCALE])

_QUANTILES = np.array([0.2, 0.5])
"""Shares of the weight of the parts that correlate less than `Alignment.lower` and `Alignment.median`."""

_REFINED = 2
_MIN_REFINED = 0.002
_ENOUGH_REFINED = 0.5
"""Alignments that are refined at most, the confidence from which they are, and that from which one is enough. Refining
takes longer than all else."""

_MIN_REFINED_CORRELATION = 0.45
"""Correlation of the overlap from which a stretch or a place is refined whatever its confidence."""

_REFINE_BLUR_PX = 1
_MIN_FITTED_CORRELATION = 0.7
"""Correlation of the refined overlap below which it is no copy anyway."""

_MAX_NEAR_PX = 4.0
"""Keypoints that put the corners of a picture so near to where its refined stretch has them agree with it."""

_REFINE_CRITERIA = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 20, 1e-2)

_WEIGHTS = (2.9, 2.9, -2.0, 1.3, 4.6, 12.7, 100.0)
_BIAS = -12.2
_MIN_STRETCH_LOWER = 0.86
"""Of the terms in `_confidence`: logistic regression on pairs of known origin, two random edits on each copy. Without
keypoints, pictures must agree nearly everywhere: silhouettes of two things on plain ground reach 0.85."""


@dataclass(frozen=True)
class _Proposal:
    """A matrix (2, 3) from pixels of one picture to those of the other, with the keypoints that agree on it."""

    matrix: Matrix
    inliers: int = 0
    inlier_share: float = 0.0
    is_likely: bool = False
    """Worth to be refined even if it does not fit well."""

    is_refined: bool = False
    """Nothing is gained by refining it."""

    @cached_property
    def scale(self) -> float:
        """How much larger the second picture shows the first."""
        return _scale(self.matrix)


@dataclass(frozen=True)
class Alignment:
    """How one picture lies on another.

    `matrix` (2, 3) maps fractions of the first photo to fractions of the second. `inliers` are the keypoints that agree on
    it, 0 for a plain stretch. `correlation` is the mean over the parts of the overlap, `lower` the correlation that all but
    a fifth of them reach, both -1 to 1. `overlap` is the share of the second picture that the first covers. `brighter` is
    how much higher the grey values of the second are on average where they overlap, -1 to 1.
    """

    matrix: Matrix
    inliers: int
    inlier_share: float
    correlation: float
    median: float
    lower: float
    overlap: float
    brighter: float

    @property
    def is_mirrored(self) -> bool:
        """Whether one picture is the mirror image of the other."""
        return _determinant(self.matrix) < 0

    @cached_property
    def confidence(self) -> float:
        """The probability, 0 to 1, that one picture was made from the other."""
        return _confidence(self)

    def relation(self, other: PhotoLook) -> CopyRelation:
        """Return how the second photo shows the first; `other` is the look of the second."""
        return relation_of(self.matrix, other.photo_size, self.brighter)


def align(one: PhotoLook, other: PhotoLook) -> Alignment | None:
    """Return the best way to lay one picture on the other, None if there is none."""
    best = _best(one, other)
    return None if best is None else replace(best, matrix=_in_photo(best.matrix, one, other))


def _best(one: PhotoLook, other: PhotoLook) -> Alignment | None:
    """Return the best way to lay one picture on the other, with a matrix of their pixels."""
    best: Alignment | None = None
    refined_stretch: Alignment | None = None
    to_refine: list[tuple[float, _Proposal]] = []
    for proposal in _proposals(one, other):
        is_near = refined_stretch is not None and _is_near(proposal.matrix, refined_stretch.matrix, one.size)
        if refined_stretch is not None and is_near:  # it would be refined to the same
            alignment: Alignment | None = replace(
                refined_stretch, inliers=proposal.inliers, inlier_share=proposal.inlier_share
            )
        else:
            alignment = _measured(one, other, proposal)
        if alignment is None:
            continue
        confidence = alignment.confidence
        if best is None or confidence > best.confidence:
            best = alignment
        if confidence >= _ENOUGH_CONFIDENCE:
            return best
        if is_near or proposal.is_refined:
            refined_stretch = alignment
        elif confidence >= _MIN_REFINED or (
            proposal.is_likely and alignment.correlation >= _MIN_REFINED_CORRELATION
        ):
            to_refine.append((confidence, proposal))
    to_refine.sort(key=lambda item: -item[0])
    for rank, (_, likely) in enumerate(to_refine[:_REFINED]):
        if rank and best is not None and best.confidence >= _ENOUGH_REFINED:
            break
        refined = _refined(one, other, likely)
        alignment = None if refined is None else _measured(one, other, refined)
        if alignment is not None and (best is None or alignment.confidence > best.confidence):
            best = alignment
    return best


def relation_of(matrix: Matrix, size: tuple[float, float], brighter: float) -> CopyRelation:
    """Return how a photo shows another one, by the matrix (2, 3) of fractions that maps this one to it.

    `size` is width and height of the photo that shows it, in pixels or anything proportional to them.
    """
    width, height = size
    (a, b, _), (c, d, _) = matrix.tolist()
    is_mirrored = a * d - b * c < 0
    # The direction in which the first photo's upper edge runs, or its left edge, which mirroring leaves as it is.
    turned = math.atan2(-b * width, d * height) if is_mirrored else math.atan2(c * height, a * width)
    return CopyRelation(
        matrix=tuple(matrix.ravel().tolist()),
        covers=covered(matrix),
        turned=math.degrees(turned) % 360,
        is_mirrored=is_mirrored,
        brighter=brighter,
    )


def _determinant(matrix: Matrix) -> float:
    """Return the determinant of the first two columns of a matrix (2, 3), in a tenth of NumPy's time."""
    (a, b, _), (c, d, _) = matrix.tolist()
    return float(a * d - b * c)


def _scale(matrix: Matrix) -> float:
    return math.sqrt(abs(_determinant(matrix)))


def _is_near(matrix: Matrix, other: Matrix, size: tuple[int, int]) -> bool:
    """Return whether two matrices map the corners of a picture of this size to about the same places."""
    width, height = size
    return all(
        abs(shift + x + y) <= _MAX_NEAR_PX
        for across, down, shift in (matrix - other).tolist()
        for x in (0, across * width)
        for y in (0, down * height)
    )


def _measured(one: PhotoLook, other: PhotoLook, proposal: _Proposal) -> Alignment | None:
    """Correlate the overlap of two pictures; None if the matrix is implausible or they hardly overlap.

    The matrix that is returned is still the proposed one, of pixels.
    """
    if not _SCALES[0] < proposal.scale < _SCALES[1]:
        return None
    small, is_enlarged = _reducing(proposal)
    source, target = (other, one) if is_enlarged else (one, other)
    parts = correlations_of_parts(*_equally_sharp(source, target, small), small)
    if parts is None:
        return None
    values, weights, overlap, brighter = parts
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    sums = weights.cumsum()
    lower, median = values[sums.searchsorted(sums[-1] * _QUANTILES)].tolist()
    return Alignment(
        matrix=proposal.matrix,
        inliers=proposal.inliers,
        inlier_share=proposal.inlier_share,
        correlation=float(values @ weights / sums[-1]),
        median=median,
        lower=lower,
        overlap=overlap,
        brighter=-brighter if is_enlarged else brighter,
    )


def _refined(one: PhotoLook, other: PhotoLook, proposal: _Proposal) -> _Proposal | None:
    """Return a proposal whose matrix fits the pixels best near the one given; None if there is none.

    Maximal enhanced correlation (Evangelidis and Psarakis, "Parametric image alignment using enhanced correlation
    coefficient maximization", PAMI 2008), at half the size of the pictures that are correlated: it fits as well, in a third
    of the time.
    """
    if not _SCALES[0] < proposal.scale < _SCALES[1]:
        return None
    small, is_enlarged = _reducing(proposal)
    source, target = (other, one) if is_enlarged else (one, other)
    picture, onto = source.coarse, target.coarse
    start = cv2.invertAffineTransform(_shifted(small, 0.5)).astype(np.float32)
    everywhere = np.ones_like(picture)
    try:
        correlation, found = cv2.findTransformECC(
            onto, picture, start, cv2.MOTION_AFFINE, _REFINE_CRITERIA, everywhere, _REFINE_BLUR_PX
        )
    except cv2.error:  # it does not converge
        return None
    if correlation < _MIN_FITTED_CORRELATION:
        return None
    matrix = _shifted(np.asarray(found if is_enlarged else cv2.invertAffineTransform(found), np.float64), 2.0)
    matrix[:, 2] /= SMALL_SCALE
    return replace(proposal, matrix=matrix, is_refined=True)


def _shifted(matrix: Matrix, factor: float) -> Matrix:
    """Turn a matrix between pixels of two pictures into one between those of the pictures resized by a factor.

    The centre of the first pixel is at 0.
    """
    resized = matrix.copy()
    half = (1 - factor) / 2
    (a, b, x), (c, d, y) = matrix.tolist()
    resized[:, 2] = factor * x + half * (a + b - 1), factor * y + half * (c + d - 1)
    return resized


def _equally_sharp(source: PhotoLook, target: PhotoLook, matrix: Matrix) -> tuple[GreyImage, GreyImage]:
    """Return the small pictures, both blurred if one was enlarged from so few pixels that it lacks the other's details."""
    if not (target.blur or source.blur):
        return source.small, target.small
    scale = _scale(matrix)
    sigma = _BLUR * max(target.blur, source.blur * scale)
    if sigma < _MIN_BLUR_PX:
        return source.small, target.small
    blurred, onto = (
        cv2.GaussianBlur(source.small, (0, 0), sigma / scale),
        cv2.GaussianBlur(target.small, (0, 0), sigma),
    )
    return blurred.astype(np.uint8, copy=False), onto.astype(np.uint8, copy=False)


def _reducing(proposal: _Proposal) -> tuple[Matrix, bool]:
    """Return the matrix of small pictures that does not enlarge, and whether it goes from the second to the first.

    Enlarged, a picture would be blurred and correlate less.
    """
    small = proposal.matrix * _TO_SMALL
    if proposal.scale <= 1:
        return small, False
    return np.asarray(cv2.invertAffineTransform(small), np.float64), True


def _in_photo(matrix: Matrix, one: PhotoLook, other: PhotoLook) -> Matrix:
    """Turn a matrix between the pixels of pictures into one between fractions of photos, borders included."""
    left, top, width, height = one.content
    across, down = one.size[0] / width, one.size[1] / height
    new_left, new_top, new_width, new_height = other.content
    new_across, new_down = new_width / other.size[0], new_height / other.size[1]
    rows = []
    for (a, b, shift), scale, start in zip(
        matrix.tolist(), (new_across, new_down), (new_left, new_top), strict=True
    ):
        right, below = a * across, b * down
        rows.append((scale * right, scale * below, scale * (shift - right * left - below * top) + start))
    return np.array(rows, np.float64)


def _proposals(one: PhotoLook, other: PhotoLook) -> Iterator[_Proposal]:
    """Yield ways to lay one picture on the other, the likeliest and cheapest first."""
    correlations = turned_squares(one.square) @ other.square
    turn = int(correlations.argmax())
    correlation = float(correlations[turn])
    if correlation >= _SURE_STRETCH_CORRELATION:
        yield _stretched(one, other, turn)
    if correlation >= _LIKELY_STRETCH_CORRELATION and (
        refined := _refined(one, other, _stretched(one, other, turn))
    ):
        yield refined
    upright, mirrored = float(correlations[:4].max()), float(correlations[4:].max())
    if mirrored - upright <= _MAX_LEAD and (found := _by_keypoints(one.keypoints, other.keypoints)):
        yield found
    if mirrored >= max(upright, _MIN_MIRRORED_CORRELATION) and (
        found := _by_keypoints(one.mirrored, other.keypoints)
    ):
        yield replace(found, matrix=found.matrix @ _mirror(one))
    if min(len(one.keypoints), len(other.keypoints)) >= _FEW_KEYPOINTS and not (one.blur or other.blur):
        return
    if _MIN_STRETCH_CORRELATION <= correlation < _LIKELY_STRETCH_CORRELATION:
        yield replace(_stretched(one, other, turn), is_refined=False)
    if upright >= max(mirrored - _MAX_PLACED_LEAD, _MIN_PLACED_CORRELATION):
        matrix = placement(one.tiny, other.tiny)
        if matrix is not None:
            yield _Proposal(_enlarged(matrix), is_likely=True)
    if mirrored >= max(upright - _MAX_PLACED_LEAD, _MIN_PLACED_CORRELATION):
        matrix = placement(one.tiny[:, ::-1], other.tiny)
        if matrix is not None:
            yield _Proposal(_enlarged(matrix) @ _mirror(one), is_likely=True)


def _stretched(one: PhotoLook, other: PhotoLook, turn: int) -> _Proposal:
    return _Proposal(_stretch(one.size, other.size, turn), is_likely=True, is_refined=True)


def _mirror(look: PhotoLook) -> Matrix:
    """Return the matrix (3, 3) that mirrors the pixels of a picture."""
    return np.array([[-1, 0, look.size[0] - 1], [0, 1, 0], [0, 0, 1]], np.float64)


def _enlarged(matrix: Matrix) -> Matrix:
    """Turn a matrix between tiny pictures into one between those for keypoints."""
    return np.asarray(matrix / [1, 1, TINY_SCALE], np.float64)


def _by_keypoints(one: Keypoints, other: Keypoints) -> _Proposal | None:
    if min(len(one), len(other)) < _MIN_INLIERS:
        return None
    if len(one) * len(other) >= _HASHED_MATCHES and one.shared(other) < _MIN_SHARED_HASHES:
        return None
    distances, nearest = cv2.batchDistance(
        one.descriptors, other.descriptors, cv2.CV_32S, normType=cv2.NORM_HAMMING, K=2
    )
    is_good = distances[:, 0] < np.minimum(_MAX_DISTANCE, _MAX_RATIO * distances[:, 1])
    count = int(np.count_nonzero(is_good))
    if count < _MIN_INLIERS:
        return None
    matrix, is_inlier = cv2.estimateAffinePartial2D(
        one.points[is_good],
        other.points[nearest[is_good, 0]],
        method=cv2.RANSAC,
        ransacReprojThreshold=_MAX_ERROR_PX,
        maxIters=_RANSAC_ROUNDS,
    )
    inliers = 0 if matrix is None else int(is_inlier.sum())
    return None if inliers < _MIN_INLIERS else _Proposal(matrix.astype(np.float64), inliers, inliers / count)


def _stretch(size: tuple[int, int], onto: tuple[int, int], turn: int) -> Matrix:
    """Return the matrix that stretches a picture onto another, `turn` as in `turned_squares`."""
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
    stretch = max(alignment.lower - _MIN_STRETCH_LOWER, 0.0) if alignment.inliers == 0 else 0.0
    logit = (
        _BIAS
        + _WEIGHTS[0] * alignment.correlation
        + _WEIGHTS[1] * alignment.median
        + _WEIGHTS[2] * min(alignment.overlap, 1.0)
        + _WEIGHTS[3] * min(math.log1p(alignment.inliers), 5.0)
        + _WEIGHTS[4] * alignment.inlier_share
        + _WEIGHTS[5] * max(alignment.correlation - 0.6, 0.0)
        + _WEIGHTS[6] * stretch
    )
    return 1 / (1 + math.exp(-logit))
