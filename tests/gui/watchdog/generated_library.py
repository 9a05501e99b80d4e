"""A large generated library with a few real photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from photosim.duplicates.results import JudgedPair
from photosim.imaging.turbojpeg import encode_thumbnail
from photosim.library import Library
from photosim.ml.models.catalog import DEFAULT
from photosim.records import EmbeddedObject, FileEntry, Photo, PhotoFacts, PhotoObject
from photosim.runtime.control import JobControl
from photosim.store.catalog import Catalog, FileRecord
from photosim.store.duplicates import DuplicateTable
from photosim.store.embeddings import pack_vector
from photosim.store.objects import ObjectTable
from tests.support.images import make_photo, make_scene

DOG_BOX = (0.3, 0.3, 0.2, 0.4)

_REAL_FILES, _THUMBNAILS, _SCENES = 12, 40, 900


def write_library(folder: Path, count: int) -> None:
    """Write a library of `count` photos, every two of which are duplicates, with about `count` / 900 of each scene.

    The newest ones are real files. There is a dog in each.
    """
    folder.mkdir(parents=True)
    random = np.random.default_rng(1)
    scenes = random.normal(size=(_SCENES, DEFAULT.dimensions)).astype(np.float32)
    real_files = [
        make_photo(folder.parent / "real" / f"IMG_{number:07}.jpg", number, (4000, 3000))
        for number in range(_REAL_FILES)
    ]
    records = []
    for number in range(count):
        vector = scenes[number % _SCENES] + 0.5 * random.normal(size=DEFAULT.dimensions).astype(np.float32)
        vector /= np.linalg.norm(vector)
        age = count - number
        path = f"/photos/{number // 500:04}/IMG_{number:07}.jpg"
        if age <= _REAL_FILES:
            path = str(real_files[age - 1])
        facts = PhotoFacts(4000, 3000, "JPEG", taken_at=_taken_at(age), camera="Camera of these photos")
        entry = FileEntry(path, 4_000_000, number)
        records.append(FileRecord(entry, number.to_bytes(16, "big"), facts, pack_vector(vector)))
    catalog = Catalog(folder)
    catalog.add_source("/photos")
    catalog.save("/photos", records, DEFAULT.id)
    photo_ids = [catalog.database.value("SELECT MIN(id) FROM photos") + number for number in range(count)]
    pairs = [
        JudgedPair(first, second, 0.9) for first, second in zip(photo_ids[::2], photo_ids[1::2], strict=False)
    ]
    DuplicateTable(catalog.database).save({}, 1, pairs)
    dogs = random.normal(size=(count, DEFAULT.object_dimensions)) + 2 * random.normal(
        size=DEFAULT.object_dimensions
    )
    dogs /= np.linalg.norm(dogs, axis=1, keepdims=True)
    ObjectTable(catalog.database, DEFAULT.id, DEFAULT.object_dimensions).save(
        {
            photo_id: [EmbeddedObject(PhotoObject("dog", 0.9, DOG_BOX), dog.astype(np.float16))]
            for photo_id, dog in zip(photo_ids, dogs, strict=True)
        }
    )
    catalog.close()
    library = Library.open(folder)
    for _ in library.models.active.index_builder.build(JobControl(), with_map=True):
        pass
    library.close()


def replace_thumbnails(library: Library) -> None:
    """Let the library return generated thumbnails, as its photos have none."""
    thumbnails = [encode_thumbnail(make_scene(number, (640, 480))) for number in range(_THUMBNAILS)]
    library.thumbnail = lambda photo_id: thumbnails[photo_id % _THUMBNAILS]  # type: ignore[method-assign]
    library.cached_thumbnails = lambda photo_ids: {  # type: ignore[method-assign]
        photo_id: thumbnails[photo_id % _THUMBNAILS] for photo_id in photo_ids
    }


def make_new_photos(photos: Sequence[Photo], count: int) -> list[Photo]:
    """Make photos that are not in a list, with dates spread over those of the list."""
    originals = photos[:: max(len(photos) // count, 1)][:count]
    first_id = max(photo.file_id for photo in photos) + 1
    return [
        replace(photo, file_id=first_id + number, path=f"{photo.path}.new.jpg")
        for number, photo in enumerate(originals)
    ]


def _taken_at(age: int) -> str:
    """A date and time, ten photos a day; the higher `age`, the earlier."""
    day = f"{2024 - age // 3360:04}-{12 - age // 280 % 12:02}-{28 - age // 10 % 28:02}"
    return f"{day}T10:{age % 60:02}:00"
