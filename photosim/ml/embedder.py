"""Batches of preprocessed photos to embeddings, YOLO11's feature maps pooled to unit vectors, and to labels."""

from __future__ import annotations

import copy
import itertools
import logging
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import nn

from photosim.errors import ModelError
from photosim.imaging.color import Picture
from photosim.ml import devices, label_names
from photosim.ml.catalog import ModelSpec, Pooling
from photosim.ml.checkpoint import load_model
from photosim.ml.devices import REFERENCE, ComputeTarget, Device, Run
from photosim.ml.heads import LabelHead, Projections, normalize, pool_regions, read_projections
from photosim.ml.preprocess import RESAMPLING
from photosim.ml.weights import verify
from photosim.records import Label

BATCH = devices.CPU_BATCH

_log = logging.getLogger(__name__)


class Embedder:
    """The embedding of one catalogue entry, ready to run; it may be called from several threads at once."""

    def __init__(
        self,
        spec: ModelSpec,
        weights: Path,
        config_dir: Path,
        threads: int = 1,
        device: Device = Device.CPU,
        device_cache: Path | None = None,
    ) -> None:
        """Load and check the weights.

        `config_dir` is a folder of ours for Ultralytics' settings file. `threads` is the number of processor
        cores that one call of `embed` uses; it holds for the whole process. `device` is what to run on, and `notes` the
        file that remembers what was measured for it, see `devices.choose`. Raises ModelError when the file is
        not the one the entry names or does not give the embedding that it promises.
        """
        verify(weights, spec)
        torch.set_num_threads(threads)  # before loading, which runs the network once
        model: Any = load_model(weights, config_dir)
        _check_task_and_scale(model, spec, weights)
        self.spec = spec
        self.class_names = label_names.display_names(model.names)
        projections: Projections = {}
        if spec.projection is not None:
            projections = read_projections(weights.with_name(spec.projection.file), spec.layers)
        self._network = _FeatureNetwork(model, spec.layers, spec.pooling, projections)
        self._networks: dict[ComputeTarget, _FeatureNetwork] = {REFERENCE: self._network}
        self._target, self._batch = REFERENCE, BATCH
        self._gpu_lock = threading.Lock()
        dimensions = self._run_batch(np.zeros((1, *self._input_shape), np.uint8), label=False)[0].shape[1]
        if dimensions != spec.dimensions:
            raise ModelError(
                f"The model {spec.title} gives {dimensions} values instead of {spec.dimensions}."
            )
        side = spec.preprocessing.size
        self._target = devices.choose_target(device, side, self._runner_on, spec.id, device_cache)
        self._runner_on(self._target)
        self._network = self._networks[self._target]
        self._networks = {self._target: self._network}
        self._batch = devices.batch_size(self._target, side)
        _log.info("%s runs on %s", spec.title, self._target)

    def embed(self, inputs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Embeddings of N photos: uint8 (N, size, size, 3), RGB, to float32 (N, dimensions), rows of unit length."""
        return self._run_in_batches(inputs, label=False)[0]

    def embed_and_label(
        self, inputs: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.float32], list[tuple[Label, ...]]]:
        """As `embed`, and what the model names in each photo, best first."""
        rows, scores = self._run_in_batches(inputs, label=True)
        return rows, label_names.select_labels(scores, self.class_names, self.spec.task)

    def resize(self, picture: Picture, size: tuple[int, int], *, fine: bool = False) -> Picture:
        """Resize a picture, see `resize_picture`."""
        return resize_picture(picture, size, fine=fine)

    def _run_in_batches(
        self, inputs: npt.NDArray[np.uint8], label: bool
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Embeddings (N, D), and the scores (N, classes) of the labels: of none when they are not asked for."""
        self._check_input(inputs)
        rows = np.empty((len(inputs), self.spec.dimensions), np.float32)
        scores = np.empty((len(inputs), len(self.class_names) if label else 0), np.float32)
        start = 0
        while start < len(inputs):
            part = slice(start, start + self._batch)
            try:
                rows[part], scores[part] = self._run_batch(inputs[part], label)
            except torch.OutOfMemoryError:
                if self._batch == 1:
                    raise
                self._batch = max(min(self._batch, len(inputs)) // 2, 1)
                _log.warning("The memory of %s is full: %s photos at once", self._target, self._batch)
            else:
                start = part.stop
        return rows, scores

    def _runner_on(self, way: ComputeTarget) -> Run:
        """The network made ready for a way, kept until one is chosen."""
        if way not in self._networks:
            self._networks[way] = copy.deepcopy(self._network).to_target(way)
        network = self._networks[way]
        return lambda batch: network.run(batch, label=False)[0]

    def _run_batch(
        self, batch: npt.NDArray[np.uint8], label: bool
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        if self._target.device is Device.CPU:
            return self._network.run(batch, label)
        # One graphics processor: two batches at once take its memory twice and gain nothing.
        with self._gpu_lock:
            return self._network.run(batch, label)

    def _check_input(self, inputs: npt.NDArray[np.uint8]) -> None:
        if inputs.dtype != np.uint8 or inputs.shape[1:] != self._input_shape:
            raise ValueError(f"expected uint8 (N, *{self._input_shape}), got {inputs.dtype} {inputs.shape}")

    @property
    def _input_shape(self) -> tuple[int, int, int]:
        size = self.spec.preprocessing.size
        return size, size, 3


class _FeatureNetwork(nn.Module):
    """The layers of a YOLO11 up to the last one wanted, the pooling of those wanted and their projection."""

    def __init__(
        self, model: Any, layers: tuple[int, ...], pooling: Pooling, projections: Projections
    ) -> None:
        super().__init__()
        every: Any = model.fuse(verbose=False).model
        if max(layers) >= len(every):
            raise ModelError(f"The model has {len(every)} layers and cannot answer from layer {max(layers)}.")
        self.layers = every[: max(layers) + 1].to(memory_format=torch.channels_last)
        for module in self.layers.modules():
            if isinstance(module, nn.SiLU):
                module.inplace = (
                    True  # a tenth of the time: what goes in is the convolution's and read by no one else
                )
        last: Any = self.layers[-1]
        if model.task == "classify" and len(self.layers) == len(every):
            # The classifier is a convolution, mean pooling and the linear layer that is left out here.
            last.conv.f = last.f
            self.layers[-1] = last.conv
        self.head = LabelHead(model, max(layers))
        self.wanted_layers = layers
        self.stored_layers = frozenset(layers) | _skip_connections(self.layers) | self.head.input_layers()
        self.pooling = pooling
        self.projections = projections
        self.target = REFERENCE

    def to_target(self, way: ComputeTarget) -> _FeatureNetwork:
        """Move the network to a device and a type of number; pooling and projection stay float32.

        The head stays on the processor: it is a small part of the work.
        """
        self.target = way
        self.layers = self.layers.to(str(way.device), way.dtype)
        if way.device is Device.CPU:
            self.head = self.head.to(way.dtype)
        self.projections = {layer: map_.to(str(way.device)) for layer, map_ in self.projections.items()}
        return self

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Uint8 (N, S, S, 3) to float32 (N, D)."""
        return self.pool_and_join(self.outputs(pixels))

    def run(
        self, batch: npt.NDArray[np.uint8], label: bool
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Uint8 (N, S, S, 3) to embeddings (N, D), and to the scores (N, classes) of labels if they are asked for."""
        pixels = torch.from_numpy(
            np.array(batch, order="C")
        )  # a copy: torch takes no views, no read-only arrays
        with torch.inference_mode():
            outputs = self.outputs(pixels)
            rows: npt.NDArray[np.float32] = self.pool_and_join(outputs).cpu().numpy()
            if not label:
                return rows, np.empty((len(rows), 0), np.float32)
            wanted = self.head.input_layers() | {self.head.first - 1}
            read = {index: outputs[index].cpu() for index in wanted & outputs.keys()}
            scores: npt.NDArray[np.float32] = self.head(read).numpy()
        return rows, scores

    def outputs(self, pixels: torch.Tensor) -> dict[int, torch.Tensor]:
        """Uint8 (N, S, S, 3) to the feature maps of the layers that something reads later."""
        moved = pixels.to(str(self.target.device)).permute(0, 3, 1, 2)
        x = moved.to(self.target.dtype).div_(255)  # laid out in memory as it was: channels last
        outputs: dict[int, torch.Tensor] = {}
        for index, layer in enumerate(self.layers):
            source = layer.f
            if isinstance(source, int):
                x = layer(x if source == -1 else outputs[source])
            else:
                x = layer([x if i == -1 else outputs[i] for i in source])
            if index in self.stored_layers:
                outputs[index] = x
        return outputs

    def pool_and_join(self, outputs: dict[int, torch.Tensor]) -> torch.Tensor:
        """The feature maps of the layers wanted, pooled and joined: float32 (N, D), rows of unit length."""
        return normalize(
            torch.cat(
                [self._layer_embedding(index, outputs[index].float()) for index in self.wanted_layers], dim=1
            )
        )

    def _layer_embedding(self, index: int, features: torch.Tensor) -> torch.Tensor:
        pooled = normalize(_pool(features, self.pooling))
        return normalize(pooled @ self.projections[index]) if index in self.projections else pooled


def _check_task_and_scale(model: Any, entry: ModelSpec, weights: Path) -> None:
    """Raise ModelError when the file holds a model of another task or size than the entry says."""
    found, wanted = (model.task, model.yaml["scale"]), (entry.task, entry.scale)
    if found != wanted:
        raise ModelError(
            f"The model file {weights} is not {entry.title}: it holds a YOLO11{found[1]} for the task "
            f"“{found[0]}” instead of a YOLO11{wanted[1]} for the task “{wanted[0]}”."
        )


def _skip_connections(layers: Iterable[Any]) -> frozenset[int]:
    """The layers whose output a later layer, not the next one, reads."""
    sources = (([layer.f] if isinstance(layer.f, int) else layer.f) for layer in layers)
    return frozenset(itertools.chain.from_iterable(sources)) - {-1}


def _pool(features: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """(N, C, H, W) to (N, C), by regions to (N, 5 C)."""
    if pooling is Pooling.REGIONS:
        return pool_regions(features)
    return features.amax(dim=(2, 3)) if pooling is Pooling.MAX else features.mean(dim=(2, 3))


def resize_picture(picture: Picture, size: tuple[int, int], *, fine: bool = False) -> Picture:
    """An RGB picture, uint8 (H, W, 3), of another size (width, height), without aliases.

    By the triangle filter, or, `fine`, by the bicubic one, which is sharper. Pillow makes pictures larger: PyTorch is
    off by 2 of 255 there, which an embedding sees.
    """
    width, height = size
    if height > picture.shape[0] or width > picture.shape[1]:
        return np.asarray(Image.fromarray(picture).resize(size, RESAMPLING))
    channels_first = torch.from_numpy(picture).permute(2, 0, 1)[None]
    mode = "bicubic" if fine else "bilinear"
    with torch.inference_mode():
        smaller = nn.functional.interpolate(channels_first, (height, width), mode=mode, antialias=True)
    found: Picture = smaller[0].permute(1, 2, 0).contiguous().numpy()
    return found
