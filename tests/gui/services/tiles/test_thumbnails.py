"""Tiles that are loaded for the views."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from photosim.errors import LibraryError
from photosim.gui.base import images
from photosim.gui.base.images import TileStyle
from photosim.gui.base.jobs import Jobs
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.services.tiles.tile_queue import Key
from photosim.imaging.turbojpeg import encode_thumbnail
from tests.support.images import make_scene
from tests.support.timeouts import TIMEOUT_S

STYLE = TileStyle.square(50)


def tiles(photo_ids: Iterable[int], style: TileStyle = STYLE) -> list[Key]:
    return [(photo_id, style) for photo_id in photo_ids]


TILE_BYTES = 50 * 50 * 4


class FakeReader:
    """Reads thumbnails, and records how often each is read; blocks while `unblocked` is not set."""

    def __init__(self) -> None:
        self.reads: Counter[int] = Counter()
        self.order: list[int] = []
        self.unblocked = threading.Event()
        self.unblocked.set()
        self._jpeg = encode_thumbnail(make_scene(1))

    def __call__(self, photo_id: int) -> bytes | None:
        self.reads[photo_id] += 1
        self.order.append(photo_id)
        assert self.unblocked.wait(TIMEOUT_S)
        return None if photo_id < 0 else self._jpeg


@pytest.fixture
def reader() -> FakeReader:
    return FakeReader()


@pytest.fixture
def thumbnails(reader: FakeReader, jobs: Jobs) -> ThumbnailLoader:
    return ThumbnailLoader(reader, jobs)


def until(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition)


def test_what_is_requested_arrives_once(
    qtbot: QtBot, thumbnails: ThumbnailLoader, reader: FakeReader
) -> None:
    arrived: set[int] = set()
    thumbnails.loaded.connect(arrived.update)
    assert thumbnails.pixmap(1, STYLE) is None
    thumbnails.request("grid", tiles([1, 2, 3]))
    until(qtbot, lambda: arrived == {1, 2, 3})
    thumbnails.request("grid", tiles([1, 2, 3]))
    pixmap = thumbnails.pixmap(2, STYLE)
    assert pixmap is not None
    assert (pixmap.width(), pixmap.height()) == (50, 50)
    assert reader.reads == {1: 1, 2: 1, 3: 1}


def test_what_scrolled_away_is_not_read(
    qtbot: QtBot, thumbnails: ThumbnailLoader, reader: FakeReader
) -> None:
    reader.unblocked.clear()
    thumbnails.request("grid", tiles(range(1, 200)))
    thumbnails.request("grid", tiles([500]))
    reader.unblocked.set()
    until(qtbot, lambda: thumbnails.pixmap(500, STYLE) is not None)
    assert len(reader.reads) < 30


def test_the_first_wishes_come_first(
    qtbot: QtBot, thumbnails: ThumbnailLoader, reader: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.gui.services.tiles.thumbnails._MAX_JOBS", 1)
    thumbnails.request("grid", tiles(range(40, 0, -1)))
    until(qtbot, lambda: len(reader.order) == 40)
    assert reader.order == list(range(40, 0, -1))


def test_two_views_do_not_drop_each_other_s_requests(
    qtbot: QtBot, thumbnails: ThumbnailLoader, reader: FakeReader
) -> None:
    reader.unblocked.clear()
    thumbnails.request("grid", tiles([1]))
    thumbnails.request("panel", tiles([2], TileStyle.square(30)))
    reader.unblocked.set()
    until(
        qtbot, lambda: None not in (thumbnails.pixmap(1, STYLE), thumbnails.pixmap(2, TileStyle.square(30)))
    )


def test_another_size_stands_in_until_the_right_one_is_made(
    qtbot: QtBot, thumbnails: ThumbnailLoader
) -> None:
    thumbnails.request("grid", tiles([1]))
    until(qtbot, lambda: thumbnails.pixmap(1, STYLE) is not None)
    stand_in = thumbnails.pixmap(1, TileStyle.square(80))
    assert stand_in is not None
    assert stand_in.width() == 50
    thumbnails.request("grid", tiles([1], TileStyle.square(80)))
    until(qtbot, lambda: (thumbnails.pixmap(1, TileStyle.square(80)) or stand_in).width() == 80)


def test_memory_stays_within_the_budget(qtbot: QtBot, jobs: Jobs, reader: FakeReader) -> None:
    thumbnails = ThumbnailLoader(reader, jobs, budget=10 * TILE_BYTES)
    thumbnails.request("grid", tiles(range(1, 41)))
    until(qtbot, lambda: len(reader.order) == 40 and not jobs.is_busy)
    assert thumbnails.size_bytes <= 10 * TILE_BYTES
    kept = [photo_id for photo_id in range(1, 41) if thumbnails.pixmap(photo_id, STYLE) is not None]
    assert len(kept) == 10


def test_the_longest_unused_goes_first(qtbot: QtBot, jobs: Jobs, reader: FakeReader) -> None:
    thumbnails = ThumbnailLoader(reader, jobs, budget=3 * TILE_BYTES)
    for photo_id in (1, 2, 3):
        thumbnails.request("grid", tiles([photo_id]))
        until(qtbot, lambda photo_id=photo_id: thumbnails.pixmap(photo_id, STYLE) is not None)
    thumbnails.pixmap(1, STYLE)
    thumbnails.request("grid", tiles([4]))
    until(qtbot, lambda: thumbnails.pixmap(4, STYLE) is not None)
    assert thumbnails.pixmap(2, STYLE) is None
    assert thumbnails.pixmap(1, STYLE) is not None


def test_a_missing_thumbnail_is_read_once(
    qtbot: QtBot, thumbnails: ThumbnailLoader, reader: FakeReader
) -> None:
    thumbnails.request("grid", tiles([-1]))
    until(qtbot, lambda: thumbnails.is_missing(-1))
    thumbnails.request("grid", tiles([-1]))
    assert reader.reads == {-1: 1}
    thumbnails.forget_missing()
    thumbnails.request("grid", tiles([-1]))
    until(qtbot, lambda: thumbnails.is_missing(-1))
    assert reader.reads == {-1: 2}


def test_a_photo_that_must_be_read_for_its_thumbnail_waits_for_those_that_need_not(
    qtbot: QtBot, jobs: Jobs, reader: FakeReader
) -> None:
    kept = encode_thumbnail(make_scene(2))
    cached = {number: kept for number in range(1, 31) if number % 5}
    thumbnails = ThumbnailLoader(
        reader, jobs, read_cached=lambda photo_ids: {one: cached[one] for one in photo_ids if one in cached}
    )
    reader.unblocked.clear()
    thumbnails.request("grid", tiles(range(1, 31)))
    until(qtbot, lambda: all(thumbnails.has(number, STYLE) for number in cached))
    assert len(reader.reads) <= 1, "one photo at a time is read"
    reader.unblocked.set()
    until(qtbot, lambda: all(thumbnails.has(number, STYLE) for number in range(1, 31)))
    assert sorted(reader.reads) == [5, 10, 15, 20, 25, 30]


def test_what_is_no_longer_requested_is_left_out_of_a_running_job(
    qtbot: QtBot, thumbnails: ThumbnailLoader, reader: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.gui.services.tiles.thumbnails._MAX_JOBS", 2)
    reader.unblocked.clear()
    thumbnails.request("grid", tiles(range(1, 13)))
    until(qtbot, lambda: len(reader.order) == 2)
    started = set(reader.order)
    last = {6, 12} - started
    thumbnails.request("grid", tiles(sorted(last)))
    reader.unblocked.set()
    until(qtbot, lambda: all(thumbnails.has(number, STYLE) for number in last))
    assert set(reader.order) == started | last
    assert not any(thumbnails.is_missing(number) for number in range(1, 13))


def test_what_is_nearby_waits_for_what_is_visible(qtbot: QtBot, jobs: Jobs) -> None:
    asked: list[int] = []
    jpeg = encode_thumbnail(make_scene(2))

    def read_cached(photo_ids: Sequence[int]) -> dict[int, bytes]:
        asked.extend(photo_ids)
        return dict.fromkeys(photo_ids, jpeg)

    thumbnails = ThumbnailLoader(pytest.fail, jobs, read_cached=read_cached)
    thumbnails.request("grid", tiles(range(1, 41)), tiles(range(101, 141)))
    until(qtbot, lambda: all(thumbnails.has(number, STYLE) for number in range(101, 141)))
    assert sorted(asked[:40]) == list(range(1, 41))
    assert sorted(asked[40:]) == list(range(101, 141))


def test_tiles_are_reported_together(qtbot: QtBot, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photosim.gui.services.tiles.thumbnails._FRAME_MS", 1000 * 3600)
    monkeypatch.setattr("photosim.gui.services.tiles.thumbnails._STORE_BUDGET_S", 3600)
    jpeg = encode_thumbnail(make_scene(2))
    thumbnails = ThumbnailLoader(
        pytest.fail, jobs, read_cached=lambda photo_ids: dict.fromkeys(photo_ids, jpeg)
    )
    reported: list[set[int]] = []
    thumbnails.loaded.connect(reported.append)
    thumbnails.request("grid", tiles(range(1, 101)))
    until(qtbot, lambda: bool(reported))
    assert reported == [set(range(1, 101))]


def test_a_turn_of_the_event_loop_stores_only_what_it_has_time_for(
    qtbot: QtBot, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.gui.services.tiles.thumbnails._STORE_BUDGET_S", 0)
    jpeg = encode_thumbnail(make_scene(2))
    thumbnails = ThumbnailLoader(
        pytest.fail, jobs, read_cached=lambda photo_ids: dict.fromkeys(photo_ids, jpeg)
    )
    turns: list[int] = []
    thumbnails.loaded.connect(lambda photo_ids: turns.append(len(photo_ids)))
    thumbnails.request("grid", tiles(range(1, 21)), tiles(range(31, 41)))
    until(qtbot, lambda: all(thumbnails.has(one, STYLE) for one in (*range(1, 21), *range(31, 41))))
    assert turns == [1] * 30


def test_where_reading_a_batch_fails_each_is_read_alone(qtbot: QtBot, jobs: Jobs, reader: FakeReader) -> None:
    def fails(_: Sequence[int]) -> dict[int, bytes]:
        raise LibraryError("The file cannot be read just now.")

    thumbnails = ThumbnailLoader(reader, jobs, read_cached=fails)
    thumbnails.request("grid", tiles([1, 2, -3, 4]))
    until(qtbot, lambda: all(thumbnails.has(number, STYLE) for number in (1, 2, 4)))
    until(qtbot, lambda: thumbnails.is_missing(-3))
    assert reader.reads == {1: 1, 2: 1, -3: 1, 4: 1}


def test_one_damaged_thumbnail_costs_one_tile(
    qtbot: QtBot, jobs: Jobs, reader: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = encode_thumbnail(make_scene(2))
    cached = dict.fromkeys(range(1, 9), good) | {3: b"damaged", 5: b"refused"}
    made = images.make_tile

    def refusing(data: bytes, style: TileStyle) -> QImage | None:
        if data == b"refused":
            raise MemoryError
        return made(data, style)

    monkeypatch.setattr("photosim.gui.services.tiles.thumbnails.make_tile", refusing)
    thumbnails = ThumbnailLoader(
        reader, jobs, read_cached=lambda photo_ids: {one: cached[one] for one in photo_ids}
    )
    thumbnails.request("grid", tiles(range(1, 9)))
    until(qtbot, lambda: all(thumbnails.has(number, STYLE) for number in (1, 2, 4, 6, 7, 8)))
    until(qtbot, lambda: thumbnails.is_missing(3) and thumbnails.is_missing(5))


def test_what_is_requested_again_while_it_is_made_arrives(
    qtbot: QtBot, jobs: Jobs, reader: FakeReader
) -> None:
    thumbnails = ThumbnailLoader(reader, jobs)
    for _ in range(30):
        thumbnails.request("grid", tiles(range(1, 20)))
        thumbnails.request("grid", tiles(range(30, 50)), tiles(range(60, 70)))
    thumbnails.request("grid", tiles(range(1, 20)), tiles(range(80, 90)))
    until(qtbot, lambda: all(thumbnails.has(one, STYLE) for one in (*range(1, 20), *range(80, 90))))
