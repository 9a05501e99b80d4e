"""Make pictures of the real window: `python packaging/screenshots.py [PHOTOS] [--every FOLDER]`.

Without --every the README's three pictures are made; with it every view, light and dark, at two sizes. Without PHOTOS
the photos are made by `packaging/sample_photos`, which takes some minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from photosim import settings
from photosim.gui.base import theme
from photosim.gui.dialogs.trash_questions import LastCopyQuestion
from photosim.gui.main_window import MainWindow
from photosim.gui.services.window_state import WindowState
from photosim.gui.state.grouping import GroupBy
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, Query, QueryImage, View
from photosim.library import Library
from photosim.records import Photo, SimilarityBand
from photosim.search.photo_filter import PhotoFilter

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "resources" / "screenshots"
SIZE, SMALL = (1360, 850), (900, 620)
TILE = 150  # pixels: small enough for several series in one picture
_QUALITY = 88  # of a JPEG: letters stay sharp, at a quarter of the bytes of a PNG
_QUIET_MS = 1500  # nothing moves any more after that long without a job

Scene = Callable[[MainWindow, Library], QWidget | None]
"""Brings a window to a view; the widget to be shown instead of the window, if it is another."""


def main() -> None:
    """Index the photos and save the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", metavar="PHOTOS", nargs="?", type=Path)
    parser.add_argument("--every", metavar="FOLDER", type=Path, help="where every view is saved")
    arguments = parser.parse_args()
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as place:
        # In the window the photos lie in ~/Pictures, wherever they were taken from.
        os.environ["HOME"] = place
        photos = Path(place, "Pictures")
        if arguments.photos is None:
            subprocess.run([sys.executable, ROOT / "packaging" / "sample_photos", photos], check=True)
        else:
            shutil.copytree(arguments.photos, photos)
        library = Library.open(Path(place, "library"))
        for _ in library.index([photos]):
            pass
        if arguments.every is None:
            _readme(app, library)
        else:
            _every(app, library, Path(place, "nothing"), arguments.every)
        library.close()


def _readme(app: QApplication, library: Library) -> None:
    for name, scene, dark in (
        ("window", _photos, False),
        ("clusters-dark", _clusters, True),
        ("compare", _compare, False),
    ):
        with _window(app, library, dark, SIZE) as window:
            _save(scene(window, library) or window, window, PICTURES / f"{name}.jpg")


def _every(app: QApplication, library: Library, nothing: Path, out: Path) -> None:
    empty = Library.open(nothing)
    scenes: dict[str, Scene] = {
        "photos": _photos,
        "days": _days,
        "justified": _justified,
        "similar": _similar,
        "folded": _folded,
        "unfolded": _unfolded,
        "strict": _strict,
        "selection": _selection,
        "hover": _hover,
        "clusters": _clusters,
        "cluster-selected": _cluster_selected,
        "cluster": _cluster,
        "loose": partial(_place, Place(View.UNGROUPED)),
        "unreadable": partial(_place, Place(View.UNREADABLE)),
        "filter": _filter,
        "search": _search,
        "no-match": _no_match,
        "viewer": _viewer,
        "viewer-menu": _viewer_menu,
        "compare": _compare,
        "wipe": _wipe,
        "settings": _settings,
        "folders": _folders,
        "stopped": _stopped,
        "copies": _copies,
        "settings-general": partial(_settings_page, 0),
        "settings-folders": partial(_settings_page, 1),
        "features": _features,
        "keys": _keys,
    }
    for look, dark in (("light", False), ("dark", True)):
        for size, pixels in (("large", SIZE), ("small", SMALL)):
            with _window(app, empty, dark, pixels) as window:
                _save(window, window, out / f"start-{look}-{size}.png")
            for name, scene in scenes.items():
                with _window(app, library, dark, pixels) as window:
                    _save(scene(window, library) or window, window, out / f"{name}-{look}-{size}.png")
    empty.close()


# --- views -----------------------------------------------------------------------------------------------


