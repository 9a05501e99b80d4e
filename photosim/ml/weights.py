"""Whether the files of a model are those that the catalogue names."""

from __future__ import annotations

import hashlib
from pathlib import Path

from photosim.errors import ModelError
from photosim.ml.catalog import ModelSpec, Origin


def verify(path: Path, entry: ModelSpec) -> None:
    """Raise ModelError unless the files are those that the catalogue names, by size and SHA-256 where known.

    `path` is that of the weights; a projection lies beside it.
    """
    _verify_file(path, entry, entry.bytes, entry.sha256)
    if entry.projection is not None:
        beside = path.with_name(entry.projection.file)
        _verify_file(beside, entry, entry.projection.bytes, entry.projection.sha256)


def _verify_file(path: Path, entry: ModelSpec, wanted: int | None, sha256: str | None) -> None:
    again = _how_to_get_it_back(entry)
    try:
        size = path.stat().st_size
        found = sha256_of(path) if wanted in {None, size} else None
    except FileNotFoundError as error:
        raise ModelError(f"The model file {path} is missing. {again}") from error
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read: {error.strerror}.") from error
    if found is None:
        raise ModelError(
            f"The model file {path} is damaged: it has {size} bytes instead of {wanted}. {again}"
        )
    if sha256 not in {None, found}:
        raise ModelError(
            f"The model file {path} is damaged: its checksum is not that of {entry.title}. {again}"
        )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex; OSError when it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _how_to_get_it_back(entry: ModelSpec) -> str:
    if entry.origin is Origin.BUNDLED:
        return "Install PhotoSim again to get it back."
    if entry.origin is Origin.OFFICIAL:
        return f"“photosim models get {entry.name}” gets it."
    return "“photosim models add FILE” takes it in again."
