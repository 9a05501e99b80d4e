"""The sidebar."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.duplicates.results import DuplicateTotals
from photosim.gui.panels.source_delegate import arrow_rect
from photosim.gui.panels.source_model import BATCH_SIZE, SourceModel, SourceRole
from photosim.gui.panels.sources import SourcesPanel
from photosim.gui.state.folder_tree import Folder, FolderTree, build_tree
from photosim.gui.state.places import Overview, Place, View
from photosim.records import Source
from tests.support.photo_records import make_cluster, make_event, make_photo_records

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
HOME = Source("/home/me/photos", 1200, True)
AWAY = Source("/media/stick/old", 30, False)
HEADING_ROW, HOME_ROW, AWAY_ROW = 7, 8, 9


@pytest.fixture
def model(qtbot: QtBot) -> SourceModel:
    totals = DuplicateTotals(groups=214, photos=300, bytes_freed=1_288_490_189)
    model = SourceModel(Overview((HOME, AWAY), 3, 12, 7, duplicates=totals))
    model.tester = QAbstractItemModelTester(model, FATAL)  # type: ignore[attr-defined]
    return model


def rows(model: SourceModel) -> list[tuple[str, str]]:
    return [
        (model.index(row).data(), model.index(row).data(SourceRole.COUNT)) for row in range(model.rowCount())
    ]


def row_of(model: SourceModel, place: Place) -> int | None:
    index = model.index_of(place)
    return None if index is None else index.row()


def tree_of(*folders: str) -> dict[str, tuple[Folder, ...]]:
    """The tree of one photo in each of these folders below HOME."""
    counts = {os.sep.join((HOME.path, *folder.split("/"))): 1 for folder in folders}  # noqa: PTH118 - a text
    return dict(build_tree(counts, [HOME.path, AWAY.path]))


def below(model: SourceModel, parent: QModelIndex) -> dict[str, object]:
    """The rows below a row that are in the model, by title, each with those below it."""
    rows = [model.index(row, 0, parent) for row in range(model.rowCount(parent))]
    return {index.data(): below(model, index) for index in rows}


def place_of(*names: str) -> Place:
    return Place(View.FOLDER, folder=os.sep.join((HOME.path, *names)))  # noqa: PTH118 - a text


def fetch_all(model: SourceModel, index: QModelIndex) -> None:
    while model.canFetchMore(index):
        model.fetchMore(index)


def test_the_list_tells_counts(model: SourceModel) -> None:
    texts = [(title, count.replace(",", "")) for title, count in rows(model)]
    assert texts == [
        ("All photos", "1230"),
        ("Clusters", "12"),
        ("Events", ""),
        ("Map", ""),
        ("Ungrouped", "7"),
        ("Duplicates", "214"),
        ("Unreadable", "3"),
        ("Folders", ""),
        ("photos", "1200"),
        ("old", "30"),
    ]


def test_an_offline_folder_is_told_apart(model: SourceModel) -> None:
    online, offline = model.index(HOME_ROW), model.index(AWAY_ROW)
    assert online.data(SourceRole.ONLINE)
    assert not offline.data(SourceRole.ONLINE)
    assert "offline" in offline.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "offline" in offline.data(Qt.ItemDataRole.ToolTipRole)


def test_headings_cannot_be_chosen(model: SourceModel) -> None:
    assert model.flags(model.index(HEADING_ROW)) == Qt.ItemFlag.NoItemFlags
    assert model.index(HEADING_ROW).data(SourceRole.PLACE) is None


def test_the_duplicates_tell_how_much_they_would_free(model: SourceModel) -> None:
    row = model.index_of(Place(View.DUPLICATES))
    assert row is not None
    assert "214 groups, 1.2 GB to free" in row.data(Qt.ItemDataRole.ToolTipRole)
    assert row.data(Qt.ItemDataRole.AccessibleTextRole) == "Duplicates, 214 groups, 1.2 GB to free"
    model.show(Overview((HOME, AWAY), 3, 12, 7, duplicates=DuplicateTotals()))
    assert row.data(SourceRole.COUNT) == "0"
    assert row.data(Qt.ItemDataRole.AccessibleTextRole) == "Duplicates, 0 groups, 0 bytes to free"


def test_every_place_leads_back_to_its_line(model: SourceModel) -> None:
    for row in (*range(HEADING_ROW), HOME_ROW, AWAY_ROW):
        assert row_of(model, model.index(row).data(SourceRole.PLACE)) == row
    assert row_of(model, Place(View.CLUSTER, cluster=make_cluster(1, make_photo_records(3)))) == 1
    assert row_of(model, Place(View.HIDDEN)) == 1
    assert row_of(model, Place(View.EVENT, cluster=make_event(1, make_photo_records(4)))) == 2
    assert row_of(model, Place(View.FOLDER, folder="/elsewhere")) is None


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
    point = panel.tree.visualRect(model.index(HOME_ROW)).center()
    with qtbot.waitSignal(panel.place_selected) as emitted:
        qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert emitted.args == [Place(View.FOLDER, folder=HOME.path)]
    with qtbot.assertNotEmitted(panel.place_selected):
        panel.show_place(Place(View.UNREADABLE))
    assert panel.tree.currentIndex().row() == HEADING_ROW - 1
    with qtbot.assertNotEmitted(panel.place_selected):
        model.show(Overview((HOME,), 3, 12))
    assert panel.tree.currentIndex().row() == HEADING_ROW - 1
    with qtbot.waitSignal(panel.menu_requested) as menu:
        panel.tree.customContextMenuRequested.emit(panel.tree.visualRect(model.index(HOME_ROW)).center())
    assert menu.args[0] == HOME


def test_subfolders_have_rows_when_they_are_asked_for(qtbot: QtBot) -> None:
    model = SourceModel(Overview((HOME, AWAY)))  # a tester would ask for all
    model.show_folders(tree_of("2023/may", "2024"))
    source = model.index(HOME_ROW)
    assert model.hasChildren(source)
    assert not model.hasChildren(model.index(AWAY_ROW))
    assert below(model, source) == {}
    fetch_all(model, source)
    assert below(model, source) == {"2023": {}, "2024": {}}
    first = model.index(0, 0, source)
    assert (first.data(SourceRole.COUNT), first.data(SourceRole.PLACE)) == ("1", place_of("2023"))
    assert model.hasChildren(first)
    assert model.parent(first) == source


def test_a_folder_deep_below_has_a_row_when_the_window_shows_it(model: SourceModel) -> None:
    model.show_folders(tree_of("2023/may/beach", "2024"))
    index = model.index_of(place_of("2023", "may", "beach"))
    assert index is not None
    assert index.data() == "beach"
    assert index.parent().data() == "may"
    gone = model.index_of(place_of("2024", "gone"))
    assert gone is not None
    assert gone.data() == "2024", "the nearest folder above it"


def test_ten_thousand_subfolders_come_in_batches(qtbot: QtBot) -> None:
    model = SourceModel(Overview((HOME, AWAY)))
    model.show_folders(tree_of(*(f"{number}" for number in range(10_000))))
    source = model.index(HOME_ROW)
    model.fetchMore(source)
    assert model.rowCount(source) == BATCH_SIZE
    assert model.canFetchMore(source)
    last = model.index_of(place_of("9999"))
    assert last is not None
    assert last.row() == 9999
    assert not model.canFetchMore(source)


def test_folders_that_stay_keep_their_rows(model: SourceModel, qtbot: QtBot) -> None:
    model.show_folders(tree_of("a/x", "b", "c"))
    source = model.index(HOME_ROW)
    kept = model.index_of(place_of("a", "x"))
    assert kept is not None
    fetch_all(model, source)
    stays = QPersistentModelIndex(kept)
    with qtbot.assertNotEmitted(model.modelReset):
        model.show_folders(tree_of("a/x", "a/x/deep", "aa", "c"))
    assert below(model, source) == {"a": {"x": {}}, "aa": {}, "c": {}}
    assert stays.data() == "x"
    assert model.hasChildren(QModelIndex(stays))


FOLDERS = st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(FOLDERS, min_size=1, max_size=4))
def test_after_any_changes_the_rows_are_those_of_the_folders(
    model: SourceModel, changes: list[list[str]]
) -> None:
    def expected(folders: tuple[Folder, ...]) -> dict[str, object]:
        return {folder.name: expected(folder.children) for folder in folders}

    def fetch_below(parent: QModelIndex) -> None:
        fetch_all(model, parent)
        for row in range(model.rowCount(parent)):
            fetch_below(model.index(row, 0, parent))

    for folders in changes:
        tree = tree_of(*folders)
        model.show_folders(tree)
        fetch_below(model.index(HOME_ROW))
        assert below(model, model.index(HOME_ROW)) == expected(tree[HOME.path])


@pytest.fixture
def panel(model: SourceModel, qtbot: QtBot) -> SourcesPanel:
    panel = SourcesPanel(model)
    qtbot.addWidget(panel)
    panel.resize(220, 600)
    panel.show()
    model.show_folders(tree_of("2023/may", "2024"))
    return panel


def press(panel: SourcesPanel, point: QPoint) -> None:
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(
        QMouseEvent.Type.MouseButtonPress, QPointF(point), QPointF(point), button, button, keys
    )
    panel.tree.mousePressEvent(event)


def test_the_arrow_of_a_folder_shows_and_hides_its_subfolders_and_goes_nowhere(
    panel: SourcesPanel, qtbot: QtBot
) -> None:
    source = panel.model.index(HOME_ROW)
    point = arrow_rect(panel.tree.visualRect(source), 0).center()
    with qtbot.assertNotEmitted(panel.place_selected):
        press(panel, point)
        assert panel.tree.isExpanded(source)
        assert panel.expanded == {HOME.path}
        press(panel, point)
    assert not panel.tree.isExpanded(source)
    assert panel.expanded == frozenset()


def test_the_keyboard_opens_folders_and_goes_to_them(panel: SourcesPanel, qtbot: QtBot) -> None:
    panel.show_place(Place(View.FOLDER, folder=HOME.path))
    with qtbot.assertNotEmitted(panel.place_selected):
        qtbot.keyClick(panel.tree, Qt.Key.Key_Right)
    with qtbot.waitSignal(panel.place_selected) as emitted:
        qtbot.keyClick(panel.tree, Qt.Key.Key_Down)
    assert emitted.args == [place_of("2023")]
    qtbot.keyClick(panel.tree, Qt.Key.Key_Left)
    assert panel.tree.currentIndex().data() == "photos"
    qtbot.keyClick(panel.tree, Qt.Key.Key_Left)
    assert not panel.tree.isExpanded(panel.model.index(HOME_ROW))


def test_expanded_folders_stay_expanded(panel: SourcesPanel) -> None:
    paths = {place_of("2023").folder or "", HOME.path}
    panel.expand(paths)
    assert panel.model.index_of(place_of("2023", "may")) is not None
    assert panel.tree.visualRect(panel.model.index_of(place_of("2023", "may"))).isValid()
    panel.model.show(Overview((HOME,), 3))
    assert panel.expanded == paths
    assert panel.tree.isExpanded(panel.model.index(HOME_ROW))
    assert panel.tree.isExpanded(panel.model.index(0, 0, panel.model.index(HOME_ROW)))


@pytest.mark.parametrize("tree", [{}, tree_of("2022")], ids=["no folders yet", "other folders"])
def test_expanded_folders_show_subfolders_that_come_later(
    model: SourceModel, qtbot: QtBot, tree: FolderTree
) -> None:
    panel = SourcesPanel(model)
    qtbot.addWidget(panel)
    panel.show()
    model.show_folders(tree)
    panel.expand({HOME.path, place_of("2023").folder or ""})
    panel.tree.executeDelayedItemsLayout()
    model.show_folders({})
    panel.tree.executeDelayedItemsLayout()
    model.show_folders(tree_of("2023/may", "2024"))
    assert below(model, model.index(HOME_ROW)) == {"2023": {"may": {}}, "2024": {}}


def test_a_place_deep_below_is_shown_with_the_folders_above_it(panel: SourcesPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(panel.place_selected):
        panel.show_place(place_of("2023", "may"))
    assert panel.tree.currentIndex().data() == "may"
    assert panel.tree.visualRect(panel.tree.currentIndex()).isValid()
    with qtbot.waitSignal(panel.folder_menu_requested) as menu:
        panel.tree.customContextMenuRequested.emit(panel.tree.visualRect(panel.tree.currentIndex()).center())
    assert menu.args[0] == place_of("2023", "may").folder
