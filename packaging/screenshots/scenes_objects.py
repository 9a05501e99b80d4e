"""Objects in photos."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest
from window import Scene, settle, type_text

from photosim.gui.base.boxes import FoundObject, placed
from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Query, QueryImage
from photosim.library import Library
from photosim.records import Photo
from photosim.search.query import Region


def _objects(window: MainWindow, library: Library) -> None:
    """The viewer on a photo that shows something that the model knows, with its outlines."""
    photos = library.photos()
    named = (row for row, photo in enumerate(photos) if library.labels.labels_of(photo.photo_id))
    viewer = window.views.viewer
    viewer.open(photos, next(named, 0))
    viewer.canvas.outlines.toggle_pinned()
    settle(window)
    viewer.canvas.outlines.step()


def _some_object(library: Library) -> tuple[Photo, FoundObject]:
    """The surest object of a photo with several, of a kind that many photos have."""
    common = {count.name for count in library.labels.counts()[:5]}
    with_objects = (
        (photo, [stored.object for stored in library.objects.of_photo(photo.photo_id)])
        for photo in library.photos()
    )
    photo, objects = max(
        with_objects, key=lambda pair: (bool(pair[1]) and pair[1][0].label in common, min(len(pair[1]), 4))
    )
    return photo, FoundObject(objects[0].box, objects[0].label)


def _objects_panel(window: MainWindow, library: Library) -> None:
    """The pointer over an object in the panel."""
    photo, found = _some_object(library)
    window.services.navigator.select(photo)
    settle(window)
    preview = window.views.detail.preview
    x, y, width, height = found.box
    for _ in range(2):  # the objects are known after the first time
        for dx in (0.5, 0.55):
            place = placed(QRectF(x + dx * width, y + height / 2, 0, 0), QRectF(preview.target_rect))
            QTest.mouseMove(preview, place.topLeft().toPoint())
        settle(window)


def _objects_found(window: MainWindow, library: Library) -> None:
    """Objects like one, of which one is selected."""
    photo, found = _some_object(library)
    window.services.navigator.find_similar(Query.of_object(photo, found))
    settle(window)
    window.views.browser.grid.select_row(2)


def _objects_viewer(window: MainWindow, library: Library) -> None:
    """The viewer on a result, with the object that was found."""
    _objects_found(window, library)
    settle(window)
    window.views.browser.grid.tile_opened.emit(window.views.browser.grid.currentIndex())


def _objects_refined(window: MainWindow, library: Library) -> None:
    """Objects more like one result and less like another, in photos of their own proportions."""
    _objects_found(window, library)
    settle(window)
    window.views.actions.square.setChecked(False)
    for row, more in ((0, True), (-1, False)):
        photo = window.views.browser.photo_model.photos[row]
        window.controllers.search.refine(photo, more=more, in_browser=True)
        settle(window)


def _region_found(window: MainWindow, library: Library) -> None:
    """What a rectangle finds: objects and whole photos."""
    photo, found = _some_object(library)
    x, y, width, height = found.box
    region = Region(x, y, width * 0.8, height * 0.8)
    window.services.navigator.find_similar(Query((QueryImage(photo.path, photo, region),)))


def _objects_counted(window: MainWindow, library: Library) -> None:
    """Photos of two things of a kind, one of them at the right."""
    _, found = _some_object(library)
    type_text(window, f"two {found.label}s, {found.label} right")
    QTest.keyClick(window.views.search_field, Qt.Key.Key_Return)


def _objects_typed(window: MainWindow, library: Library) -> None:
    """The suggestions for a number of things."""
    _, found = _some_object(library)
    type_text(window, f"two {found.label}s")


SCENES: dict[str, Scene] = {
    "objects": _objects,
    "objects-panel": _objects_panel,
    "objects-found": _objects_found,
    "objects-viewer": _objects_viewer,
    "objects-refined": _objects_refined,
    "region-found": _region_found,
    "objects-counted": _objects_counted,
    "objects-typed": _objects_typed,
}
