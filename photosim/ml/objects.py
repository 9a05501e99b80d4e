"""The objects that a detector finds in a photo: boxes, and which of them to keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from photosim.imaging.color import Picture
from photosim.ml.preprocess import Resize, fit_inside
from photosim.records import PhotoObject

Floats = npt.NDArray[np.float32]

MAX_OBJECTS = 10
MIN_SCORE = 0.1
"""Least score of what is found: such a region can be searched by, and found."""

NAMED_SCORE = 0.4
"""Least score of an object that is told, with its label; of those below, too many are not what the label says."""

_MAX_OVERLAP = 0.6
"""Of two boxes with a larger intersection over union, of whatever labels, the one with the lower score is left out."""

_MAX_CANDIDATES = 300
_FILL = 114
"""Grey value around the photo, as in training."""


class Candidates(NamedTuple):
    """The cells of a batch of photos at which a detector is certain of an object; K of all photos together."""

    photos: npt.NDArray[np.int64]
    """(K,): the place of each one's photo in the batch."""
    boxes: Floats
    """(K, 4): left, top, right and bottom in pixels of the input."""
    scores: Floats
    """(K,) in 0..1."""
    classes: npt.NDArray[np.int64]
    """(K,)."""


class BoxHead(nn.Module):
    """Compute the boxes of a detector at the few cells that show something; the network must be fused.

    Each side of a box is an expected distance from the middle of the cell, over a distribution of distances (Li et al.,
    "Generalized focal loss", 2020).
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        head: Any = model.model[-1]
        self.branches = head.cv2
        self.bins = int(head.reg_max)
        self.strides = [float(stride) for stride in head.stride]

    def forward(self, inputs: list[torch.Tensor], class_maps: list[torch.Tensor]) -> Candidates:
        """Return the cells with a score of MIN_SCORE at least.

        `inputs` are the feature maps (N, C, H, W) that the head reads, `class_maps` (N, classes, H, W) what its label
        branches make of them, before the sigmoid.
        """
        levels = zip(self.branches, inputs, class_maps, self.strides, strict=True)
        found = [_of_level(self.bins, *level) for level in levels]
        return Candidates(*map(np.concatenate, zip(*found, strict=True)))


def _of_level(bins: int, branch: Any, x: torch.Tensor, class_map: torch.Tensor, stride: float) -> Candidates:
    """Return the candidates of one feature map."""
    scores = class_map.amax(dim=1).float().sigmoid()
    photos, rows, columns = torch.nonzero(scores >= MIN_SCORE, as_tuple=True)
    classes = class_map[photos, :, rows, columns].argmax(dim=1)
    values = _at_cells(branch, x, photos, rows, columns).float()
    shares = values.reshape(len(values), 4, bins).softmax(dim=2)
    distances = shares @ torch.arange(bins, dtype=torch.float32)
    middles = torch.stack([columns, rows], dim=1) + 0.5
    boxes = torch.cat([middles - distances[:, :2], middles + distances[:, 2:]], dim=1) * stride
    return Candidates(photos.numpy(), boxes.numpy(), scores[photos, rows, columns].numpy(), classes.numpy())


def _at_cells(
    branch: Any, x: torch.Tensor, photos: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor
) -> torch.Tensor:
    """Return the values (K, C) of a branch at some cells of a feature map (N, C, H, W).

    A branch is two convolutions of 3 x 3 cells and one of a single cell, so that a cell depends on 5 x 5 of its input.
    """
    first, second, last = branch
    steps = torch.arange(-2, 3)
    around = nn.functional.pad(x, (2, 2, 2, 2)).permute(0, 2, 3, 1)
    y, x_ = rows[:, None] + steps + 2, columns[:, None] + steps + 2
    patches = around[photos[:, None, None], y[:, :, None], x_[:, None]].permute(0, 3, 1, 2)
    hidden = first.act(nn.functional.conv2d(patches, first.conv.weight, first.conv.bias))
    # What lies outside of the map is zero for the second convolution too.
    height, width = x.shape[2:]
    y, x_ = rows[:, None] + steps[1:4], columns[:, None] + steps[1:4]
    inside = ((y >= 0) & (y < height))[:, :, None] & ((x_ >= 0) & (x_ < width))[:, None]
    hidden = hidden * inside[:, None]
    hidden = second.act(nn.functional.conv2d(hidden, second.conv.weight, second.conv.bias))
    values: torch.Tensor = last(hidden)
    return values.flatten(1)


def letterbox(picture: Picture, size: int, resize: Resize) -> Picture:
    """Return a photo, uint8 (H, W, 3), centred in a grey square of `size` pixels."""
    height, width = picture.shape[:2]
    fitted = fit_inside((width, height), size)
    small = picture if fitted == (width, height) else resize(picture, fitted)
    square = np.full((size, size, 3), _FILL, np.uint8)
    left, top = ((size - side) // 2 for side in fitted)
    square[top : top + fitted[1], left : left + fitted[0]] = small
    return square


def select_objects(
    candidates: Candidates, names: Sequence[str], sizes: Sequence[tuple[int, int]], square: int
) -> list[tuple[PhotoObject, ...]]:
    """Return the objects of each photo, best first, those with a score below NAMED_SCORE with an empty label.

    `sizes` are the widths and heights of the photos, which were letterboxed to `square` pixels.
    """
    found: list[tuple[PhotoObject, ...]] = [()] * len(sizes)
    for row in np.unique(candidates.photos).tolist():
        of_photo = candidates.photos == row
        _, boxes, scores, classes = (values[of_photo] for values in candidates)
        found[row] = _objects_of_photo(boxes, scores, classes, names, sizes[row], square)
    return found


def _objects_of_photo(
    boxes: Floats,
    scores: Floats,
    classes: npt.NDArray[np.int64],
    names: Sequence[str],
    size: tuple[int, int],
    square: int,
) -> tuple[PhotoObject, ...]:
    best = np.argsort(-scores, kind="stable")[:_MAX_CANDIDATES]
    fitted = np.array(fit_inside(size, square), np.float32)
    offset = (square - fitted.astype(np.int64)) // 2
    fractions = ((boxes[best].reshape(-1, 2, 2) - offset) / fitted).clip(0, 1).reshape(-1, 4)
    has_area = (fractions[:, 2:] > fractions[:, :2]).all(axis=1)
    best, fractions = best[has_area], fractions[has_area]
    kept = suppress_overlapping(fractions, _MAX_OVERLAP)[:MAX_OBJECTS]
    return tuple(
        PhotoObject(
            names[classes[best[row]]] if scores[best[row]] >= NAMED_SCORE else "",
            round(float(scores[best[row]]), 4),
            _box(fractions[row]),
        )
        for row in kept
    )


def suppress_overlapping(boxes: Floats, max_overlap: float) -> list[int]:
    """Return the rows of boxes (N, 4), best first, that overlap no better one that is kept by more than this.

    Greedy non-maximum suppression; the overlap is intersection over union.
    """
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    remaining = np.arange(len(boxes))
    while len(remaining):
        first, others = remaining[0], remaining[1:]
        kept.append(int(first))
        corners = np.minimum(boxes[first, 2:], boxes[others, 2:]) - np.maximum(
            boxes[first, :2], boxes[others, :2]
        )
        common = corners.clip(0).prod(axis=1)
        remaining = others[common <= max_overlap * (areas[first] + areas[others] - common)]
    return kept


def _box(corners: Floats) -> tuple[float, float, float, float]:
    left, top, right, bottom = (round(float(value), 4) for value in corners)
    return left, top, round(right - left, 4), round(bottom - top, 4)
