"""A newer program opens the libraries that older ones made, and loses nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import xxhash

from photosim.library.library import Library
from tests.support.images import make_photo

HERE = Path(__file__).parents[1] / "updating"
MODEL, DIMENSIONS = "yolo11n-coco-6-8-9-max-224", 640  # the model that 0.1 began with
SCENES, VARIANTS = 3, 2


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "photos"
    return [
        make_photo(folder / f"scene {scene} {variant}.jpg", scene, variant=variant)
        for scene in range(SCENES)
        for variant in range(VARIANTS)
    ]


@pytest.fixture
def old(tmp_path: Path, photos: list[Path]) -> Path:
    """A library of 0.1 with these photos, written without any code of today's store."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "settings.json").write_text(json.dumps({"model": MODEL}))
    with closing(database(folder, "library")) as db, closing(database(folder, "thumbnails")) as thumbnails:
        db.execute("INSERT INTO sources VALUES (1, ?, '2026-01-01T00:00:00+00:00')", (str(photos[0].parent),))
        for number, path in enumerate(photos, 1):
            data, facts = path.read_bytes(), path.stat()
            digest = xxhash.xxh3_128(data).digest()
            row = (
                number,
                digest,
                320,
                240,
                "JPEG",
                "2024-05-01T12:00:00",
                "Canon EOS R6",
                None,
                10.5,
                -20.25,
            )
            db.execute("INSERT INTO photos VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            file = (number, 1, str(path), facts.st_size, facts.st_mtime_ns, number, None)
            db.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", file)
            vector = embedding(number)
            db.execute(
                "INSERT INTO embeddings VALUES (?, ?, ?)", (number, MODEL, vector.astype("<f2").tobytes())
            )
            thumbnails.execute("INSERT INTO thumbnails VALUES (?, ?)", (digest, data))
        damaged = photos[0].with_name("damaged.jpg")
        damaged.write_bytes(b"no photo")
        facts = damaged.stat()
        file = (99, 1, str(damaged), facts.st_size, facts.st_mtime_ns, None, "This is no image.")
        db.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", file)
        db.execute("INSERT INTO clusterings VALUES (?, 'of 0.1')", (MODEL,))
        db.executemany("INSERT INTO cluster_members VALUES (?, 0, ?, ?)", [(MODEL, 0, 1), (MODEL, 1, 2)])
        db.commit()
        thumbnails.commit()
    return folder


def database(folder: Path, name: str) -> sqlite3.Connection:
    made = sqlite3.connect(folder / f"{name}.db")
    made.execute("PRAGMA journal_mode = WAL")
    made.executescript((HERE / f"{name}_0_1.sql").read_text(encoding="utf-8"))
    return made


def embedding(number: int) -> np.ndarray:
    """What the model is said to have seen: the variants of a scene are alike, scenes are not."""
    scene, variant = divmod(number - 1, VARIANTS)
    vector = np.random.default_rng(scene).normal(size=DIMENSIONS)
    vector += 0.3 * np.random.default_rng(100 + variant).normal(size=DIMENSIONS)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def test_an_update_keeps_photos_folders_and_what_could_not_be_read(old: Path, photos: list[Path]) -> None:
    library = Library.open(old)
    try:
        assert [(one.path, one.photos, one.online) for one in library.sources()] == [
            (str(photos[0].parent), len(photos), True)
        ]
        assert [one.path for one in library.photos()] == [str(path) for path in photos]
        photo = library.find(photos[0])
        assert photo is not None
        assert (photo.facts.width, photo.facts.camera) == (320, "Canon EOS R6")
        status = library.status()
        assert (status.photos, status.embedded, status.model) == (len(photos), len(photos), MODEL)
        assert [Path(one.path).name for one in status.unreadable] == ["damaged.jpg"]
    finally:
        library.close()


def test_an_update_keeps_what_looks_alike_and_the_thumbnails(old: Path, photos: list[Path]) -> None:
    library = Library.open(old)
    try:
        for scene in range(SCENES):
            first, second = photos[scene * VARIANTS : (scene + 1) * VARIANTS]
            best = library.similar_to_file(first, 1)[0]
            assert best.path == str(second)
            expected = float(embedding(scene * VARIANTS + 1) @ embedding(scene * VARIANTS + 2))
            assert best.similarity == pytest.approx(expected, abs=0.002)
        assert library.thumbnail(1) == photos[0].read_bytes()
    finally:
        library.close()


def test_after_an_update_no_photo_is_read_again(old: Path, photos: list[Path]) -> None:
    library = Library.open(old)
    try:
        *_, last = library.index([photos[0].parent])
        assert (last.indexed, last.unchanged, last.removed) == (0, len(photos) + 1, 0)
        assert library.status().embedded == len(photos)
    finally:
        library.close()


def test_an_update_is_done_once(old: Path) -> None:
    Library.open(old).close()
    first = (old / "library.db").read_bytes()
    Library.open(old).close()
    assert (old / "library.db").read_bytes() == first
