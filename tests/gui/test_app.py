"""Opening the window."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.errors import FolderError
from photosim.gui import app
from photosim.gui.dialogs.messages import ErrorDialog
from photosim.gui.main_window import MainWindow


def test_the_window_loads_no_torch() -> None:
    code = "import sys, photosim.gui.app, photosim.library; print(bool({'torch', 'ultralytics', 'cv2'} & set(sys.modules)))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "False"


def test_the_program_ends_with_its_window(qtbot: QtBot, tmp_path: Path) -> None:
    def close() -> None:
        windows = [
            widget
            for widget in QApplication.topLevelWidgets()
            if isinstance(widget, MainWindow) and widget.isVisible()
        ]
        assert len(windows) == 1
        windows[0].close()

    QTimer.singleShot(300, close)
    hook = sys.excepthook
    assert app.run(tmp_path / "library") == 0
    assert sys.excepthook is hook
    assert (tmp_path / "library" / "window.ini").is_file()
    assert [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow)] == []


def test_a_library_that_does_not_open_is_a_sentence_and_exit_1(
    qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "library").write_text("not a folder")
    messages: list[str] = []

    def close_dialog() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ErrorDialog)
        messages.append(dialog.message.text())
        dialog.accept()

    QTimer.singleShot(300, close_dialog)
    assert app.run(tmp_path / "library") == 1
    assert messages
    assert messages[0] in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="does not exist"):
        app.run(tmp_path / "library", [tmp_path / "nowhere"])
