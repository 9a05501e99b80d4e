"""Tiles kept up to a budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from photosim.gui.base.images import TileStyle
from photosim.gui.services.tile_cache import TileCache


def tile(edge: int) -> QPixmap:
    return QPixmap(edge, edge)


def test_the_last_one_of_another_look_stands_in(qapp: QApplication) -> None:
    store = TileCache(10**6)
    assert store.pixmap(1, TileStyle(30)) is None
    for edge in (10, 20):
        store.store((1, TileStyle(edge)), tile(edge))
    found = store.pixmap(1, TileStyle(30))
    assert found is not None
    assert found.width() == 20
    assert (1, TileStyle(30)) not in store
    exact = store.pixmap(1, TileStyle(10))
    assert exact is not None
    assert exact.width() == 10


def test_what_is_used_stays_longer_than_what_came_later(qapp: QApplication) -> None:
    store = TileCache(3 * 400)
    look = TileStyle(10)
    for photo_id in (1, 2, 3):
        store.store((photo_id, look), tile(10))
    store.touch((1, look))
    store.pixmap(2, look)
    store.store((4, look), tile(10))
    assert [(photo_id, look) in store for photo_id in (1, 2, 3, 4)] == [True, True, False, True]


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([5, 10, 20])), max_size=40))
def test_the_bytes_kept_are_those_of_the_tiles_that_are_there(
    qapp: QApplication, kept: list[tuple[int, int]]
) -> None:
    store = TileCache(3000)
    for photo_id, edge in kept:
        store.store((photo_id, TileStyle(edge)), tile(edge))
        assert store.size_bytes <= 3000
    there = {one for one in kept if (one[0], TileStyle(one[1])) in store}
    assert store.size_bytes == sum(4 * edge * edge for _, edge in there)
    assert not kept or (kept[-1][0], TileStyle(kept[-1][1])) in store
