"""Opening files with other programs, and copying them to the clipboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.gui.services import external


def test_copied_files_are_files_and_their_paths_text(qtbot: QtBot, tmp_path: Path) -> None:
    paths = [str(tmp_path / "a.jpg"), str(tmp_path / "b c.jpg")]
    external.copy_files(paths)
    data = QApplication.clipboard().mimeData()
    assert data.text().splitlines() == paths
    assert [url.toLocalFile() for url in data.urls()] == paths


def test_a_folder_opens_and_a_file_is_shown_in_it(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    class Desktop:
        @staticmethod
        def openUrl(  # noqa: N802
            url: QUrl,
        ) -> bool:
            opened.append(url.toLocalFile())
            return True

    monkeypatch.setattr(external, "QDesktopServices", Desktop)
    monkeypatch.setattr(external, "_show_over_dbus", lambda _: False)
    monkeypatch.setattr(external.sys, "platform", "linux")
    (tmp_path / "a.jpg").write_bytes(b"")
    assert external.show_in_folder(str(tmp_path / "a.jpg"))
    assert external.show_in_folder(str(tmp_path))
    assert opened == [str(tmp_path), str(tmp_path)]
