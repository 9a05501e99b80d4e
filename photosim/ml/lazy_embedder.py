"""Load the model when the first photo needs it, and not before; and let it look at one file."""

from __future__ import annotations

import gc
import importlib
import math
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from photosim import paths
from photosim.errors import UnreadablePhotoError
from photosim.imaging import decode
from photosim.ml.catalog import ModelSpec, Preprocessing
from photosim.ml.preprocess import prepare
from photosim.search.query import Region

if TYPE_CHECKING:
    from photosim.ml.embedder import Embedder

_CONFIG = "ultralytics"
_NOTES = "devices.json"

_FOR_COMPILERS = ("torch._meta_registrations",)
"""Modules that PyTorch loads and does not use: this one tells compilers the shapes of results, and takes a quarter of
PyTorch's start."""

_LONGEST = 1 << 16
"""Longest side in pixels to which a photo is read for a part of it: above any photo that can be read."""


class LazyEmbedder:
    """Calling it gives the embedder; PyTorch is imported at the first call, once, from whatever thread."""

    def __init__(
        self, model: ModelSpec, weights: Path, library: Path, device: Callable[[], str] = lambda: "auto"
    ) -> None:
        """`device` tells, when it is needed, what to run on: a value of `photosim.ml.devices.Device`."""
        self._device = device
        self._model = model
        self._weights = weights
        self._config = library / _CONFIG
        self._embedder: Embedder | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Embedder:
        """The embedder. Raises ModelError when the weights are missing or damaged."""
        with self._lock:
            if self._embedder is None:
                with _for_good(), _later(*_FOR_COMPILERS):
                    from photosim.ml.devices import Device
                    from photosim.ml.embedder import Embedder

                    self._embedder = Embedder(
                        *(self._model, self._weights, self._config),
                        device=Device(self._device()),
                        notes=paths.cache_folder() / _NOTES,
                    )
            return self._embedder


@contextmanager
def _for_good() -> Iterator[None]:
    """Within it Python looks for no garbage, and afterwards never among what was there at its end.

    PyTorch makes some 170,000 objects that stay until the process ends: looking through them while they are made, and
    when all ends, takes a fifth of the time that an indexing needs to start and to end.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


@contextmanager
def _later(*names: str) -> Iterator[None]:
    """Within it these modules are loaded only when something asks for what is in them, and afterwards as ever."""
    stand_ins = {name: _StandIn(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for stand_in in stand_ins.values():
            stand_in.go()


class _StandIn(ModuleType):
    """Stands in for a module that is not loaded yet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # whoever looks through all modules asks for these
        self.go()
        return getattr(importlib.import_module(self.__name__), name)

    def go(self) -> None:
        """Leave the place to the module."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        package, _, last = self.__name__.rpartition(".")
        if vars(sys.modules.get(package, self)).get(last) is self:
            delattr(sys.modules[package], last)


def embed_file(
    path: Path, region: Region | None, preprocessing: Preprocessing, embedder: Callable[[], Embedder]
) -> npt.NDArray[np.float32]:
    """The embedding (D,) of any image file, or of a part of it read in as many pixels as the model looks at.

    Raises UnreadablePhotoError, and ModelError when the weights are missing or damaged.
    """
    edge = max(decode.THUMBNAIL_EDGE, preprocessing.edge)
    if region is not None:
        # Whichever way the photo lies: its longest side times the smaller fraction fills the model's square.
        edge = min(math.ceil(edge / min(region.width, region.height)), _LONGEST)
    try:
        image = decode.read_photo(path, edge=edge).image
    except UnreadablePhotoError as error:
        raise UnreadablePhotoError(f"{path} cannot be read. {error}") from error
    if region is not None:
        image = image.crop(region.box(*image.size))
    vector: npt.NDArray[np.float32] = embedder().embed(prepare(image, preprocessing)[np.newaxis])[0]
    return vector
