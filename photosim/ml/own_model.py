"""A YOLO11 file of the person's own to the entry that tells how it makes embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from photosim.errors import ModelError
from photosim.ml import catalog, weights
from photosim.ml.checkpoint import load_model

_SIDES = range(32, 1281)
"""Pixels: the sides of an input that are believed when a file says that it was trained on them."""


def describe(path: Path, config_dir: Path) -> catalog.ModelSpec:
    """The entry of the checkpoint at `path`: the catalogue's, when it is a file that the catalogue knows.

    The file is opened as `load_model` opens it, which says what `config_dir` is. Raises ModelError when it is no
    YOLO11 checkpoint or holds anything else.
    """
    model: Any = load_model(path, config_dir)
    try:
        sha256, size = weights.sha256_of(path), path.stat().st_size
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read: {error.strerror}.") from error
    for entry in catalog.CATALOGUE:
        if entry.sha256 == sha256:
            return entry
    side = model.args.get("imgsz")
    believed = side if isinstance(side, int) and side in _SIDES else None
    return catalog.user_model(
        sha256, size, title=path.stem, task=model.task, scale=model.yaml["scale"], side=believed
    )
