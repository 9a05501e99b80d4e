"""Baseline: Ultralytics' model in a plain loop, each photo decoded in full.

python -m tests.benchmarks.ultralytics_loop FOLDER COUNT
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps

from photosim.ml.models import catalog
from photosim.ml.models.checkpoint import configure_ultralytics, load_model
from photosim.paths import resource_path

SIDE = 224  # pixels
BACKGROUND = (114, 114, 114)  # of Ultralytics' letterbox


def letterboxed(path: Path) -> torch.Tensor:
    """Return the model's input for a photo, decoded in full: float32 (1, 3, SIDE, SIDE) in 0..1."""
    with Image.open(path) as image:
        photo = ImageOps.pad(image.convert("RGB"), (SIDE, SIDE), Image.Resampling.BILINEAR, BACKGROUND)
    return torch.from_numpy(np.array(photo)).permute(2, 0, 1)[None].float() / 255


def main() -> None:
    """Print the photos per second of the loop, without loading the model."""
    photos = sorted(Path(sys.argv[1]).rglob("*.jp*g"))[: int(sys.argv[2])]
    weights = catalog.weights_path(catalog.DEFAULT, resource_path("models"))
    with tempfile.TemporaryDirectory() as config, torch.inference_mode():
        configure_ultralytics(Path(config))
        model: Any = load_model(weights, Path(config))
        model.eval().fuse(verbose=False)
        layers = list(catalog.DEFAULT.layers)
        model(letterboxed(photos[0]), embed=layers)
        started = time.perf_counter()
        for path in photos:
            model(letterboxed(path), embed=layers)
        print(json.dumps({"rate": len(photos) / (time.perf_counter() - started)}))


if __name__ == "__main__":
    main()
