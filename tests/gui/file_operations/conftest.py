"""A window on a few photos, some of which have copies."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photosim.gui.main_window import MainWindow
from photosim.library import Library
from tests.support.images import make_photo
from tests.support.indexing import indexed_library


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five photos, of which two have a copy, in two folders; a third folder is empty."""
    photos = tmp_path / "photos"
    for number in range(5):
        make_photo(photos / "a" / f"{number}.jpg", number)
    (photos / "b").mkdir()
    for number in (3, 4):
        shutil.copy(photos / "a" / f"{number}.jpg", photos / "b" / f"same {number}.jpg")
    (tmp_path / "target").mkdir()
    return photos


@pytest.fixture
def library(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    with indexed_library(tmp_path / "library", folder, monkeypatch) as opened:
        yield opened


@pytest.fixture
def window(library: Library, open_window: Callable[[Library], MainWindow]) -> MainWindow:
    made = open_window(library)
    made.views.browser.grid.setFocus()
    return made
