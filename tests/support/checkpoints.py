"""YOLO11 checkpoints with random weights, made by Ultralytics' own classes, and hostile ones."""

from __future__ import annotations

import enum
import sys
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from photosim.ml.models import checkpoint_reader
from photosim.ml.models.archive import open_archive
from photosim.ml.models.checkpoint import configure_ultralytics

TASKS = (
    ("ClassificationModel", "yolo11-cls.yaml", "classify"),
    ("DetectionModel", "yolo11.yaml", "detect"),
    ("SegmentationModel", "yolo11-seg.yaml", "segment"),
    ("PoseModel", "yolo11-pose.yaml", "pose"),
    ("OBBModel", "yolo11-obb.yaml", "obb"),
)
"""Each kind of model: Ultralytics' class, the file that describes it, and its task."""


def make_model(
    config: Path, kind: str = "ClassificationModel", file: str = "yolo11-cls.yaml", **changes: Any
) -> Any:
    """A small YOLO11 with random weights, made by Ultralytics."""
    configure_ultralytics(config)
    from ultralytics.nn import tasks
    from ultralytics.utils import ROOT, YAML

    settings = YAML.load(ROOT / "cfg/models/11" / file) | {"scale": "n", "nc": 3} | changes
    torch.manual_seed(0)
    model = getattr(tasks, kind)(settings, verbose=False)
    model.names = {0: "cat", 1: "dog", 2: "bird"}
    return model.half().eval()


def save_checkpoint(path: Path, model: Any, **more: Any) -> Path:
    torch.save({"epoch": -1, "model": model, "ema": None, "train_args": {}} | more, path)
    return path


class PickledCall:
    """An object whose pickle calls a function when it is loaded."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def torchvision_transforms(patch: pytest.MonkeyPatch) -> Any:
    """What Ultralytics pickles of torchvision, from classes that only bear the names."""
    functional = types.ModuleType("torchvision.transforms.functional")
    transforms = types.ModuleType("torchvision.transforms.transforms")
    mode = enum.Enum("InterpolationMode", {"BILINEAR": "bilinear"}, module=functional.__name__)
    functional.InterpolationMode = mode  # type: ignore[attr-defined]
    steps = {
        name: type(name, (), {"__module__": transforms.__name__})
        for name in ("Compose", "Resize", "ToTensor")
    }
    vars(transforms).update(steps)
    for module in (
        types.ModuleType("torchvision"),
        types.ModuleType("torchvision.transforms"),
        functional,
        transforms,
    ):
        patch.setitem(sys.modules, module.__name__, module)
    resize, compose = steps["Resize"](), steps["Compose"]()
    vars(resize).update(size=224, interpolation=mode.BILINEAR)  # type: ignore[attr-defined]
    vars(compose).update(transforms=[resize, steps["ToTensor"]()])
    return compose


def save_official_checkpoint(path: Path, model: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Save a classification model as Ultralytics' own are: with torchvision's objects, by their names, in it."""
    with monkeypatch.context() as patch:
        model.transforms = torchvision_transforms(patch)
        return save_checkpoint(path, model)


def write_archive(
    path: Path, data: bytes = b"\x80\x02}.", storages: dict[str, bytes] | None = None, folder: str = "model"
) -> Path:
    """Write an archive laid out as torch.save's: a pickle, and storages by their key."""
    with zipfile.ZipFile(path, "w") as target:
        target.writestr(f"{folder}/data.pkl", data)
        target.writestr(f"{folder}/byteorder", b"little")
        target.writestr(f"{folder}/version", b"3\n")
        for key, content in (storages or {}).items():
            target.writestr(f"{folder}/data/{key}", content)
    return path


def read_checkpoint(path: Path) -> Any:
    """Read a checkpoint file as `checkpoint_reader.read_checkpoint` does."""
    with open_archive(path) as archive:
        return checkpoint_reader.read_checkpoint(path, archive)
