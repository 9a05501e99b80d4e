"""A walk through the window, in the steps of WALK.md."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Place, View
from photosim.library import Library
from photosim.records import DEFAULT_LEVEL, FINEST_LEVEL, SimilarityBand
from tests.support.images import make_photo
from tests.support.window_driver import (
    click,
    double_click,
    drop,
    select_photo,
    shown_names,
    similar_paths,
    tile_center,
    wait_until_idle,
)

LEFT, CONTROL, ALT = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
SCENES, TAKES = 3, 4
ORIGINAL, COPY = "scene 1 take 0.jpg", "sent.jpg"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Scenes of several takes, a copy of one photo under another name, and an unreadable file."""
    folder = tmp_path / "Photos"
    for scene in range(SCENES):
        for take in range(TAKES):
            make_photo(folder / "Camera" / f"scene {scene} take {take}.jpg", scene * 5, variant=take)
    (folder / "Mail").mkdir()
    shutil.copy(folder / "Camera" / ORIGINAL, folder / "Mail" / COPY)
    (folder / "Mail" / "broken.jpg").write_bytes(b"this is no photo")
    return folder


class Walk:
    """One window and its user; the docstrings are the steps in WALK.md."""

    def __init__(self, qtbot: QtBot, window: MainWindow, library: Library, photos: Path) -> None:
        self.qtbot, self.window, self.library, self.photos = qtbot, window, library, photos

    def open_empty_library(self) -> None:
        """Open an empty library: the welcome page says what to do"""
        page = self.window.views.browser.welcome_page
        assert page.isVisible()
        assert "folder" in page.add_button.text()
        assert self.window.views.browser.photo_model.rowCount() == 0

    def drop_folder(self) -> None:
        """Drop a folder on the window: its photos appear, and a summary is shown"""
        with self.qtbot.waitSignal(self.window.services.index_process.finished):
            drop(self.window, [self.photos])
        self.settle()
        assert len(shown_names(self.window)) == SCENES * TAKES + 1
        summary = self.window.views.index_strip.text.text()
        assert "13" in summary
        assert "1 " in summary
        assert [file.path for file in self.library.unreadable()] == [str(self.photos / "Mail" / "broken.jpg")]

    def select_original(self) -> None:
        """Click a photo: similar photos are shown beside it, the most similar first"""
        photo = select_photo(self.qtbot, self.window, ORIGINAL)
        found = [Path(path).name for path in similar_paths(self.window)]
        assert found[0] == COPY
        assert set(found) >= {f"scene 1 take {take}.jpg" for take in (1, 2, 3)}
        expected = [match.path for match in self.library.similar(photo.file_id, 50)]
        assert similar_paths(self.window) == expected

    def show_only_close_ones(self) -> None:
        """Show only very similar photos: those of the same scene are left; remove the chip, and all are back"""
        panel = self.window.views.detail.similar
        panel.strictness.choices[SimilarityBand.VERY_SIMILAR].trigger()
        self.settle()
        assert {Path(path).name.removesuffix(".jpg")[:7] for path in similar_paths(self.window)} == {
            "sent",
            "scene 1",
        }
        self.qtbot.mouseClick(panel.chips.strictness_chip, LEFT)
        self.settle()
        assert len(similar_paths(self.window)) == SCENES * TAKES

    def refine(self) -> None:
        """Refine the search with “Less like this”, and remove the chip again"""
        panel = self.window.views.detail.similar
        before = similar_paths(self.window)
        click(self.qtbot, panel.grid, 1, Qt.MouseButton.RightButton)
        panel.grid.customContextMenuRequested.emit(tile_center(panel.grid, 1))
        menu = self.window.controllers.menus.menu
        assert menu is not None
        assert self.window.views.actions.less_like_this in menu.actions()
        self.window.views.actions.less_like_this.trigger()
        menu.close()
        self.settle()
        assert [chip.sign for chip in panel.chips.chips] == ["", "−"]
        self.qtbot.mouseClick(panel.chips.chips[1].remove_button, LEFT)
        self.settle()
        assert similar_paths(self.window) == before

    def show_all(self) -> None:
        """Show all results, view one, go to the next, and return"""
        select_photo(self.qtbot, self.window, ORIGINAL)
        self.window.views.actions.find_similar.trigger()
        self.settle()
        assert self.window.services.navigator.current.view is View.SIMILAR
        assert COPY in shown_names(self.window)
        viewer = self.window.views.viewer
        double_click(self.qtbot, self.window.views.browser.grid, 0)
        self.settle()
        assert viewer.isVisible()
        first = viewer.photo
        assert first is not None
        assert Path(first.path).name == shown_names(self.window)[0]
        self.qtbot.keyClick(viewer, Qt.Key.Key_Right)
        self.settle()
        assert viewer.photo is not None
        assert Path(viewer.photo.path).name == shown_names(self.window)[1]
        self.qtbot.keyClick(viewer, Qt.Key.Key_Escape)
        assert not viewer.isVisible()

    def go_back(self) -> None:
        """Go back to all photos with Alt+Left"""
        for _ in range(8):
            if self.window.services.navigator.current.view is View.ALL:
                break
            self.window.views.actions.back.trigger()
            self.settle()
        assert len(shown_names(self.window)) == SCENES * TAKES + 1

    def rename_cluster(self) -> None:
        """Open the clusters, change the group size, and rename one"""
        window = self.window
        window.services.navigator.go(Place(View.CLUSTERS))
        self.settle()
        page, model = window.views.browser.cluster_page, window.views.browser.cluster_model
        for level in (0, FINEST_LEVEL, DEFAULT_LEVEL):
            page.bar.slider.setValue(level)
            assert model.rowCount() == len(self.library.clusters(level).clusters)
        grid = window.views.browser.cluster_grid
        self.qtbot.mouseClick(grid.viewport(), LEFT, pos=tile_center(grid, 0))
        self.settle()
        window.views.actions.rename_cluster.trigger()
        editor = grid.viewport().findChild(QLineEdit)
        assert editor is not None
        editor.setText("By the sea")
        self.qtbot.keyClick(editor, Qt.Key.Key_Return)
        self.settle()
        assert "By the sea" in [cluster.title for cluster in self.library.clusters().clusters]
        window.services.navigator.go(Place(View.ALL))
        self.settle()

    def filter_by_name(self) -> None:
        """Search by name with Ctrl+F, and remove the chip of the word"""
        field = self.window.views.search_field
        self.window.views.actions.find.trigger()
        self.qtbot.keyClicks(field, "sent")
        self.qtbot.keyClick(field, Qt.Key.Key_Return)
        self.qtbot.waitUntil(lambda: self.window.controllers.filters.filter.text == "sent")
        self.settle()
        assert shown_names(self.window) == [COPY]
        self.qtbot.keyClick(self.window.views.filter_bar.chips[0], Qt.Key.Key_Delete)
        self.qtbot.waitUntil(lambda: not self.window.controllers.filters.filter.text)
        self.settle()
        assert len(shown_names(self.window)) == SCENES * TAKES + 1

    def compare(self) -> None:
        """Compare the copy with its original, and close the comparison"""
        select_photo(self.qtbot, self.window, ORIGINAL)
        grid = self.window.views.browser.grid
        row = shown_names(self.window).index(COPY)
        self.qtbot.mouseClick(grid.viewport(), LEFT, CONTROL, tile_center(grid, row))
        self.settle()
        self.window.views.actions.compare.trigger()
        self.settle()
        view = self.window.views.compare
        assert view.isVisible()
        assert {Path(photo.path).name for photo in view.photos} == {ORIGINAL, COPY}
        self.qtbot.keyClick(view, Qt.Key.Key_Escape)
        assert not view.isVisible()

    def trash_copy(self) -> None:
        """Move the copy to the trash with Del: the original stays, and no confirmation is needed"""
        select_photo(self.qtbot, self.window, COPY)
        self.window.activateWindow()  # no window manager does so after a menu was closed
        self.qtbot.waitUntil(lambda: QApplication.activeWindow() is self.window)
        self.window.views.browser.grid.setFocus()
        self.qtbot.keyClick(self.window.views.browser.grid, Qt.Key.Key_Delete)
        self.wait_for_files()
        assert self.window.controllers.files.question is None
        assert COPY not in shown_names(self.window)
        assert ORIGINAL in shown_names(self.window)
        assert not (self.photos / "Mail" / COPY).exists()

    def undo(self) -> None:
        """Undo with Ctrl+Z: the copy is restored, and needs no new analysis"""
        self.window.views.actions.undo.trigger()
        self.wait_for_files()
        assert (self.photos / "Mail" / COPY).read_bytes() == (self.photos / "Camera" / ORIGINAL).read_bytes()
        select_photo(self.qtbot, self.window, COPY)
        assert Path(similar_paths(self.window)[0]).name == ORIGINAL
        assert QApplication.activeModalWidget() is None

    def settle(self) -> None:
        wait_until_idle(self.qtbot, self.window)

    def wait_for_files(self) -> None:
        self.qtbot.waitUntil(lambda: not self.window.controllers.files.queue.is_busy)
        self.settle()


STEPS = (
    *(
        Walk.open_empty_library,
        Walk.drop_folder,
        Walk.select_original,
        Walk.show_only_close_ones,
        Walk.refine,
        Walk.show_all,
    ),
    *(Walk.go_back, Walk.rename_cluster, Walk.filter_by_name, Walk.compare, Walk.trash_copy, Walk.undo),
)


def test_the_walk_is_described_as_it_is_performed() -> None:
    text = Path(__file__).with_name("WALK.md").read_text("utf-8")
    described = re.findall(r"^\d+\. (.+)$", text, flags=re.MULTILINE)
    assert described == [step.__doc__ for step in STEPS]


def test_a_user_walks_from_an_empty_library_to_a_trashed_copy_and_back(
    qtbot: QtBot, empty_library: Library, open_window: Callable[[Library], MainWindow], photos: Path
) -> None:
    walk = Walk(qtbot, open_window(empty_library), empty_library, photos)
    for step in STEPS:
        step(walk)
