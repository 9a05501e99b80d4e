"""Read what a YOLO11 checkpoint says of its model, with an allow-list of the classes that it may name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photosim.errors import ModelError
from photosim.ml.models.archive import TorchArchive
from photosim.ml.models.catalog import SCALES
from photosim.ml.models.pickle_reader import read_pickle
from photosim.ml.stored_objects import ForbiddenNameError, PickleError, StoredObject

MODEL_CLASSES = {
    "classify": "ClassificationModel",
    "detect": "DetectionModel",
    "obb": "OBBModel",
    "pose": "PoseModel",
    "segment": "SegmentationModel",
}
"""Ultralytics' model class by task."""

_MAX_CLASSES = 100_000
"""More than any YOLO11 has."""

_MAX_KEYPOINTS = 1000

_ALLOWED = {
    "torch.nn.modules.activation": {"SiLU", "ReLU", "LeakyReLU", "Hardswish", "GELU", "Sigmoid"},
    "torch.nn.modules.batchnorm": {"BatchNorm2d"},
    "torch.nn.modules.container": {"ModuleList", "Sequential"},
    "torch.nn.modules.conv": {"Conv2d", "ConvTranspose2d"},
    "torch.nn.modules.dropout": {"Dropout"},
    "torch.nn.modules.linear": {"Identity", "Linear"},
    "torch.nn.modules.loss": {"BCEWithLogitsLoss", "CrossEntropyLoss"},
    "torch.nn.modules.pooling": {"AdaptiveAvgPool2d", "MaxPool2d"},
    "torch.nn.modules.upsampling": {"Upsample"},
    "ultralytics.nn.modules.block": {
        "Attention",
        "Bottleneck",
        "C2PSA",
        "C2f",
        "C3",
        "C3k",
        "C3k2",
        "DFL",
        "PSABlock",
        "Proto",
        "SPPF",
    },
    "ultralytics.nn.modules.conv": {"Concat", "Conv", "DWConv"},
    "ultralytics.nn.modules.head": {"Classify", "Detect", "OBB", "Pose", "Segment"},
    "ultralytics.nn.tasks": {*MODEL_CLASSES.values()},
    "ultralytics.utils": {"IterableSimpleNamespace"},
    "ultralytics.utils.loss": {
        "BboxLoss",
        "DFLoss",
        "KeypointLoss",
        "RotatedBboxLoss",
        "v8ClassificationLoss",
        "v8DetectionLoss",
        "v8OBBLoss",
        "v8PoseLoss",
        "v8SegmentationLoss",
    },
    "ultralytics.utils.tal": {"RotatedTaskAlignedAssigner", "TaskAlignedAssigner"},
    "pathlib": {"PosixPath", "WindowsPath"},
    "pathlib._local": {"PosixPath", "WindowsPath"},
    "torchvision.transforms.functional": {"InterpolationMode"},
    "torchvision.transforms.transforms": {"CenterCrop", "Compose", "Normalize", "Resize", "ToTensor"},
}
"""The classes that YOLO11 checkpoints may name, by module, in addition to torch's own tensor types."""


@dataclass(frozen=True, slots=True)
class StoredModel:
    """The model of a checkpoint."""

    root: StoredObject
    task: str
    scale: str
    names: dict[int, str]
    """Of the classes."""
    keypoints: tuple[int, int] | None
    """Of a pose model: their number, and the values of each."""
    training_arguments: dict[str, Any]


def read_model(path: Path, archive: TorchArchive) -> StoredModel:
    """Read the model of a checkpoint. Raises ModelError if it is not a YOLO11 model or names a class that is not allowed."""
    checkpoint = read_checkpoint(path, archive)
    root = _root(path, checkpoint)
    training = checkpoint.get("train_args")
    return StoredModel(
        root,
        task=_task(path, root),
        scale=_scale(path, root),
        names=_names(path, root),
        keypoints=_keypoints(root),
        training_arguments=dict(training) if isinstance(training, dict) else {},
    )


def read_checkpoint(path: Path, archive: TorchArchive) -> Any:
    """Read a checkpoint: plain values as they are, tensors as StoredTensor, every other object as a StoredObject.

    `path` is that of the archive. Raises ModelError with the name of the first class that is not allowed.
    """
    try:
        return read_pickle(archive.pickle(), _is_allowed)
    except ForbiddenNameError as error:
        raise ModelError(
            f"The model file {path} contains “{str(error)[:200]}”, which no YOLO11 model needs; it wasn't opened."
        ) from error
    except PickleError as error:
        raise ModelError(
            f"The model file {path} is damaged or isn't a YOLO11 model; it wasn't opened."
        ) from error


def _is_allowed(name: str) -> bool:
    module, _, class_name = name.rpartition(".")
    return class_name in _ALLOWED.get(module, ())


def _root(path: Path, checkpoint: Any) -> StoredObject:
    if isinstance(checkpoint, dict):
        for key in ("ema", "model"):
            if isinstance(model := checkpoint.get(key), StoredObject):
                return model
    raise ModelError(f"The model file {path} contains no YOLO11 model.")


def _task(path: Path, stored: StoredObject) -> str:
    for task, model_class in MODEL_CLASSES.items():
        if stored.name == f"ultralytics.nn.tasks.{model_class}":
            return task
    raise ModelError(f"The model file {path} contains no YOLO11 model.")


def _scale(path: Path, stored: StoredObject) -> str:
    scale = stored.mapping("yaml").get("scale")
    if not isinstance(scale, str) or scale not in SCALES:
        raise ModelError(f"The model file {path} doesn't state its YOLO11 size.")
    return scale


def _names(path: Path, stored: StoredObject) -> dict[int, str]:
    names = stored.get("names")
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or not 0 < len(names) <= _MAX_CLASSES:
        raise ModelError(f"The model file {path} doesn't name its classes.")
    return {
        index: name if isinstance(name := names.get(index), str) else str(index)
        for index in range(len(names))
    }


def _keypoints(stored: StoredObject) -> tuple[int, int] | None:
    shape = stored.mapping("yaml").get("kpt_shape")
    if (
        isinstance(shape, list | tuple)
        and len(shape) == 2
        and all(isinstance(n, int) and 0 < n < _MAX_KEYPOINTS for n in shape)
    ):
        return shape[0], shape[1]
    return None
