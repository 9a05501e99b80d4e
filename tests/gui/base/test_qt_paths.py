"""Paths of any bytes on their way to Qt and back."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray, QFile, QMimeData, QUrl
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from photosim.errors import FolderError
from photosim.gui.base import qt_paths

pytestmark = pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX systems")

NAMES = st.binary(min_size=1, max_size=40).filter(
    lambda name: not set(name) & {0, 47} and name not in (b".", b"..")
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(lambda names: os.fsdecode(b"/" + b"/".join(names)))


class Received(QMimeData):
    """Addresses of another program: bytes, which QMimeData would decode if they were set."""

    def __init__(self, lines: bytes) -> None:
        super().__init__()
        self.lines = QByteArray(lines)

    def formats(self) -> list[str]:
        return ["text/uri-list"]

    def retrieveData(self, _: str, __: object) -> object:  # noqa: N802
        return self.lines


@given(path=PATHS)
def test_any_path_comes_back_from_a_url(path: str) -> None:
    url = qt_paths.file_url(path)
    assert url.isValid()
    assert url.isLocalFile()
    assert qt_paths.url_path(url) == path


@given(paths=st.lists(PATHS, max_size=5))
def test_any_paths_come_back_from_mime_data(paths: list[str]) -> None:
    data = qt_paths.to_mime(paths)
    assert qt_paths.from_mime(data) == paths
    assert qt_paths.from_mime(Received(data.data("text/uri-list").data())) == paths


@given(path=PATHS)
def test_a_path_is_faithful_only_if_qt_names_the_same_bytes(path: str) -> None:
    if qt_paths.is_faithful(path):
        assert QFile.encodeName(path).data() == os.fsencode(path)
        assert qt_paths.file_url(path).toLocalFile() == path
    else:
        with pytest.raises(UnicodeDecodeError):
            os.fsencode(path).decode()


@given(name=NAMES)
def test_the_text_of_a_path_leads_back_to_its_file(
    name: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = os.fsencode(tmp_path_factory.mktemp("photos"))
    path = os.fsdecode(folder + b"/" + name)
    for other in (name, name.decode("utf-8", "replace").encode()[:255], name.strip() or b"x"):
        Path(os.fsdecode(folder + b"/" + other)).touch()
    text = qt_paths.text_of(path)
    assert len(text.splitlines()) == 1
    assert text.encode(), "a text for the clipboard"
    assert qt_paths.path_of_text(text) == path


def test_a_plain_path_is_its_own_text() -> None:
    assert qt_paths.text_of("/photos/Übung 100%.jpg") == "/photos/Übung 100%.jpg"
    assert qt_paths.text_of(os.fsdecode(b"/caf\xe9.jpg")) == "file:///caf%E9.jpg"


@pytest.mark.parametrize(
    ("lines", "paths"),
    [
        (b"# a comment\r\nfile:///a.jpg\r\n", ["/a.jpg"]),
        (b"file:/a.jpg\nFILE://localhost/b%20c.jpg", ["/a.jpg", "/b c.jpg"]),
        (b"file:///not/encoded \xe9?#.jpg", [os.fsdecode(b"/not/encoded \xe9?#.jpg")]),
        (b"file:///a%00.jpg\r\nhttps://example.org/a.jpg\r\nfile://server/a.jpg\r\nfile:a.jpg\r\n/a.jpg", []),
    ],
)
def test_addresses_of_other_programs_are_understood(lines: bytes, paths: list[str]) -> None:
    assert qt_paths.from_mime(Received(lines)) == paths


def test_a_text_with_replaced_bytes_means_the_one_file_that_looks_like_it(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\xe9 caf\xe9")
    (tmp_path / name).mkdir()
    (tmp_path / name / "a\udcff.jpg").touch()
    shown = f"{tmp_path}/\ufffd caf\ufffd/a\ufffd.jpg"
    assert qt_paths.restore_bytes(shown) == str(tmp_path / name / "a\udcff.jpg")
    assert qt_paths.path_of_text(f' "{shown}" ') == str(tmp_path / name / "a\udcff.jpg")
    assert qt_paths.restore_bytes(f"{tmp_path}/b\ufffd") == f"{tmp_path}/b\ufffd", "nothing else is meant"
    (tmp_path / name / "a\ufffd.jpg").touch()
    assert qt_paths.restore_bytes(shown) is None, "two files look alike"
    assert qt_paths.path_of_text(shown) is None


def test_a_text_that_is_no_path_of_a_file_means_none(tmp_path: Path) -> None:
    for text in ("", " ", "a.jpg", "file:///nowhere.jpg", "/no\0where", f"{tmp_path}/nothing", "file:///%00"):
        assert qt_paths.path_of_text(text) is None


def test_the_folder_dialog_returns_any_bytes(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    starts: list[QUrl] = []

    def answer(url: QUrl) -> str:
        def ask(_parent: QWidget, _title: str, start: QUrl) -> QUrl:
            starts.append(start)
            return url

        monkeypatch.setattr(QFileDialog, "getExistingDirectoryUrl", ask)
        return qt_paths.choose_folder(parent, "title", str(folder / "sub"))

    assert answer(QUrl()) == ""
    assert answer(qt_paths.file_url(str(folder))) == str(folder), "as the desktop portal says it"
    assert answer(QUrl.fromLocalFile(f"{tmp_path}/caf\ufffd")) == str(folder), "as GTK's dialog says it"
    assert {start.toLocalFile() for start in starts} == {str(tmp_path)}
    (tmp_path / "caf\ufffd").mkdir()
    with pytest.raises(FolderError, match="several names"):
        answer(QUrl.fromLocalFile(f"{tmp_path}/caf\ufffd"))
    with pytest.raises(FolderError):
        answer(QUrl("sftp://server/photos"))


def test_the_file_dialog_returns_any_bytes(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    photo = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    photo.touch()
    url = qt_paths.file_url(str(photo))
    monkeypatch.setattr(QFileDialog, "getOpenFileUrl", lambda *_, **__: (url, ""))
    assert qt_paths.choose_file(parent, "title", "", "*") == str(photo)


def test_a_path_crosses_to_qt_in_this_module_alone() -> None:
    """Other modules may name files to Qt only where they check the path, or the file is one of the program's own."""
    allowed = {
        "base/qt_paths.py": {"fromLocalFile", "toLocalFile", "getExistingDirectoryUrl", "getOpenFileUrl"},
        "services/window_state.py": {"QSettings"},
        "services/file_operations.py": {"QFile"},
    }
    crossing = (
        "fromLocalFile|toLocalFile|getExistingDirectory|getExistingDirectoryUrl|getOpenFileName|getOpenFileUrl|"
        "getSaveFileName|QImageReader|QImageWriter|QSettings|QFile|QFileInfo|QSaveFile|QFileSystemWatcher|QLockFile|QMovie"
    )
    package = Path(qt_paths.__file__).parents[1]
    found = {
        str(file.relative_to(package)): names
        for file in package.rglob("*.py")
        if (names := set(re.findall(rf"\b({crossing})\(", file.read_text("utf-8"))))
    }
    assert found == allowed


@pytest.mark.skipif(
    sys.platform != "linux", reason="the fault is one of PySide on all systems, its cause is not"
)
def test_qt_still_loses_such_bytes_or_this_module_is_no_longer_needed() -> None:
    assert QFile.encodeName(os.fsdecode(b"/caf\xe9.jpg")).data() != b"/caf\xe9.jpg"
