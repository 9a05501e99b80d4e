"""What turns feature maps into results: class scores for labels, and pooling by regions for embeddings."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import nn

from photosim.errors import ModelError

CELLS = 7
"""Rows and columns of the grid that a feature map is first reduced to: the size of YOLO11's deepest layers at 224
pixels."""

BAND_WEIGHT = 0.8
"""Weight of each band of rows; the whole map and the centre have weight 1. Bands separate edited copies from others."""

EPSILON = 1e-12
"""Smallest length to divide by: a feature that is zero everywhere stays zero."""

Projections: TypeAlias = dict[int, torch.Tensor]
"""By layer: float32 (5 C, D), with C the channels of the layer."""


class LabelHead(nn.Module):
    """Compute class scores from the feature maps that the embedding computed; the network must be fused and converted.

    A classification model ends in one score per class. Of the other tasks (detection, segmentation, pose, oriented
    boxes) only the class branch runs: a label's score is the best score of its class anywhere in the photo, so that no
    boxes and no non-maximum suppression are needed.
    """

    def __init__(self, model: Any, last: int) -> None:
        """`last` is the last layer that the embedding runs."""
        super().__init__()
        head: Any = model.model[-1]
        self.first = last + 1
        self.between = model.model[last + 1 : -1]
        self.is_classifier = model.task == "classify"
        self.sources = _sources(head)
        if self.is_classifier:
            # An embedding from the classifier's own layer has already run its convolution.
            self.convolution = nn.Identity() if last == head.i else head.conv
            self.branches = nn.ModuleList([head.linear])
        else:
            self.branches = head.cv3

    def input_layers(self) -> set[int]:
        """Return the layers whose outputs `forward` reads; -1 is the previous layer."""
        return {source for sources in (*map(_sources, self.between), self.sources) for source in sources}

    def forward(self, outputs: dict[int, torch.Tensor]) -> torch.Tensor:
        """Return scores (N, classes), float32 in 0..1, from the layers' outputs, the last one included."""
        inputs = self.inputs(self.with_layers_between(outputs))
        if self.is_classifier:
            features = self.convolution(inputs[0]).mean(dim=(2, 3))
            probabilities: torch.Tensor = self.branches[0](features).float().softmax(dim=1)
            return probabilities
        return self.best_scores(self.class_maps(inputs))

    def class_maps(self, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
        """Return the scores (N, classes, H, W) of each of these feature maps, before the sigmoid; not of a classifier."""
        return [branch(x) for branch, x in zip(self.branches, inputs, strict=True)]

    def best_scores(self, class_maps: list[torch.Tensor]) -> torch.Tensor:
        """Return the best score of each class anywhere (N, classes), float32 in 0..1."""
        # Maximum before sigmoid: the sigmoid is monotonic, and 80 values are fewer than 80,000.
        return torch.stack([_global_max(scores) for scores in class_maps]).amax(dim=0).float().sigmoid()

    def with_layers_between(self, outputs: dict[int, torch.Tensor]) -> dict[int, torch.Tensor]:
        """Return the outputs, and those of the layers between them and the head."""
        outputs = dict(outputs)
        for index, layer in enumerate(self.between, self.first):
            inputs = [outputs[index - 1 if source == -1 else source] for source in _sources(layer)]
            outputs[index] = layer(inputs if isinstance(layer.f, list) else inputs[0])
        return outputs

    def inputs(self, outputs: dict[int, torch.Tensor]) -> list[torch.Tensor]:
        """Return the feature maps that the branches read, of the outputs of all layers."""
        last = self.first + len(self.between) - 1
        return [outputs[last if source == -1 else source] for source in self.sources]


def pool_regions(features: torch.Tensor) -> torch.Tensor:
    """Return the maximum of each channel in five regions: (N, C, H, W) to (N, 5 C).

    The map is reduced to 7 x 7 cells by maximum. The regions, in this order: the whole map, the central 3 x 3 cells,
    rows 0 to 2, 2 to 4 and 4 to 6. Each region's vector is normalized, then the bands are weighted. Like R-MAC
    (Tolias, Sicre and Jegou, 2016), with regions chosen by measurement (packaging/model/README.md).
    """
    # max_pool2d gives the same as amax in a quarter of the time when the memory layout is channels last.
    cells = _reduce_to_cells(features)
    max_pool = nn.functional.max_pool2d
    rows = max_pool(cells, (1, CELLS))
    whole, centre = max_pool(rows, (CELLS, 1)), max_pool(cells[:, :, 2:5, 2:5], 3)
    bands = max_pool(rows, (3, 1), stride=(2, 1))
    regions = torch.cat([whole, centre, bands], dim=2).squeeze(3).transpose(1, 2)
    weights = regions.new_tensor([1, 1, BAND_WEIGHT, BAND_WEIGHT, BAND_WEIGHT])
    return (normalize(regions) * weights[:, None]).flatten(1)


def read_projections(path: Path, layers: tuple[int, ...]) -> Projections:
    """Read the projections of `layers` from a NumPy archive with an array `layer<index>` (5 C, D) for each.

    Raises ModelError if one is missing or holds anything but finite numbers.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {layer: archive[f"layer{layer}"].astype(np.float32) for layer in layers}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged(path) from error
    if not all(array.ndim == 2 and np.isfinite(array).all() for array in arrays.values()):
        raise _damaged(path)
    return {layer: torch.from_numpy(array) for layer, array in arrays.items()}


def normalize(rows: torch.Tensor) -> torch.Tensor:
    """Scale the vectors along the last dimension to unit length.

    For gradients the lengths are constants: an embedding is then linear in the features, and a cosine splits exactly over
    them, see `photosim.ml.explain`.
    """
    lengths: torch.Tensor = torch.linalg.vector_norm(rows, dim=-1, keepdim=True)
    scaled: torch.Tensor = rows / lengths.clamp_min(EPSILON).detach()
    return scaled


def _damaged(path: Path) -> ModelError:
    return ModelError(f"The model file {path} is damaged. Reinstall PhotoSim to restore it.")


def _global_max(features: torch.Tensor) -> torch.Tensor:
    """Maximum of each channel, (N, C, H, W) to (N, C): a fifth of the time of amax with channels last."""
    return nn.functional.max_pool2d(features, features.shape[2:]).flatten(1)


def _sources(layer: Any) -> list[int]:
    """The indices of the layers that a layer reads, in Ultralytics' notation: -1 is the previous one."""
    return [layer.f] if isinstance(layer.f, int) else list(layer.f)


def _reduce_to_cells(features: torch.Tensor) -> torch.Tensor:
    height, width = features.shape[2:]
    if (height, width) == (CELLS, CELLS):
        return features
    if (height, width) == (2 * CELLS, 2 * CELLS):
        # Equal to the adaptive pooling below, and several times faster.
        return nn.functional.max_pool2d(features, 2)
    return nn.functional.adaptive_max_pool2d(features, CELLS)
