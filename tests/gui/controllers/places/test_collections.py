"""Collections in the window: made, filled, opened, changed, and all of it undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from photosim.gui.base import qt_paths
from photosim.gui.main_window import MainWindow
from photosim.gui.panels.source_model import SourceRole
from photosim.gui.state.places import Place, Query, View
from photosim.library import Library
from photosim.library.collections import Collection
from photosim.records import Photo, SimilarityBand
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.kept_search import KeptSearch
from tests.support.window_driver import select_photo, set_filter, shown_names, wait_until_idle

Open = Callable[[Library], MainWindow]

FIRST, SECOND, THIRD = "scene 0 take 0.jpg", "scene 0 take 1.jpg", "scene 1 take 0.jpg"


@pytest.fixture
def trip(library: Library) -> Collection:
    """A collection of two photos."""
    return make(library, "Trip", FIRST, SECOND)


def make(library: Library, name: str, *names: str) -> Collection:
    change = library.collections.create(name, [photo.photo_id for photo in photos_of(library, names)])
    assert change.collection is not None
    return change.collection


def photos_of(library: Library, names: Sequence[str]) -> list[Photo]:
    return [photo for photo in library.photos() if Path(photo.path).name in names]


def contents(library: Library) -> dict[str, set[str]]:
    """The names of all collections of photos, and of the photos in each."""
    service = library.collections
    return {
        each.name: {Path(photo.path).name for photo in library.photos_by_id(service.file_ids(each))}
        for each in service.all()
        if each.holds_photos
    }


def go(qtbot: QtBot, window: MainWindow, collection: Collection) -> None:
    """Click a collection in the sidebar."""
    tree, model = window.views.sources.tree, window.views.sources.model
    index = model.index_of(Place(View.COLLECTION, collection=collection))
    assert index is not None
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualRect(index).center())
    wait_until_idle(qtbot, window)


def rows(window: MainWindow) -> list[tuple[str, str]]:
    """The titles and counts of the sidebar."""
    model = window.views.sources.model
    indexes = [model.index(row) for row in range(model.rowCount())]
    return [(index.data(), index.data(SourceRole.COUNT)) for index in indexes]


def do(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """Trigger an action by its name."""
    action = getattr(window.views.actions, name)
    assert action.isEnabled(), name
    action.trigger()
    wait_until_idle(qtbot, window)


def answer(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """Type a name into the open dialog, and press Enter."""
    dialog = window.controllers.collections.dialog
    assert dialog is not None
    dialog.field.setText(name)
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    wait_until_idle(qtbot, window)


def choose(qtbot: QtBot, window: MainWindow, text: str) -> None:
    """Choose an entry of “Add to collection”."""
    menu = window.controllers.collections.add_menu
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text().replace("&", "") == text).trigger()
    wait_until_idle(qtbot, window)


def select(qtbot: QtBot, window: MainWindow, *names: str) -> None:
    select_photo(qtbot, window, names[0])
    shown = shown_names(window)
    window.views.browser.grid.add_to_selection([shown.index(name) for name in names[1:]])
    wait_until_idle(qtbot, window)


def test_without_collections_the_sidebar_has_only_a_button_for_the_first(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    assert "Collections" not in [title for title, _ in rows(window)]
    button = window.views.sources.collection_button
    assert button.isVisible()
    button.click()
    answer(qtbot, window, "Trip")
    assert ("Collections", "") in rows(window)
    assert ("Trip", "0") in rows(window)
    do(qtbot, window, "undo")
    assert contents(library) == {}
    assert "Collections" not in [title for title, _ in rows(window)]


def test_the_button_is_not_there_while_there_are_no_photos(empty_library: Library, open_window: Open) -> None:
    assert not open_window(empty_library).views.sources.collection_button.isVisible()


def test_selected_photos_make_a_new_collection_and_that_is_undone(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    select(qtbot, window, FIRST, THIRD)
    choose(qtbot, window, "New collection…")
    answer(qtbot, window, "Trip")
    assert contents(library) == {"Trip": {FIRST, THIRD}}
    assert window.views.file_strip.text.text() == "2 photos added to “Trip”."
    assert window.views.file_strip.undo_button.isVisible()
    do(qtbot, window, "undo")
    assert contents(library) == {}
    do(qtbot, window, "redo")
    assert contents(library) == {"Trip": {FIRST, THIRD}}


def test_photos_are_added_by_the_menu_and_only_the_new_ones_are_undone(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    window = open_window(library)
    select(qtbot, window, SECOND, THIRD)
    choose(qtbot, window, "Trip")
    assert contents(library)["Trip"] == {FIRST, SECOND, THIRD}
    assert ("Trip", "3") in rows(window)
    do(qtbot, window, "undo")
    assert contents(library)["Trip"] == {FIRST, SECOND}
    assert window.views.file_strip.text.text() == "Add to collection undone."


def test_adding_what_is_there_says_so_and_is_no_step_of_undo(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    window = open_window(library)
    select(qtbot, window, FIRST)
    choose(qtbot, window, "Trip")
    assert window.views.file_strip.text.text() == "Already in “Trip”."
    assert not window.views.actions.undo.isEnabled()


def test_the_key_shows_the_menu_of_collections(qtbot: QtBot, window: MainWindow) -> None:
    select(qtbot, window, FIRST)
    qtbot.keyClick(window.views.browser.grid, Qt.Key.Key_B)
    menu = window.controllers.collections.add_menu
    qtbot.waitUntil(menu.isVisible)
    assert [action.text() for action in menu.actions()] == ["&New collection…"]
    menu.close()


def test_the_menus_of_the_grid_and_of_the_viewer_offer_it(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    window = open_window(library)
    photo = select_photo(qtbot, window, FIRST)

    def offered() -> list[str]:
        menu = window.controllers.menus.menu
        assert menu is not None
        texts = [action.text().replace("&", "") for action in menu.actions()]
        menu.close()
        wait_until_idle(qtbot, window)
        return texts

    window.views.browser.selection.photo_menu_requested.emit([photo], QPoint())
    assert "Add to collection" in offered()
    window.views.viewer.menu_requested.emit(photo, QPoint())
    assert "Add to collection" in offered()
    go(qtbot, window, trip)
    photo = select_photo(qtbot, window, FIRST)
    window.views.browser.selection.photo_menu_requested.emit([photo], QPoint())
    assert {"Add to collection", "Remove from collection"} <= set(offered())


def test_a_collection_opens_as_a_place_that_can_be_filtered(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    window = open_window(library)
    go(qtbot, window, trip)
    assert set(shown_names(window)) == {FIRST, SECOND}
    assert window.windowTitle().startswith("Trip")
    assert window.views.sources.tree.currentIndex().data() == "Trip"
    set_filter(window, PhotoFilter(text="take 1"))
    wait_until_idle(qtbot, window)
    assert shown_names(window) == [SECOND]
    set_filter(window, PhotoFilter(text="nothing at all"))
    wait_until_idle(qtbot, window)
    assert window.views.browser.currentWidget() is window.views.browser.empty_page


def test_removed_photos_leave_the_place_and_come_back(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    window = open_window(library)
    go(qtbot, window, trip)
    select(qtbot, window, FIRST)
    do(qtbot, window, "remove_from_collection")
    assert shown_names(window) == [SECOND]
    assert ("Trip", "1") in rows(window)
    assert len(library.photos()) == 24, "no file was touched"
    do(qtbot, window, "undo")
    assert set(shown_names(window)) == {FIRST, SECOND}
    assert [Path(photo.path).name for photo in window.views.browser.selected_photos()] == [FIRST]


def test_a_collection_is_renamed_and_deleted_while_it_is_open(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    window = open_window(library)
    go(qtbot, window, trip)
    do(qtbot, window, "rename_collection")
    answer(qtbot, window, "Journey")
    assert window.windowTitle().startswith("Journey")
    assert ("Journey", "2") in rows(window)
    do(qtbot, window, "delete_collection")
    assert window.services.navigator.current.view is View.ALL
    assert contents(library) == {}
    do(qtbot, window, "undo")
    assert contents(library) == {"Journey": {FIRST, SECOND}}
    do(qtbot, window, "undo")
    assert contents(library) == {"Trip": {FIRST, SECOND}}


def test_a_name_that_is_taken_is_not_accepted(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    window = open_window(library)
    do(qtbot, window, "new_collection")
    dialog = window.controllers.collections.dialog
    assert dialog is not None
    assert not dialog.accept_button.isEnabled(), "without a name"
    dialog.field.setText(" trip ")
    assert dialog.note.text() == "There is a collection “Trip” already."
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert window.controllers.collections.dialog is dialog
    dialog.reject()
    assert list(contents(library)) == ["Trip"]


def test_photos_dropped_on_a_collection_are_added(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    library.collections.keep("Scenes", KeptSearch(words="scene"))
    window = open_window(library)
    model = window.views.sources.model
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, window)
    data = qt_paths.to_mime([photo.path for photo in photos_of(library, [THIRD])])
    titles = [title for title, _ in rows(window)]
    accepts = {
        title: model.canDropMimeData(data, Qt.DropAction.CopyAction, -1, -1, model.index(row))
        for row, title in enumerate(titles)
    }
    assert [title for title, accepted in accepts.items() if accepted] == ["Trip"]
    index = model.index(titles.index("Trip"))
    assert model.flags(index) & Qt.ItemFlag.ItemIsDropEnabled
    assert model.dropMimeData(data, Qt.DropAction.CopyAction, -1, -1, index)
    wait_until_idle(qtbot, window)
    assert contents(library)["Trip"] == {FIRST, SECOND, THIRD}


def test_the_collection_under_dragged_photos_is_marked_and_takes_them(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    window = open_window(library)
    tree, model = window.views.sources.tree, window.views.sources.model
    data = qt_paths.to_mime([photo.path for photo in photos_of(library, [THIRD])])
    copy, left, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    index = model.index_of(Place(View.COLLECTION, collection=trip))
    assert index is not None
    point = tree.visualRect(index).center()
    tree.dragMoveEvent(QDragMoveEvent(tree.visualRect(model.index(0)).center(), copy, data, left, keys))
    assert not tree.drop_target.isValid()
    tree.dragMoveEvent(QDragMoveEvent(point, copy, data, left, keys))
    assert tree.drop_target.data() == "Trip"
    assert not tree.grab().isNull()
    tree.dropEvent(QDropEvent(QPointF(point), copy, data, left, keys))
    assert not tree.drop_target.isValid()
    wait_until_idle(qtbot, window)
    assert contents(library)["Trip"] == {FIRST, SECOND, THIRD}


def test_files_of_other_programs_are_left_to_the_window(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    window = open_window(library)
    tree = window.views.sources.tree
    data = qt_paths.to_mime([library.photos()[0].path])
    point = tree.visualRect(tree.model().index(6, 0)).center()
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(point, Qt.DropAction.CopyAction, data, buttons, keys)
    assert event.source() is None
    tree.dragEnterEvent(event)
    assert not event.isAccepted()


def test_a_screen_reader_hears_what_a_row_is_and_how_many_photos_it_has(
    trip: Collection, library: Library, open_window: Open
) -> None:
    library.collections.keep("Scenes", KeptSearch(words="scene"))
    model = open_window(library).views.sources.model
    heard = [
        model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)
        for row in range(model.rowCount())
        if model.index(row).data() in ("Trip", "Scenes")
    ]
    assert heard == ["Scenes, kept search, 24 photos", "Trip, 2 photos"]


def test_a_filter_is_kept_as_a_search_that_fills(
    qtbot: QtBot, window: MainWindow, library: Library, photo_folder: Path
) -> None:
    assert not window.views.actions.keep_search.isEnabled()
    set_filter(window, PhotoFilter(text="1.jpg"))
    wait_until_idle(qtbot, window)
    do(qtbot, window, "keep_search")
    answer(qtbot, window, "Second takes")
    assert ("Second takes", "6") in rows(window)
    set_filter(window, PhotoFilter())
    [kept] = library.collections.all()
    assert kept.search == KeptSearch(criteria=PhotoFilter(text="1.jpg"))
    go(qtbot, window, kept)
    assert len(shown_names(window)) == 6
    assert not window.views.actions.remove_from_collection.isEnabled()
    window.services.navigator.go(Place(View.FOLDER, folder=str(photo_folder / "harbour")))
    set_filter(window, PhotoFilter(text="1.jpg"))
    wait_until_idle(qtbot, window)
    do(qtbot, window, "keep_search")
    answer(qtbot, window, "At the harbour")
    assert ("At the harbour", "3") in rows(window)
    do(qtbot, window, "undo")
    assert [each.name for each in library.collections.all()] == ["Second takes"]


def test_similar_photos_are_kept_and_found_again(
    qtbot: QtBot, window: MainWindow, library: Library, open_window: Open
) -> None:
    photo = select_photo(qtbot, window, FIRST)
    query = Query.of_photos(photo)
    window.services.navigator.find_similar(query)
    wait_until_idle(qtbot, window)
    window.services.navigator.restrict_query(query, Query(query.images, least=SimilarityBand.SIMILAR))
    wait_until_idle(qtbot, window)
    found = shown_names(window)
    do(qtbot, window, "keep_search")
    answer(qtbot, window, "Like this")
    window.services.navigator.go(Place(View.ALL))
    wait_until_idle(qtbot, window)
    [kept] = library.collections.all()
    go(qtbot, window, kept)
    assert shown_names(window) == found
    assert window.services.navigator.title()[0] == "Like this"
    assert window.views.query_bar.isVisible()
    set_filter(window, PhotoFilter(text="1.jpg"))
    wait_until_idle(qtbot, window)
    assert all("1.jpg" in name for name in shown_names(window))


def test_a_filter_is_kept_with_the_search_that_it_narrows(
    qtbot: QtBot, window: MainWindow, library: Library
) -> None:
    window.services.navigator.find_similar(Query.of_photos(select_photo(qtbot, window, FIRST)))
    set_filter(window, PhotoFilter(text="2.jpg"))
    wait_until_idle(qtbot, window)
    do(qtbot, window, "keep_search")
    dialog = window.controllers.collections.dialog
    assert dialog is not None
    assert dialog.name == f"Similar to {FIRST}, 2.jpg"
    answer(qtbot, window, "Third takes like this")
    window.services.navigator.go(Place(View.ALL))
    set_filter(window, PhotoFilter())
    wait_until_idle(qtbot, window)
    [kept] = library.collections.all()
    go(qtbot, window, kept)
    assert len(shown_names(window)) == 6
    assert all("2.jpg" in name for name in shown_names(window))
    set_filter(window, PhotoFilter(text="scene 0"))
    wait_until_idle(qtbot, window)
    assert shown_names(window) == ["scene 0 take 2.jpg"], "both filters count"


def test_the_collection_that_was_open_is_open_at_the_next_start(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    window = open_window(library)
    go(qtbot, window, trip)
    window.close()
    again = open_window(library)
    assert again.services.navigator.current.collection == trip
    assert set(shown_names(again)) == {FIRST, SECOND}


def test_changes_of_another_process_are_followed(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    window = open_window(library)
    go(qtbot, window, trip)
    library.collections.rename(trip.id, "Journey")
    window.services.library_monitor.refresh()
    wait_until_idle(qtbot, window)
    assert window.windowTitle().startswith("Journey")


def test_the_menu_of_a_collection_renames_and_deletes_it(
    qtbot: QtBot, trip: Collection, library: Library, open_window: Open
) -> None:
    window = open_window(library)
    window.views.sources.collection_menu_requested.emit(trip, QPoint())
    menu = window.controllers.menus.menu
    assert isinstance(menu, QMenu)
    texts = [action.text().replace("&", "") for action in menu.actions() if not action.isSeparator()]
    assert texts == ["Open", "Rename…", "Delete collection"]
    menu.actions()[-1].trigger()
    menu.close()
    wait_until_idle(qtbot, window)
    assert contents(library) == {}
