"""The viewer: single photos, compared photos, and originals."""

from __future__ import annotations

from PIL import Image, ImageOps
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget
from window import Scene, favourite, select_favourite, settle

from photosim.gui.main_window import MainWindow
from photosim.gui.state.places import Query
from photosim.library import Library
from photosim.records import Photo


def _viewer(window: MainWindow, library: Library) -> None:
    select_favourite(window, library)
    window.controllers.photos.view_photo(favourite(library))
    window.views.viewer.set_info_visible(True)


def _viewer_menu(window: MainWindow, library: Library) -> QWidget | None:
    _viewer(window, library)
    settle(window)
    viewer = window.views.viewer
    viewer.menu_requested.emit(viewer.photo, viewer.mapToGlobal(QPoint(300, 200)))
    return window.controllers.menus.menu


def _compare(window: MainWindow, library: Library) -> None:
    photo = favourite(library)
    alike = library.photos_by_id([match.file_id for match in library.similar(photo.file_id, 4)])
    window.views.compare.open([photo, alike[-1]])


def _wipe(window: MainWindow, library: Library) -> None:
    _compare(window, library)
    settle(window)
    window.views.compare.set_wiping(True)


def _why(window: MainWindow, library: Library) -> None:
    _compare(window, library)
    settle(window)
    window.views.compare.set_explained(True)


def _find_original(window: MainWindow, library: Library, image: Image.Image) -> None:
    """Search for the original of an image that was dropped in."""
    file = library.folder / "IMG-20240606-WA0007.jpg"
    image.save(file, quality=80)
    window.services.navigator.find_similar(Query.of_file(str(file)))
    settle(window)
    window.views.actions.find_original.trigger()
    settle(window)


def _opened(photo: Photo) -> Image.Image:
    return ImageOps.exif_transpose(Image.open(photo.path)).convert("RGB")


def _origin(window: MainWindow, library: Library) -> None:
    """A crop in a screenshot."""
    picture = _opened(favourite(library))
    width, height = picture.size
    crop = picture.crop((width // 4, height // 5, width * 3 // 4, height * 4 // 5)).resize((540, 486))
    _find_original(window, library, ImageOps.expand(crop, (0, 220, 0, 260), "black"))


def _origin_collage(window: MainWindow, library: Library) -> None:
    photos = library.photos()
    collage = Image.new("RGB", (1220, 920), "white")
    for number, photo in enumerate(photos[:: len(photos) // 4][:4]):
        place = (10 + 605 * (number % 2), 10 + 455 * (number // 2))
        collage.paste(ImageOps.fit(_opened(photo), (595, 445)), place)
    _find_original(window, library, collage)


def _origin_version(window: MainWindow, library: Library) -> None:
    """A photo of the library that was copied or cropped there, in the viewer."""
    pairs = [group for group in library.duplicates.groups() if len(group.photos) > 1]
    photo = pairs[0].photos[0].photo if pairs else favourite(library)
    window.views.viewer.open([photo], 0)
    settle(window)
    window.views.actions.find_original.trigger()


def _origin_none(window: MainWindow, library: Library) -> None:
    ramp = Image.linear_gradient("L").resize((800, 600))
    _find_original(window, library, Image.merge("RGB", (ramp, ramp.rotate(180), ramp)))


SCENES: dict[str, Scene] = {
    "viewer": _viewer,
    "viewer-menu": _viewer_menu,
    "compare": _compare,
    "wipe": _wipe,
    "why": _why,
    "origin": _origin,
    "origin-collage": _origin_collage,
    "origin-version": _origin_version,
    "origin-none": _origin_none,
}
