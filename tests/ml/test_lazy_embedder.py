from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photosim.errors import ModelError
from photosim.ml.lazy_embedder import LazyEmbedder
from photosim.ml.models.catalog import DEFAULT


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.parametrize("fails", [False, True])
def test_the_garbage_collector_runs_again_after_the_model_is_loaded_or_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    looking: list[bool] = []

    def load(*_arguments: Any, **_named: Any) -> str:
        looking.append(gc.isenabled())
        if fails:
            raise ModelError("It is damaged.")
        return "embedder"

    monkeypatch.setattr("photosim.ml.embedder.Embedder", load)
    embedder = LazyEmbedder(DEFAULT, tmp_path / "weights.pt", tmp_path)
    if fails:
        with pytest.raises(ModelError):
            embedder()
    else:
        assert embedder() == "embedder"
    assert looking == [False]
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_an_embedder_that_was_loaded_ahead_goes_to_the_first_that_needs_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices: list[str] = []

    def load(*_arguments: Any, device: str, **_named: Any) -> str:
        devices.append(device)
        return f"embedder {len(devices)}"

    monkeypatch.setattr("photosim.ml.embedder.Embedder", load)
    weights = tmp_path / "weights.pt"
    LazyEmbedder(DEFAULT, weights, tmp_path).preload()
    other_device = LazyEmbedder(DEFAULT, weights, tmp_path, lambda: "cpu")
    first, second = (LazyEmbedder(DEFAULT, weights, tmp_path) for _ in range(2))
    assert (other_device(), first(), second()) == ("embedder 2", "embedder 1", "embedder 3")
    assert (first(), devices) == ("embedder 1", ["auto", "cpu", "auto"])
