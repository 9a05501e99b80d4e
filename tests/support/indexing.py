"""Libraries with a fake model, for tests of scanning, moving and removing photos."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from photosim.library import Library
from photosim.library.models.view import ModelView
from photosim.records import EmbeddedObject, Label, Progress

Pixels = npt.NDArray[np.uint8]


class FakeEmbedder:
    """Embeds photos by averaging pixels: fast, and different photos get different vectors."""

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

    def embed_label_and_detect(
        self, inputs: Pixels, sizes: Sequence[tuple[int, int]]
    ) -> tuple[npt.NDArray[np.float32], list[tuple[Label, ...]], list[tuple[EmbeddedObject, ...]]]:
        return self.embed(inputs), [()] * len(sizes), [()] * len(sizes)


def use_fake_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let libraries that are opened from now on use the fake embedder."""
    original = ModelView.__init__

    def init_with_fake(self: ModelView, *arguments: object) -> None:
        original(self, *arguments)  # type: ignore[arg-type]
        self.embedder = FakeEmbedder(self.model.dimensions)  # type: ignore[assignment]

    monkeypatch.setattr(ModelView, "__init__", init_with_fake)


def make_library(path: Path, *folders: Path) -> Library:
    """Create a library at `path` and index the folders."""
    library = Library.open(path)
    index(library, *folders)
    return library


def index(library: Library, *folders: Path, ask: bool = True) -> Progress:
    """Index the folders; return the last progress."""
    *_, last = library.index(folders, confirm_missing=ask)
    return last


def photo_names(library: Library, *, missing: bool | None = None) -> Sequence[str]:
    """Return the file names of all photos, of the missing ones, or of those that are not missing."""
    return [
        Path(photo.path).name for photo in library.photos() if missing is None or photo.missing is missing
    ]


def make_template(folder: Path, make_photos: Callable[[Path], Path]) -> Path:
    """Create a library in `folder` with the photos that `make_photos` saves there; `open_copy` opens copies of it."""
    with pytest.MonkeyPatch.context() as patch:
        use_fake_embedder(patch)
        make_library(folder / "library", make_photos(folder / "photos")).close()
    return folder / "library"


@contextmanager
def open_copy(template: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """Open a copy of a library in `folder`; its photos are to stay as they are."""
    use_fake_embedder(monkeypatch)
    shutil.copytree(template, folder / "library")
    library = Library.open(folder / "library")
    yield library
    library.close()


@contextmanager
def indexed_library(folder: Path, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """Open a new library in `folder` in which `photos` are indexed with the fake embedder."""
    use_fake_embedder(monkeypatch)
    opened = Library.open(folder)
    index(opened, photos)
    yield opened
    opened.close()
