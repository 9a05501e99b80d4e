"""Load the model when the first photo needs it, and embed single image files."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from photosim import paths
from photosim.errors import UnreadablePhotoError
from photosim.imaging import decode, turbojpeg
from photosim.ml.model_spec import ModelSpec, Preprocessing
from photosim.ml.preprocess import preprocess
from photosim.runtime.gc_pause import gc_paused
from photosim.search.query import Region

if TYPE_CHECKING:
    from PIL import Image

    from photosim.ml.embedder import Embedder

_ULTRALYTICS_FOLDER = "ultralytics"
_DEVICE_CACHE = "devices.json"

_MAX_EDGE = 1 << 16
"""Pixels; longest side at which a photo is decoded for a region of it."""


class LazyEmbedder:
    """Callable that returns the embedder; the first call, from any thread, imports PyTorch and loads the model."""

    def __init__(
        self, spec: ModelSpec, weights: Path, library: Path, device: Callable[[], str] = lambda: "auto"
    ) -> None:
        """`device` is called when the model is loaded and returns a value of `photosim.ml.devices.Device`."""
        self._spec = spec
        self._weights = weights
        self._config_dir = library / _ULTRALYTICS_FOLDER
        self._device = device
        self._embedder: Embedder | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Embedder:
        """Return the embedder. Raises ModelError if the weights are missing or damaged."""
        with self._lock:
            if self._embedder is None:
                # PyTorch creates some 170,000 objects that stay until the process ends.
                with gc_paused(freeze=True):
                    from photosim.ml.devices import Device
                    from photosim.ml.embedder import Embedder

                    self._embedder = Embedder(
                        self._spec,
                        self._weights,
                        self._config_dir,
                        device=Device(self._device()),
                        device_cache=paths.cache_folder() / _DEVICE_CACHE,
                    )
            return self._embedder


def embed_file(
    path: Path, region: Region | None, preprocessing: Preprocessing, embedder: Callable[[], Embedder]
) -> npt.NDArray[np.float32]:
    """Return the embedding (D,) of an image file or of a region of it.

    Raises UnreadablePhotoError, and ModelError if the weights are missing or damaged.
    """
    return embed_image(load_image(path, region, preprocessing), preprocessing, embedder)


def load_image(path: Path, region: Region | None, preprocessing: Preprocessing) -> Image.Image:
    """Load an image file or a region of it at the resolution that the model uses. Raises UnreadablePhotoError."""
    edge = max(turbojpeg.THUMBNAIL_EDGE, preprocessing.edge)
    if region is not None:
        # The orientation is not known yet, so the smaller fraction counts: the region then has at least `edge` pixels.
        edge = min(math.ceil(edge / min(region.width, region.height)), _MAX_EDGE)
    try:
        image = decode.read_photo(path, edge=edge).image
    except UnreadablePhotoError as error:
        raise UnreadablePhotoError(f"{path} cannot be read. {error}") from error
    return image if region is None else image.crop(region.pixel_box(*image.size))


def embed_image(
    image: Image.Image, preprocessing: Preprocessing, embedder: Callable[[], Embedder]
) -> npt.NDArray[np.float32]:
    """Return the embedding (D,) of an RGB image. Raises ModelError if the weights are missing or damaged."""
    vector: npt.NDArray[np.float32] = embedder().embed(preprocess(image, preprocessing)[np.newaxis])[0]
    return vector
