"""The dialog that repairs a damaged library."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from photosim.errors import DamagedLibraryError
from photosim.gui import app
from photosim.gui.dialogs.repair import RepairDialog
from photosim.gui.main_window import MainWindow
from photosim.gui.services.processes import index_queue
from photosim.library import Library
from photosim.records import FileEntry, PhotoFacts
from photosim.store.catalog import Catalog, FileRecord

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A library with a photo, whose file has lost its beginning."""
    folder = tmp_path / "library"
    folder.mkdir()
    catalog = Catalog(folder)
    catalog.add_source("/photos")
    facts = PhotoFacts(640, 480, "JPEG")
    catalog.save("/photos", [FileRecord(FileEntry("/photos/1.jpg", 1, 1), b"1" * 16, facts)], "model")
    catalog.close()
    with (folder / "library.db").open("r+b") as file:
        file.write(b"\xee" * 16)
    return folder


def test_a_damaged_library_is_repaired_and_then_rescanned(qtbot: QtBot, damaged: Path) -> None:
    with pytest.raises(DamagedLibraryError):
        Library.open(damaged)
    index_queue.save_pending(damaged, index_queue.PendingIndexing((("/more",),)))
    dialog = RepairDialog(damaged)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.mouseClick(dialog.repair_button, LEFT)
    assert dialog.bar.isVisible()
    assert not dialog.repair_button.isEnabled()
    dialog.close()
    dialog.reject()
    assert dialog.isVisible(), "a repair is not interrupted"
    qtbot.waitUntil(lambda: dialog.repair_button.text() == "Open library")
    assert "Saved 1 folder, 1 file, 1 photo and" in dialog.text.text()
    assert "library.db.damaged-" in dialog.text.text()
    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.repair_button, LEFT)
    library = Library.open(damaged)
    assert [photo.path for photo in library.photos()] == ["/photos/1.jpg"]
    library.close()
    pending = index_queue.load_pending(damaged)
    assert pending is not None
    assert pending.queue == ((), ("/more",))


def test_a_failed_repair_shows_the_reason_and_can_be_tried_again(
    qtbot: QtBot, damaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys; sys.exit('The disk is full.')"
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [sys.executable, "-c", code])
    dialog = RepairDialog(damaged)
    qtbot.addWidget(dialog)
    qtbot.mouseClick(dialog.repair_button, LEFT)
    qtbot.waitUntil(lambda: dialog.repair_button.text() == "Try again")
    assert dialog.text.text() == "The disk is full."
    assert dialog.repair_button.isEnabled()
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [str(damaged / "nothing")])
    qtbot.mouseClick(dialog.repair_button, LEFT)
    qtbot.waitUntil(lambda: "Couldn't start" in dialog.text.text())
    dialog.reject()
    assert dialog.result() == RepairDialog.DialogCode.Rejected


def test_the_program_offers_the_repair_and_opens_the_library_after_it(qtbot: QtBot, damaged: Path) -> None:
    steps: list[str] = []

    def click_through() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, RepairDialog):
            if dialog.repair_button.isEnabled() and (not steps or steps[-1] != dialog.repair_button.text()):
                steps.append(dialog.repair_button.text())
                dialog.repair_button.click()
            return
        for window in QApplication.topLevelWidgets():
            if isinstance(window, MainWindow) and window.isVisible():
                steps.append("window")
                window.close()

    timer = QTimer()
    timer.timeout.connect(click_through)
    timer.start(50)
    assert app.run(damaged) == 0
    timer.stop()
    assert steps == ["Repair", "Open library", "window"]


def test_an_error_about_a_damaged_library_has_a_button_to_repair_it(
    qtbot: QtBot, empty_library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    window = open_window(empty_library)
    window.controllers.library.show_error(DamagedLibraryError("The library is damaged."))
    error = window.controllers.library.error_dialog
    assert error is not None
    [button] = [button for button in error.findChildren(QPushButton) if button.text() == "Repair…"]
    with qtbot.waitSignal(window.controllers.library.repair_requested):
        qtbot.mouseClick(button, LEFT)
    assert window.controllers.library.error_dialog is None
