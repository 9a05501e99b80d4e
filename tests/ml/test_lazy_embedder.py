from __future__ import annotations

import gc
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photosim.errors import ModelError
from photosim.ml.catalog import DEFAULT
from photosim.ml.lazy_embedder import _FOR_COMPILERS, LazyEmbedder, _later
from tests.support.timeouts import PATIENCE_S


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.parametrize("fails", [False, True])
def test_garbage_is_looked_for_again_once_the_model_is_loaded_or_is_not(
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


def test_a_module_that_is_not_needed_is_loaded_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "parcel"
    package.mkdir()
    (package / "__init__.py").write_text("from parcel import heavy, light\n", encoding="utf-8")
    (package / "heavy.py").write_text("weight = 1\n", encoding="utf-8")
    (package / "light.py").write_text("weight = 2\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with _later("parcel.heavy", "parcel.light"):
        parcel = importlib.import_module("parcel")
        assert not hasattr(sys.modules["parcel.heavy"], "__file__")
        assert parcel.light.weight == 2
        assert sys.modules["parcel.light"].__file__ == str(package / "light.py")
    assert "parcel.heavy" not in sys.modules
    assert not hasattr(parcel, "heavy")
    assert importlib.import_module("parcel.heavy").weight == 1
    for name in ("parcel", "parcel.heavy", "parcel.light"):
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("name", _FOR_COMPILERS)
def test_the_model_is_loaded_without_what_only_compilers_need(tmp_path: Path, name: str) -> None:
    program = f"""
import sys
from pathlib import Path
from photosim.ml.catalog import DEFAULT, weights_path
from photosim.ml.lazy_embedder import _FOR_COMPILERS, LazyEmbedder, _later
from photosim.paths import resource
import numpy as np
embedder = LazyEmbedder(DEFAULT, weights_path(DEFAULT, resource("models")), Path({str(tmp_path)!r}))()
embedder.embed_and_label(np.zeros((1, 224, 224, 3), np.uint8))
assert {name!r} not in sys.modules
import {name}
assert {name}.__file__
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE_S)
