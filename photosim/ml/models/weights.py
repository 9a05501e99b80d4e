"""Verify the files of a model, and identify a checkpoint file that a user supplies."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from photosim.errors import ModelError
from photosim.ml.model_spec import ModelSpec, Origin
from photosim.ml.models import catalog

PLAUSIBLE_INPUT_SIZES = range(32, 1281)
"""Pixels; a training size outside this range is ignored: the file may say anything."""


def verify(path: Path, spec: ModelSpec) -> None:
    """Raise ModelError unless the files match the catalog by size and SHA-256, where those are known.

    `path` is the weights file; the model's other files lie beside it.
    """
    _verify_file(path, spec, spec.bytes, spec.sha256)
    for companion in spec.companions:
        _verify_file(path.with_name(companion.file), spec, companion.bytes, companion.sha256)


def identify_checkpoint(path: Path, config_dir: Path) -> ModelSpec:
    """Return the spec of the checkpoint at `path`: the catalog's own if the catalog has this file.

    `config_dir`: see `configure_ultralytics`. Raises ModelError if it is not a valid YOLO11 checkpoint.
    """
    from photosim.ml.models.checkpoint import load_model  # imports torch, which `verify` does not need

    model: Any = load_model(path, config_dir)
    try:
        sha256, size = sha256_of(path), path.stat().st_size
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read: {error.strerror}.") from error
    for spec in catalog.CATALOG:
        if spec.sha256 == sha256:
            return spec
    input_size = model.args.get("imgsz")
    if not isinstance(input_size, int) or input_size not in PLAUSIBLE_INPUT_SIZES:
        input_size = None
    return catalog.user_model(
        sha256, size, title=path.stem, task=model.task, scale=model.yaml["scale"], input_size=input_size
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verify_file(path: Path, spec: ModelSpec, expected_size: int | None, expected_sha256: str | None) -> None:
    remedy = _remedy(spec)
    try:
        size = path.stat().st_size
        sha256 = sha256_of(path) if expected_size in {None, size} else None
    except FileNotFoundError as error:
        raise ModelError(f"The model file {path} is missing. {remedy}") from error
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read: {error.strerror}.") from error
    if sha256 is None:
        raise ModelError(
            f"The model file {path} is damaged: it has {size} bytes instead of {expected_size}. {remedy}"
        )
    if expected_sha256 not in {None, sha256}:
        raise ModelError(
            f"The model file {path} is damaged: its checksum is not that of {spec.title}. {remedy}"
        )


def _remedy(spec: ModelSpec) -> str:
    if spec.origin is Origin.BUNDLED:
        return "Reinstall PhotoSim to restore it."
    if spec.origin is Origin.OFFICIAL:
        return f"Download it with “photosim models get {spec.name}”."
    return "Add it again with “photosim models add FILE”."
