"""Searches for the family of an image: pixels and embeddings come from the photo worker, the comparison runs in jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.library.models.view import Vector
from photosim.library.search.origin import PICTURE_EDGE, Family, Steps
from photosim.records import PhotoObject
from photosim.search.query import Example

if TYPE_CHECKING:
    from photosim.library import Library

Picture = npt.NDArray[np.uint8]
Done = Callable[[Family | None, Exception | None], None]


class FamilySearch:
    """One search, which calls `done(family, error)` in the window's thread unless it is cancelled."""

    def __init__(self, library: Library, jobs: Jobs, client: PhotoClient, path: str, done: Done) -> None:
        """Start the search for the family of the image at `path`."""
        self._library, self._jobs, self._client = library, jobs, client
        self._path, self._done = path, done
        self._model = library.model.id
        self._job: int | None = None
        self._embeddings: list[int] = []
        self._request: int | None = client.load(
            path, PICTURE_EDGE, _pixels, self._find_objects, Priority.HIGH
        )

    def cancel(self) -> None:
        """End the search; `done` is called no more."""
        self._jobs.cancel(self._job)
        for request in (self._request, *self._embeddings):
            self._client.cancel(request)
        self._job = self._request = None
        self._embeddings = []

    def _find_objects(self, pixels: _Pixels | None, error: Exception | None) -> None:
        self._request = None
        if pixels is None:
            self._done(None, error)
        elif self._library.objects.enabled:
            accept = partial(self._compare, pixels)
            self._request = self._client.find_objects(self._model, self._path, accept, with_unnamed=True)
        else:
            self._compare(pixels, (), None)

    def _compare(self, pixels: _Pixels, objects: Sequence[PhotoObject] | None, _: Exception | None) -> None:
        self._request = None
        state = _State()
        size = (pixels.size.width(), pixels.size.height())
        state.steps = self._library.origin.steps(self._path, pixels.picture, size, objects or (), state.check)
        self._advance(state, None)

    def _advance(self, state: _State, vectors: Mapping[Example, Vector] | None) -> None:
        self._job = self._jobs.start(
            partial(_advance, state, vectors), partial(self._accept, state), Priority.HIGH
        )

    def _accept(self, state: _State, step: _Step | None, error: Exception | None) -> None:
        self._job = None
        if step is None or step.family is not None:
            self._done(None if step is None else step.family, error)
            return
        vectors: dict[Example, Vector] = {}

        def add(example: Example, vector: Vector | None, error: Exception | None) -> None:
            if vector is None:
                self.cancel()
                self._done(None, error)
                return
            vectors[example] = vector
            if len(vectors) == len(step.examples):
                self._embeddings = []
                self._advance(state, vectors)

        self._embeddings = [
            self._client.embed(self._model, example, partial(add, example)) for example in step.examples
        ]


@dataclass(frozen=True, slots=True)
class _Pixels:
    picture: Picture
    size: QSize


@dataclass(frozen=True, slots=True)
class _Step:
    """The images that have to be embedded, or the result."""

    examples: tuple[Example, ...] = ()
    family: Family | None = None


class _State:
    """A search that goes on in one job after the other."""

    steps: Steps

    def __init__(self) -> None:
        self.cancel: CancelToken | None = None

    def check(self) -> None:
        """Raise Cancelled if the job that runs was cancelled."""
        if self.cancel is not None:
            self.cancel.check()


def _advance(state: _State, vectors: Mapping[Example, Vector] | None, cancel: CancelToken) -> _Step:
    state.cancel = cancel
    try:
        return _Step(next(state.steps) if vectors is None else state.steps.send(vectors))
    except StopIteration as ended:
        return _Step(family=ended.value)


def _pixels(image: QImage, size: QSize, cancel: CancelToken) -> _Pixels:
    """Return the pixels (H, W, 3) of a decoded picture, and the size of the image itself."""
    cancel.check()
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8, rgb.sizeInBytes()).reshape(rgb.height(), -1)
    picture = rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()
    return _Pixels(picture, size)
