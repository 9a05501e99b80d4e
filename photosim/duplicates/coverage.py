"""How much of a photo another one shows."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt


def covered(matrix: npt.NDArray[np.float64]) -> float:
    """Return the share of the first photo that the second shows, 0 to 1; `matrix` (2, 3) is of fractions."""
    (a, b, x), (c, d, y) = matrix.tolist()
    area = _area_in_unit_square([(x, y), (a + x, c + y), (a + b + x, c + d + y), (b + x, d + y)])
    return float(min(area / max(abs(a * d - b * c), 1e-9), 1.0))


def _area_in_unit_square(corners: list[tuple[float, float]]) -> float:
    """Return the area of the part of a convex polygon that lies in the unit square (Sutherland and Hodgman, 1974).

    OpenCV's intersectConvexConvex loses half of the area where edges nearly coincide, as those of a smaller copy do.
    """
    for axis in (0, 1):
        for bound, sign in ((0.0, 1), (1.0, -1)):
            distances = [sign * (corner[axis] - bound) for corner in corners]
            if not distances or min(distances) >= 0:
                continue
            clipped: list[tuple[float, float]] = []
            for place, (x, y) in enumerate(corners):
                before, after = distances[place], distances[(place + 1) % len(corners)]
                if before >= 0:
                    clipped.append((x, y))
                if before * after < 0:
                    next_x, next_y = corners[(place + 1) % len(corners)]
                    share = before / (before - after)
                    clipped.append((x + share * (next_x - x), y + share * (next_y - y)))
            corners = clipped
    edges = itertools.pairwise([*corners, *corners[:1]])
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in edges)) / 2
