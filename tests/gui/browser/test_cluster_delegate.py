"""Painting clusters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from photosim.gui.base import theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.browser.cluster_delegate import ClusterDelegate, EventDelegate
from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.browser.mosaic import mosaic
from photosim.gui.grid.delegate import FRAME
from photosim.gui.grid.tile_model import Caption, RowProxy, TileContent
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from tests.support.painting import FakeIndex, make_pixmap, render
from tests.support.photo_records import make_cluster, make_cover, make_photo_records


@pytest.mark.parametrize(
    "caption",
    [
        Caption("3 photos"),
        Caption("dog, frisbee", "3"),
        Caption("a label that is longer than the tile is wide", "3"),
    ],
)
def test_a_cluster_has_its_name_and_count_below_its_cover(qtbot: QtBot, caption: Caption) -> None:
    delegate = ClusterDelegate()
    image = render(delegate, FakeIndex(thumbnail=make_pixmap(), caption=caption))
    assert image.pixelColor(75, 80) == QColor("red")
    below = image.copy(0, 150, 150, delegate.caption_height)
    painted = {x for x in range(150) for y in range(below.height()) if below.pixelColor(x, y).alpha()}
    assert min(painted) < 30
    assert (max(painted) > 135) == bool(caption.count_text), "a name leaves the right end to the count"
    assert max(painted) < 150 - FRAME


def test_an_event_has_its_days_below_its_name(qtbot: QtBot) -> None:
    delegate = EventDelegate()
    images = [
        render(delegate, FakeIndex(thumbnail=make_pixmap(), caption=Caption("Kyoto", "3", days)))
        for days in ("", "2024-05-01")
    ]
    changed = [
        y
        for y in range(images[0].height())
        if any(images[0].pixel(x, y) != images[1].pixel(x, y) for x in range(150))
    ]
    assert changed
    assert min(changed) > 150 + ClusterDelegate.caption_height // 2, "the name stays as it is"
    assert max(changed) < 150 + delegate.caption_height


def test_clusters_look_the_same_painted_together_and_one_by_one(jobs: Jobs) -> None:
    photos = make_photo_records(4)
    photos[1] = replace(photos[1], missing=True)
    cover_ids = [(1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)]
    model, delegate = ClusterModel(ThumbnailLoader(lambda _: None, jobs)), ClusterDelegate()
    clusters = [
        replace(make_cluster(number, [photo]), cover_ids=ids)
        for number, (photo, ids) in enumerate(zip(photos, cover_ids, strict=True), 1)
    ]
    clusters[2] = replace(clusters[2], automatic_name="Dog, frisbee")
    model.set_clusters(list(zip(clusters, map(make_cover, photos), strict=True)))
    cells = [(row, QRect(row * 150, 0, 150, 150 + delegate.caption_height)) for row in range(4)]
    option = QStyleOptionViewItem()
    option.palette = theme.palette(dark=False)
    images = []
    for together in (True, False):
        image = QImage(600, 150 + delegate.caption_height, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        if together:
            delegate.paint_tiles(painter, option, model, cells)
        else:
            for row, option.rect in cells:
                delegate.paint(painter, option, RowProxy(model, row))
        painter.end()
        images.append(image)
    assert images[0] == images[1]


@pytest.mark.parametrize("photos", [1, 2, 3, 4])
@pytest.mark.parametrize("ratio", [1, 2])
def test_a_cover_shows_its_photos_side_by_side(qtbot: QtBot, photos: int, ratio: int) -> None:
    colors = ["red", "lime", "blue", "yellow"][:photos]
    parts = mosaic(photos, 142 * ratio, 142 * ratio)
    pixmaps = []
    for color, (_, _, width, height) in zip(colors, parts, strict=True):
        pixmap = make_pixmap(color)
        pixmaps.append(pixmap.scaled(width, height))
    cover = [TileContent(pixmap) for pixmap in pixmaps]
    index = FakeIndex(thumbnail=pixmaps[0], cover=cover, caption=Caption("4"))
    image = render(ClusterDelegate(), index, ratio=ratio)
    for color, (x, y, width, height) in zip(colors, parts, strict=True):
        left, top = FRAME * ratio + x, FRAME * ratio + y
        for across, down in ((0, 0), (width - 1, height - 1), (width // 2, height // 2)):
            assert image.pixelColor(left + across, top + down) == QColor(color)


@pytest.mark.parametrize("photos", [1, 2, 3, 4])
@pytest.mark.parametrize("side", [72, 75, 160, 161, 640])
def test_the_parts_of_a_mosaic_fill_it_without_overlapping(photos: int, side: int) -> None:
    covered = np.zeros((side, side), int)
    for x, y, width, height in mosaic(photos, side, side):
        covered[y : y + height, x : x + width] += 1
    assert covered.max() == 1
    assert covered[[0, -1]][:, [0, -1]].all()
    assert covered.mean() > 0.94


def test_an_offline_cluster_is_marked_once_on_its_mosaic(qtbot: QtBot) -> None:
    parts = [TileContent(make_pixmap(color)) for color in ("red", "lime", "blue", "yellow")]
    plain = render(ClusterDelegate(), FakeIndex(cover=parts, caption=Caption("4")))
    offline = render(ClusterDelegate(), FakeIndex(cover=parts, caption=Caption("4"), offline=True))
    changed = {
        (x // 75, y // 75)
        for x in range(150)
        for y in range(150)
        if plain.pixelColor(x, y) != offline.pixelColor(x, y)
    }
    assert len(changed) == 1
