"""EfficientNet-Lite0: the second network of a model, which tells kinds of things apart.

Tan and Le, 2019, in the form without squeeze-and-excitation and with ReLU6. Each BatchNorm is part of its convolution.
The stored kernels of convolutions with stride 2 are one larger than the network's, with zeros at the top and left: this
is TensorFlow's padding, one pixel more at the bottom and right, without a copy of each feature map.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from photosim.errors import ModelError
from photosim.ml.devices import REFERENCE, ComputeTarget, convert
from photosim.ml.heads import normalize

FEATURES = 1280
"""Values of the mean-pooled last feature map."""

PROJECTION = "projection"
"""Name of the projection (FEATURES, D) among the weights."""

_MEAN, _DEVIATION = 127.0, 128.0
"""Of the pixel values, as in the network's training."""

_CPU_PHOTOS = 4
"""Photos at once on a processor: with more, feature maps no longer fit into its caches, and float32 takes a fifth
longer."""


class Stage(NamedTuple):
    """Blocks of one kind; the first has the stride."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
_STEM_CHANNELS = 32


class Block(nn.Module):
    """An inverted residual block: expand the channels, filter each, project them, add the input if it has that shape."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.expand = None if expansion == 1 else _convolution(inputs, inner)
        self.depthwise = _convolution(inner, inner, kernel, stride, groups=inner)
        self.project = _convolution(inner, outputs)
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the block's feature map."""
        inner = x if self.expand is None else _relu6(self.expand(x))
        outputs: torch.Tensor = self.project(_relu6(self.depthwise(inner)))
        return outputs.add_(x) if self.is_residual else outputs


class EfficientNetLite0(nn.Module):
    """The network without its classifier: normalized pixels (N, 3, H, W) to mean-pooled features (N, FEATURES)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _convolution(3, _STEM_CHANNELS, 3, 2)
        self.blocks = nn.ModuleList()
        channels = _STEM_CHANNELS
        for stage in STAGES:
            for number in range(stage.blocks):
                stride = 1 if number else stage.stride
                self.blocks.append(Block(channels, stage.channels, stage.kernel, stride, stage.expansion))
                channels = stage.channels
        self.head = _convolution(channels, FEATURES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the features of normalized pixels, in float32."""
        return self.feature_maps(x).mean(dim=(2, 3), dtype=torch.float32)

    def feature_maps(self, x: torch.Tensor) -> torch.Tensor:
        """Return the last feature maps (N, FEATURES, H / 32, W / 32) of normalized pixels."""
        first, *others = self.blocks
        x = first(_relu6(self.stem(x))).to(self.head.weight.dtype)
        for block in others:
            x = block(x)
        return _relu6(self.head(x))


class SecondEmbedding(nn.Module):
    """The second network with its projection: photos, uint8 (N, S, S, 3), to unit vectors, float32 (N, D)."""

    projection: torch.Tensor

    def __init__(self, network: EfficientNetLite0, projection: torch.Tensor) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        convert(self.network, REFERENCE)
        self.projection = projection
        self.device = torch.device("cpu")

    def to_target(self, target: ComputeTarget) -> SecondEmbedding:
        """Move the network to a target; the stem, the first block and the projection stay float32.

        In bfloat16 the first block alone takes the cosine to float32 of some photos from 0.999 to 0.994.
        """
        self.device = torch.device(str(target.device))
        convert(self.network, replace(target, dtype=torch.float32))
        for layer in (*self.network.blocks[1:], self.network.head):
            convert(layer, target)
        self.projection = self.projection.to(self.device)
        return self

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the unit vectors of photos."""
        parts = torch.split(pixels, _CPU_PHOTOS) if self.device.type == "cpu" else (pixels,)
        return self.project(torch.cat([self.network(self._normalized(part)) for part in parts]))

    def feature_maps(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the feature maps of photos, whose mean values `project` takes; float32 (N, FEATURES, H, W)."""
        maps: torch.Tensor = self.network.feature_maps(self._normalized(pixels))
        return maps.float()

    def project(self, features: torch.Tensor) -> torch.Tensor:
        """Return the unit vectors (N, D) of features (N, FEATURES)."""
        return normalize(normalize(features) @ self.projection)

    def _normalized(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the network's input, whose memory layout stays channels last."""
        return pixels.to(self.device).permute(0, 3, 1, 2).float().sub_(_MEAN).div_(_DEVIATION)


def read_second_embedding(path: Path) -> SecondEmbedding:
    """Read the network and its projection from a NumPy archive without pickled objects.

    Raises ModelError if the file is damaged or doesn't fit the network.
    """
    network = EfficientNetLite0()
    arrays = _read_arrays(path)
    projection = arrays.pop(PROJECTION, None)
    if projection is None or projection.ndim != 2 or len(projection) != FEATURES:
        raise _damaged(path)
    try:
        network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    except RuntimeError as error:
        raise _damaged(path) from error
    return SecondEmbedding(network, torch.from_numpy(projection))


def _read_arrays(path: Path) -> dict[str, npt.NDArray[np.float32]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name].astype(np.float32) for name in archive.files}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged(path) from error
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise _damaged(path)
    return arrays


def _convolution(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    """Return a convolution whose output has 1 / stride of the size of its input, which is even if stride is 2."""
    stored = kernel if stride == 1 else kernel + 1
    return nn.Conv2d(inputs, outputs, stored, stride, padding=kernel // 2, groups=groups)


def _relu6(x: torch.Tensor) -> torch.Tensor:
    """Clamp to 0..6 in place: only the activation reads the output of a convolution."""
    return nn.functional.relu6(x, inplace=True)


def _damaged(path: Path) -> ModelError:
    return ModelError(f"The model file {path} is damaged. Reinstall PhotoSim to restore it.")
