"""Objects that are outlined in the viewer and in the panel, and searched by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from photosim.errors import PhotoSimError
from photosim.gui.base.boxes import FoundObject
from photosim.gui.controllers.photos import objects
from photosim.gui.grid.tile_model import Role
from photosim.gui.main_window import MainWindow
from photosim.gui.services.processes.photo_client import EmbedCallback, ObjectsCallback
from photosim.gui.state.places import Query, QueryImage, SearchScope, View
from photosim.library import Library
from photosim.library.files.operations import PhotoChanges
from photosim.records import EmbeddedObject, PhotoObject
from photosim.search.query import Example, Region
from photosim.store.objects import ObjectTable
from tests.support.window_driver import click, double_click, select_photo, shown_names, wait_until_idle

LEFT = Qt.MouseButton.LeftButton
DOG = PhotoObject("dog", 0.7, (0.5, 0.5, 0.4, 0.4))
FIRST, SECOND, THIRD, FOURTH = (f"scene 0 take {take}.jpg" for take in range(4))


class Requests:
    """Records requests for objects, which the test answers."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.answers: list[ObjectsCallback] = []
        self.cancelled: list[int | None] = []

    def __call__(self, _model: str, path: str, done: ObjectsCallback) -> int:
        self.paths.append(path)
        self.answers.append(done)
        return -len(self.paths)


