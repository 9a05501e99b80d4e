"""The catalogue of YOLO11 models: how each one makes an embedding, and what its weights must hash to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from photosim.errors import ModelError

_CHUNK = 1 << 20
"""Bytes read at a time while hashing."""


class Fit(StrEnum):
    """How a photo of any shape becomes a square."""

    LETTERBOX = "letterbox"
    """The whole photo, scaled to the longer side, centred on a plain ground."""


class Pooling(StrEnum):
    """How a layer's feature map becomes one vector."""

    MAX = "max"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a photo becomes the model's input: a square of `size` pixels, `fill` (0..255, grey) where no photo is."""

    size: int
    fit: Fit = Fit.LETTERBOX
    fill: int = 114


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One way to make embeddings: a file of weights and all that decides the vectors that come out of it.

    `id` is stored with every embedding: entries that give different vectors must have different ids.
    `file` lies in the folder of models; `sha256` (hex) and `bytes` say which file it must be.
    `task` is Ultralytics' name of what the model was trained for ("detect").
    The outputs of `layers` (indices into Ultralytics' YOLO11, ascending) are pooled, made unit length,
    concatenated to `dimensions` values and made unit length again.
    """

    id: str
    title: str
    file: str
    sha256: str
    bytes: int
    task: str
    layers: tuple[int, ...]
    pooling: Pooling
    preprocessing: Preprocessing
    dimensions: int


DEFAULT = ModelEntry(
    id="yolo11n-coco-6-8-9-max-224",
    title="YOLO11n (COCO)",
    file="yolo11n-coco.pt",
    sha256="e12cc9353c0ae2910a00a770c6902ba93550ffd4d8854f08fe043e840f585348",
    bytes=5_664_339,
    task="detect",
    layers=(6, 8, 9),
    pooling=Pooling.MAX,
    preprocessing=Preprocessing(size=224),
    dimensions=640,
)
"""The model in the box, which lies among the program's resources."""

CATALOGUE: tuple[ModelEntry, ...] = (DEFAULT,)
"""All models that PhotoSim knows, the default first."""


def find(model_id: str) -> ModelEntry:
    """The entry of the catalogue with this id; ModelError when there is none."""
    for entry in CATALOGUE:
        if entry.id == model_id:
            return entry
    known = ", ".join(entry.id for entry in CATALOGUE)
    raise ModelError(f"There is no model “{model_id}”. Known models: {known}.")


def weights_path(entry: ModelEntry, folder: Path) -> Path:
    """Where the weights of `entry` lie in the `folder` of models; the file need not be there."""
    return folder / entry.file


def verify(path: Path, entry: ModelEntry) -> None:
    """Raise ModelError unless the file is the one the catalogue names, by size and SHA-256."""
    try:
        size = path.stat().st_size
        found = _sha256(path) if size == entry.bytes else None
    except FileNotFoundError as error:
        raise ModelError(
            f"The model file {path} is missing. Install PhotoSim again to get it back."
        ) from error
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read: {error.strerror}.") from error
    if found is None:
        raise ModelError(
            f"The model file {path} is damaged: it has {size} bytes instead of {entry.bytes}. "
            "Install PhotoSim again to get it back."
        )
    if found != entry.sha256:
        raise ModelError(
            f"The model file {path} is damaged: its checksum is not that of {entry.title}. "
            "Install PhotoSim again to get it back."
        )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
