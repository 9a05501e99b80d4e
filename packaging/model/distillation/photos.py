"""Photos as tensors: each decoded once and kept in memory as a small square canvas beside its true proportions."""

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
"""Edges in pixels. A photo is stretched to the smallest that holds its shorter side, or to the last."""

UNREADABLE = (OSError, ValueError, ImportError, Image.DecompressionBombError)
"""Ultralytics, once imported, makes Pillow answer an unknown format by importing a plugin that is not installed."""

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass(frozen=True)
class Shelf:
    """Photos of one canvas size: `pixels` uint8 (N, 3, S, S), `aspects` float32 (N,), width over height."""

    pixels: torch.Tensor
    aspects: torch.Tensor

    def __len__(self) -> int:
        return len(self.pixels)


@dataclass(frozen=True)
class PhotoSet:
    """Shelves to teach from, and the photos held apart, each shelf by its canvas edge."""

    taught: dict[int, Shelf]
    apart: dict[int, Shelf]

    def counts(self) -> dict[str, int]:
        """How many photos there are to teach from and held apart."""
        return {
            "taught": sum(len(shelf) for shelf in self.taught.values()),
            "held apart": sum(len(shelf) for shelf in self.apart.values()),
        }


def load(sources: Iterable[Path], held_apart: float) -> PhotoSet:
    """Decode the photos of folders and tar archives; unreadable ones are left out. ValueError when none is left."""
    canvases: dict[tuple[bool, int], list[torch.Tensor]] = {}
    aspects: dict[tuple[bool, int], list[float]] = {}
    for name, image in _images(sources):
        width, height = image.size
        edge = next((size for size in CANVASES if size >= min(width, height)), CANVASES[-1])
        square = image.resize((edge, edge), Image.Resampling.BICUBIC)
        key = (_is_apart(name, held_apart), edge)
        canvases.setdefault(key, []).append(torch.from_numpy(np.array(square)).permute(2, 0, 1))
        aspects.setdefault(key, []).append(width / height)
    shelves = {key: Shelf(torch.stack(canvases[key]), torch.tensor(aspects[key])) for key in sorted(canvases)}
    taught = {edge: shelf for (apart, edge), shelf in shelves.items() if not apart}
    if not taught:
        raise ValueError("there is no photo to teach from")
    return PhotoSet(taught, {edge: shelf for (apart, edge), shelf in shelves.items() if apart})


def _is_apart(name: str, share: float) -> bool:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) < share * 2**32


def _images(sources: Iterable[Path]) -> Iterator[tuple[str, Image.Image]]:
    for source in sources:
        files = _folder(source) if source.is_dir() else _archive(source)
        for name, opened in files:
            try:
                with opened as file, Image.open(file) as image:
                    upright = ImageOps.exif_transpose(image).convert("RGB")
            except UNREADABLE as error:
                print(f"left out {name}: {error}")
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
        raise OSError(f"{member.name} is no file")
    with opened:
        yield opened  # type: ignore[misc]  # a BufferedReader
