"""The whole window on a library with subfolders: the tree of folders, and excluded folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from photosim import settings
from photosim.gui.main_window import MainWindow
from photosim.gui.panels.source_model import SourceRole
from photosim.gui.state.places import Place, View
from photosim.library import Library
from photosim.search.filters.criteria import PhotoFilter
from tests.support.images import make_photo
from tests.support.indexing import index, indexed_library
from tests.support.window_driver import set_filter, shown_names, wait_until_idle


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number, name in enumerate(("a.jpg", "2023/b.jpg", "2023/may/c.jpg", "2023/may/d.jpg", "2024/e.jpg")):
        make_photo(tmp_path / "photos" / name, number)
    return tmp_path / "photos"


@pytest.fixture
def library(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    with indexed_library(tmp_path / "library", photos, monkeypatch) as opened:
        yield opened


@pytest.fixture
def window(library: Library, open_window: Callable[[Library], MainWindow]) -> MainWindow:
    return open_window(library)


def go_to(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.services.navigator.go(Place(View.FOLDER, folder=str(folder)))
    wait_until_idle(qtbot, window)


def actions(window: MainWindow, folder: Path) -> dict[str, QAction]:
    """The actions of a folder's context menu by their texts."""
    menu = window.controllers.menus.folder_menu(str(folder))
    return {action.text().replace("&", ""): action for action in menu.actions()}


def test_a_subfolder_shows_its_photos_and_those_below_it(
    qtbot: QtBot, window: MainWindow, photos: Path
) -> None:
    go_to(qtbot, window, photos / "2023")
    assert sorted(shown_names(window)) == ["b.jpg", "c.jpg", "d.jpg"]
    assert window.views.top_bar.title.text() == "2023"
    index = window.views.sources.tree.currentIndex()
    assert (index.data(), index.data(SourceRole.COUNT)) == ("2023", "3")
    set_filter(window, PhotoFilter(text="may"))
    wait_until_idle(qtbot, window)
    assert sorted(shown_names(window)) == ["c.jpg", "d.jpg"]


def test_expanded_folders_are_expanded_at_the_next_start(
    qtbot: QtBot,
    window: MainWindow,
    photos: Path,
    library: Library,
    open_window: Callable[[Library], MainWindow],
) -> None:
    window.views.sources.expand([str(photos), str(photos / "2023")])
    window.close()
    sources = open_window(library).views.sources
    may = sources.model.index_of(Place(View.FOLDER, folder=str(photos / "2023" / "may")))
    assert may is not None
    assert sources.tree.isExpanded(may.parent())
    assert sources.tree.isExpanded(may.parent().parent())


def test_new_folders_appear_in_the_tree_when_they_are_indexed(
    qtbot: QtBot, window: MainWindow, photos: Path, library: Library
) -> None:
    window.views.sources.expand([str(photos)])
    make_photo(photos / "2022" / "f.jpg", 7)
    index(library, photos)
    window.services.library_monitor.refresh()
    wait_until_idle(qtbot, window)
    model = window.views.sources.model
    source = model.index_of(Place(View.FOLDER, folder=str(photos)))
    assert source is not None
    assert [model.index(row, 0, source).data() for row in range(model.rowCount(source))] == [
        "2022",
        "2023",
        "2024",
    ]


def test_an_excluded_folder_leaves_the_library_from_its_menu(
    qtbot: QtBot, window: MainWindow, photos: Path, library: Library
) -> None:
    go_to(qtbot, window, photos / "2023" / "may")
    with qtbot.waitSignal(window.services.index_process.finished) as finished:
        actions(window, photos / "2023" / "may")["Exclude from library"].trigger()
    assert finished.args[0].excluded == 2
    wait_until_idle(qtbot, window)
    assert settings.load(library.folder).excluded == (str(photos / "2023" / "may"),)
    assert window.views.index_strip.text.text().startswith("2 photos in excluded folders removed")
    assert sorted(Path(photo.path).name for photo in library.photos()) == ["a.jpg", "b.jpg", "e.jpg"]


def test_a_folder_that_was_added_is_not_excluded_but_removed(
    window: MainWindow, photos: Path, library: Library
) -> None:
    assert not window.controllers.library.set_excluded([str(photos.parent)])
    dialog = window.controllers.library.error_dialog
    assert dialog is not None
    assert "Remove it from the library instead" in dialog.message.text()
    dialog.close()
    assert settings.load(library.folder).excluded == ()
    assert window.services.index_process.is_idle


def test_a_read_only_window_excludes_and_rescans_nothing(
    window: MainWindow, photos: Path, library: Library, open_window: Callable[[Library], MainWindow]
) -> None:
    second = open_window(Library.open(library.folder))
    offered = actions(second, photos / "2023")
    assert not offered["Exclude from library"].isEnabled()
    assert not offered["Rescan"].isEnabled()
