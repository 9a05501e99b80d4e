"""Compute embeddings and labels of preprocessed photos: YOLO11's feature maps, pooled to unit vectors."""

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
from photosim.ml.checkpoint import load_model
from photosim.ml.devices import REFERENCE, ComputeTarget, Device, Run
from photosim.ml.efficientnet import SecondEmbedding, read_second_embedding
from photosim.ml.heads import LabelHead, Projections, normalize, pool_regions, read_projections
from photosim.ml.model_spec import ModelSpec, Pooling
from photosim.ml.preprocess import RESAMPLING
from photosim.ml.weights import verify
from photosim.records import Label

BATCH = devices.CPU_BATCH

_log = logging.getLogger(__name__)


class Embedder:
    """A loaded model that computes embeddings and labels. Thread-safe."""

    def __init__(
        self,
        spec: ModelSpec,
        weights: Path,
        config_dir: Path,
        threads: int = 1,
        device: Device = Device.CPU,
        device_cache: Path | None = None,
    ) -> None:
        """Load and verify the weights.

        `config_dir`: see `configure_ultralytics`. `threads` is the number of processor cores that `embed` uses, a
        setting of the whole process. `device_cache` is the cache file of `devices.choose_target`. Raises ModelError if
        the file is not that of the spec or gives embeddings of another length.
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
        second = None
        if spec.second is not None:
            second = read_second_embedding(weights.with_name(spec.second.weights.file))
        self._network = _FeatureNetwork(model, spec, projections, second)
        self._networks: dict[ComputeTarget, _FeatureNetwork] = {REFERENCE: self._network}
        self._target, self._batch = REFERENCE, BATCH
        self._gpu_lock = threading.Lock()
        input_shape = spec.preprocessing.shape
        dimensions = self._run_batch(np.zeros((1, *input_shape), np.uint8), label=False)[0].shape[1]
        if dimensions != spec.dimensions:
            raise ModelError(
                f"The model {spec.title} gives {dimensions} values instead of {spec.dimensions}."
            )
        self._target = devices.choose_target(device, input_shape, self._runner_on, spec.id, device_cache)
        self._runner_on(self._target)
        self._network = self._networks[self._target]
        self._networks = {self._target: self._network}
        self._batch = devices.batch_size(self._target, input_shape)
        _log.info("%s runs on %s", spec.title, self._target)

    def embed(self, inputs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return the embeddings of N photos: uint8 (N, *input shape), RGB, to float32 (N, D) of unit length."""
        return self._run_in_batches(inputs, label=False)[0]

    def embed_and_label(
        self, inputs: npt.NDArray[np.uint8]
    ) -> tuple[npt.NDArray[np.float32], list[tuple[Label, ...]]]:
        """Return the embeddings as `embed` does, and the labels of each photo, best first."""
        rows, scores = self._run_in_batches(inputs, label=True)
        return rows, label_names.select_labels(scores, self.class_names, self.spec.task)

    def resize(self, picture: Picture, size: tuple[int, int], *, fine: bool = False) -> Picture:
        """See `resize_picture`."""
        return resize_picture(picture, size, fine=fine)

    def _run_in_batches(
        self, inputs: npt.NDArray[np.uint8], label: bool
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return embeddings (N, D) and label scores (N, classes), or (N, 0) without `label`."""
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
                _log.warning(
                    "Out of memory on %s: reducing the batch to %s photos", self._target, self._batch
                )
            else:
                start = part.stop
        return rows, scores

    def _runner_on(self, target: ComputeTarget) -> Run:
        """Prepare the network for a target; the copies are kept until one is selected."""
        if target not in self._networks:
            self._networks[target] = copy.deepcopy(self._network).to_target(target)
        network = self._networks[target]
        return lambda batch: network.run(batch, label=False)[0]

    def _run_batch(
        self, batch: npt.NDArray[np.uint8], label: bool
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        if self._target.device is Device.CPU:
            return self._network.run(batch, label)
        # Two batches at once on one GPU need twice the memory and are no faster.
        with self._gpu_lock:
            return self._network.run(batch, label)

    def _check_input(self, inputs: npt.NDArray[np.uint8]) -> None:
        shape = self.spec.preprocessing.shape
        if inputs.dtype != np.uint8 or inputs.shape[1:] != shape:
            raise ValueError(f"expected uint8 (N, *{shape}), got {inputs.dtype} {inputs.shape}")


class _FeatureNetwork(nn.Module):
    """The layers of a YOLO11 up to the last one needed, with pooling and projection, and perhaps a second network."""

    def __init__(
        self, model: Any, spec: ModelSpec, projections: Projections, second: SecondEmbedding | None
    ) -> None:
        super().__init__()
        layers = spec.layers
        all_layers: Any = model.fuse(verbose=False).model
        if max(layers) >= len(all_layers):
            raise ModelError(
                f"The model has {len(all_layers)} layers and cannot answer from layer {max(layers)}."
            )
        self.layers = all_layers[: max(layers) + 1].to(memory_format=torch.channels_last)
        for module in self.layers.modules():
            if isinstance(module, nn.SiLU):
                # Safe, because only the activation reads the convolution's output; saves a tenth of the time.
                module.inplace = True
        last: Any = self.layers[-1]
        if model.task == "classify" and len(self.layers) == len(all_layers):
            # The classifier is a convolution, mean pooling and a linear layer; only the convolution is used.
            last.conv.f = last.f
            self.layers[-1] = last.conv
        self.head = LabelHead(model, max(layers))
        self.wanted_layers = layers
        self.stored_layers = frozenset(layers) | _skip_connections(self.layers) | self.head.input_layers()
        self.pooling = spec.pooling
        self.projections = projections
        self.input_size = spec.preprocessing.size
        self.second = second
        self.second_weight = 0.0 if spec.second is None else spec.second.weight
        self.target = REFERENCE

    def to_target(self, target: ComputeTarget) -> _FeatureNetwork:
        """Move the network to a target; pooling and projection stay float32.

        The label head stays on the processor, as it is a small part of the work.
        """
        self.target = target
        self.layers = self.layers.to(str(target.device), target.dtype)
        if self.second is not None:
            self.second.to_target(str(target.device), target.dtype)
        if target.device is Device.CPU:
            self.head = self.head.to(target.dtype)
        self.projections = {layer: map_.to(str(target.device)) for layer, map_ in self.projections.items()}
        return self

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Compute embeddings: uint8 (N, *input shape) to float32 (N, D)."""
        return self.embedding(pixels, self.outputs(pixels))

    def run(
        self, batch: npt.NDArray[np.uint8], label: bool
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return embeddings (N, D) and, with `label`, label scores (N, classes) of photos uint8 (N, *input shape)."""
        # A copy: torch takes neither arrays with negative strides nor read-only ones.
        pixels = torch.from_numpy(np.array(batch, order="C"))
        with torch.inference_mode():
            outputs = self.outputs(pixels)
            rows: npt.NDArray[np.float32] = self.embedding(pixels, outputs).cpu().numpy()
            if not label:
                return rows, np.empty((len(rows), 0), np.float32)
            wanted = self.head.input_layers() | {self.head.first - 1}
            read = {index: outputs[index].cpu() for index in wanted & outputs.keys()}
            scores: npt.NDArray[np.float32] = self.head(read).numpy()
        return rows, scores

    def outputs(self, pixels: torch.Tensor) -> dict[int, torch.Tensor]:
        """Return the feature maps that are needed later, by layer, of photos uint8 (N, *input shape)."""
        on_device = pixels[:, : self.input_size].to(str(self.target.device)).permute(0, 3, 1, 2)
        x = on_device.to(self.target.dtype).div_(255)  # the memory layout stays channels last
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

    def embedding(self, pixels: torch.Tensor, outputs: dict[int, torch.Tensor]) -> torch.Tensor:
        """Return the embeddings of photos, float32 (N, D) of unit length, with their feature maps given."""
        first = self.pool_and_join(outputs)
        if self.second is None:
            return first
        second = self.second(pixels[:, self.input_size :])
        return normalize(torch.cat([first, self.second_weight * second], dim=1))

    def pool_and_join(self, outputs: dict[int, torch.Tensor]) -> torch.Tensor:
        """Pool and concatenate the feature maps: float32 (N, D) of unit length."""
        return normalize(
            torch.cat(
                [self._layer_embedding(index, outputs[index].float()) for index in self.wanted_layers], dim=1
            )
        )

    def _layer_embedding(self, index: int, features: torch.Tensor) -> torch.Tensor:
        pooled = normalize(_pool(features, self.pooling))
        return normalize(pooled @ self.projections[index]) if index in self.projections else pooled


def _check_task_and_scale(model: Any, spec: ModelSpec, weights: Path) -> None:
    """Raise ModelError unless the file holds a model of the spec's task and size."""
    task, scale = model.task, model.yaml["scale"]
    if (task, scale) != (spec.task, spec.scale):
        raise ModelError(
            f"The model file {weights} isn't {spec.title}: it contains a YOLO11{scale} for the task “{task}” "
            f"instead of a YOLO11{spec.scale} for the task “{spec.task}”."
        )


def _skip_connections(layers: Iterable[Any]) -> frozenset[int]:
    """Return the layers whose output is read by a layer other than the next one."""
    sources = (([layer.f] if isinstance(layer.f, int) else layer.f) for layer in layers)
    return frozenset(itertools.chain.from_iterable(sources)) - {-1}


def _pool(features: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """Pool (N, C, H, W) to (N, C), or by regions to (N, 5 C)."""
    if pooling is Pooling.REGIONS:
        return pool_regions(features)
    return features.amax(dim=(2, 3)) if pooling is Pooling.MAX else features.mean(dim=(2, 3))


def resize_picture(picture: Picture, size: tuple[int, int], *, fine: bool = False) -> Picture:
    """Resize an RGB picture, uint8 (H, W, 3), to (width, height) without aliasing.

    Uses a triangle filter, or with `fine` the sharper bicubic one. PyTorch takes a quarter of Pillow's time and gives
    the same to within 1 of 255. Pillow enlarges: there PyTorch is off by 2 of 255, enough to change an embedding.
    """
    width, height = size
    if height > picture.shape[0] or width > picture.shape[1]:
        return np.asarray(Image.fromarray(picture).resize(size, RESAMPLING))
    channels_first = torch.from_numpy(picture).permute(2, 0, 1)[None]
    mode = "bicubic" if fine else "bilinear"
    with torch.inference_mode():
        smaller = nn.functional.interpolate(channels_first, (height, width), mode=mode, antialias=True)
    resized: Picture = smaller[0].permute(1, 2, 0).contiguous().numpy()
    return resized
