"""Batches of preprocessed photos to embeddings, YOLO11's feature maps pooled to unit vectors, and to labels."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from photosim.core import labels
from photosim.core.checkpoint import load_model
from photosim.core.label_head import LabelHead
from photosim.core.models import ModelEntry, Pooling, verify
from photosim.core.records import Label
from photosim.core.regions import Projections, read_projections, regions, unit
from photosim.errors import ModelError

BATCH = 16
"""Photos that go through the network at once: larger batches are no faster on a CPU and take more memory."""


class Embedder:
    """The embedding of one catalogue entry, ready to run; it may be called from several threads at once."""

    def __init__(self, entry: ModelEntry, weights: Path, config_dir: Path, threads: int = 1) -> None:
        """Load and check the weights.

        `config_dir` is a folder of ours for Ultralytics' settings file. `threads` is the number of processor
        cores that one call of `embed` uses; it holds for the whole process. Raises ModelError when the file is
        not the one the entry names or does not give the embedding that it promises.
        """
        verify(weights, entry)
        torch.set_num_threads(threads)  # before loading, which runs the network once
        model: Any = load_model(weights, config_dir)
        _check_kind(model, entry, weights)
        self.entry = entry
        self.names = labels.shown_names(model.names)
        projections: Projections = {}
        if entry.projection is not None:
            projections = read_projections(weights.with_name(entry.projection.file), entry.layers)
        self._network = _Features(model, entry.layers, entry.pooling, projections)
        dimensions = self._run(np.zeros((1, *self._input_shape), np.uint8)).shape[1]
        if dimensions != entry.dimensions:
            raise ModelError(
                f"The model {entry.title} gives {dimensions} values instead of {entry.dimensions}."
            )

    def embed(self, inputs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Embeddings of N photos: uint8 (N, size, size, 3), RGB, to float32 (N, dimensions), rows of unit length."""
        self._check(inputs)
        rows = np.empty((len(inputs), self.entry.dimensions), np.float32)
        for start in range(0, len(inputs), BATCH):
            rows[start : start + BATCH] = self._run(inputs[start : start + BATCH])
        return rows

    def embed_and_label(
        self, inputs: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.float32], list[tuple[Label, ...]]]:
        """As `embed`, and what the model names in each photo, best first."""
        self._check(inputs)
        rows = np.empty((len(inputs), self.entry.dimensions), np.float32)
        named: list[tuple[Label, ...]] = []
        for start in range(0, len(inputs), BATCH):
            with torch.inference_mode():
                outputs = self._network.outputs(_tensor(inputs[start : start + BATCH]))
                rows[start : start + BATCH] = self._network.joined(outputs).numpy()
                scores = self._network.head(outputs).numpy()
            named += labels.chosen(scores, self.names, self.entry.task)
        return rows, named

    def _run(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        with torch.inference_mode():
            rows: npt.NDArray[np.float32] = self._network(_tensor(batch)).numpy()
        return rows

    def _check(self, inputs: npt.NDArray[np.uint8]) -> None:
        if inputs.dtype != np.uint8 or inputs.shape[1:] != self._input_shape:
            raise ValueError(f"expected uint8 (N, *{self._input_shape}), got {inputs.dtype} {inputs.shape}")

    @property
    def _input_shape(self) -> tuple[int, int, int]:
        size = self.entry.preprocessing.size
        return size, size, 3


class _Features(nn.Module):
    """The layers of a YOLO11 up to the last one wanted, the pooling of those wanted and their projection."""

    def __init__(
        self, model: Any, layers: tuple[int, ...], pooling: Pooling, projections: Projections
    ) -> None:
        super().__init__()
        every: Any = model.fuse(verbose=False).model
        if max(layers) >= len(every):
            raise ModelError(f"The model has {len(every)} layers and cannot answer from layer {max(layers)}.")
        self.layers = every[: max(layers) + 1].to(memory_format=torch.channels_last)
        last: Any = self.layers[-1]
        if model.task == "classify" and len(self.layers) == len(every):
            # The classifier is a convolution, mean pooling and the linear layer that is left out here.
            last.conv.f = last.f
            self.layers[-1] = last.conv
        self.head = LabelHead(model, max(layers))
        self.wanted = layers
        self.kept = frozenset(layers) | _later_inputs(self.layers) | self.head.inputs()
        self.pooling = pooling
        self.projections = projections

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Uint8 (N, S, S, 3) to float32 (N, D)."""
        return self.joined(self.outputs(pixels))

    def outputs(self, pixels: torch.Tensor) -> dict[int, torch.Tensor]:
        """Uint8 (N, S, S, 3) to the feature maps of the layers that something reads later."""
        x = pixels.permute(0, 3, 1, 2).float().div_(255)  # laid out in memory as it was: channels last
        outputs: dict[int, torch.Tensor] = {}
        for index, layer in enumerate(self.layers):
            source = layer.f
            if isinstance(source, int):
                x = layer(x if source == -1 else outputs[source])
            else:
                x = layer([x if i == -1 else outputs[i] for i in source])
            if index in self.kept:
                outputs[index] = x
        return outputs

    def joined(self, outputs: dict[int, torch.Tensor]) -> torch.Tensor:
        """The feature maps of the layers wanted, pooled and joined: float32 (N, D), rows of unit length."""
        return unit(torch.cat([self._part(index, outputs[index]) for index in self.wanted], dim=1))

    def _part(self, index: int, features: torch.Tensor) -> torch.Tensor:
        pooled = unit(_pool(features, self.pooling))
        return unit(pooled @ self.projections[index]) if index in self.projections else pooled


def _tensor(batch: npt.NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(np.array(batch, order="C"))  # a copy: torch takes no views, no read-only arrays


def _check_kind(model: Any, entry: ModelEntry, weights: Path) -> None:
    """Raise ModelError when the file holds a model of another task or size than the entry says."""
    found, wanted = (model.task, model.yaml["scale"]), (entry.task, entry.scale)
    if found != wanted:
        raise ModelError(
            f"The model file {weights} is not {entry.title}: it holds a YOLO11{found[1]} for the task "
            f"“{found[0]}” instead of a YOLO11{wanted[1]} for the task “{wanted[0]}”."
        )


def _later_inputs(layers: Iterable[Any]) -> frozenset[int]:
    """The layers whose output a later layer, not the next one, reads."""
    sources = (([layer.f] if isinstance(layer.f, int) else layer.f) for layer in layers)
    return frozenset(itertools.chain.from_iterable(sources)) - {-1}


def _pool(features: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """(N, C, H, W) to (N, C), by regions to (N, 5 C)."""
    if pooling is Pooling.REGIONS:
        return regions(features)
    return features.amax(dim=(2, 3)) if pooling is Pooling.MAX else features.mean(dim=(2, 3))
