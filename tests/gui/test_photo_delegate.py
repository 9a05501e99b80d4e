"""How a tile is painted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from photosim.gui import theme
from photosim.gui.photo_delegate import FRAME, ClusterDelegate, PhotoDelegate, fitted
from photosim.gui.tile_model import Role
from tests.gui.made import made_cluster, made_photos

CELL = QRect(0, 0, 150, 150)
STATES = QStyle.StateFlag


class Cell:
    """An index that knows its roles: the delegate must need nothing else."""

    def __init__(self, **values: object) -> None:
        self._values = {
            Role.MISSING: False,
            Role.GONE: False,
            Role.AWAY: False,
            Role.BADGE: "",
            Role.TILE: None,
            Qt.ItemDataRole.DisplayRole: "name.jpg",
        }
        self._values.update({Role[name.upper()]: value for name, value in values.items()})

    def data(self, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return self._values[role]


def painted(
    delegate: PhotoDelegate, cell: Cell, state: STATES = STATES.State_None, ratio: float = 1
) -> QImage:
    option = QStyleOptionViewItem()
    option.rect = CELL.adjusted(0, 0, 0, delegate.caption)
    option.state = state
    option.palette = theme.palette(dark=False)
    image = QImage(option.rect.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    delegate.paint(painter, option, cell)  # type: ignore[arg-type]
    painter.end()
    return image


def tile(colour: str = "red", edge: int = 142) -> QPixmap:
    pixmap = QPixmap(edge, edge)
    pixmap.fill(QColor(colour))
    return pixmap


@pytest.fixture
def delegate(qtbot: QtBot) -> PhotoDelegate:
    return PhotoDelegate()


def test_the_tile_fills_its_cell_but_for_the_frame(delegate: PhotoDelegate) -> None:
    image = painted(delegate, Cell(tile=tile()))
    assert image.pixelColor(75, 75) == QColor("red")
    assert image.pixelColor(FRAME, FRAME) == QColor("red")
    assert image.pixelColor(FRAME - 1, 75).alpha() == 0


def test_a_tile_on_its_way_is_a_quiet_ground(delegate: PhotoDelegate) -> None:
    ground = theme.palette(dark=False).color(QPalette.ColorRole.AlternateBase)
    assert painted(delegate, Cell()).pixelColor(75, 75) == ground
    crossed = painted(delegate, Cell(missing=True))
    assert crossed != painted(delegate, Cell())


def test_a_selected_tile_has_a_ring_of_the_accent(delegate: PhotoDelegate) -> None:
    accent = theme.palette(dark=False).color(QPalette.ColorRole.Highlight)
    image = painted(delegate, Cell(tile=tile()), STATES.State_Selected)
    assert image.pixelColor(1, 75) == accent
    assert image.pixelColor(75, 75) == QColor("red")
    focused = painted(delegate, Cell(tile=tile()), STATES.State_HasFocus)
    assert focused.pixelColor(2, 75) != accent
    assert focused.pixelColor(2, 75).alpha() > 0


def test_the_name_appears_under_the_pointer(delegate: PhotoDelegate) -> None:
    plain, over = (
        painted(delegate, Cell(tile=tile()), state) for state in (STATES.State_None, STATES.State_MouseOver)
    )
    assert plain.copy(0, 0, 150, 100) == over.copy(0, 0, 150, 100)
    assert plain.copy(0, 115, 150, 31) != over.copy(0, 115, 150, 31)


def test_whole_photos_stand_in_the_middle(delegate: PhotoDelegate) -> None:
    wide = QPixmap(142, 71)
    wide.fill(QColor("red"))
    image = painted(delegate, Cell(tile=wide))
    assert image.pixelColor(75, 75) == QColor("red")
    assert image.pixelColor(75, 20).alpha() == 0
    assert fitted(QSize(200, 100), QRect(10, 10, 100, 100)) == QRect(10, 35, 100, 50)


@pytest.mark.parametrize("ratio", [1.5, 2, 3])
def test_dense_screens_get_every_pixel_of_the_tile(delegate: PhotoDelegate, ratio: float) -> None:
    image = painted(delegate, Cell(tile=tile(edge=round(142 * ratio))), ratio=ratio)
    assert image.pixelColor(QPoint(75, 75) * ratio) == QColor("red")
    assert image.pixelColor(QPoint(FRAME + 1, FRAME + 1) * ratio) == QColor("red")


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


def test_a_missing_file_is_veiled_and_marked_in_its_corner(delegate: PhotoDelegate) -> None:
    image = painted(delegate, Cell(tile=tile(), gone=True))
    there, middle, corner = QColor("red"), image.pixelColor(75, 75), image.pixelColor(FRAME + 12, FRAME + 8)
    assert middle != there
    assert corner.lightness() < middle.lightness()


def test_a_photo_of_an_offline_folder_is_marked_in_its_corner_and_not_veiled(delegate: PhotoDelegate) -> None:
    image = painted(delegate, Cell(tile=tile(), away=True))
    assert image.pixelColor(75, 75) == QColor("red")
    assert image.pixelColor(FRAME + 12, FRAME + 8) != QColor("red")


def test_a_raw_photo_has_its_badge_in_the_upper_right_corner(delegate: PhotoDelegate) -> None:
    plain, badged = (painted(delegate, Cell(tile=tile(), badge=text)) for text in ("", "JPEG + RAW"))
    assert plain.copy(75, 0, 75, 30) != badged.copy(75, 0, 75, 30)
    assert plain.copy(0, 40, 150, 110) == badged.copy(0, 40, 150, 110)
