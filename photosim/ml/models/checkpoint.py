"""Load a YOLO11 checkpoint (`.pt`) into Ultralytics' model without executing code from the file.

A `.pt` is a pickle, which can call any function it names. Here every class named must be on the allow-list of
`photosim.ml.models.checkpoint_reader`, and even these are not instantiated: a placeholder records the object's state.
Ultralytics' layers are then made from its own configuration without numbers, and the file's numbers take their places.
None is read before the file is known to hold all numbers of the model, so that a small file never costs much memory.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import uuid
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from photosim.errors import ModelError
from photosim.ml.models.archive import TorchArchive, open_archive
from photosim.ml.models.checkpoint_reader import MODEL_CLASSES, StoredModel, read_model
from photosim.ml.stored_objects import StoredObject, StoredTensor
from photosim.paths import make_private_folder, read_json, write_atomic

_CONFIGURATION_FILES = {
    "classify": "yolo11-cls.yaml",
    "detect": "yolo11.yaml",
    "obb": "yolo11-obb.yaml",
    "pose": "yolo11-pose.yaml",
    "segment": "yolo11-seg.yaml",
}
"""Ultralytics' configuration file by task."""

_MAX_CHILDREN = 1000
"""Modules or tensors directly in a module; more than any YOLO11 has."""

_MAX_NAME = 64
"""Characters of the name of a module or tensor."""

_MAX_EPSILON = 1.0
"""Of a batch norm, whose default in YOLO11 is 0.001."""

_STRIDES = (8.0, 16.0, 32.0)
"""Pixels of the input for each cell of the feature maps that the last layer of a detector reads: P3, P4 and P5."""

_FACTORIES = {torch.empty, torch.ones, torch.zeros}

_ANONYMOUS_NODE = 0
"""In the place of the network card's address."""


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
        make_private_folder(settings.parent)
        if not _has_anonymous_settings(settings):
            write_atomic(settings, json.dumps({"sync": False}))
    _import_anonymously()


def _import_anonymously() -> None:
    """Import Ultralytics, whose settings have a hash of the network card's address, with another number for it."""
    get_node = uuid.getnode
    uuid.getnode = lambda: _ANONYMOUS_NODE
    try:
        import ultralytics.utils  # noqa: F401
    finally:
        uuid.getnode = get_node


def _has_anonymous_settings(path: Path) -> bool:
    """Whether Ultralytics' settings exist and have nothing of the network card's address."""
    try:
        settings = read_json(path)
    except (OSError, ValueError):
        return False
    anonymous = hashlib.sha256(str(_ANONYMOUS_NODE).encode()).hexdigest()
    return isinstance(settings, dict) and settings.get("uuid", anonymous) == anonymous


def load_model(path: Path, config_dir: Path) -> nn.Module:
    """Return Ultralytics' model for the YOLO11 checkpoint at `path`: float32, eval mode, not fused.

    It has Ultralytics' attributes `model` (the layers), `save`, `names`, `yaml`, `task` and `args` (the training
    arguments). `config_dir`: see `configure_ultralytics`. Raises ModelError if the file is not a YOLO11 checkpoint or
    names a class that is not allowed.
    """
    with open_archive(path) as archive:
        stored = read_model(path, archive)
        configure_ultralytics(config_dir)
        model = _without_numbers(path, stored.task, _configuration(stored))
        tensors, epsilons = _collect(path, stored.root, model)
        if not _is_complete(archive, tensors):
            raise _mismatch(path)
        _take_weights(path, archive, tensors, model)
    for name, module in model.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eps = epsilons.get(name, module.eps)
    model.names = stored.names  # type: ignore[assignment]
    model.args = stored.training_arguments  # type: ignore[assignment]
    return model.eval()


def _configuration(stored: StoredModel) -> dict[str, Any]:
    """Return Ultralytics' configuration of a model."""
    from ultralytics.utils import ROOT, YAML  # only after configure_ultralytics

    file = _CONFIGURATION_FILES[stored.task]
    configuration: dict[str, Any] = YAML.load(ROOT / "cfg" / "models" / "11" / file)
    configuration |= {
        "scale": stored.scale,
        "nc": len(stored.names),
        "yaml_file": f"yolo11{stored.scale}{file.removeprefix('yolo11')}",
    }
    if stored.keypoints and "kpt_shape" in configuration:
        configuration["kpt_shape"] = list(stored.keypoints)
    return configuration


