"""Models and photos; only tests that use these fixtures load PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

from photosim.ml.preprocess import preprocess
from tests.support.images import make_scene

if TYPE_CHECKING:
    from photosim.ml.model_spec import ModelSpec


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for Ultralytics' settings."""
    import torch

    from photosim.ml.models.checkpoint import configure_ultralytics

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("config")
    configure_ultralytics(folder)
    return folder


@pytest.fixture(scope="module")
def photos() -> npt.NDArray[np.uint8]:
    """One photo more than a batch holds."""
    from photosim.ml.embedder import BATCH
    from photosim.ml.models.catalog import MAX_POOLED

    return np.stack([preprocess(make_scene(seed), MAX_POOLED.preprocessing) for seed in range(BATCH + 1)])


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory, config: Path) -> tuple[ModelSpec, Path]:
    """A YOLO11n classification model with random weights."""
    from photosim.ml.models.weights import identify_checkpoint
    from tests.support.checkpoints import make_model, save_checkpoint

    path = save_checkpoint(tmp_path_factory.mktemp("models") / "best.pt", make_model(config))
    return identify_checkpoint(path, config), path
