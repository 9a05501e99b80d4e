"""How much of a photo another one shows."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt


def covered(matrix: npt.NDArray[np.float64]) -> float:
    """Return the share of the first photo that the second shows, 0 to 1; `matrix` (2, 3) is of fractions."""
    corners = (np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]]) @ matrix.T).tolist()
    area = _area_in_unit_square(corners)
    return min(area / max(abs(float(np.linalg.det(matrix[:, :2]))), 1e-9), 1.0)


def _area_in_unit_square(corners: list[list[float]]) -> float:
    """Return the area of the part of a convex polygon that lies in the unit square (Sutherland and Hodgman, 1974).

    OpenCV's intersectConvexConvex loses half of the area where edges nearly coincide, as those of a smaller copy do.
    """
    for axis in (0, 1):
        for bound, sign in ((0.0, 1), (1.0, -1)):
            clipped: list[list[float]] = []
            for one, other in itertools.pairwise([*corners, *corners[:1]]):
                before, after = sign * (one[axis] - bound), sign * (other[axis] - bound)
                if before >= 0:
                    clipped.append(one)
                if before * after < 0:
                    share = before / (before - after)
                    clipped.append(
                        [start + share * (end - start) for start, end in zip(one, other, strict=True)]
                    )
            corners = clipped
    edges = itertools.pairwise([*corners, *corners[:1]])
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in edges)) / 2