class _WithoutNumbers(TorchFunctionMode):
    """Create tensors on the device "meta", which has no memory.

    Unlike `torch.device("meta")` it leaves `torch.arange` alone, which would import PyTorch's compiler.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in _FACTORIES and kwargs.get("device") is None:
            kwargs = {**kwargs, "device": "meta"}
        return func(*args, **kwargs)


def _without_numbers(path: Path, task: str, configuration: dict[str, Any]) -> nn.Module:
    """Return Ultralytics' model for a task, whose parameters and buffers have shapes and take no memory.

    Its constructor would fill them with random numbers and run the network, which takes longer than all else here.
    """
    from ultralytics.nn import tasks
    from ultralytics.utils.torch_utils import initialize_weights

    model_class = getattr(tasks, MODEL_CLASSES[task])
    model: nn.Module = model_class.__new__(model_class)
    nn.Module.__init__(model)
    try:
        with _WithoutNumbers():
            layers, save = tasks.parse_model(copy.deepcopy(configuration), ch=3, verbose=False)
    except (RuntimeError, TypeError, ValueError) as error:
        raise _mismatch(path) from error
    strides = torch.tensor(_STRIDES if isinstance(layers[-1], tasks.Detect) else (1.0,))
    if isinstance(layers[-1], tasks.Detect):
        layers[-1].stride, layers[-1].inplace = strides, True
    attributes = {"yaml": configuration, "task": task, "save": save, "inplace": True, "stride": strides}
    for name, value in {"model": layers, **attributes}.items():
        setattr(model, name, value)
    initialize_weights(model)
    return model


def _collect(
    path: Path, stored: StoredObject, model: nn.Module
) -> tuple[dict[str, StoredTensor], dict[str, float]]:
    """Return the tensors of a stored model and the epsilons of its batch norms, by name.

    Raises ModelError unless it has the modules and tensors of `model`.
    """
    modules = dict(model.named_modules(remove_duplicate=False))
    tensors: dict[str, StoredTensor] = {}
    epsilons: dict[str, float] = {}
    pending = [("", stored)]
    while pending:
        name, part = pending.pop()
        module = modules[name]
        prefix = f"{name}." if name else ""
        if name and not _is_same_kind(module, part):
            raise _mismatch(path)
        if isinstance(module, nn.BatchNorm2d) and isinstance(epsilon := part.get("eps"), float):
            if not 0 < epsilon <= _MAX_EPSILON:
                raise _mismatch(path)
            epsilons[name] = epsilon
        for kind in ("_parameters", "_buffers"):
            for tensor_name, tensor in _children(path, part, kind):
                if isinstance(tensor, StoredTensor):
                    tensors[prefix + tensor_name] = tensor
        for child_name, child in _children(path, part, "_modules"):
            if not isinstance(child, StoredObject):
                continue
            if prefix + child_name in modules:
                pending.append((prefix + child_name, child))
            elif name and any(map(child.mapping, ("_modules", "_parameters", "_buffers"))):
                raise _mismatch(path)
    expected = model.state_dict()
    if tensors.keys() != expected.keys() or not all(
        tuple(tensor.shape) == tensors[name].shape
        and tensor.is_floating_point() == tensors[name].dtype.is_floating_point
        for name, tensor in expected.items()
    ):
        raise _mismatch(path)
    return tensors, epsilons


def _is_same_kind(module: nn.Module, part: StoredObject) -> bool:
    return type(module).__name__ == part.name.rpartition(".")[2] and part.get("f") == getattr(
        module, "f", None
    )


def _children(path: Path, part: StoredObject, kind: str) -> list[tuple[str, Any]]:
    """Return the tensors or modules directly in a module, by name. Raises ModelError if there are too many."""
    children = part.mapping(kind)
    if len(children) > _MAX_CHILDREN:
        raise _mismatch(path)
    return [
        (name, child) for name, child in children.items() if isinstance(name, str) and len(name) <= _MAX_NAME
    ]


def _is_complete(archive: TorchArchive, tensors: dict[str, StoredTensor]) -> bool:
    """Whether the file has the numbers of all tensors, each at a place of its own."""
    storages = (tensor.storage for tensor in tensors.values())
    return (
        all(archive.size(storage.key) == storage.bytes for storage in storages)
        and sum(tensor.bytes for tensor in tensors.values()) <= archive.data_bytes
    )


def _take_weights(
    path: Path, archive: TorchArchive, tensors: dict[str, StoredTensor], model: nn.Module
) -> None:
    """Put the numbers of the file into a model without numbers. Raises ModelError if some are not finite."""
    contents: dict[str, bytearray] = {}
    state: dict[str, torch.Tensor] = {}
    for name, expected in model.state_dict().items():
        key = tensors[name].storage.key
        if key not in contents:
            contents[key] = bytearray(archive.storage(key))
        stored = tensors[name].load(contents[key])
        # A copy, since two tensors may lie in one storage.
        state[name] = stored.to(expected.dtype, memory_format=torch.contiguous_format, copy=True)
    variances = [tensor for name, tensor in state.items() if name.endswith("running_var")]
    if not _are_finite(state.values()) or any(bool((variance < 0).any()) for variance in variances):
        raise ModelError(f"The model file {path} is damaged: some of its weights aren't numbers.")
    try:
        model.load_state_dict(state, assign=True)
    except (RuntimeError, TypeError) as error:
        raise _mismatch(path) from error


def _are_finite(tensors: Iterable[torch.Tensor]) -> bool:
    """Check whether all numbers are finite; a sum is not if one of its numbers is not."""
    floats = [tensor for tensor in tensors if tensor.is_floating_point()]
    # A sum of finite numbers may exceed the largest one.
    return bool(torch.stack([tensor.sum() for tensor in floats]).isfinite().all()) or all(
        bool(tensor.isfinite().all()) for tensor in floats
    )


def _mismatch(path: Path) -> ModelError:
    return ModelError(f"The model file {path} doesn't have the structure of a YOLO11 model.")
