"""Compute embeddings and labels of preprocessed photos: YOLO11's feature maps, pooled to unit vectors."""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
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
from photosim.ml.devices import REFERENCE, ComputeTarget, Device, Run
from photosim.ml.efficientnet import read_second_embedding
from photosim.ml.explain import SplitCosine
from photosim.ml.feature_network import Detections, FeatureNetwork
from photosim.ml.heads import Projections, read_projections
from photosim.ml.model_spec import DETECTION_SIZE, ModelSpec
from photosim.ml.models.checkpoint import load_model
from photosim.ml.models.weights import verify
from photosim.ml.object_features import (
    Box,
    ObjectProjection,
    crop_around,
    embed_boxes,
    read_object_projection,
)
from photosim.ml.objects import letterbox, select_objects
from photosim.ml.preprocess import RESAMPLING
from photosim.records import EmbeddedObject, Label, PhotoObject
from photosim.search.query import Region

BATCH = devices.CPU_BATCH

Floats = npt.NDArray[np.float32]

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
        self._objects: ObjectProjection | None = None
        if spec.object_projection is not None:
            self._objects = read_object_projection(weights.with_name(spec.object_projection.file))
        layers = frozenset(() if self._objects is None else self._objects.matrices)
        self._network = FeatureNetwork(model, spec, projections, second, layers)
        self._networks: dict[ComputeTarget, FeatureNetwork] = {REFERENCE: self._network}
        self._target, self._batch = REFERENCE, BATCH
        self._gpu_lock = threading.Lock()
        input_shape = spec.preprocessing.shape
        dimensions = self._network.projected_dimensions()
        if dimensions is None:
            dimensions = self._network.run(np.zeros((1, *input_shape), np.uint8), label=False)[0].shape[1]
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

    def detect(self, picture: Picture, *, with_unnamed: bool = False) -> tuple[PhotoObject, ...]:
        """Return the objects in an upright RGB photo, uint8 (H, W, 3), best first; none if the model is no detector."""
        if self._network.boxes is None:
            return ()
        square = torch.from_numpy(letterbox(picture, DETECTION_SIZE, self.resize))
        with self._device_lock():
            candidates = self._network.detect(square[None])
        found = select_objects(candidates, self.class_names, [_size(picture)], DETECTION_SIZE)[0]
        return found if with_unnamed else tuple(one for one in found if one.label)

    def embed_label_and_detect(
        self, inputs: npt.NDArray[np.uint8], sizes: Sequence[tuple[int, int]]
    ) -> tuple[npt.NDArray[np.float32], list[tuple[Label, ...]], list[tuple[EmbeddedObject, ...]]]:
        """Return what `embed_and_label` does, and the objects of each photo, best first.

        `sizes` are the widths and heights of the upright photos. Objects that are not certain have no label. A model with `object_dimensions` 0 finds none.
        """
        if self._objects is None:
            return *self.embed_and_label(inputs), [()] * len(inputs)
        self._check_input(inputs)
        rows = np.empty((len(inputs), self.spec.dimensions), np.float32)
        scores = np.empty((len(inputs), len(self.class_names)), np.float32)
        projection, objects = self._objects, list[tuple[EmbeddedObject, ...]]()

        def run(part: slice) -> None:
            rows[part], scores[part], detections = self._network.run_with_boxes(inputs[part])
            objects.extend(
                self._embed_objects(detections, sizes[part], self.spec.preprocessing.size, projection)
            )

        self._in_batches(len(inputs), run)
        return rows, label_names.select_labels(scores, self.class_names, self.spec.task), objects

    def look_closer(self, picture: Picture) -> tuple[EmbeddedObject, ...]:
        """Return the objects in an upright RGB photo, uint8 (H, W, 3), best first, small ones too.

        The photo should have DETECTION_SIZE pixels on its longer side, or more. A model with `object_dimensions` 0 finds
        none.
        """
        if self._objects is None:
            return ()
        found = self.detect(picture, with_unnamed=True)
        rows = self._embed_crops(picture, [one.box for one in found], self._objects).astype(np.float16)
        return tuple(EmbeddedObject(one, row) for one, row in zip(found, rows, strict=True))

    def embed_region(self, picture: Picture, region: Region) -> npt.NDArray[np.float32]:
        """Return the embedding (D,), float32 of unit length, of a region of an upright RGB photo, uint8 (H, W, 3).

        It is to be compared with those of objects. Raises ModelError if the model finds no objects.
        """
        if self._objects is None:
            raise ModelError(f"The model {self.spec.title} does not find objects.")
        box = (region.x, region.y, region.width, region.height)
        vector: npt.NDArray[np.float32] = self._embed_crops(picture, [box], self._objects)[0]
        return vector

    def explain(self, inputs: npt.NDArray[np.uint8]) -> SplitCosine:
        """Split the cosine of two photos, uint8 (2, *input shape), over the cells of their feature maps."""
        self._check_input(inputs)
        pixels = torch.from_numpy(np.array(inputs, order="C"))
        with self._device_lock():
            return self._network.split_cosine(pixels)

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

        def run(part: slice) -> None:
            rows[part], scores[part] = self._network.run(inputs[part], label)

        self._in_batches(len(inputs), run)
        return rows, scores

    def _in_batches(self, count: int, run: Callable[[slice], None]) -> None:
        """Call `run` for all of `count` photos, with fewer at a time when memory runs out."""
        start = 0
        while start < count:
            part = slice(start, start + self._batch)
            try:
                with self._device_lock():
                    run(part)
            except torch.OutOfMemoryError:
                if self._batch == 1:
                    raise
                self._batch = max(min(self._batch, count) // 2, 1)
                _log.warning(
                    "Out of memory on %s: reducing the batch to %s photos", self._target, self._batch
                )
            else:
                start = part.stop

    def _runner_on(self, target: ComputeTarget) -> Run:
        """Prepare the network for a target; the copies are kept until one is selected."""
        if target not in self._networks:
            self._networks[target] = copy.deepcopy(self._network).to_target(target)
        network = self._networks[target]
        return lambda batch: network.run(batch, label=False)[0]

    def _embed_crops(self, picture: Picture, boxes: Sequence[Box], projection: ObjectProjection) -> Floats:
        """Return the embeddings (K, D) of boxes in a picture, each from a crop around it."""
        size = self.spec.preprocessing.size
        crops = [crop_around(picture, box) for box in boxes]
        rows = np.empty((len(crops), self.spec.object_dimensions), np.float32)

        def run(part: slice) -> None:
            some = crops[part]
            squares = np.stack([letterbox(crop, size, self.resize) for crop, _ in some])
            maps = self._network.feature_maps(torch.from_numpy(squares))
            places, sizes = [place for _, place in some], [_size(crop) for crop, _ in some]
            rows[part] = embed_boxes(maps, range(len(some)), places, sizes, size, projection).numpy()

        self._in_batches(len(crops), run)
        return rows

    def _embed_objects(
        self,
        detections: Detections,
        sizes: Sequence[tuple[int, int]],
        square: int,
        projection: ObjectProjection,
    ) -> list[tuple[EmbeddedObject, ...]]:
        """Return the objects of photos with these widths and heights, letterboxed to `square` pixels."""
        found = select_objects(detections.candidates, self.class_names, sizes, square)
        photos = [row for row, objects in enumerate(found) for _ in objects]
        if not photos:
            return [()] * len(sizes)
        boxes = [one.box for objects in found for one in objects]
        rows = embed_boxes(detections.maps, photos, boxes, [sizes[row] for row in photos], square, projection)
        vectors = iter(rows.numpy().astype(np.float16))
        return [tuple(EmbeddedObject(one, next(vectors)) for one in objects) for objects in found]

    def _device_lock(self) -> AbstractContextManager[object]:
        """Two batches at once on one GPU need twice the memory and are no faster."""
        return nullcontext() if self._target.device is Device.CPU else self._gpu_lock

    def _check_input(self, inputs: npt.NDArray[np.uint8]) -> None:
        shape = self.spec.preprocessing.shape
        if inputs.dtype != np.uint8 or inputs.shape[1:] != shape:
            raise ValueError(f"expected uint8 (N, *{shape}), got {inputs.dtype} {inputs.shape}")


def _size(picture: Picture) -> tuple[int, int]:
    """Return the width and height of a picture."""
    height, width = picture.shape[:2]
    return width, height


def _check_task_and_scale(model: Any, spec: ModelSpec, weights: Path) -> None:
    """Raise ModelError unless the file holds a model of the spec's task and size."""
    task, scale = model.task, model.yaml["scale"]
    if (task, scale) != (spec.task, spec.scale):
        raise ModelError(
            f"The model file {weights} isn't {spec.title}: it contains a YOLO11{scale} for the task “{task}” "
            f"instead of a YOLO11{spec.scale} for the task “{spec.task}”."
        )


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
