"""The sidebar."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.gui.panels.source_model import SourceModel, SourceRole
from photosim.gui.panels.sources import SourcesPanel
from photosim.gui.state.places import Overview, Place, View
from photosim.records import Source
from tests.support.photo_records import make_cluster, make_photo_records

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
HOME = Source("/home/me/photos", 1200, True)
AWAY = Source("/media/stick/old", 30, False)


@pytest.fixture
def model(qtbot: QtBot) -> SourceModel:
    model = SourceModel(Overview((HOME, AWAY), 3, 12, 7))
    model.tester = QAbstractItemModelTester(model, FATAL)  # type: ignore[attr-defined]
    return model


def rows(model: SourceModel) -> list[tuple[str, str]]:
    return [
        (model.index(row).data(), model.index(row).data(SourceRole.COUNT)) for row in range(model.rowCount())
    ]


def test_the_list_tells_counts(model: SourceModel) -> None:
    texts = [(title, count.replace(",", "")) for title, count in rows(model)]
    assert texts == [
        ("All photos", "1230"),
        ("Clusters", "12"),
        ("Ungrouped", "7"),
        ("Unreadable", "3"),
        ("Folders", ""),
        ("photos", "1200"),
        ("old", "30"),
    ]


def test_an_offline_folder_is_told_apart(model: SourceModel) -> None:
    online, offline = model.index(5), model.index(6)
    assert online.data(SourceRole.ONLINE)
    assert not offline.data(SourceRole.ONLINE)
    assert "offline" in offline.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "offline" in offline.data(Qt.ItemDataRole.ToolTipRole)


def test_headings_cannot_be_chosen(model: SourceModel) -> None:
    assert model.flags(model.index(4)) == Qt.ItemFlag.NoItemFlags
    assert model.index(4).data(SourceRole.PLACE) is None


def test_every_place_leads_back_to_its_line(model: SourceModel) -> None:
    for row in (0, 1, 2, 3, 5, 6):
        assert model.row_of(model.index(row).data(SourceRole.PLACE)) == row
    assert model.row_of(Place(View.CLUSTER, cluster=make_cluster(1, make_photo_records(3)))) == 1
    assert model.row_of(Place(View.HIDDEN)) == 1
    assert model.row_of(Place(View.FOLDER, folder="/elsewhere")) is None


def test_new_counts_keep_the_rows_and_new_folders_reset_them(model: SourceModel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.show(Overview((HOME, AWAY), 4, 13))
    with qtbot.waitSignal(model.modelReset):
        model.show(Overview((HOME,), 4, 13))


def test_the_panel_tells_where_a_click_leads_and_follows_the_window(model: SourceModel, qtbot: QtBot) -> None:
    panel = SourcesPanel(model)
    qtbot.addWidget(panel)
    panel.resize(220, 400)
    panel.show()
    point = panel.list.visualRect(model.index(5)).center()
    with qtbot.waitSignal(panel.place_selected) as emitted:
        qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert emitted.args == [Place(View.FOLDER, folder=HOME.path)]
    with qtbot.assertNotEmitted(panel.place_selected):
        panel.show_place(Place(View.UNREADABLE))
    assert panel.list.currentIndex().row() == 3
    with qtbot.assertNotEmitted(panel.place_selected):
        model.show(Overview((HOME,), 3, 12))
    assert panel.list.currentIndex().row() == 3
    with qtbot.waitSignal(panel.menu_requested) as menu:
        panel.list.customContextMenuRequested.emit(panel.list.visualRect(model.index(5)).center())
    assert menu.args[0] == HOME
