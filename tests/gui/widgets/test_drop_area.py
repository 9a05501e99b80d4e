"""Dropping folders, files and images on a window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from photosim.gui.state.places import DroppedItems
from photosim.gui.widgets.drop_area import DropArea, DropOverlay
from tests.support.window_driver import drag_over, drop


@pytest.fixture
def target(qtbot: QtBot) -> QWidget:
    target = QWidget()
    qtbot.addWidget(target)
    target.resize(400, 300)
    target.show()
    return target


@pytest.fixture
def area(target: QWidget) -> DropArea:
    return DropArea(target)


class LazyImage(QMimeData):
    """An image of another program, which transfers it when it is retrieved."""

    retrieved = 0

    def formats(self) -> list[str]:
        return ["application/x-qt-image"]

    def hasFormat(self, mime: str) -> bool:  # noqa: N802 - Qt's name
        return mime in self.formats()

    def retrieveData(self, mime: str, _: object) -> object:  # noqa: N802 - Qt's name
        if not self.hasFormat(mime):
            return None
        self.retrieved += 1
        return QImage(20, 10, QImage.Format.Format_RGB32)


def test_folders_and_files_are_distinguished(
    qtbot: QtBot, target: QWidget, area: DropArea, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "image.jpg").write_bytes(b"")
    with qtbot.waitSignal(area.dropped) as dropped:
        drop(target, [tmp_path / "folder", tmp_path / "image.jpg", tmp_path / "nothing"])
    assert dropped.args == [DroppedItems((str(tmp_path / "folder"),), (str(tmp_path / "image.jpg"),))]


@pytest.mark.usefixtures("area")
def test_an_overlay_is_shown_while_something_is_dragged_over_the_window(
    target: QWidget, tmp_path: Path
) -> None:
    data = drag_over(target, [tmp_path])
    overlay = target.findChild(DropOverlay)
    assert overlay is not None
    assert overlay.isVisible()
    assert not overlay.grab().isNull()
    QApplication.sendEvent(target, QDragLeaveEvent())
    assert not overlay.isVisible()
    assert data.hasUrls()


def test_folders_that_may_be_dropped_are_told_of_once(
    qtbot: QtBot, target: QWidget, area: DropArea, tmp_path: Path
) -> None:
    told: list[None] = []
    area.folders_dragged.connect(lambda: told.append(None))
    (tmp_path / "photo.jpg").write_bytes(b"")
    drag_over(target, [tmp_path / "photo.jpg"])
    QApplication.sendEvent(target, QDragLeaveEvent())
    assert not told
    drag_over(target, [tmp_path])
    drag_over(target, [tmp_path])
    assert len(told) == 1


@pytest.mark.parametrize(
    ("folders", "files", "text"),
    [
        (["a"], [], "Add this folder"),
        (["a", "b"], ["c.jpg"], "Add 2 folders"),
        ([], ["c.jpg"], "Search for similar photos"),
    ],
)
@pytest.mark.usefixtures("area")
def test_the_overlay_says_what_a_drop_would_do(
    target: QWidget, tmp_path: Path, folders: list[str], files: list[str], text: str
) -> None:
    for name in folders:
        (tmp_path / name).mkdir()
    for name in files:
        (tmp_path / name).write_bytes(b"")
    data = drag_over(target, [tmp_path / name for name in (*folders, *files)])
    overlay = target.findChild(DropOverlay)
    assert overlay is not None
    first, *hint = overlay._text.split("\n")
    assert first == text
    assert bool(hint) == bool(folders)
    assert data.hasUrls()


def test_folders_dropped_with_shift_are_to_be_compared(
    qtbot: QtBot, target: QWidget, area: DropArea, tmp_path: Path
) -> None:
    (tmp_path / "card").mkdir()
    with qtbot.assertNotEmitted(area.dropped), qtbot.waitSignal(area.compare_dropped) as dropped:
        drop(target, [tmp_path / "card"], Qt.KeyboardModifier.ShiftModifier)
    assert dropped.args == [(str(tmp_path / "card"),)]
    (tmp_path / "image.jpg").write_bytes(b"")
    with qtbot.waitSignal(area.dropped):
        drop(target, [tmp_path / "image.jpg"], Qt.KeyboardModifier.ShiftModifier)


def test_an_image_of_another_program_is_retrieved_when_it_is_dropped_and_not_before(
    qtbot: QtBot, target: QWidget, area: DropArea
) -> None:
    data, keys = LazyImage(), Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, keys)
    QApplication.sendEvent(target, enter)
    assert target.findChild(DropOverlay) is not None
    assert data.retrieved == 0
    event = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, keys)
    with qtbot.waitSignal(area.dropped) as dropped:
        QApplication.sendEvent(target, event)
    assert dropped.args[0].image.size() == QSize(20, 10)


def test_what_is_neither_a_file_nor_a_folder_is_rejected(
    qtbot: QtBot, target: QWidget, area: DropArea
) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/photo.jpg")])
    assert DroppedItems.from_mime(data) == DroppedItems()
    with qtbot.assertNotEmitted(area.dropped):
        drop(target, [])
    assert target.findChild(DropOverlay) is None
