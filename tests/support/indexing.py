"""Libraries whose photos are not shown to a model: for tests of what is found, moved and forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from photosim.library import Library
from photosim.library.model_view import ModelView
from photosim.records import Label, Progress

Pixels = npt.NDArray[np.uint8]


class FakeEmbedder:
    """Averages pixels: photos that differ get vectors that differ, at once."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions

    def __call__(self) -> FakeEmbedder:
        return self

    def resize(self, picture: Pixels, size: tuple[int, int], *, fine: bool = False) -> Pixels:
        filter_ = Image.Resampling.BICUBIC if fine else Image.Resampling.BILINEAR
        return np.asarray(Image.fromarray(picture).resize(size, filter_))

    def embed(self, inputs: Pixels) -> npt.NDArray[np.float32]:
        vectors = np.zeros((len(inputs), self._dimensions), np.float32)
        flat = inputs.reshape(len(inputs), -1).astype(np.float32)
        for place, part in enumerate(np.array_split(flat, 32, axis=1)):
            vectors[:, place] = part.mean(axis=1) + 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / lengths).astype(np.float32)

    def embed_and_label(self, inputs: Pixels) -> tuple[npt.NDArray[np.float32], list[tuple[Label, ...]]]:
        return self.embed(inputs), [()] * len(inputs)


def use_fake_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let libraries opened from now on embed without a model."""
    real = ModelView.__init__

    def quick(self: ModelView, *arguments: object) -> None:
        real(self, *arguments)  # type: ignore[arg-type]
        self.embedder = FakeEmbedder(self.model.dimensions)  # type: ignore[assignment]

    monkeypatch.setattr(ModelView, "__init__", quick)


def make_library(place: Path, *folders: Path) -> Library:
    """A library at `place` that knows the photos of the folders."""
    library = Library.open(place)
    index(library, *folders)
    return library


def index(library: Library, *folders: Path, ask: bool = True) -> Progress:
    """Index to the end; the last progress."""
    *_, last = library.index(folders, confirm_missing=ask)
    return last


def photo_names(library: Library, *, missing: bool | None = None) -> Sequence[str]:
    """The names of the library's photos: of all, of the missing ones, or of those that are there."""
    return [
        Path(photo.path).name for photo in library.photos() if missing is None or photo.missing is missing
    ]
