"""Load a YOLO11 checkpoint (`.pt`) into Ultralytics' model without executing code from the file.

A `.pt` is a pickle, which can call any function it names. Here every class named must be on an allow-list, and even
these are not instantiated: a placeholder records the object's state. Ultralytics then builds the model from its own
configuration, and only numbers are copied from the file.
"""

from __future__ import annotations

import json
import os
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

import torch
from torch import nn

from photosim.errors import ModelError
from photosim.ml.catalog import SCALES

_CONFIGURATIONS = {
    "classify": ("ClassificationModel", "yolo11-cls.yaml"),
    "detect": ("DetectionModel", "yolo11.yaml"),
    "obb": ("OBBModel", "yolo11-obb.yaml"),
    "pose": ("PoseModel", "yolo11-pose.yaml"),
    "segment": ("SegmentationModel", "yolo11-seg.yaml"),
}
"""By task: Ultralytics' model class and configuration file."""

_MAX_CLASSES = 100_000
"""More than any YOLO11 has; limits the size of the head that an untrusted file can request."""

_MAX_MODULES = 10_000
"""More than any YOLO11 has; ends the traversal of a file whose modules contain each other."""

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
    "ultralytics.nn.tasks": {model_class for model_class, _ in _CONFIGURATIONS.values()},
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

_load_lock = threading.Lock()
"""torch's allow-list is process-wide."""


def configure_ultralytics(config_dir: Path) -> None:
    """Keep Ultralytics offline, silent and out of the home folder; call it before Ultralytics is imported.

    Its settings file goes to `config_dir`; usage events, update checks, package installs and messages are off.
    """
    os.environ |= {
        "YOLO_CONFIG_DIR": str(config_dir),
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "YOLO_VERBOSE": "false",
    }
    settings = config_dir / "Ultralytics" / "settings.json"
    # If the file can't be written, Ultralytics uses a temporary folder and is offline nevertheless.
    with suppress(OSError):
        settings.parent.mkdir(parents=True, exist_ok=True)
        if not settings.exists():
            settings.write_text(json.dumps({"sync": False}), encoding="utf-8")


def load_model(path: Path, config_dir: Path) -> nn.Module:
    """Return Ultralytics' model for the YOLO11 checkpoint at `path`: float32, eval mode, not fused.

    It has Ultralytics' attributes `model` (the layers), `save`, `names`, `yaml`, `task` and `args` (the training
    arguments). `config_dir`: see `configure_ultralytics`. Raises ModelError if the file is not a YOLO11 checkpoint or
    names a class that is not allowed.
    """
    checkpoint = read_checkpoint(path)
    stored = _stored_model(path, checkpoint)
    task, scale = _task(path, stored), _scale(path, stored)
    names = _names(path, stored)
    configure_ultralytics(config_dir)
    model = _build(task, scale, len(names), _keypoints(stored))
    _copy_weights(path, stored, model)
    model.names = names  # type: ignore[assignment]
    model.task = task  # type: ignore[assignment]
    training = checkpoint.get("train_args")
    model.args = dict(training) if isinstance(training, dict) else {}  # type: ignore[assignment]
    return model.eval()


def read_checkpoint(path: Path) -> Any:
    """Unpickle a checkpoint: plain values and tensors as they are, every other object as a StoredObject.

    Raises ModelError with the name of the first class that is not allowed, before anything is unpickled.
    """
    _check_archive(path)
    try:
        names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
        placeholders: list[Any] = [_placeholder(path, name) for name in sorted(names)]
        with _load_lock, torch.serialization.safe_globals(placeholders):
            return torch.load(path, map_location="cpu", weights_only=True)
    except ModelError:
        raise
    except Exception as error:  # damaged bytes can raise anything in torch's unpickler
        raise ModelError(
            f"The model file {path} is damaged or isn't a YOLO11 model; it wasn't opened."
        ) from error


class StoredObject:
    """Placeholder for an object of a checkpoint: the name of its class and its state."""

    name = ""
    state: dict[Any, Any]

    def __new__(cls, *_arguments: Any, **_named: Any) -> StoredObject:
        """Ignore all arguments."""
        stored = object.__new__(cls)
        stored.state = {}
        return stored

    def __setstate__(self, state: Any) -> None:
        self.state = state if isinstance(state, dict) else {}

    def get(self, name: str) -> Any:
        """Return an attribute of the object, or None."""
        return self.state.get(name)

    def mapping(self, name: str) -> dict[Any, Any]:
        """Return an attribute if it is a dictionary, else an empty one."""
        value = self.get(name)
        return dict(value) if isinstance(value, dict) else {}


