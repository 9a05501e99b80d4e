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
from photosim.ml.deferred_imports import import_torch
from photosim.ml.model_spec import ModelSpec, Preprocessing
from photosim.runtime import trace
from photosim.runtime.gc_pause import gc_paused

if TYPE_CHECKING:
    from PIL import Image

    from photosim.ml.embedder import Embedder
    from photosim.ml.explain import SimilarPlaces
    from photosim.search.query import Region

_ULTRALYTICS_FOLDER = "ultralytics"
_DEVICE_CACHE = "devices.json"

_MAX_EDGE = 1 << 16
"""Pixels; longest side at which a photo is decoded for a region of it."""


_Key = tuple[ModelSpec, Path, str]

_preloaded: dict[_Key, Embedder] = {}
"""Embedders by model, file and device, each for the first that asks for it."""

_lock = threading.Lock()


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

    def __call__(self) -> Embedder:
        """Return the embedder. Raises ModelError if the weights are missing or damaged."""
        if self._embedder is None:
            with _lock:  # of all: one that is being preloaded is waited for
                if self._embedder is None:
                    device = self._device()
                    self._embedder = _preloaded.pop(self._key(device), None) or self._load(device)
        return self._embedder

    def preload(self) -> None:
        """Load the embedder for another instance of the same model in this process. Raises as a call does."""
        with _lock:
            device = self._device()
            _preloaded[self._key(device)] = self._load(device)

    def _key(self, device: str) -> _Key:
        return self._spec, self._weights, device

    def _load(self, device: str) -> Embedder:
        # PyTorch creates some 170,000 objects that stay until the process ends.
        with gc_paused(freeze=True):
            with trace.span("import PyTorch"):
                import_torch()
                from photosim.ml.devices import Device
                from photosim.ml.embedder import Embedder

            with trace.span("load model"):
                return Embedder(
                    self._spec,
                    self._weights,
                    self._config_dir,
                    device=Device(device),
                    device_cache=paths.cache_folder() / _DEVICE_CACHE,
                )


def embed_file(
    path: Path, region: Region | None, preprocessing: Preprocessing, embedder: Callable[[], Embedder]
) -> npt.NDArray[np.float32]:
    """Return the embedding (D,) of an image file or of a region of it.

    Raises UnreadablePhotoError, and ModelError if the weights are missing or damaged.
    """
    return embed_image(load_image(path, region, preprocessing), preprocessing, embedder)


def load_image(path: Path, region: Region | None, preprocessing: Preprocessing) -> Image.Image:
    """Load an image file or a region of it at the resolution that the model uses. Raises UnreadablePhotoError."""
    from photosim.imaging import decode, turbojpeg

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
    from photosim.ml.preprocess import preprocess

    vector: npt.NDArray[np.float32] = embedder().embed(preprocess(image, preprocessing)[np.newaxis])[0]
    return vector


def explain_images(
    images: tuple[Image.Image, Image.Image], preprocessing: Preprocessing, embedder: Callable[[], Embedder]
) -> SimilarPlaces:
    """Return where two RGB images are similar. Raises ModelError if the weights are missing or damaged."""
    from photosim.ml.explain import similar_places
    from photosim.ml.preprocess import preprocess

    inputs = np.stack([preprocess(image, preprocessing) for image in images])
    first, second = (image.size for image in images)
    return similar_places(embedder().explain(inputs), (first, second), preprocessing)
