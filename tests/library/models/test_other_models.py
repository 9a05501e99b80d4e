"""Searching with another model than the default one, and without its file."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from photosim import settings
from photosim.errors import ModelError
from photosim.library import Library
from photosim.ml.models import catalog
from photosim.ml.models.catalog import DEFAULT
from photosim.ml.models.registry import ModelRegistry
from photosim.settings import LibrarySettings
from tests.library.models.steps import change_to
from tests.support.images import make_scene
from tests.support.indexing import index
from tests.support.matches import similar_to_file


def test_another_file_is_compared_with_the_chosen_model(
    library: Library, other: catalog.ModelSpec, tmp_path: Path
) -> None:
    library.use_model(other.name)
    index(library)
    member = library.photos()[3]
    copy = tmp_path / "elsewhere.jpg"
    copy.write_bytes(Path(member.path).read_bytes())
    best = similar_to_file(library, copy, 1)[0]
    assert best.path == member.path
    assert best.similarity > 0.999


def test_export_holds_the_chosen_models_embeddings(
    library: Library, other: catalog.ModelSpec, tmp_path: Path
) -> None:
    library.use_model(other.name)
    index(library)
    assert library.exports.embeddings(tmp_path / "all.npz") == 6
    with np.load(tmp_path / "all.npz") as exported:
        assert (exported["embeddings"].shape, str(exported["model"])) == ((6, 1280), other.id)


def test_new_photos_are_embedded_with_the_chosen_model_only(
    library: Library, other: catalog.ModelSpec, photos: Path
) -> None:
    change_to(library, other)
    make_scene(50).save(photos / "new.jpg")
    assert index(library).indexed == 1
    assert len(library.similar(library.photos()[0].file_id)) == 6
    library.use_model(DEFAULT.name)
    assert (library.status().photos, library.status().next_embedded) == (7, 6)
    index(library)
    assert library.model == DEFAULT
    assert len(library.similar(library.photos()[0].file_id)) == 6


@pytest.mark.parametrize("word", ["yolo99", "yolo11n-cls"])
def test_a_model_that_is_not_installed_cannot_be_chosen(library: Library, word: str) -> None:
    with pytest.raises(ModelError):
        library.use_model(word)
    assert library.model == DEFAULT
    assert settings.load(library.folder) == LibrarySettings()


def test_without_the_chosen_model_the_default_is_active_and_the_choice_stays(
    library: Library, other: catalog.ModelSpec, best: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library.use_model(other.name)
    index(library)
    ModelRegistry().remove(other.name)
    with caplog.at_level(logging.WARNING, "photosim"):
        again = Library.open(library.folder)
    assert again.model == DEFAULT
    assert other.id in caplog.text
    assert len(again.similar(again.photos()[0].file_id)) == 5
    ModelRegistry().add(best)
    assert Library.open(library.folder).status().embedded == 6


def test_a_model_without_file_still_searches_its_embeddings(
    library: Library, other: catalog.ModelSpec, photos: Path
) -> None:
    library.use_model(other.name)
    index(library)
    ModelRegistry().weights_path(other).unlink()
    again = Library.open(library.folder)
    assert len(again.similar(again.photos()[0].file_id)) == 5
    make_scene(50).save(photos / "new.jpg")
    with pytest.raises(ModelError, match="photosim models add"):
        index(again)


def test_an_unknown_model_in_the_settings_does_not_keep_a_library_from_opening(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    settings.save(tmp_path / "library", LibrarySettings(model="from-the-future"))
    assert Library.open(tmp_path / "library").model == DEFAULT
