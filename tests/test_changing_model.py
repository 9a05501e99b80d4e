"""The façade: another model, and back."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import torch

from photosim import settings
from photosim.core import models
from photosim.core.models import DEFAULT
from photosim.core.neighbours import NeighbourIndex
from photosim.core.records import Progress
from photosim.errors import LibraryError, ModelError
from photosim.library import Library
from photosim.model_shelf import ModelShelf
from photosim.settings import Settings
from tests.core.checkpoints import own_model, save
from tests.folders import make_photos
from tests.images import make_scene


@pytest.fixture(scope="module")
def best(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("own")
    return save(folder / "best.pt", own_model(folder), train_args={"imgsz": 64})


@pytest.fixture
def other(best: Path) -> models.ModelEntry:
    """A small model on the shelf of this test's person."""
    return ModelShelf().add(best)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    make_photos(tmp_path / "photos", 6)
    return tmp_path / "photos"


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Library:
    """A library that was indexed with the model in the box."""
    library = Library.open(tmp_path / "library")
    index(library, photos)
    return library


def index(library: Library, *folders: Path) -> Progress:
    *_, last = library.index(folders)
    return last


def answers(library: Library) -> list[list[tuple[str, float]]]:
    return [
        [(match.path, round(match.similarity, 5)) for match in library.similar(photo.file_id)]
        for photo in library.photos()
    ]


def test_the_choice_holds_for_this_library_whenever_it_is_opened(
    library: Library, other: models.ModelEntry, tmp_path: Path
) -> None:
    assert library.use_model(other.name) == library.model == other
    assert Library.open(library.folder).model == other
    assert Library.open(tmp_path / "another").model == DEFAULT


def test_after_a_change_the_next_indexing_embeds_every_photo_and_keeps_the_old_embeddings(
    library: Library, other: models.ModelEntry
) -> None:
    before = answers(library)
    library.use_model(other.name)
    status = library.status()
    assert (status.photos, status.embedded) == (6, 0)
    assert (status.model, status.dimensions) == (other.id, 1280)
    last = index(library)
    assert (last.indexed, last.unchanged, library.status().embedded) == (6, 0, 6)
    with_other = answers(library)
    assert with_other != before
    library.use_model(DEFAULT.name)
    assert library.status().embedded == 6
    assert index(library).unchanged == 6
    assert answers(library) == before
    library.use_model(other.id)
    assert index(library).unchanged == 6
    assert answers(library) == with_other


def test_an_interrupted_change_goes_on_where_it_was(library: Library, other: models.ModelEntry) -> None:
    first = library.photos()[0]
    library.use_model(other.name)
    vector = library._similarity.embed(Path(first.path))
    digest = library._catalog.digest(first.photo_id)
    assert digest is not None
    with library._catalog.store.writing() as db:
        sql = "INSERT INTO embeddings VALUES (?, ?, ?)"
        db.execute(sql, (first.photo_id, other.id, vector.astype("<f2").tobytes()))
    last = index(library)
    assert (last.indexed, last.unchanged) == (5, 1)


def test_clusters_belong_to_their_model(library: Library, other: models.ModelEntry) -> None:
    before = library.clusters()
    library.use_model(other.name)
    assert library.clusters().clusters == ()
    index(library)
    library.clusters()
    library.use_model(DEFAULT.name)
    assert library.clusters() == before


def test_a_saved_neighbour_index_of_another_model_is_made_anew(
    library: Library, other: models.ModelEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Graphs are for large libraries; here they are made for a small one."""
    defaults = NeighbourIndex.load.__func__.__kwdefaults__  # type: ignore[attr-defined]
    monkeypatch.setitem(defaults, "exact_below", 1)
    index(library)
    before = answers(Library.open(library.folder))
    assert (library.folder / "neighbours.hnsw").exists()
    library.use_model(other.name)
    index(library)
    again = Library.open(library.folder)
    assert again.model == other
    rows = answers(again)
    again.use_model(DEFAULT.name)
    assert answers(again) == before != rows
    index(again)
    assert answers(Library.open(library.folder)) == before


def test_a_photo_that_the_new_model_has_not_seen_says_so(library: Library, other: models.ModelEntry) -> None:
    photo = library.photos()[0]
    library.use_model(other.name)
    with pytest.raises(LibraryError, match="has not looked at this photo yet"):
        library.similar(photo.file_id)
    assert library.similar_to_file(Path(photo.path)) == []
    index(library)
    assert len(library.similar(photo.file_id)) == 5


def test_another_file_is_compared_with_the_chosen_model(
    library: Library, other: models.ModelEntry, tmp_path: Path
) -> None:
    library.use_model(other.name)
    index(library)
    member = library.photos()[3]
    copy = tmp_path / "elsewhere.jpg"
    copy.write_bytes(Path(member.path).read_bytes())
    best = library.similar_to_file(copy, 1)[0]
    assert best.path == member.path
    assert best.similarity > 0.999


def test_export_holds_the_chosen_models_embeddings(
    library: Library, other: models.ModelEntry, tmp_path: Path
) -> None:
    library.use_model(other.name)
    index(library)
    assert library.export(tmp_path / "all.npz") == 6
    with np.load(tmp_path / "all.npz") as exported:
        assert (exported["embeddings"].shape, str(exported["model"])) == ((6, 1280), other.id)


def test_new_photos_are_embedded_with_the_chosen_model_only(
    library: Library, other: models.ModelEntry, photos: Path
) -> None:
    library.use_model(other.name)
    index(library)
    make_scene(50).save(photos / "new.jpg")
    assert index(library).indexed == 1
    assert len(library.similar(library.photos()[0].file_id)) == 6
    library.use_model(DEFAULT.name)
    assert (library.status().photos, library.status().embedded) == (7, 6)
    assert index(library).indexed == 1
    assert len(library.similar(library.photos()[0].file_id)) == 6


@pytest.mark.parametrize("word", ["yolo99", "yolo11n-cls"])
def test_a_model_that_is_not_here_is_not_chosen(library: Library, word: str) -> None:
    with pytest.raises(ModelError):
        library.use_model(word)
    assert library.model == settings_of(library) == DEFAULT


def settings_of(library: Library) -> models.ModelEntry:
    return models.find(settings.load(library.folder).model)


def test_without_the_chosen_model_the_one_in_the_box_answers_and_the_choice_stays(
    library: Library, other: models.ModelEntry, best: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library.use_model(other.name)
    index(library)
    ModelShelf().remove(other.name)
    with caplog.at_level(logging.WARNING, "photosim"):
        again = Library.open(library.folder)
    assert again.model == DEFAULT
    assert other.id in caplog.text
    assert len(again.similar(again.photos()[0].file_id)) == 5
    ModelShelf().add(best)
    assert Library.open(library.folder).status().embedded == 6


def test_a_chosen_model_whose_file_is_gone_answers_from_what_it_saw(
    library: Library, other: models.ModelEntry, photos: Path
) -> None:
    library.use_model(other.name)
    index(library)
    ModelShelf().weights_path(other).unlink()
    again = Library.open(library.folder)
    assert len(again.similar(again.photos()[0].file_id)) == 5
    make_scene(50).save(photos / "new.jpg")
    with pytest.raises(ModelError, match="photosim models add"):
        index(again)


def test_settings_of_a_model_that_nobody_knows_do_not_keep_a_library_shut(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    settings.save(tmp_path / "library", Settings(model="from-the-future"))
    assert Library.open(tmp_path / "library").model == DEFAULT
