"""How a cluster's tile is painted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from photosim.gui.cluster_delegate import ClusterDelegate
from photosim.gui.photo_delegate import FRAME
from tests.gui.cells import Cell, painted, tile
from tests.gui.made import made_cluster, made_photos


@pytest.mark.parametrize(
    "labels", [(), ("dog", "frisbee"), ("a label that is longer than the tile is wide",)]
)
def test_a_cluster_has_a_pile_behind_its_cover_and_its_name_and_count_below(
    qtbot: QtBot, labels: tuple[str, ...]
) -> None:
    delegate = ClusterDelegate()
    cluster = replace(made_cluster(1, made_photos(3)), labels=labels)
    image = painted(delegate, Cell(tile=tile(), cluster=cluster, count=cluster.size))
    assert image.pixelColor(75, FRAME + 1).alpha() > 0
    assert image.pixelColor(75, 80) == QColor("red")
    below = image.copy(0, 150 + 8, 150, delegate.caption - 10)
    inked = {x for x in range(150) for y in range(below.height()) if below.pixelColor(x, y).alpha()}
    assert min(inked) < 30
    assert (max(inked) > 135) == bool(labels), "a name leaves the right end to the count"
    assert max(inked) < 150 - FRAME
