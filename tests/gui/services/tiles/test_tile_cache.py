"""The cache of tiles."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from photosim.gui.base.images import TileStyle
from photosim.gui.services.tiles.tile_cache import TileCache


def tile(edge: int) -> QPixmap:
    return QPixmap(edge, edge)


def test_the_last_tile_in_another_style_is_used_meanwhile(qapp: QApplication) -> None:
    cache = TileCache(10**6)
    assert cache.pixmap(1, TileStyle.square(30)) is None
    for edge in (10, 20):
        cache.store((1, TileStyle.square(edge)), tile(edge))
    found = cache.pixmap(1, TileStyle.square(30))
    assert found is not None
    assert found.width() == 20
    assert (1, TileStyle.square(30)) not in cache
    exact = cache.pixmap(1, TileStyle.square(10))
    assert exact is not None
    assert exact.width() == 10


def test_what_is_used_stays_longer_than_what_came_later(qapp: QApplication) -> None:
    cache = TileCache(3 * 400)
    style = TileStyle.square(10)
    for photo_id in (1, 2, 3):
        cache.store((photo_id, style), tile(10))
    cache.touch((1, style))
    cache.pixmap(2, style)
    cache.store((4, style), tile(10))
    assert [(photo_id, style) in cache for photo_id in (1, 2, 3, 4)] == [True, True, False, True]


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([5, 10, 20])), max_size=40))
def test_the_size_is_that_of_the_cached_tiles(qapp: QApplication, stored: list[tuple[int, int]]) -> None:
    cache = TileCache(3000)
    for photo_id, edge in stored:
        cache.store((photo_id, TileStyle.square(edge)), tile(edge))
        assert cache.size_bytes <= 3000
    cached = {(photo_id, edge) for photo_id, edge in stored if (photo_id, TileStyle.square(edge)) in cache}
    assert cache.size_bytes == sum(4 * edge * edge for _, edge in cached)
    assert not stored or (stored[-1][0], TileStyle.square(stored[-1][1])) in cache


def test_a_tile_of_another_part_of_the_photo_does_not_stand_in(qapp: QApplication) -> None:
    cache, box = TileCache(1 << 20), (0.1, 0.1, 0.2, 0.2)
    whole, part = TileStyle.square(20), TileStyle(20, 20, 0, box)
    cache.store((1, whole), tile(20))
    assert cache.pixmap(1, part) is None
    cache.store((1, part), tile(20))
    found = cache.pixmap(1, TileStyle(30, 30, 0, box))
    assert found is not None
    assert found.cacheKey() == cache.pixmap(1, part).cacheKey()
    assert cache.pixmap(1, TileStyle.square(30)).cacheKey() == cache.pixmap(1, whole).cacheKey()