def _favourite(library: Library) -> Photo:
    """A photo with many likenesses, of which a camera tells something."""
    medoid = library.clusters().clusters[0].medoid_id
    near = library.photos_by_id([medoid, *(match.file_id for match in library.similar(medoid, 12))])
    return next((photo for photo in near if photo.facts.camera is not None), near[0])


def _photos(window: MainWindow, library: Library) -> None:
    photo = _favourite(library)
    window.services.navigator.select(photo)
    _settle(window)


def _days(window: MainWindow, library: Library) -> None:
    window.views.top_bar.order_actions[SortOrder.DATE].trigger()
    window.views.browser.set_group_by(GroupBy.DAY)
    _photos(window, library)


def _justified(window: MainWindow, library: Library) -> None:
    window.views.actions.square.setChecked(False)
    _days(window, library)


def _similar(window: MainWindow, library: Library) -> None:
    photo = _favourite(library)
    less = library.photos_by_id([match.file_id for match in library.similar(photo.file_id, 12)])[-1]
    window.services.navigator.find_similar(
        Query((QueryImage(photo.path, photo),), less=(QueryImage(less.path, less),))
    )


def _folded(window: MainWindow, library: Library) -> None:
    """The end of the results, with the heading of the least similar ones."""
    window.services.navigator.find_similar(Query.of_photos(_favourite(library)))
    _settle(window)
    for grid in (window.views.browser.grid, window.views.detail.similar.grid):
        grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())


