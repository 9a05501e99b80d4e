from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photosim.errors import ModelError
from photosim.ml.catalog import DEFAULT
from photosim.ml.lazy_embedder import LazyEmbedder


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