@pytest.fixture
def requests(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> Requests:
    requests = Requests()
    client = window.services.photo_client
    cancel: Callable[[int | None], None] = client.cancel

    def record(request: int | None) -> None:
        if request is not None and request < 0:
            requests.cancelled.append(request)
        else:
            cancel(request)

    monkeypatch.setattr(client, "find_objects", requests)
    monkeypatch.setattr(client, "cancel", record)
    return requests


@pytest.fixture
def stored(library: Library) -> Mapping[str, int]:
    """Photo ids by name of four photos: a dog stands in them, elsewhere in each and ever less like that of the first."""
    table = ObjectTable(library._catalog.database, library.model.id, library.model.object_dimensions)
    ids = {photo.path.rsplit("/", 1)[-1]: photo.photo_id for photo in library.photos()}
    table.save(dict.fromkeys(ids.values(), ()))
    for turn, name in enumerate((FIRST, SECOND, THIRD, FOURTH)):
        vector = np.zeros(library.model.object_dimensions, np.float16)
        angle = (0.0, 0.2, 0.5, 0.9)[turn]
        vector[:2] = np.cos(angle), np.sin(angle)
        dog = PhotoObject("dog", 0.9, (0.1 + 0.2 * turn, 0.3, 0.2, 0.4))
        table.save({ids[name]: [EmbeddedObject(dog, vector)]})
    return ids


def wait_for(qtbot: QtBot, requests: Requests, count: int) -> None:
    """Wait until so many photos have been requested."""
    qtbot.waitUntil(lambda: len(requests.paths) == count)


def open_viewer(qtbot: QtBot, window: MainWindow) -> None:
    wait_until_idle(qtbot, window)
    window.views.viewer.open(window.views.browser.photo_model.photos, 0)


def test_objects_are_found_once_and_shown_again_from_the_cache(
    qtbot: QtBot, window: MainWindow, requests: Requests
) -> None:
    open_viewer(qtbot, window)
    viewer = window.views.viewer
    assert not requests.paths, "nobody has asked for them"
    qtbot.keyClick(viewer, Qt.Key.Key_O)
    wait_for(qtbot, requests, 1)
    assert requests.paths == [viewer.photo.path]
    requests.answers[0]((DOG,), None)
    assert viewer.canvas.outlines.objects == (DOG,)
    viewer.step(1)
    assert viewer.canvas.outlines.objects == ()
    wait_for(qtbot, requests, 2)
    viewer.step(-1)
    qtbot.waitUntil(lambda: viewer.canvas.outlines.objects == (DOG,))
    assert len(requests.paths) == 2
    assert requests.cancelled == [-2], "the photo between was left before it was answered"


def test_a_late_answer_is_not_shown_on_another_photo(
    qtbot: QtBot, window: MainWindow, requests: Requests
) -> None:
    open_viewer(qtbot, window)
    viewer = window.views.viewer
    qtbot.keyClick(viewer, Qt.Key.Key_O)
    wait_for(qtbot, requests, 1)
    viewer.step(1)
    requests.answers[0]((DOG,), None)
    assert viewer.canvas.outlines.objects == ()


def test_a_photo_that_cannot_be_read_has_no_objects_and_is_tried_again(
    qtbot: QtBot, window: MainWindow, requests: Requests
) -> None:
    open_viewer(qtbot, window)
    viewer = window.views.viewer
    qtbot.keyClick(viewer, Qt.Key.Key_O)
    wait_for(qtbot, requests, 1)
    requests.answers[0](None, PhotoSimError("It is gone."))
    assert viewer.canvas.outlines.objects == ()
    viewer.step(1)
    wait_for(qtbot, requests, 2)
    viewer.step(-1)
    wait_for(qtbot, requests, 3)


def test_the_cache_forgets_what_was_not_seen_for_long(
    qtbot: QtBot, window: MainWindow, requests: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "_MAX_CACHED", 1)
    open_viewer(qtbot, window)
    viewer = window.views.viewer
    qtbot.keyClick(viewer, Qt.Key.Key_O)
    for number, found in enumerate(((DOG,), ()), 1):
        wait_for(qtbot, requests, number)
        requests.answers[-1](found, None)
        viewer.step(1 if number == 1 else -1)
    wait_for(qtbot, requests, 3)


def test_stored_objects_are_outlined_without_the_photo_worker(
    qtbot: QtBot, window: MainWindow, requests: Requests, stored: Mapping[str, int]
) -> None:
    photo = select_photo(qtbot, window, FIRST)
    preview = window.views.detail.preview
    assert preview.outlines.objects == ()
    hover(qtbot, window, 0.2, 0.5)
    qtbot.waitUntil(lambda: bool(preview.outlines.objects))
    hover(qtbot, window, 0.2, 0.5)
    assert preview.outlines.current is not None
    assert preview.outlines.current.label == preview.accessibleDescription() == "dog"
    hover(qtbot, window, 0.9, 0.9)
    assert preview.outlines.current is None
    window.views.viewer.open((photo,), 0)
    qtbot.keyClick(window.views.viewer, Qt.Key.Key_O)
    qtbot.waitUntil(lambda: bool(window.views.viewer.canvas.outlines.objects))
    assert not requests.paths
    window.views.viewer.dismiss()
    select_photo(qtbot, window, "scene 1 take 0.jpg")
    assert preview.outlines.objects == (), "those of the photo before are gone"
    hover(qtbot, window, 0.2, 0.5)
    wait_for(qtbot, requests, 1)
    QApplication.sendEvent(preview, QEvent(QEvent.Type.Leave))
    assert requests.cancelled == [-1], "the pointer has left"
    requests.answers[0]((DOG,), None)
    hover(qtbot, window, 0.7, 0.7)
    qtbot.waitUntil(lambda: preview.outlines.objects == (DOG,))
    assert len(requests.paths) == 1, "a late answer is kept all the same"


def hover(qtbot: QtBot, window: MainWindow, x: float, y: float) -> QPoint:
    """Move the pointer to a place of the preview in fractions of the photo."""
    preview = window.views.detail.preview
    qtbot.waitUntil(lambda: preview.is_sharp)
    target = preview.target_rect
    point = QPointF(target.x() + x * target.width(), target.y() + y * target.height()).toPoint()
    qtbot.mouseMove(preview, point + QPoint(1, 1))
    qtbot.mouseMove(preview, point)
    return point


def search_for_dog(qtbot: QtBot, window: MainWindow) -> None:
    """Search by the dog in the first photo with a click on it in the panel."""
    select_photo(qtbot, window, FIRST)
    hover(qtbot, window, 0.2, 0.5)
    preview = window.views.detail.preview
    qtbot.waitUntil(lambda: bool(preview.outlines.objects))
    qtbot.mouseClick(preview, LEFT, pos=hover(qtbot, window, 0.2, 0.5))
    wait_until_idle(qtbot, window)


def test_a_click_on_an_object_in_the_panel_finds_objects_like_it(
    qtbot: QtBot, window: MainWindow, stored: Mapping[str, int]
) -> None:
    search_for_dog(qtbot, window)
    assert not window.views.viewer.isVisible()
    navigator, views = window.services.navigator, window.views
    place = navigator.current
    assert place.view is View.SIMILAR
    assert place.search is not None
    assert place.search.scope is SearchScope.OBJECTS
    assert navigator.title()[0] == "Objects like this dog"
    assert shown_names(window) == [SECOND, THIRD, FOURTH]
    model = views.browser.photo_model
    assert all(model.index(row).data(Role.BOX) is not None for row in range(3))
    assert [chip.accessibleName() for chip in views.query_bar.chips.chips] == [f"Dog in {FIRST}"]
    assert views.detail.similar.title.text() == "Similar objects"
    # A result is shown with its object, and what is like that.
    click(qtbot, views.browser.grid, 1)
    wait_until_idle(qtbot, window)
    found = FoundObject((0.5, 0.3, 0.2, 0.4), "dog")
    photo = model.photo(1)
    assert navigator.current.selected == Query.of_object(photo, found)
    assert views.detail.similar.model.photos[0].path.endswith(SECOND)
    assert views.detail.facts.name.text() == THIRD
    assert navigator.current.search == place.search, "selecting is no step of the history"
    qtbot.keyClick(views.browser.grid, Qt.Key.Key_Escape)
    assert navigator.current == place
    qtbot.keyClick(views.browser.grid, Qt.Key.Key_Escape)
    wait_until_idle(qtbot, window)
    assert navigator.current.view is View.ALL


def test_more_and_less_like_a_result_are_about_its_object(
    qtbot: QtBot, window: MainWindow, stored: Mapping[str, int]
) -> None:
    search_for_dog(qtbot, window)
    grid = window.views.browser.grid
    photo = window.views.browser.photo_model.photo(2)
    grid.setFocus()
    grid.select_row(2)
    wait_until_idle(qtbot, window)
    qtbot.keyClick(grid, Qt.Key.Key_Plus)
    wait_until_idle(qtbot, window)
    query = window.services.navigator.current.search
    assert query is not None
    assert query.more == (QueryImage.of_photo(photo, FoundObject((0.7, 0.3, 0.2, 0.4), "dog")),)
    assert sorted(shown_names(window)) == [SECOND, THIRD]
    window.views.query_bar.chips.chips[0].remove_button.click()
    wait_until_idle(qtbot, window)
    query = window.services.navigator.current.search
    assert query is not None
    assert query.images[0].photo == photo
    assert query.scope is SearchScope.OBJECTS


def test_the_viewer_marks_the_object_that_was_found(
    qtbot: QtBot, window: MainWindow, stored: Mapping[str, int]
) -> None:
    search_for_dog(qtbot, window)
    double_click(qtbot, window.views.browser.grid, 0)
    viewer = window.views.viewer
    assert viewer.isVisible()
    assert viewer.canvas.outlines.marked == (0.3, 0.3, 0.2, 0.4)
    viewer.step(1)
    assert viewer.canvas.outlines.marked == (0.5, 0.3, 0.2, 0.4)
    viewer.dismiss()
    assert window.services.navigator.current.selected == Query.of_object(
        window.views.browser.photo_model.photo(1), FoundObject((0.5, 0.3, 0.2, 0.4), "dog")
    )
    window.services.navigator.back()
    wait_until_idle(qtbot, window)
    double_click(qtbot, window.views.browser.grid, 0)
    assert viewer.canvas.outlines.marked is None
    viewer.dismiss()
    wait_until_idle(qtbot, window)


def test_several_results_are_searched_by_their_objects_together(
    qtbot: QtBot, window: MainWindow, stored: Mapping[str, int]
) -> None:
    search_for_dog(qtbot, window)
    grid = window.views.browser.grid
    grid.setFocus()
    grid.select_row(0)
    grid.add_to_selection([2])
    wait_until_idle(qtbot, window)
    window.views.actions.find_similar.trigger()
    wait_until_idle(qtbot, window)
    query = window.services.navigator.current.search
    assert query is not None
    assert [image.label for image in query.images] == ["dog", "dog"]
    assert query.scope is SearchScope.OBJECTS
    assert sorted(shown_names(window)) == [FIRST, THIRD]


def test_a_photo_with_an_object_that_is_searched_by_can_go_to_the_trash(
    qtbot: QtBot, window: MainWindow, library: Library, stored: Mapping[str, int]
) -> None:
    search_for_dog(qtbot, window)
    search = window.services.navigator.current.search
    assert search is not None
    changes = PhotoChanges(removed=frozenset({search.images[0].photo.file_id}))
    window.controllers.targets.after_change(changes)
    wait_until_idle(qtbot, window)
    assert window.services.navigator.current.view is View.ALL


def test_a_search_that_finds_no_object_says_where_objects_come_from(
    qtbot: QtBot, window: MainWindow, library: Library, stored: Mapping[str, int]
) -> None:
    table = ObjectTable(library._catalog.database, library.model.id, library.model.object_dimensions)
    table.save({stored[name]: () for name in (SECOND, THIRD, FOURTH)})
    search_for_dog(qtbot, window)
    browser = window.views.browser
    assert browser.currentWidget() is browser.empty_page
    assert browser.empty_page.title.text() == "No similar objects"
    assert window.views.detail.similar.empty.title.text() == "No similar objects"


def answer_embeddings(window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Answer for the photo worker; returns for each request whether it was for an object."""
    asked: list[bool] = []
    whole = np.eye(1, library.model.dimensions, dtype=np.float32)[0]
    dog = np.eye(1, library.model.object_dimensions, dtype=np.float32)[0]

    def embed(_model: str, example: Example, done: EmbedCallback) -> int:
        asked.append(example.is_object)
        done(dog if example.is_object else whole, None)
        return 0

    monkeypatch.setattr(window.services.photo_client, "embed", embed)
    return asked


def test_without_stored_objects_photos_are_searched_by_what_is_in_the_box(
    qtbot: QtBot, window: MainWindow, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.labels.set_enabled(False)
    photo = select_photo(qtbot, window, FIRST)
    asked = answer_embeddings(window, library, monkeypatch)
    window.services.navigator.find_similar(Query.of_object(photo, FoundObject(DOG.box, "dog")))
    wait_until_idle(qtbot, window)
    wait_until_idle(qtbot, window)
    assert set(asked) == {False}
    assert len(window.views.browser.photo_model.photos) > 3
    assert not window.views.browser.photo_model.photo_list.found


def test_a_rectangle_finds_objects_and_whole_photos(
    qtbot: QtBot,
    window: MainWindow,
    library: Library,
    stored: Mapping[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo = select_photo(qtbot, window, FIRST)
    asked = answer_embeddings(window, library, monkeypatch)
    window.views.viewer.open((photo,), 0)
    window.views.viewer.region_selected.emit(photo, Region(0.05, 0.05, 0.6, 0.6))
    wait_until_idle(qtbot, window)
    wait_until_idle(qtbot, window)
    assert set(asked) == {False, True}, "as a photo and as an object"
    model = window.views.browser.photo_model
    boxes = {name: model.index(row).data(Role.BOX) for row, name in enumerate(shown_names(window))}
    assert boxes[SECOND] is not None
    assert boxes["scene 1 take 0.jpg"] is None
    assert model.sections[0].title == "Very similar", "and not the same photo"


def test_a_chosen_object_is_searched_by_its_region(
    qtbot: QtBot, window: MainWindow, requests: Requests
) -> None:
    open_viewer(qtbot, window)
    viewer = window.views.viewer
    photo = viewer.photo
    qtbot.keyClick(viewer, Qt.Key.Key_N)
    wait_for(qtbot, requests, 1)
    requests.answers[0]((DOG,), None)
    qtbot.keyClick(viewer, Qt.Key.Key_N)
    qtbot.keyClick(viewer, Qt.Key.Key_S)
    assert not viewer.isVisible()
    place = window.services.navigator.current
    assert place.view is View.SIMILAR
    assert place.search is not None
    assert place.search == Query.of_object(photo, FoundObject(DOG.box, "dog"))
    wait_until_idle(qtbot, window)
