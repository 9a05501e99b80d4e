"""Where two photos are similar: their cosine, split over the places of both pictures.

An embedding is the pooled feature maps times a projection. With the lengths of its vectors as constants it is linear in
the features that the pooling takes, so that a cosine is a sum over them, without a remainder. Each of them stands at a
cell of its feature map: the sum over channels says how much every cell contributes (gradient times input, which is exact
for a linear function: Shrikumar et al., "Not just a black box", 2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosim.ml.model_spec import FitMode, Preprocessing
from photosim.ml.preprocess import fit_inside

Floats = npt.NDArray[np.float32]

GRID = 28
"""Cells along the longer side of a photo."""


@dataclass(frozen=True, slots=True)
class SplitCosine:
    """The cosine of two photos, and its parts (2, H, W) by the cells of each feature map, for either photo.

    The parts of a photo in all maps together sum to the cosine. Those of `whole` cover the model's input, those of `crop`
    the crop of a second network.
    """

    cosine: float
    whole: Sequence[Floats]
    crop: Sequence[Floats] = ()


@dataclass(frozen=True, slots=True)
class SimilarPlaces:
    """How much each place of two photos contributes to their cosine: `maps` (rows, columns), GRID the longer side.

    `told` is the share of the cosine that lies inside of the photos; the rest is from the padding around them.
    """

    cosine: float
    maps: tuple[Floats, Floats]
    told: tuple[float, float]


def similar_places(
    split: SplitCosine, sizes: tuple[tuple[int, int], tuple[int, int]], preprocessing: Preprocessing
) -> SimilarPlaces:
    """Return the parts of a cosine by place; `sizes` are the widths and heights of the two photos."""
    maps = tuple(_places(split, row, size, preprocessing) for row, size in enumerate(sizes))
    told = tuple(float(places.sum()) / split.cosine if split.cosine else 0.0 for places in maps)
    return SimilarPlaces(split.cosine, (maps[0], maps[1]), (told[0], told[1]))


def _places(split: SplitCosine, row: int, size: tuple[int, int], preprocessing: Preprocessing) -> Floats:
    grid = fit_inside(size, GRID)
    is_cropped = preprocessing.fit is FitMode.CENTRE_CROP
    cropped = [_span_of_crop(side, min(size)) for side in size]
    whole = cropped if is_cropped else [_span_of_photo(side, size, preprocessing.size) for side in size]
    places = np.zeros((grid[1], grid[0]), np.float32)
    for spans, maps in ((whole, split.whole), (cropped, split.crop)):
        for cells in maps:
            columns, rows = (
                _overlaps(span, count, side)
                for span, count, side in zip(spans, grid, reversed(cells[row].shape), strict=True)
            )
            places += rows @ cells[row] @ columns.T
    return places


def _span_of_photo(side: int, size: tuple[int, int], square: int) -> tuple[float, float]:
    """Return where one side of a photo begins and ends in the square that it is centred in, as fractions of that."""
    length = max(1, round(side * square / max(size)))
    begin = (square - length) // 2
    return begin / square, (begin + length) / square


def _span_of_crop(side: int, shorter: int) -> tuple[float, float]:
    """Return where one side of a photo begins and ends, as fractions of the central square."""
    return (1 - side / shorter) / 2, (1 + side / shorter) / 2


def _overlaps(span: tuple[float, float], count: int, cells: int) -> Floats:
    """Return the share of each cell along a square that lies in each of `count` equal parts of a span (count, cells)."""
    parts, edges = np.linspace(*span, count + 1)[:, None], np.arange(cells + 1) / cells
    begins, ends = np.maximum(parts[:-1], edges[:-1]), np.minimum(parts[1:], edges[1:])
    return np.asarray(np.maximum(ends - begins, 0) * cells, np.float32)