def _unfolded(window: MainWindow, library: Library) -> None:
    """The least similar results, in the panel and in the center."""
    _photos(window, library)
    window.services.navigator.find_similar(Query.of_photos(_favourite(library)))
    _settle(window)
    window.views.actions.less_similar.setChecked(True)
    _settle(window)
    browser = window.views.browser
    window.services.navigator.select(browser.photo_model.photo(0))
    _settle(window)
    bar = browser.grid.verticalScrollBar()
    bar.setValue(bar.maximum() // 3)


def _strict(window: MainWindow, library: Library) -> None:
    """Only very similar results in the center, and similar ones in the panel."""
    query = Query.of_photos(_favourite(library))
    window.services.navigator.find_similar(replace(query, least=SimilarityBand.VERY_SIMILAR))
    _settle(window)
    photo = window.views.browser.photo_model.photo(0)
    window.services.navigator.select(photo)
    _settle(window)
    window.views.detail.similar.strictness_chosen.emit(SimilarityBand.SIMILAR)


def _selection(window: MainWindow, library: Library) -> None:
    _photos(window, library)
    window.views.browser.grid.add_to_selection(range(1, 7, 2))


def _hover(window: MainWindow, library: Library) -> None:
    _photos(window, library)
    grid = window.views.browser.grid
    tile = grid.visualRect(grid.model().index(grid.currentIndex().row() + 1, 0))
    for point in (tile.center(), tile.bottomRight() - QPoint(20, 20)):
        QTest.mouseMove(grid.viewport(), point)


def _clusters(window: MainWindow, library: Library) -> None:
    _photos(window, library)
    window.services.navigator.go(Place(View.CLUSTERS))


def _cluster_selected(window: MainWindow, library: Library) -> None:
    _clusters(window, library)
    _settle(window)
    window.views.browser.cluster_grid.select_row(1)


def _cluster(window: MainWindow, library: Library) -> None:
    _clusters(window, library)
    _settle(window)
    window.services.navigator.open_cluster(window.views.browser.cluster_model.cluster(0))


def _place(place: Place, window: MainWindow, _: Library) -> None:
    window.services.navigator.go(place)


def _filter(window: MainWindow, library: Library) -> None:
    window.controllers.filters.set_open(True)
    photo_filter = PhotoFilter(text=Path(_favourite(library).path).parent.name)
    window.views.filter_bar.show_filter(photo_filter)
    window.views.filter_bar.filter_changed.emit(photo_filter)


def _search(window: MainWindow, library: Library) -> None:
    _photos(window, library)
    _type(window, f"{library.labels.counts()[0].name[:-1]} 2023")


def _no_match(window: MainWindow, library: Library) -> None:
    _search(window, library)
    _type(window, f"{library.labels.counts()[0].name}s zebra 2023")
    QTest.keyClick(window.views.search_field, Qt.Key.Key_Return)


def _type(window: MainWindow, text: str) -> None:
    """Type into the search field, and wait for the suggestions."""
    window.activateWindow()
    window.views.actions.find.trigger()
    QTest.keyClicks(window.views.search_field, text)
    _settle(window)


def _viewer(window: MainWindow, library: Library) -> None:
    _photos(window, library)
    window.controllers.photos.view_photo(_favourite(library))
    window.views.viewer.set_info_visible(True)


def _viewer_menu(window: MainWindow, library: Library) -> QWidget | None:
    _viewer(window, library)
    _settle(window)
    viewer = window.views.viewer
    viewer.menu_requested.emit(viewer.photo, viewer.mapToGlobal(QPoint(300, 200)))
    return window.controllers.menus.menu


def _compare(window: MainWindow, library: Library) -> None:
    photo = _favourite(library)
    alike = library.photos_by_id([match.file_id for match in library.similar(photo.file_id, 4)])
    window.views.compare.open([photo, alike[-1]])


def _wipe(window: MainWindow, library: Library) -> None:
    _compare(window, library)
    _settle(window)
    window.views.compare.set_wiping(True)


def _settings(window: MainWindow, _: Library) -> QWidget:
    window.controllers.settings.open(models=True)
    return _dialog(window)


def _settings_page(number: int, window: MainWindow, library: Library) -> QWidget:
    settings.update(library.folder, excluded=("Thumbnails", "*.cache"))
    window.controllers.settings.open()
    dialog = _dialog(window)
    assert window.controllers.settings.dialog is dialog
    window.controllers.settings.dialog.show_page(number)
    _settle(window)
    return dialog


def _folders(window: MainWindow, library: Library) -> None:
    """The tree of folders, expanded down to the deepest one."""
    folder = max(library.folder_counts(), key=lambda path: path.count(os.sep))
    window.views.sources.expand({str(parent) for parent in Path(folder).parents})
    window.services.navigator.go(Place(View.FOLDER, folder=folder))


def _stopped(window: MainWindow, library: Library) -> None:
    _folders(window, library)
    window.views.index_strip.show_stopped(1240)


def _copies(window: MainWindow, library: Library) -> QWidget:
    paths = [photo.path for photo in library.photos()[:4]]
    LastCopyQuestion(paths, 2, 4, lambda _: None, window).open()
    return _dialog(window)


def _features(window: MainWindow, _: Library) -> QWidget:
    window.controllers.help.show_features()
    return _dialog(window)


def _keys(window: MainWindow, _: Library) -> QWidget:
    window.controllers.help.show_shortcuts()
    return _dialog(window)


def _dialog(window: MainWindow) -> QWidget:
    _settle(window)
    return next(one for one in QApplication.topLevelWidgets() if one.isVisible() and one is not window)


# --- taking the picture ----------------------------------------------------------------------------------


@contextmanager
def _window(app: QApplication, library: Library, dark: bool, size: tuple[int, int]) -> Iterator[MainWindow]:
    app.setStyle("Fusion")
    theme.apply(app, dark)
    WindowState(library.folder).model_hint_shown = True
    window = MainWindow(library)
    window.resize(*size)
    window.views.browser.set_tile_size(TILE)
    window.start()
    window.show()
    _settle(window)
    yield window
    window.close()
    window.deleteLater()


def _save(shown: QWidget, window: MainWindow, path: Path) -> None:
    _settle(window)
    path.parent.mkdir(parents=True, exist_ok=True)
    shown.grab().save(str(path), quality=_QUALITY if path.suffix == ".jpg" else -1)
    if shown is not window:
        shown.close()
    print(path)


def _settle(window: MainWindow) -> None:
    """Let the window work until it has been quiet for a moment."""
    loop = QEventLoop()
    quiet = QTimer(interval=_QUIET_MS)
    quiet.timeout.connect(lambda: None if window.services.jobs.is_busy else loop.quit())
    quiet.start()
    loop.exec()


if __name__ == "__main__":
    main()
