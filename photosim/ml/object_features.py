"""The embedding of an object: the feature maps of its photo, pooled inside its box."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from photosim.errors import ModelError
from photosim.imaging.color import Picture
from photosim.ml.heads import EPSILON, normalize
from photosim.ml.preprocess import fit_inside

Box = tuple[float, float, float, float]
"""x, y, width and height in fractions of the upright photo."""

Size = tuple[int, int]

_HALVES = ((0.0, 0.5), (0.5, 1.0))
"""Spans along one side of a box; the quarters that they make are pooled, by rows."""

CROP_SHARE = 0.5
"""How much of a crop's longer side an object takes. Feature maps of another scale are not comparable, so that an object
that takes little of its photo is embedded from a crop at the same input size, not from the photo at a larger one."""


@dataclass(frozen=True, slots=True)
class ObjectProjection:
    """A linear map from the pooled regions of some layers to embeddings, with the same offset for all."""

    matrices: Mapping[int, torch.Tensor]
    """By layer: float32 (4 C, D)."""
    offset: torch.Tensor
    """float32 (D,), subtracted."""


def read_object_projection(path: Path) -> ObjectProjection:
    """Read an archive with an array `layer<index>` (4 C, D) for each layer, and `offset` (D,).

    Raises ModelError if it holds anything else.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: torch.from_numpy(archive[name].astype(np.float32)) for name in archive.files}
        offset = arrays.pop("offset")
        matrices = {int(name.removeprefix("layer")): array for name, array in arrays.items()}
        if not all(bool(array.isfinite().all()) for array in (offset, *matrices.values())):
            raise ValueError("not finite")
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"The model file {path} is damaged. Reinstall PhotoSim to restore it.") from error
    return ObjectProjection(matrices, offset)


def embed_boxes(
    maps: Mapping[int, torch.Tensor],
    photos: Sequence[int],
    boxes: Sequence[Box],
    sizes: Sequence[Size],
    square: int,
    projection: ObjectProjection,
) -> torch.Tensor:
    """Return the embeddings (K, D), float32 of unit length, of boxes in a batch of photos.

    `maps` (N, C, H, W) are by layer those of photos letterboxed to `square` pixels, `sizes` (K) the widths and heights
    of each box's photo, `photos` (K) its place in the batch.
    """
    spans, rows = square_spans(boxes, sizes, square), torch.tensor(photos)
    projected = -projection.offset
    for layer, matrix in projection.matrices.items():
        projected = projected + pool_boxes(maps[layer][rows].float(), spans) @ matrix
    return normalize(projected)


def square_spans(boxes: Sequence[Box], sizes: Sequence[Size], square: int) -> torch.Tensor:
    """Return left, top, right and bottom (K, 4) of boxes in fractions of the square that their photo is centred in."""
    fitted = torch.tensor([fit_inside(size, square) for size in sizes]).repeat(1, 2)
    x, y, width, height = torch.tensor(boxes, dtype=torch.float32).T
    corners = torch.stack([x, y, x + width, y + height], dim=1)
    return (corners * fitted + (square - fitted) // 2) / square


def crop_around(picture: Picture, box: Box, share: float = CROP_SHARE) -> tuple[Picture, Box]:
    """Return the surroundings of a box in a picture (H, W, 3), of whose longer side it takes `share`, and the box in them."""
    height, width = picture.shape[:2]
    x, y, wide, high = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    side = max(wide, high) / share
    left, right = _span(x, wide, side, width)
    top, bottom = _span(y, high, side, height)
    crop = picture[top:bottom, left:right]
    rows, columns = crop.shape[:2]
    return crop, ((x - left) / columns, (y - top) / rows, wide / columns, high / rows)


def _span(begin: float, length: float, side: float, limit: int) -> tuple[int, int]:
    """Return where a part of `side` pixels around another begins and ends, moved to lie inside of `limit` pixels."""
    side = min(max(side, length), limit)
    first = int(min(max(begin + (length - side) / 2, 0), limit - side))
    return first, min(math.ceil(max(first + side, begin + length)), limit)


def pool_boxes(features: torch.Tensor, spans: torch.Tensor) -> torch.Tensor:
    """Return the maximum of each channel in the quarters of a box, for K feature maps (K, C, H, W) and boxes: (K, 4 C).

    Each quarter's vector has unit length. A cell counts by the share of it that the quarter covers, relative to the cell
    that is covered most, so that a quarter smaller than a cell has that cell. `spans` (K, 4) are in fractions of the map.
    """
    cells = features.permute(0, 2, 3, 1)
    columns = _cover(spans[:, 0], spans[:, 2], cells.shape[2])
    rows = _cover(spans[:, 1], spans[:, 3], cells.shape[1])
    # A weight is the product of a row's and a column's, and neither is negative: one side is reduced after the other.
    by_column = [(cells * columns[:, half, None, :, None]).amax(dim=2) for half in range(2)]
    quarters = [
        (by_column[column] * rows[:, row, :, None]).amax(dim=1) for row in range(2) for column in range(2)
    ]
    return normalize(torch.stack(quarters, dim=1)).flatten(1)


def _cover(begins: torch.Tensor, ends: torch.Tensor, cells: int) -> torch.Tensor:
    """Return how much of each of `cells` cells the halves of each span cover (K, 2, cells), the largest share as 1.

    Spans are in fractions of all cells.
    """
    edges = torch.arange(cells, dtype=torch.float32)
    shares = []
    for begin, end in _HALVES:
        first, last = (begins + (ends - begins) * side for side in (begin, end))
        common = torch.minimum(last[:, None] * cells, edges + 1) - torch.maximum(
            first[:, None] * cells, edges
        )
        shares.append(common.clamp_min(0))
    stacked = torch.stack(shares, dim=1)
    return stacked / stacked.amax(dim=2, keepdim=True).clamp_min(EPSILON)
