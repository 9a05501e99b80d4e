"""Finding the photo that an image was made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photosim.library import Library
from photosim.library.models.view import Vector
from photosim.library.search import origin as origin_search
from photosim.records import EmbeddedObject, PhotoObject
from photosim.search.query import Example, Region
from tests.support.images import make_detailed_scene, save
from tests.support.indexing import make_library, use_fake_embedder

BOX = (0.25, 0.25, 0.5, 0.5)
SCENES = 4


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """Photos with an object each, of which a search compares only the most similar one as a whole."""
    use_fake_embedder(monkeypatch)
    monkeypatch.setattr(origin_search, "_CANDIDATES", 0)
    monkeypatch.setattr(origin_search, "_CANDIDATES_OF_PART", 0)
    for seed in range(SCENES):
        save(make_detailed_scene(seed).resize((640, 480)), tmp_path / "photos" / f"{seed}.jpg")
    library = make_library(tmp_path / "library", tmp_path / "photos")
    rows = np.eye(library.model.object_dimensions, dtype=np.float16)
    library.objects.table.save(
        {
            photo.photo_id: [EmbeddedObject(PhotoObject("", 0.2, BOX), rows[int(Path(photo.path).stem)])]
            for photo in library.photos()
        }
    )
    return library


def originals(
    library: Library, file: Path, found: tuple[PhotoObject, ...], asked: list[Example]
) -> list[str]:
    """The originals of a crop of scene 2, whose embedding is that of scene 0."""
    nearest = next(photo for photo in library.photos() if Path(photo.path).stem == "0")
    vector = library.models.active.vector_of(nearest.photo_id)
    assert vector is not None

    def embed(example: Example) -> Vector:
        asked.append(example)
        return np.eye(library.model.object_dimensions, dtype=np.float32)[2] if example.is_object else vector

    crop = make_detailed_scene(2).resize((640, 480)).crop((128, 96, 512, 384))
    family = library.origin.find(str(file), np.asarray(crop), crop.size, embed, found)
    return [Path(each.photo.path).stem for each in family.originals]


def test_an_object_in_an_image_leads_to_its_original(library: Library, tmp_path: Path) -> None:
    asked: list[Example] = []
    boxes = [(0.25, 0.25, 0.5, 0.5 - row / 20) for row in range(origin_search.MAX_OBJECTS + 1)]
    found = tuple(PhotoObject("", 0.5, box) for box in boxes)
    file = tmp_path / "crop.jpg"
    assert originals(library, file, (), asked) == []
    assert not any(example.is_object for example in asked)
    assert originals(library, file, found, asked) == ["2"]
    by_object = [example for example in asked if example.is_object]
    assert by_object == [Example(str(file), Region(*box), is_object=True) for box in boxes[:-1]]


def test_objects_are_not_embedded_if_the_original_is_found_without(library: Library, tmp_path: Path) -> None:
    photo = next(photo for photo in library.photos() if Path(photo.path).stem == "0")
    picture = make_detailed_scene(0).resize((320, 240))
    vector = library.models.active.vector_of(photo.photo_id)
    assert vector is not None
    asked: list[Example] = []

    def embed(example: Example) -> Vector:
        asked.append(example)
        return vector

    found = (PhotoObject("dog", 0.9, BOX),)
    family = library.origin.find(str(tmp_path / "small.jpg"), np.asarray(picture), picture.size, embed, found)
    assert [each.photo.file_id for each in family.originals] == [photo.file_id]
    assert not any(example.is_object for example in asked)


def test_objects_are_not_searched_by_while_labels_are_off(library: Library, tmp_path: Path) -> None:
    library.labels.set_enabled(False)
    asked: list[Example] = []
    assert originals(library, tmp_path / "crop.jpg", (PhotoObject("dog", 0.9, BOX),), asked) == []
    assert not any(example.is_object for example in asked)
