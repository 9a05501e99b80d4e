"""Tiles on their way to the screen."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from photosim.errors import LibraryError
from photosim.gui.base import images
from photosim.gui.base.images import TileStyle
from photosim.gui.base.jobs import Jobs
from photosim.gui.services.thumbnails import ThumbnailLoader
from photosim.imaging.turbojpeg import encode_thumbnail
from tests.support.images import make_scene
from tests.support.timeouts import TIMEOUT_S

LOOK = TileStyle(50)
TILE_BYTES = 50 * 50 * 4


class Shelf:
    """Gives thumbnails and counts who asked for what; `hold` keeps the askers waiting."""

    def __init__(self) -> None:
        self.asked: Counter[int] = Counter()
        self.order: list[int] = []
        self.go = threading.Event()
        self.go.set()
        self._jpeg = encode_thumbnail(make_scene(1))

    def __call__(self, photo_id: int) -> bytes | None:
        self.asked[photo_id] += 1
        self.order.append(photo_id)
        assert self.go.wait(TIMEOUT_S)
        return None if photo_id < 0 else self._jpeg


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def thumbnails(shelf: Shelf, jobs: Jobs) -> ThumbnailLoader:
    return ThumbnailLoader(shelf, jobs)


def until(qtbot: QtBot, what: Callable[[], bool]) -> None:
    qtbot.waitUntil(what)


def test_what_is_wanted_arrives_once(qtbot: QtBot, thumbnails: ThumbnailLoader, shelf: Shelf) -> None:
    arrived: set[int] = set()
    thumbnails.loaded.connect(arrived.update)
    assert thumbnails.pixmap(1, LOOK) is None
    thumbnails.request("grid", [1, 2, 3], LOOK)
    until(qtbot, lambda: arrived == {1, 2, 3})
    thumbnails.request("grid", [1, 2, 3], LOOK)
    pixmap = thumbnails.pixmap(2, LOOK)
    assert pixmap is not None
    assert (pixmap.width(), pixmap.height()) == (50, 50)
    assert shelf.asked == {1: 1, 2: 1, 3: 1}


def test_what_scrolled_away_is_not_read(qtbot: QtBot, thumbnails: ThumbnailLoader, shelf: Shelf) -> None:
    shelf.go.clear()
    thumbnails.request("grid", range(1, 200), LOOK)
    thumbnails.request("grid", [500], LOOK)
    shelf.go.set()
    until(qtbot, lambda: thumbnails.pixmap(500, LOOK) is not None)
    assert len(shelf.asked) < 30


def test_the_first_wishes_come_first(
    qtbot: QtBot, thumbnails: ThumbnailLoader, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.gui.services.thumbnails._MAX_JOBS", 1)
    thumbnails.request("grid", range(40, 0, -1), LOOK)
    until(qtbot, lambda: len(shelf.order) == 40)
    assert shelf.order == list(range(40, 0, -1))


def test_two_views_do_not_take_each_other_s_wishes(
    qtbot: QtBot, thumbnails: ThumbnailLoader, shelf: Shelf
) -> None:
    shelf.go.clear()
    thumbnails.request("grid", [1], LOOK)
    thumbnails.request("panel", [2], TileStyle(30))
    shelf.go.set()
    until(qtbot, lambda: None not in (thumbnails.pixmap(1, LOOK), thumbnails.pixmap(2, TileStyle(30))))


def test_another_size_stands_in_until_the_right_one_is_made(
    qtbot: QtBot, thumbnails: ThumbnailLoader
) -> None:
    thumbnails.request("grid", [1], LOOK)
    until(qtbot, lambda: thumbnails.pixmap(1, LOOK) is not None)
    stand_in = thumbnails.pixmap(1, TileStyle(80))
    assert stand_in is not None
    assert stand_in.width() == 50
    thumbnails.request("grid", [1], TileStyle(80))
    until(qtbot, lambda: (thumbnails.pixmap(1, TileStyle(80)) or stand_in).width() == 80)


def test_memory_stays_within_the_budget(qtbot: QtBot, jobs: Jobs, shelf: Shelf) -> None:
    thumbnails = ThumbnailLoader(shelf, jobs, budget=10 * TILE_BYTES)
    thumbnails.request("grid", range(1, 41), LOOK)
    until(qtbot, lambda: len(shelf.order) == 40 and not jobs.is_busy)
    assert thumbnails.size_bytes <= 10 * TILE_BYTES
    kept = [photo_id for photo_id in range(1, 41) if thumbnails.pixmap(photo_id, LOOK) is not None]
    assert len(kept) == 10


def test_the_longest_unused_goes_first(qtbot: QtBot, jobs: Jobs, shelf: Shelf) -> None:
    thumbnails = ThumbnailLoader(shelf, jobs, budget=3 * TILE_BYTES)
    for photo_id in (1, 2, 3):
        thumbnails.request("grid", [photo_id], LOOK)
        until(qtbot, lambda photo_id=photo_id: thumbnails.pixmap(photo_id, LOOK) is not None)
    thumbnails.pixmap(1, LOOK)
    thumbnails.request("grid", [4], LOOK)
    until(qtbot, lambda: thumbnails.pixmap(4, LOOK) is not None)
    assert thumbnails.pixmap(2, LOOK) is None
    assert thumbnails.pixmap(1, LOOK) is not None


def test_a_missing_thumbnail_is_asked_for_once(
    qtbot: QtBot, thumbnails: ThumbnailLoader, shelf: Shelf
) -> None:
    thumbnails.request("grid", [-1], LOOK)
    until(qtbot, lambda: thumbnails.is_missing(-1))
    thumbnails.request("grid", [-1], LOOK)
    assert shelf.asked == {-1: 1}
    thumbnails.forget_missing()
    thumbnails.request("grid", [-1], LOOK)
    until(qtbot, lambda: thumbnails.is_missing(-1))
    assert shelf.asked == {-1: 2}


def test_a_photo_that_must_be_read_for_its_thumbnail_waits_for_those_that_need_not(
    qtbot: QtBot, jobs: Jobs, shelf: Shelf
) -> None:
    kept = encode_thumbnail(make_scene(2))
    at_hand = {number: kept for number in range(1, 31) if number % 5}
    thumbnails = ThumbnailLoader(
        shelf, jobs, read_cached=lambda wanted: {one: at_hand[one] for one in wanted if one in at_hand}
    )
    shelf.go.clear()
    thumbnails.request("grid", range(1, 31), LOOK)
    until(qtbot, lambda: all(thumbnails.has(number, LOOK) for number in at_hand))
    assert len(shelf.asked) <= 1, "one photo at a time is read"
    shelf.go.set()
    until(qtbot, lambda: all(thumbnails.has(number, LOOK) for number in range(1, 31)))
    assert sorted(shelf.asked) == [5, 10, 15, 20, 25, 30]


def test_what_is_no_longer_wanted_is_left_out_of_a_job_under_way(
    qtbot: QtBot, thumbnails: ThumbnailLoader, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.gui.services.thumbnails._MAX_JOBS", 2)
    shelf.go.clear()
    thumbnails.request("grid", range(1, 13), LOOK)
    until(qtbot, lambda: len(shelf.order) == 2)
    started = set(shelf.order)
    last = {6, 12} - started
    thumbnails.request("grid", sorted(last), LOOK)
    shelf.go.set()
    until(qtbot, lambda: all(thumbnails.has(number, LOOK) for number in last))
    assert set(shelf.order) == started | last
    assert not any(thumbnails.is_missing(number) for number in range(1, 13))


def test_what_is_beside_waits_for_what_is_shown(qtbot: QtBot, jobs: Jobs) -> None:
    asked: list[int] = []
    jpeg = encode_thumbnail(make_scene(2))

    def kept(photo_ids: Sequence[int]) -> dict[int, bytes]:
        asked.extend(photo_ids)
        return dict.fromkeys(photo_ids, jpeg)

    thumbnails = ThumbnailLoader(pytest.fail, jobs, read_cached=kept)
    thumbnails.request("grid", range(1, 41), LOOK, nearby=range(101, 141))
    until(qtbot, lambda: all(thumbnails.has(number, LOOK) for number in range(101, 141)))
    assert sorted(asked[:40]) == list(range(1, 41))
    assert sorted(asked[40:]) == list(range(101, 141))


def test_tiles_are_told_of_together(qtbot: QtBot, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photosim.gui.services.thumbnails._FRAME_MS", 1000 * 3600)
    monkeypatch.setattr("photosim.gui.services.thumbnails._STORE_BUDGET_S", 3600)
    jpeg = encode_thumbnail(make_scene(2))
    thumbnails = ThumbnailLoader(pytest.fail, jobs, read_cached=lambda wanted: dict.fromkeys(wanted, jpeg))
    told: list[set[int]] = []
    thumbnails.loaded.connect(told.append)
    thumbnails.request("grid", range(1, 101), LOOK)
    until(qtbot, lambda: bool(told))
    assert told == [set(range(1, 101))]


def test_a_turn_of_the_window_takes_in_only_what_it_has_time_for(
    qtbot: QtBot, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.gui.services.thumbnails._STORE_BUDGET_S", 0)
    jpeg = encode_thumbnail(make_scene(2))
    thumbnails = ThumbnailLoader(pytest.fail, jobs, read_cached=lambda wanted: dict.fromkeys(wanted, jpeg))
    turns: list[int] = []
    thumbnails.loaded.connect(lambda photo_ids: turns.append(len(photo_ids)))
    thumbnails.request("grid", range(1, 21), LOOK, nearby=range(31, 41))
    until(qtbot, lambda: all(thumbnails.has(one, LOOK) for one in (*range(1, 21), *range(31, 41))))
    assert turns == [1] * 30


def test_where_asking_for_all_fails_each_is_asked_for_alone(qtbot: QtBot, jobs: Jobs, shelf: Shelf) -> None:
    def fails(_: Sequence[int]) -> dict[int, bytes]:
        raise LibraryError("The file cannot be read just now.")

    thumbnails = ThumbnailLoader(shelf, jobs, read_cached=fails)
    thumbnails.request("grid", [1, 2, -3, 4], LOOK)
    until(qtbot, lambda: all(thumbnails.has(number, LOOK) for number in (1, 2, 4)))
    until(qtbot, lambda: thumbnails.is_missing(-3))
    assert shelf.asked == {1: 1, 2: 1, -3: 1, 4: 1}


def test_one_damaged_thumbnail_costs_one_tile(
    qtbot: QtBot, jobs: Jobs, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = encode_thumbnail(make_scene(2))
    at_hand = dict.fromkeys(range(1, 9), good) | {3: b"damaged", 5: b"refused"}
    made = images.make_tile

    def refusing(data: bytes, look: TileStyle) -> QImage | None:
        if data == b"refused":
            raise MemoryError
        return made(data, look)

    monkeypatch.setattr("photosim.gui.services.thumbnails.make_tile", refusing)
    thumbnails = ThumbnailLoader(
        shelf, jobs, read_cached=lambda wanted: {one: at_hand[one] for one in wanted}
    )
    thumbnails.request("grid", range(1, 9), LOOK)
    until(qtbot, lambda: all(thumbnails.has(number, LOOK) for number in (1, 2, 4, 6, 7, 8)))
    until(qtbot, lambda: thumbnails.is_missing(3) and thumbnails.is_missing(5))


def test_what_a_person_comes_back_to_while_it_is_made_arrives(qtbot: QtBot, jobs: Jobs, shelf: Shelf) -> None:
    thumbnails = ThumbnailLoader(shelf, jobs)
    for _ in range(30):
        thumbnails.request("grid", range(1, 20), LOOK)
        thumbnails.request("grid", range(30, 50), LOOK, nearby=range(60, 70))
    thumbnails.request("grid", range(1, 20), LOOK, nearby=range(80, 90))
    until(qtbot, lambda: all(thumbnails.has(one, LOOK) for one in (*range(1, 20), *range(80, 90))))
