"""A library indexed with the default model, and another model."""

from __future__ import annotations

from pathlib import Path

import pytest

from photosim.library import Library
from photosim.ml.models import catalog
from photosim.ml.models.registry import ModelRegistry
from photosim.search.index import NeighbourIndex
from tests.support.indexing import make_library
from tests.support.photo_folders import make_photos


@pytest.fixture
def other(best: Path) -> catalog.ModelSpec:
    """A small model that the user has added."""
    return ModelRegistry().add(best)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    make_photos(tmp_path / "photos", 6)
    return tmp_path / "photos"


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Library:
    """A library that was indexed with the model in the box."""
    return make_library(tmp_path / "library", photos)


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs are for large libraries; here they are made for a small one."""
    defaults = NeighbourIndex.load.__func__.__kwdefaults__  # type: ignore[attr-defined]
    monkeypatch.setitem(defaults, "exact_below", 1)
