"""Painting clusters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from photosim.gui.base import theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.browser.cluster_delegate import ClusterDelegate
from photosim.gui.browser.cluster_model import ClusterModel
from photosim.gui.grid.delegate import FRAME
from photosim.gui.grid.tile_model import Caption, RowProxy
from photosim.gui.services.thumbnails import ThumbnailLoader
from tests.support.painting import FakeIndex, make_pixmap, render
from tests.support.photo_records import make_cluster, make_photo_records


@pytest.mark.parametrize(
    "caption",
    [
        Caption("3 photos"),
        Caption("dog, frisbee", "3"),
        Caption("a label that is longer than the tile is wide", "3"),
    ],
)
def test_a_cluster_has_a_stack_behind_its_cover_and_its_name_and_count_below(
    qtbot: QtBot, caption: Caption
) -> None:
    delegate = ClusterDelegate()
    image = render(delegate, FakeIndex(thumbnail=make_pixmap(), caption=caption))
    assert image.pixelColor(75, FRAME + 1).alpha() > 0
    assert image.pixelColor(75, 80) == QColor("red")
    below = image.copy(0, 150 + 8, 150, delegate.caption_height - 10)
    painted = {x for x in range(150) for y in range(below.height()) if below.pixelColor(x, y).alpha()}
    assert min(painted) < 30
    assert (max(painted) > 135) == bool(caption.count_text), "a name leaves the right end to the count"
    assert max(painted) < 150 - FRAME


def test_clusters_look_the_same_painted_together_and_one_by_one(jobs: Jobs) -> None:
    photos = make_photo_records(4)
    photos[1] = replace(photos[1], missing=True)
    model, delegate = ClusterModel(ThumbnailLoader(lambda _: None, jobs)), ClusterDelegate()
    clusters = [make_cluster(number, [photo]) for number, photo in enumerate(photos, 1)]
    clusters[2] = replace(clusters[2], labels=("dog", "frisbee"))
    model.set_clusters(list(zip(clusters, photos, strict=True)))
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
