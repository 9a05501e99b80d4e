"""Photos as tensors: each decoded once and kept in memory as a small square canvas with its aspect ratio."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np
import torch
from PIL import Image, ImageOps

CANVASES = (64, 128, 160, 256, 512)
"""Edges in pixels. A photo is stretched to the smallest that is as large as its shorter side, or to the last."""

UNREADABLE = (OSError, ValueError, ImportError, Image.DecompressionBombError)
"""ImportError: Ultralytics makes Pillow import a plugin that is not installed for unknown formats."""

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass(frozen=True)
class PhotoGroup:
    """Photos of one canvas size: `pixels` uint8 (N, 3, S, S), `aspects` float32 (N,), width over height."""

    pixels: torch.Tensor
    aspects: torch.Tensor

    def __len__(self) -> int:
        return len(self.pixels)


@dataclass(frozen=True)
class PhotoSet:
    """Photos for training and for validation, by canvas edge."""

    training_groups: dict[int, PhotoGroup]
    validation_groups: dict[int, PhotoGroup]

    def counts(self) -> dict[str, int]:
        """Return the number of photos for training and validation."""
        return {
            "training": sum(len(photo_group) for photo_group in self.training_groups.values()),
            "validation": sum(len(photo_group) for photo_group in self.validation_groups.values()),
        }


def load(sources: Iterable[Path], validation_share: float) -> PhotoSet:
    """Decode the photos of folders and tar archives, skipping unreadable ones. Raises ValueError if none is left."""
    canvases: dict[tuple[bool, int], list[torch.Tensor]] = {}
    aspects: dict[tuple[bool, int], list[float]] = {}
    for name, image in _images(sources):
        width, height = image.size
        edge = next((size for size in CANVASES if size >= min(width, height)), CANVASES[-1])
        square = image.resize((edge, edge), Image.Resampling.BICUBIC)
        key = (_is_validation(name, validation_share), edge)
        canvases.setdefault(key, []).append(torch.from_numpy(np.array(square)).permute(2, 0, 1))
        aspects.setdefault(key, []).append(width / height)
    photo_groups = {
        key: PhotoGroup(torch.stack(canvases[key]), torch.tensor(aspects[key])) for key in sorted(canvases)
    }
    training_groups = {edge: photo_group for (apart, edge), photo_group in photo_groups.items() if not apart}
    if not training_groups:
        raise ValueError("there are no photos to train with")
    return PhotoSet(
        training_groups, {edge: photo_group for (apart, edge), photo_group in photo_groups.items() if apart}
    )


def _is_validation(name: str, share: float) -> bool:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) < share * 2**32


def _images(sources: Iterable[Path]) -> Iterator[tuple[str, Image.Image]]:
    for source in sources:
        files = _folder(source) if source.is_dir() else _archive(source)
        for name, opened in files:
            try:
                with opened as file, Image.open(file) as image:
                    upright = ImageOps.exif_transpose(image).convert("RGB")
            except UNREADABLE as error:
                print(f"skipped {name}: {error}")
                continue
            yield name, upright


def _folder(folder: Path) -> Iterator[tuple[str, BinaryIO]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            yield path.relative_to(folder).as_posix(), path.open("rb")


def _archive(file: Path) -> Iterator[tuple[str, BinaryIO]]:
    with tarfile.open(file) as archive:
        for member in sorted(archive.getmembers(), key=lambda one: one.name):
            if member.isfile() and PurePosixPath(member.name).suffix.lower() in SUFFIXES:
                with _extracted(archive, member) as opened:
                    yield member.name, opened


@contextmanager
def _extracted(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[BinaryIO]:
    opened = archive.extractfile(member)
    if opened is None:
        raise OSError(f"{member.name} is not a file")
    with opened:
        yield opened  # type: ignore[misc]  # a BufferedReader
