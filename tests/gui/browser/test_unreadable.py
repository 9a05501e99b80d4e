"""The table of unreadable files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.gui.browser.unreadable import UnreadableModel, UnreadableTable
from photosim.records import UnreadableFile

FILES = [
    UnreadableFile("/photos/a/one.jpg", "The file is empty."),
    UnreadableFile("/photos/two.jpg", "The file is incomplete."),
]


def test_unreadable_files_are_a_table_with_a_context_menu(qtbot: QtBot) -> None:
    model = UnreadableModel()
    table = UnreadableTable(model)
    qtbot.addWidget(table)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_files(FILES)
    texts = [model.index(0, column).data() for column in range(3)]
    assert texts == ["one.jpg", "The file is empty.", str(Path("/photos/a"))]
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Reason"
    with qtbot.assertNotEmitted(model.modelReset):
        model.set_files(list(FILES))
    with qtbot.waitSignal(table.menu_requested) as requested:
        table.customContextMenuRequested.emit(table.visualRect(model.index(1, 0)).center())
    assert requested.args[0] == "/photos/two.jpg"
    assert tester.model() is model
