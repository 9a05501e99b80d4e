"""Where in a photo something is: the strongest answers in five regions of a feature map, and their projection."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from torch import nn

from photosim.errors import ModelError

CELLS = 7
"""Rows and columns that a feature map is reduced to first: those of YOLO11's deepest layers at 224 pixels."""

ROW_WEIGHT = 0.8
"""Of a band of rows; the whole and the centre count 1. Bands tell where things stand, and edited copies apart."""

TINY = 1e-12
"""Least length that a vector is divided by: a feature that is zero everywhere stays zero."""

Projections: TypeAlias = dict[int, torch.Tensor]
"""By layer: float32 (5 C, D), C being the layer's channels."""


def regions(features: torch.Tensor) -> torch.Tensor:
    """The strongest answer of each channel in five regions: (N, C, H, W) to (N, 5 C).

    The map is reduced to 7 x 7 cells by maximum. The regions, in this order: all of it, the 3 x 3 cells in the
    centre, rows 0 to 2, 2 to 4 and 4 to 6. Each is made unit length, then the bands are weighted. As R-MAC (Tolias,
    Sicre and Jegou, 2016), with regions that were chosen by measurement (packaging/model/README.md).
    """
    # The largest by pooling: the same as by amax, which takes four times as long with the channels last in memory.
    cells = _cells(features)
    largest = nn.functional.max_pool2d
    rows = largest(cells, (1, CELLS))
    whole, centre = largest(rows, (CELLS, 1)), largest(cells[:, :, 2:5, 2:5], 3)
    bands = largest(rows, (3, 1), stride=(2, 1))
    parts = torch.cat([whole, centre, bands], dim=2).squeeze(3).transpose(1, 2)
    weights = parts.new_tensor([1, 1, ROW_WEIGHT, ROW_WEIGHT, ROW_WEIGHT])
    return (unit(parts) * weights[:, None]).flatten(1)


def read_projections(path: Path, layers: tuple[int, ...]) -> Projections:
    """The projections of these layers, from a NumPy archive with an array `layer<index>` (5 C, D) for each.

    Raises ModelError when the file does not hold them, or anything but finite numbers.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {layer: archive[f"layer{layer}"].astype(np.float32) for layer in layers}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"The file {path} is damaged: the model needs it beside its weights.") from error
    if not all(array.ndim == 2 and np.isfinite(array).all() for array in arrays.values()):
        raise ModelError(f"The file {path} is damaged: the model needs it beside its weights.")
    return {layer: torch.from_numpy(array) for layer, array in arrays.items()}


def unit(rows: torch.Tensor) -> torch.Tensor:
    """The vectors along the last dimension, each divided by its length."""
    return nn.functional.normalize(rows, dim=-1, eps=TINY)


def _cells(features: torch.Tensor) -> torch.Tensor:
    height, width = features.shape[2:]
    if (height, width) == (CELLS, CELLS):
        return features
    if (height, width) == (2 * CELLS, 2 * CELLS):
        # The same as below, several times faster.
        return nn.functional.max_pool2d(features, 2)
    return nn.functional.adaptive_max_pool2d(features, CELLS)
