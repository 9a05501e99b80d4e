"""Load the model when the first photo needs it, and not before."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from photosim.core.models import ModelEntry

if TYPE_CHECKING:
    from photosim.core.embed import Embedder

_CONFIG = "ultralytics"


class LazyEmbedder:
    """Calling it gives the embedder; PyTorch is imported at the first call, once, from whatever thread."""

    def __init__(self, model: ModelEntry, weights: Path, library: Path) -> None:
        self._model = model
        self._weights = weights
        self._config = library / _CONFIG
        self._embedder: Embedder | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Embedder:
        """The embedder. Raises ModelError when the weights are missing or damaged."""
        with self._lock:
            if self._embedder is None:
                from photosim.core.embed import Embedder

                self._embedder = Embedder(self._model, self._weights, self._config)
            return self._embedder
