"""The photos that a view shows, and those loaded ahead of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.services.photo_cache import PhotoCache
from photosim.gui.services.photo_loader import FULL_SIZE
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.records import Photo, PhotoFacts
from tests.support.images import make_photo

LARGE = (2600, 2000)


@pytest.fixture
def cache(jobs: Jobs, photo_client: PhotoClient) -> Iterator[PhotoCache]:
    cache = PhotoCache(jobs, photo_client, capacity=0, max_pixels_ahead=1_000_000)
    yield cache
    cache.clear()


def make(path: Path, number: int, size: tuple[int, int] = (300, 200)) -> Photo:
    make_photo(path, number, size)
    return Photo(number, number, str(path), path.stat().st_size, 0, PhotoFacts(*size, "JPEG"))


def test_all_pixels_of_a_photo_are_loaded_on_request(qtbot: QtBot, cache: PhotoCache, tmp_path: Path) -> None:
    photo = make(tmp_path / "a.jpg", 1, LARGE)
    with qtbot.waitSignal(cache.changed):
        cache.request([photo], 1024)
    smaller = cache.photo(photo)
    assert smaller is not None
    assert smaller.levels[0].width() < LARGE[0]
    with qtbot.waitSignal(cache.changed):
        cache.request_details(photo, FULL_SIZE)
    whole = cache.photo(photo)
    assert whole is not None
    assert whole.levels[0].size().toTuple() == LARGE


def test_large_photos_are_not_loaded_ahead(qtbot: QtBot, cache: PhotoCache, tmp_path: Path) -> None:
    photos = [make(tmp_path / "a.jpg", 1), make(tmp_path / "b.jpg", 2, LARGE), make(tmp_path / "c.jpg", 3)]
    loaded: list[int] = []
    cache.changed.connect(loaded.append)
    cache.request(photos[:1], 1024, photos[1:])
    qtbot.waitUntil(lambda: len(loaded) == 2)
    assert set(loaded) == {1, 3}
    assert cache.photo(photos[1]) is None
    with qtbot.waitSignal(cache.changed):
        cache.request(photos[1:2], 1024)
    assert cache.photo(photos[1]) is not None
    assert cache.photo(photos[0]) is None, "none is kept that is not wanted"
