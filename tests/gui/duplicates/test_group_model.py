"""The model and the list of the groups."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.duplicates.group_list import GroupList
from photosim.gui.duplicates.group_model import GroupModel, GroupRole
from photosim.gui.duplicates.photo_strip import StripModel, StripRole
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.duplicates.keep_marks import Review
from photosim.gui.state.duplicates.listing import ListChange, list_change
from tests.support.duplicate_groups import make_group

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
GROUPS = [make_group(number, confidence=0.9) for number in range(1, 9)]


@pytest.fixture
def model(qtbot: QtBot) -> GroupModel:
    model = GroupModel()
    model.tester = QAbstractItemModelTester(model, FATAL)  # type: ignore[attr-defined]
    model.show(ListChange(list(GROUPS)), {})
    return model


def test_a_row_tells_the_kind_the_photos_and_what_was_decided(model: GroupModel) -> None:
    model.reviews = {
        GROUPS[0].id: Review(frozenset([GROUPS[0].keep])),
        GROUPS[1].id: Review(is_different=True),
    }
    contents = [model.index(row).data(GroupRole.CONTENT) for row in range(3)]
    assert [content.lines for content in contents] == [
        ("2 photos", "1 kept"),
        ("2 photos", "Not the same"),
        ("2 photos", "976.6 kB to free"),
    ]
    assert [content.is_reviewed for content in contents] == [True, True, False]
    assert contents[2].certainty == "90%"
    spoken = [model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in (0, 2)]
    assert spoken[0] == "Same photo, 0.jpg, 2 photos, 976.6 kB to free, 90% certain, 1 kept"
    assert spoken[1].endswith("to review")


def test_few_changes_leave_the_other_rows_alone(qtbot: QtBot, model: GroupModel) -> None:
    new = [make_group(20), *GROUPS[:3], *GROUPS[5:]]
    removed: list[int] = []
    model.rowsRemoved.connect(lambda _parent, first, _last: removed.append(first))
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.rowsInserted):
        model.show(list_change(model.groups, new), {})
    assert removed == [4, 3]
    assert list(model.groups) == new
    assert model.row_of(GROUPS[5].id) == 4
    assert model.row_of(GROUPS[3].id) is None


def test_one_decision_repaints_one_row(qtbot: QtBot, model: GroupModel) -> None:
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.update_review(GROUPS[2].id)
    assert changed.args is not None
    assert (changed.args[0].row(), changed.args[1].row()) == (2, 2)


def test_the_list_requests_the_thumbnails_in_sight(qtbot: QtBot, jobs: Jobs, model: GroupModel) -> None:
    requested: list[int] = []

    def read(photo_id: int) -> None:
        requested.append(photo_id)

    view = GroupList(model, ThumbnailLoader(read, jobs))
    qtbot.addWidget(view)
    view.resize(300, 100)
    model.show(ListChange([make_group(number) for number in range(1, 200)]), {})
    view.show()
    qtbot.waitUntil(lambda: len(requested) > 0 and not jobs.is_busy)
    first = make_group(1).photos[0].photo.photo_id
    assert first in requested
    assert len(requested) < 30, "those far below wait until they are in sight"


def test_the_strip_tells_which_photos_stay(qtbot: QtBot) -> None:
    group = make_group(1, 3)
    model = StripModel()
    tester = QAbstractItemModelTester(model, FATAL)
    model.show(group.photos, frozenset([group.keep]))
    assert [model.index(row).data(StripRole.IS_KEPT) for row in range(3)] == [True, False, False]
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole) == "1.jpg, to trash"
    with qtbot.assertNotEmitted(model.modelReset):
        model.show(group.photos, frozenset(group.file_ids))
    assert all(model.index(row).data(StripRole.IS_KEPT) for row in range(3))
    assert tester is not None
