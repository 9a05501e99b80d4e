"""Load the model when the first photo needs it, and not before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from photosim import paths
from photosim.core.models import ModelEntry

if TYPE_CHECKING:
    from photosim.core.embed import Embedder

_CONFIG = "ultralytics"
_NOTES = "devices.json"


class LazyEmbedder:
    """Calling it gives the embedder; PyTorch is imported at the first call, once, from whatever thread."""

    def __init__(
        self, model: ModelEntry, weights: Path, library: Path, device: Callable[[], str] = lambda: "auto"
    ) -> None:
        """`device` tells, when it is needed, what to run on: a value of `photosim.core.devices.Device`."""
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
                from photosim.core.devices import Device
                from photosim.core.embed import Embedder

                self._embedder = Embedder(
                    *(self._model, self._weights, self._config),
                    device=Device(self._device()),
                    notes=paths.cache_folder() / _NOTES,
                )
            return self._embedder
