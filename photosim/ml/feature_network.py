"""The layers of a YOLO11 that an embedding, labels and boxes need, run on batches of photos."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from photosim.errors import ModelError
from photosim.ml.devices import REFERENCE, ComputeTarget, Device, convert
from photosim.ml.efficientnet import SecondEmbedding
from photosim.ml.explain import SplitCosine
from photosim.ml.heads import LabelHead, Projections, normalize, pool_regions
from photosim.ml.model_spec import ModelSpec, Pooling
from photosim.ml.objects import BoxHead, Candidates

Floats = npt.NDArray[np.float32]


class Detections(NamedTuple):
    """Where objects may be in the photos of a batch, and what they are embedded from."""

    candidates: Candidates
    maps: dict[int, torch.Tensor]
    """By layer: (N, C, H, W)."""


class FeatureNetwork(nn.Module):
    """The layers of a YOLO11 up to the last one needed, with pooling and projection, and perhaps a second network."""

    def __init__(
        self,
        model: Any,
        spec: ModelSpec,
        projections: Projections,
        second: SecondEmbedding | None,
        object_layers: frozenset[int] = frozenset(),
    ) -> None:
        """`object_layers` are those whose outputs objects are embedded from."""
        super().__init__()
        layers = spec.layers
        all_layers: Any = model.fuse(verbose=False).model
        if max(layers) >= len(all_layers):
            raise ModelError(
                f"The model has {len(all_layers)} layers and cannot answer from layer {max(layers)}."
            )
        convert(all_layers, REFERENCE)
        self.layers = all_layers[: max(layers) + 1]
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
        self.boxes = BoxHead(model) if spec.finds_objects else None
        self.wanted_layers = layers
        self.stored_layers = frozenset(layers) | _skip_connections(self.layers) | self.head.input_layers()
        self.object_layers = object_layers
        self.stored_layers |= object_layers & frozenset(range(len(self.layers)))
        self.pooling = spec.pooling
        self.projections = projections
        self.input_size = spec.preprocessing.size
        self.second = second
        self.second_weight = 0.0 if spec.second is None else spec.second.weight
        self.target = REFERENCE

    def to_target(self, target: ComputeTarget) -> FeatureNetwork:
        """Move the network to a target; pooling and projection stay float32.

        The label head stays on the processor, as it is a small part of the work.
        """
        self.target = target
        convert(self.layers, target)
        if self.second is not None:
            self.second.to_target(target)
        if target.device is Device.CPU:
            convert(self.head, target)
            if self.boxes is not None:
                convert(self.boxes, target)
        self.projections = {layer: map_.to(str(target.device)) for layer, map_ in self.projections.items()}
        return self

    def projected_dimensions(self) -> int | None:
        """Return the length of the embeddings, None if only a run of the network tells it."""
        if not all(layer in self.projections for layer in self.wanted_layers):
            return None
        first = sum(self.projections[layer].shape[1] for layer in self.wanted_layers)
        return first + (0 if self.second is None else self.second.projection.shape[1])

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Compute embeddings: uint8 (N, *input shape) to float32 (N, D)."""
        return self.embedding(pixels, self.outputs(pixels[:, : self.input_size]))

    def run(
        self, batch: npt.NDArray[np.uint8], label: bool
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return embeddings (N, D) and, with `label`, label scores (N, classes) of photos uint8 (N, *input shape)."""
        # A copy: torch takes neither arrays with negative strides nor read-only ones.
        pixels = torch.from_numpy(np.array(batch, order="C"))
        with torch.inference_mode():
            outputs = self.outputs(pixels[:, : self.input_size])
            rows: npt.NDArray[np.float32] = self.embedding(pixels, outputs).cpu().numpy()
            if not label:
                return rows, np.empty((len(rows), 0), np.float32)
            wanted = self.head.input_layers() | {self.head.first - 1}
            read = {index: outputs[index].cpu() for index in wanted & outputs.keys()}
            scores: npt.NDArray[np.float32] = self.head(read).numpy()
        return rows, scores

    def run_with_boxes(self, batch: npt.NDArray[np.uint8]) -> tuple[Floats, Floats, Detections]:
        """Return embeddings (N, D), label scores (N, classes) and detections of photos uint8 (N, *input shape)."""
        pixels = torch.from_numpy(np.array(batch, order="C"))
        with torch.inference_mode():
            outputs = self.outputs(pixels[:, : self.input_size])
            rows: Floats = self.embedding(pixels, outputs).cpu().numpy()
            detections, class_maps = self._detections(outputs)
            scores: Floats = self.head.best_scores(class_maps).numpy()
            return rows, scores, detections

    def outputs(self, pixels: torch.Tensor) -> dict[int, torch.Tensor]:
        """Return the feature maps that are needed later, by layer, of photos uint8 (N, H, W, 3)."""
        on_device = pixels.to(str(self.target.device)).permute(0, 3, 1, 2)
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
        return self._join(first, self.second(pixels[:, self.input_size :]))

    def split_cosine(self, pixels: torch.Tensor) -> SplitCosine:
        """Split the cosine of two photos, uint8 (2, *input shape); see `SplitCosine`."""
        with torch.no_grad():
            outputs = self.outputs(pixels[:, : self.input_size])
            maps = [outputs[index].float() for index in self.wanted_layers]
            if self.second is not None:
                maps.append(self.second.feature_maps(pixels[:, self.input_size :]))
        for features in maps:
            features.requires_grad_()
        with torch.enable_grad():
            outputs = dict(zip(self.wanted_layers, maps, strict=False))
            rows = self.pool_and_join(outputs)
            if self.second is not None:
                rows = self._join(rows, self.second.project(maps[-1].mean(dim=(2, 3))))
            # Either photo's features are compared with the other's finished embedding.
            cosines = (rows * rows.detach().flip(0)).sum(dim=1)
            gradients = torch.autograd.grad(cosines.sum(), maps)
        parts = [
            (features.detach() * gradient).sum(dim=1)
            for features, gradient in zip(maps, gradients, strict=True)
        ]
        count = len(self.wanted_layers)
        whole, crop = ([part.cpu().numpy() for part in some] for some in (parts[:count], parts[count:]))
        return SplitCosine(float(cosines[0].detach()), whole, crop)

    def detect(self, pixels: torch.Tensor) -> Candidates:
        """Return where objects may be in squares, uint8 (N, S, S, 3)."""
        with torch.inference_mode():
            return self._detections(self.outputs(pixels))[0].candidates

    def feature_maps(self, pixels: torch.Tensor) -> dict[int, torch.Tensor]:
        """Return what an object is embedded from, by layer (N, C, H, W), of squares, uint8 (N, S, S, 3)."""
        with torch.inference_mode():
            return self._object_maps(self._all_outputs(self.outputs(pixels)))

    def _detections(self, outputs: dict[int, torch.Tensor]) -> tuple[Detections, list[torch.Tensor]]:
        """Return the detections of a batch from the layers' outputs, and the class scores at all cells."""
        assert self.boxes is not None
        outputs = self._all_outputs(outputs)
        inputs = self.head.inputs(outputs)
        class_maps = self.head.class_maps(inputs)
        return Detections(self.boxes(inputs, class_maps), self._object_maps(outputs)), class_maps

    def _all_outputs(self, outputs: dict[int, torch.Tensor]) -> dict[int, torch.Tensor]:
        return self.head.with_layers_between({index: output.cpu() for index, output in outputs.items()})

    def _object_maps(self, outputs: dict[int, torch.Tensor]) -> dict[int, torch.Tensor]:
        return {layer: outputs[layer] for layer in self.object_layers}

    def _join(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
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


def _skip_connections(layers: Iterable[Any]) -> frozenset[int]:
    """Return the layers whose output is read by a layer other than the next one."""
    sources = (([layer.f] if isinstance(layer.f, int) else layer.f) for layer in layers)
    return frozenset(itertools.chain.from_iterable(sources)) - {-1}


def _pool(features: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """Pool (N, C, H, W) to (N, C), or by regions to (N, 5 C)."""
    if pooling is Pooling.REGIONS:
        return pool_regions(features)
    return features.amax(dim=(2, 3)) if pooling is Pooling.MAX else features.mean(dim=(2, 3))
