"""Searches by several photos, by feedback, by regions, and by pasted images."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.gui.main_window import MainWindow
from photosim.gui.panels.query_chips import QueryChips
from photosim.gui.state.places import Query, QueryImage, View
from photosim.library import Library
from photosim.search.query import Example, Region, SimilarityQuery
from tests.support.window_driver import click, select_photo, shown_names, tile_center, wait_until_idle

LEFT = Qt.MouseButton.LeftButton


def settle_search(qtbot: QtBot, window: MainWindow) -> None:
    """Wait also for searches that follow an embedding."""
    wait_until_idle(qtbot, window)
    wait_until_idle(qtbot, window)


def chips(shown_chips: QueryChips) -> list[str]:
    return [f"{chip.sign}{chip.image.path.rsplit('/', 1)[-1]}" for chip in shown_chips.chips]


def find_several(qtbot: QtBot, window: MainWindow, *names: str) -> None:
    """Select photos with Ctrl, and search by them together."""
    grid = window.views.browser.grid
    for place, name in enumerate(names):
        keys = Qt.KeyboardModifier.ControlModifier if place else Qt.KeyboardModifier.NoModifier
        qtbot.mouseClick(grid.viewport(), LEFT, keys, tile_center(grid, shown_names(window).index(name)))
    window.views.actions.find_similar.trigger()
    wait_until_idle(qtbot, window)


def answer(library: Library, query: Query) -> list[str]:
    return [Path(match.path).name for match in library.similarity.search(query.to_library_query(), 300)]


def test_several_chosen_photos_are_one_query_with_a_chip_for_each(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    find_several(qtbot, window, "scene 1 take 1.jpg", "scene 2 take 1.jpg")
    place = window.services.navigator.current
    assert place.view is View.SIMILAR
    assert place.search is not None
    assert window.views.query_bar.isVisible()
    assert sorted(chips(window.views.query_bar.chips)) == ["scene 1 take 1.jpg", "scene 2 take 1.jpg"]
    assert {"scene 1 take 2.jpg", "scene 2 take 2.jpg"} <= set(shown_names(window))
    assert shown_names(window) == answer(library, place.search)[: len(shown_names(window))]
    assert "and 1 other" in window.windowTitle()


def test_a_search_by_many_photos_leaves_room_for_its_results(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.views.browser.grid
    grid.setFocus()
    grid.selectAll()
    wait_until_idle(qtbot, window)
    count = len(shown_names(window))
    window.views.actions.find_similar.trigger()
    wait_until_idle(qtbot, window)
    bar = window.views.query_bar.chips
    place = window.services.navigator.current
    assert place.search is not None
    assert len(place.search.images) == count
    assert len(bar.chips) == 8
    assert bar.hidden_count.isVisible()
    assert bar.hidden_count.text() == f"and {count - 8} more"
    bar.chips[0].remove_button.click()
    wait_until_idle(qtbot, window)
    assert bar.hidden_count.text() == f"and {count - 9} more"


def test_the_facts_have_their_height_after_a_selection_of_many(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(1400, 900)
    wait_until_idle(qtbot, window)
    window.views.browser.grid.setFocus()
    window.views.browser.grid.selectAll()
    wait_until_idle(qtbot, window)
    window.views.actions.find_similar.trigger()
    wait_until_idle(qtbot, window)
    rows = window.views.detail.facts.rows.values()
    shown = [value for _, value in rows if value.isVisible()]
    assert shown
    qtbot.waitUntil(lambda: all(value.height() >= value.minimumSizeHint().height() for value in shown))


def test_plus_and_minus_refine_the_answer_in_place_and_back_undoes_it(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    select_photo(qtbot, window, "scene 3 take 1.jpg")
    window.views.actions.find_similar.trigger()
    wait_until_idle(qtbot, window)
    grid, first = window.views.browser.grid, shown_names(window)
    grid.setFocus()
    grid.select_row(0)
    qtbot.keyClick(grid, Qt.Key.Key_Plus)
    wait_until_idle(qtbot, window)
    assert chips(window.views.query_bar.chips) == ["scene 3 take 1.jpg", f"+{first[0]}"]
    assert first[0] not in shown_names(window)
    assert grid.currentIndex().row() == 0, "the keyboard goes on where it was"
    disliked = shown_names(window)[0]
    qtbot.keyClick(grid, Qt.Key.Key_Minus)
    wait_until_idle(qtbot, window)
    like = window.services.navigator.current.search
    assert like is not None
    assert chips(window.views.query_bar.chips) == ["scene 3 take 1.jpg", f"+{first[0]}", f"−{disliked}"]
    assert shown_names(window) == answer(library, like)[: len(shown_names(window))]
    window.views.actions.back.trigger()
    window.views.actions.back.trigger()
    wait_until_idle(qtbot, window)
    assert shown_names(window) == first
    window.views.actions.forward.trigger()
    wait_until_idle(qtbot, window)
    assert chips(window.views.query_bar.chips) == ["scene 3 take 1.jpg", f"+{first[0]}"]


def test_the_menu_of_a_match_refines_the_panel_and_a_chip_is_taken_off_by_key_or_click(
    qtbot: QtBot, window: MainWindow
) -> None:
    panel = window.views.detail.similar
    select_photo(qtbot, window, "scene 1 take 1.jpg")
    assert not panel.chips.isVisible(), "one whole photo needs no chip: it stands above"
    before = [photo.path for photo in panel.model.photos]
    for _ in range(2):
        click(qtbot, panel.grid, 0, Qt.MouseButton.RightButton)
        panel.grid.customContextMenuRequested.emit(tile_center(panel.grid, 0))
        menu = window.controllers.menus.menu
        assert menu is not None
        entries = {action.text().split("\t")[0].replace("&", ""): action for action in menu.actions()}
        assert list(entries)[1:3] == ["More like this", "Less like this"]
        entries["Less like this"].trigger()
        menu.close()
        wait_until_idle(qtbot, window)
    assert panel.chips.isVisible()
    assert window.services.navigator.current.view is View.ALL
    assert [chip.sign for chip in panel.chips.chips] == ["", "−", "−"]
    assert not panel.chips.chips[0].remove_button.isVisibleTo(panel), (
        "what is asked about cannot be all taken off"
    )
    qtbot.keyClick(panel.chips.chips[2].remove_button, Qt.Key.Key_Delete)
    wait_until_idle(qtbot, window)
    qtbot.mouseClick(panel.chips.chips[1].remove_button, LEFT)
    wait_until_idle(qtbot, window)
    assert not panel.chips.isVisible()
    assert [photo.path for photo in panel.model.photos] == before


def test_a_rectangle_in_the_viewer_searches_by_that_part(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    photo = select_photo(qtbot, window, "scene 2 take 1.jpg")
    window.views.actions.view.trigger()
    wait_until_idle(qtbot, window)
    viewer, canvas = window.views.viewer, window.views.viewer.canvas
    qtbot.keyClick(viewer, Qt.Key.Key_R)
    assert canvas.is_selecting
    assert viewer.region_button.isChecked()
    qtbot.keyClick(viewer, Qt.Key.Key_Escape)
    assert viewer.isVisible(), "Esc first gives the rectangle up"
    assert not canvas.is_selecting
    viewer.region_button.click()
    target = canvas.target_rect
    begin, end = target.topLeft() + QPointF(4, 4), target.center()
    qtbot.mousePress(canvas, LEFT, pos=begin.toPoint())
    qtbot.mouseMove(canvas, end.toPoint())
    assert canvas.selector.is_drawn
    qtbot.mouseRelease(canvas, LEFT, pos=end.toPoint())
    assert not viewer.isVisible()
    settle_search(qtbot, window)
    like = window.services.navigator.current.search
    assert like is not None
    assert like.region is not None
    assert like.region.width == pytest.approx(0.5, abs=0.02)
    assert like.images[0].photo == photo
    panel = window.views.detail.similar
    assert [photo.path for photo in panel.model.photos] == [
        match.path for match in library.objects.search_region(like.to_library_query(), 60)
    ]
    assert panel.chips.isVisible()
    # Its chip takes the rectangle off and leaves the photo.
    panel.chips.chips[0].remove_button.click()
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.search == Query.of_photos(photo)


def test_a_rectangle_is_drawn_by_keys_too_and_on_the_preview(qtbot: QtBot, window: MainWindow) -> None:
    drawn: list[Region] = []
    photo = select_photo(qtbot, window, "scene 4 take 1.jpg")
    window.views.viewer.open((photo,), 0)
    canvas = window.views.viewer.canvas
    canvas.region_selected.disconnect()
    canvas.region_selected.connect(drawn.append)
    for key in (Qt.Key.Key_R, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Return):
        qtbot.keyClick(window.views.viewer, key)
    assert [(round(region.x, 3), region.y, region.width, region.height) for region in drawn] == [
        (0.28, 0.3, 0.4, 0.4)
    ]
    window.views.viewer.dismiss()
    wait_until_idle(qtbot, window)
    preview = window.views.detail.preview
    preview.region_selected.disconnect()
    preview.region_selected.connect(drawn.append)
    middle = preview.rect().center()
    qtbot.mousePress(preview, LEFT, pos=middle - QPoint(30, 30))
    qtbot.mouseMove(preview, middle)
    qtbot.mouseMove(preview, middle + QPoint(30, 30))
    qtbot.keyClick(preview, Qt.Key.Key_Escape)
    qtbot.mouseRelease(preview, LEFT, pos=middle + QPoint(30, 30))
    assert len(drawn) == 1
    assert not window.views.viewer.isVisible(), "a rectangle given up is no click"
    qtbot.mousePress(preview, LEFT, pos=middle - QPoint(30, 30))
    qtbot.mouseMove(preview, middle)
    qtbot.mouseMove(preview, middle + QPoint(30, 30))
    qtbot.mouseRelease(preview, LEFT, pos=middle + QPoint(30, 30))
    assert len(drawn) == 2
    assert not window.views.viewer.isVisible()


def test_a_pasted_picture_is_searched_by_and_does_not_join_the_library(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    photo = library.photos()[0]
    before = library.status()
    QGuiApplication.clipboard().setImage(QImage(photo.path))
    window.views.actions.paste.trigger()
    wait_until_idle(qtbot, window)
    settle_search(qtbot, window)
    assert chips(window.views.query_bar.chips) == ["1.png"]
    assert shown_names(window)[0] == Path(photo.path).name
    assert window.windowTitle().startswith("Similar to pasted image")
    assert library.status() == before


def test_pasted_files_of_the_library_are_one_query(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.views.browser.grid
    click(qtbot, grid, 0)
    qtbot.mouseClick(grid.viewport(), LEFT, Qt.KeyboardModifier.ShiftModifier, tile_center(grid, 1))
    window.views.actions.copy_files.trigger()
    names = shown_names(window)[:2]
    window.views.actions.paste.trigger()
    wait_until_idle(qtbot, window)
    wait_until_idle(qtbot, window)
    assert chips(window.views.query_bar.chips) == names


def test_what_is_no_image_is_said_in_a_sentence_without_a_dialog(qtbot: QtBot, window: MainWindow) -> None:
    data = QMimeData()
    data.setText("hello")
    QGuiApplication.clipboard().setMimeData(data)
    here = window.services.navigator.current
    window.views.actions.paste.trigger()
    assert window.views.toast.isVisible()
    assert "no image" in window.views.toast.text()
    assert QApplication.activeModalWidget() is None
    assert window.services.navigator.current == here
    qtbot.mouseClick(window.views.toast, LEFT)
    assert not window.views.toast.isVisible()


def test_copied_paths_are_searched_by_and_the_sentence_about_the_clipboard_goes(
    qtbot: QtBot, window: MainWindow
) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("no photo")
    window.views.actions.paste.trigger()
    assert window.views.toast.isVisible()
    select_photo(qtbot, window, "scene 2 take 1.jpg")
    window.views.actions.copy_path.trigger()
    other = next(photo.path for photo in window.views.browser.photo_model.photos if "scene 4" in photo.path)
    clipboard.setText(f"{clipboard.text()}\n{QUrl.fromLocalFile(other).toString()}\n")
    window.views.actions.paste.trigger()
    wait_until_idle(qtbot, window)
    like = window.services.navigator.current.search
    assert like is not None
    assert [Path(part.path).name for part in like.images] == ["scene 2 take 1.jpg", Path(other).name]
    assert not window.views.toast.isVisible()


def test_what_the_centre_shows_is_not_shown_a_second_time_beside_it(qtbot: QtBot, window: MainWindow) -> None:
    similar = window.views.detail.similar
    select_photo(qtbot, window, "scene 2 take 1.jpg")
    assert similar.grid.isVisible()
    similar.show_all_button.setFocus()
    qtbot.keyClick(similar.show_all_button, Qt.Key.Key_Space)
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.SIMILAR
    assert not similar.grid.isVisible()
    assert not similar.show_all_button.isVisible()
    assert not similar.strictness.isVisible()
    assert window.views.query_bar.strictness.isVisible()
    assert window.views.browser.grid.hasFocus()
    click(qtbot, window.views.browser.grid, 1)
    wait_until_idle(qtbot, window)
    assert similar.grid.isVisible()
    assert similar.show_all_button.isVisible()
    qtbot.keyClick(window.views.browser.grid, Qt.Key.Key_Escape)
    wait_until_idle(qtbot, window)
    assert not similar.grid.isVisible()
    window.views.actions.back.trigger()
    wait_until_idle(qtbot, window)
    assert similar.grid.isVisible()


def test_a_search_is_not_hidden_under_the_viewer_nor_under_a_comparison(
    qtbot: QtBot, window: MainWindow
) -> None:
    photo = select_photo(qtbot, window, "scene 2 take 1.jpg")
    QGuiApplication.clipboard().setText(photo.path)
    some = list(window.views.browser.photo_model.photos[4:6])
    for cover in (lambda: window.views.viewer.open(some, 0), lambda: window.views.compare.open(some)):
        cover()
        wait_until_idle(qtbot, window)
        window.views.actions.paste.trigger()
        qtbot.waitUntil(lambda: window.services.navigator.current.view is View.SIMILAR)
        wait_until_idle(qtbot, window)
        assert not window.views.viewer.isVisible()
        assert not window.views.compare.isVisible()
        assert (
            window.services.navigator.current.search
            == window.services.navigator.current.selected
            == Query.of_photos(photo)
        )
        window.views.actions.back.trigger()
        wait_until_idle(qtbot, window)


def test_the_clusters_are_seen_when_they_are_asked_for_in_the_viewer(
    qtbot: QtBot, window: MainWindow
) -> None:
    select_photo(qtbot, window, "scene 2 take 1.jpg")
    window.controllers.photos.view()
    window.views.actions.show_clusters.trigger()
    wait_until_idle(qtbot, window)
    assert not window.views.viewer.isVisible()
    assert window.services.navigator.current.view is View.CLUSTERS


def test_a_query_keeps_something_to_be_like() -> None:
    a, b = QueryImage("/a.jpg"), QueryImage("/b.jpg")
    part = QueryImage("/a.jpg", None, Region(0, 0, 0.5, 0.5))
    assert Query((a,)).without(a) is None
    assert Query((a,), (b,)).without(a) == Query((b,))
    assert Query((a,), (), (b,)).without(a) is None
    assert Query((part,)).without(part) == Query((a,))
    assert Query((a, b), (), (part,)).to_library_query() == SimilarityQuery(
        (Example("/a.jpg"), Example("/b.jpg")), (), (Example("/a.jpg", Region(0, 0, 0.5, 0.5)),)
    )