def _check_archive(path: Path) -> None:
    """Raise ModelError unless the file has PyTorch's layout: a zip archive without compression."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = {PurePosixPath(info.filename).name: info for info in archive.infolist()}
    except FileNotFoundError as error:
        raise ModelError(f"The model file {path} is missing.") from error
    except zipfile.BadZipFile as error:
        raise ModelError(f"The model file {path} is damaged or is not a PyTorch checkpoint.") from error
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read: {error.strerror}.") from error
    if "constants.pkl" in members:
        raise ModelError(f"The model file {path} is a TorchScript export. Use the original .pt file.")
    if "data.pkl" not in members or any(info.compress_type for info in members.values()):
        raise ModelError(f"The model file {path} is not a PyTorch checkpoint.")


def _placeholder(path: Path, name: str) -> tuple[type[StoredObject], str]:
    module, _, class_name = name.rpartition(".")
    if class_name not in _ALLOWED.get(module, ()):
        raise ModelError(
            f"The model file {path} contains “{name}”, which no YOLO11 model needs; it wasn't opened."
        )
    return type(class_name, (StoredObject,), {"name": name}), name


def _stored_model(path: Path, checkpoint: Any) -> StoredObject:
    if isinstance(checkpoint, dict):
        for key in ("ema", "model"):
            if isinstance(model := checkpoint.get(key), StoredObject):
                return model
    raise ModelError(f"The model file {path} contains no YOLO11 model.")


def _task(path: Path, stored: StoredObject) -> str:
    for task, (model_class, _) in _CONFIGURATIONS.items():
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
        and all(isinstance(n, int) and 0 < n < 1000 for n in shape)
    ):
        return shape[0], shape[1]
    return None


def _build(task: str, scale: str, classes: int, keypoints: tuple[int, int] | None) -> nn.Module:
    from ultralytics.nn import tasks  # only after configure_ultralytics
    from ultralytics.utils import ROOT, YAML

    model_class, file = _CONFIGURATIONS[task]
    configuration = YAML.load(ROOT / "cfg" / "models" / "11" / file)
    configuration |= {"scale": scale, "yaml_file": f"yolo11{scale}{file.removeprefix('yolo11')}"}
    if keypoints and "kpt_shape" in configuration:
        configuration["kpt_shape"] = list(keypoints)
    model: nn.Module = getattr(tasks, model_class)(configuration, nc=classes, verbose=False)
    return model


def _copy_weights(path: Path, stored: StoredObject, model: nn.Module) -> None:
    """Copy the numbers of the file into the model built for it. Raises ModelError if their structures differ."""
    mismatch = ModelError(f"The model file {path} doesn't have the structure of a YOLO11 model.")
    modules = dict(model.named_modules(remove_duplicate=False))
    state: dict[str, torch.Tensor] = {}
    for name, part in _stored_modules(path, stored):
        module = modules.get(name)
        if module is None:
            continue
        if type(module).__name__ != type(part).__name__ or part.get("f") != getattr(module, "f", None):
            raise mismatch
        if (
            isinstance(module, nn.BatchNorm2d)
            and isinstance(epsilon := part.get("eps"), float)
            and epsilon > 0
        ):
            module.eps = epsilon
        for tensor_name, tensor in (part.mapping("_parameters") | part.mapping("_buffers")).items():
            if isinstance(tensor, torch.Tensor):
                state[f"{name}.{tensor_name}" if name else tensor_name] = tensor
    try:
        model.load_state_dict(state)
    except (RuntimeError, TypeError) as error:
        raise mismatch from error
    if not all(bool(torch.isfinite(tensor).all()) for tensor in model.state_dict().values()):
        raise ModelError(f"The model file {path} is damaged: some of its weights aren't numbers.")


def _stored_modules(path: Path, stored: StoredObject) -> Iterator[tuple[str, StoredObject]]:
    """Yield the modules of a stored model with their dotted names, the model itself ("") first."""
    pending = [("", stored)]
    for _ in range(_MAX_MODULES):
        if not pending:
            return
        name, module = pending.pop()
        yield name, module
        pending += [
            (f"{name}.{child_name}" if name else str(child_name), child)
            for child_name, child in module.mapping("_modules").items()
            if isinstance(child, StoredObject)
        ]
    raise ModelError(f"The model file {path} has more modules than any YOLO11 model.")
