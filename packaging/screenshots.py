"""Make pictures of the real window: `python packaging/screenshots.py [PHOTOS] [--every FOLDER]`.

Without --every the README's three pictures are made; with it every view, or those of --only, light and dark, at two sizes. Without PHOTOS
the photos are made by `packaging/sample_photos`, which takes some minutes.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image, ImageOps
from PySide6.QtCore import QEventLoop, QPoint, QRectF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from photosim import settings
from photosim.duplicates.comparison import ComparedPhoto, ComparedState, Comparison
from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.results import CopyRelation
from photosim.gui.base import theme
from photosim.gui.base.boxes import FoundObject, placed
from photosim.gui.comparison.page import ComparisonListing
from photosim.gui.dialogs.trash_questions import LastCopyQuestion
from photosim.gui.duplicates.pair_view import PairMode
from photosim.gui.main_window import MainWindow
from photosim.gui.services.processes.indexing import IndexState
from photosim.gui.services.window_state import WindowState
from photosim.gui.state.grouping import GroupBy
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, Query, QueryImage, View
from photosim.gui.state.text.comparison import STATES
from photosim.library import Library
from photosim.library.map import MapColoring
from photosim.records import Phase, Photo, Progress, SimilarityBand, UnreadableFile
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.kept_search import KeptExample, KeptSearch
from photosim.search.query import Region

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
    parser.add_argument(
        "--only", metavar="VIEW", nargs="+", default=[], help="names of the views to save there"
    )
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
            _every(app, library, Path(place, "nothing"), arguments.every, arguments.only)
        library.close()


def _readme(app: QApplication, library: Library) -> None:
    for name, scene, dark in (
        ("window", _photos, False),
        ("clusters-dark", _clusters, True),
        ("compare", _compare, False),
    ):
        with _window(app, library, dark, SIZE) as window:
            _save(scene(window, library) or window, window, PICTURES / f"{name}.jpg")


def _every(app: QApplication, library: Library, nothing: Path, out: Path, only: Collection[str]) -> None:
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
        "events": _events,
        "event-selected": _event_selected,
        "event": _event,
        "map": _map,
        "map-covers": partial(_map_zoomed, 1.8),
        "map-photos": partial(_map_zoomed, 5.0),
        "map-filtered": _map_filtered,
        "map-dates": partial(_map_colored, MapColoring.DATE),
        "map-folders": partial(_map_colored, MapColoring.FOLDER),
        "map-lasso": _map_lasso,
        "loose": partial(_place, Place(View.UNGROUPED)),
        "duplicates": _duplicates,
        "duplicates-split": partial(_duplicates_mode, PairMode.WIPE),
        "duplicates-difference": partial(_duplicates_mode, PairMode.DIFFERENCE),
        "duplicates-reviewed": _duplicates_reviewed,
        "duplicates-certain": _duplicates_certain,
        "keep-rules": _keep_rules,
        "comparison": partial(_comparison, ComparedState.NEW),
        "comparison-better": partial(_comparison, ComparedState.OURS_BETTER),
        "comparison-folders": partial(
            _comparison, ComparedState.OURS_BETTER, other="/media/Backup 2024/Photos"
        ),
        "comparison-running": _comparison_running,
        "comparison-none-new": _comparison_none_new,
        "stacks": _stacks,
        "stack": _stack,
        "collection": _collection,
        "collection-menu": _collection_menu,
        "collection-name": _collection_name,
        "kept-search": _kept_search,
        "unreadable": partial(_place, Place(View.UNREADABLE)),
        "filter": _filter,
        "search": _search,
        "no-match": _no_match,
        "viewer": _viewer,
        "viewer-menu": _viewer_menu,
        "compare": _compare,
        "wipe": _wipe,
        "why": _why,
        "origin": _origin,
        "origin-collage": _origin_collage,
        "origin-version": _origin_version,
        "origin-none": _origin_none,
        "then-and-now": _then_and_now,
        "walk": _walk,
        "unusual": _unusual,
        "objects": _objects,
        "objects-panel": _objects_panel,
        "objects-found": _objects_found,
        "objects-viewer": _objects_viewer,
        "objects-refined": _objects_refined,
        "region-found": _region_found,
        "objects-counted": _objects_counted,
        "objects-typed": _objects_typed,
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
            if not only or "start" in only:
                with _window(app, empty, dark, pixels) as window:
                    _save(window, window, out / f"start-{look}-{size}.png")
            for name, scene in scenes.items():
                if only and name not in only:
                    continue
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


def _events(window: MainWindow, library: Library) -> None:  # noqa: ARG001
    window.services.navigator.go(Place(View.EVENTS))
    _settle(window)


def _event_selected(window: MainWindow, library: Library) -> None:
    _events(window, library)
    window.views.browser.cluster_grid.select_row(1)


def _event(window: MainWindow, library: Library) -> None:
    _events(window, library)
    window.services.navigator.open_cluster(window.views.browser.cluster_model.cluster(1))


def _map(window: MainWindow, _: Library) -> None:
    window.services.navigator.go(Place(View.MAP))
    _settle(window)


def _map_zoomed(zoom: float, window: MainWindow, library: Library) -> None:
    """Part of the map, with a photo selected."""
    _map(window, library)
    window.services.navigator.select(_favourite(library))
    _settle(window)
    window.views.map_page.canvas.zoom_by(zoom)
    _settle(window)


def _map_colored(coloring: MapColoring, window: MainWindow, library: Library) -> None:
    _map(window, library)
    page = window.views.map_page
    page.coloring.setCurrentIndex(page.coloring.findData(coloring))
    _settle(window)


def _map_lasso(window: MainWindow, library: Library) -> None:
    """A line that is drawn around photos."""
    _map(window, library)
    canvas = window.views.map_page.canvas
    canvas.set_lasso(True)
    middle = canvas.rect().center()
    corners = [
        middle + QPoint(round(radius * math.cos(angle)), round(radius * math.sin(angle)))
        for angle, radius in ((number / 8, 120 + 25 * math.sin(number / 3)) for number in range(46))
    ]
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=corners[0])
    for corner in corners[1:]:
        QTest.mouseMove(canvas, corner)


def _map_filtered(window: MainWindow, library: Library) -> None:
    """Photos that the filter leaves out are dimmed."""
    _map_zoomed(1.8, window, library)
    window.views.filter_bar.apply(PhotoFilter(text="2023"))
    _settle(window)


def _place(place: Place, window: MainWindow, _: Library) -> None:
    window.services.navigator.go(place)


def _duplicates(window: MainWindow, library: Library) -> None:
    _place(Place(View.DUPLICATES), window, library)
    _settle(window)
    window.views.duplicates.list.select_row(0)


def _duplicates_mode(mode: PairMode, window: MainWindow, library: Library) -> None:
    _duplicates(window, library)
    _settle(window)
    window.views.duplicates.group_view.step(1)
    window.views.duplicates.group_view.set_mode(mode)


def _duplicates_reviewed(window: MainWindow, library: Library) -> None:
    _duplicates(window, library)
    for _ in range(3):
        window.views.duplicates.keep()
    window.views.duplicates.keep_all()


def _duplicates_certain(window: MainWindow, library: Library) -> QWidget:
    _duplicates(window, library)
    window.views.actions.review_certain.trigger()
    _settle(window)
    return _dialog(window)


def _keep_rules(window: MainWindow, library: Library) -> QWidget:
    _duplicates(window, library)
    window.views.actions.keep_rules.trigger()
    dialog = window.controllers.duplicate_rules.dialog
    assert dialog is not None
    dialog.across_box.setChecked(True)
    return _dialog(window)


def _comparison(state: ComparedState, window: MainWindow, library: Library, other: str = "") -> None:
    """A memory card, made up of photos of the library, of which every state has some."""
    result = replace(_card(library), other=other)
    window.services.navigator.go(Place(View.COMPARISON, folder=result.folder, other=other or None))
    _settle(window)
    page = window.views.comparison
    page.show_result(ComparisonListing.of(result), select_first=True)
    page.tabs.setCurrentIndex(STATES.index(state))
    page.photos.setCurrentIndex(page.photos.model().index(1, 0))
    window.views.comparison_strip.show_result(result)


def _comparison_running(window: MainWindow, library: Library) -> None:
    folder = _card(library).folder
    window.services.navigator.go(Place(View.COMPARISON, folder=folder))
    _settle(window)
    window.views.comparison.show_running(folder)
    window.views.comparison_strip.show_state(IndexState.RUNNING)
    window.views.comparison_strip.show_progress(Progress(Phase.ANALYZING, 840, 2000, seconds_left=95))


def _comparison_none_new(window: MainWindow, library: Library) -> None:
    result = _card(library)
    window.services.navigator.go(Place(View.COMPARISON, folder=result.folder))
    _settle(window)
    known = tuple(photo for photo in result.photos if photo.state is not ComparedState.NEW)
    window.views.comparison.show_result(
        ComparisonListing.of(replace(result, photos=known, videos=0)), select_first=False
    )
    window.views.comparison.tabs.setCurrentIndex(0)


def _card(library: Library) -> Comparison:
    photos = library.photos()[::3][:36]
    digests = library.comparisons.catalog.digests([photo.photo_id for photo in photos])
    rules = {
        ComparedState.THEIRS_BETTER: (KeepRule.PIXELS, KeepRule.EARLIER),
        ComparedState.OURS_BETTER: (KeepRule.PIXELS, KeepRule.BYTES_PER_PIXEL),
    }
    crop = CopyRelation((1.25, 0, -0.1, 0, 1.2, -0.1), 0.67)
    compared = []
    for number, photo in enumerate(photos):
        state = STATES[number % 4]
        match = library.similar(photo.file_id, 1)[0] if state is ComparedState.NEW else None
        path = photo.path if match is None else match.path
        other = (
            digests[photo.photo_id] if match is None else library.comparisons.catalog.digest(match.photo_id)
        )
        compared.append(
            ComparedPhoto(
                replace(photo, file_id=number, path=f"/media/CARD/DCIM/100CANON/IMG_{1200 + number}.JPG"),
                digests[photo.photo_id],
                state,
                path,
                other,
                0.71 if match is None else match.similarity,
                0.0 if match is not None else 0.99,
                state is ComparedState.SAME,
                rules.get(state, ()),
                crop if state is ComparedState.OURS_BETTER and number % 8 == 2 else None,
            )
        )
    broken = UnreadableFile("/media/CARD/DCIM/100CANON/IMG_1299.JPG", "The file is empty.")
    return Comparison("/media/CARD", "", "2026-05-03T12:05:00+00:00", tuple(compared), (broken,), videos=3)


def _stacks(window: MainWindow, library: Library) -> None:
    window.views.actions.stack.setChecked(True)
    _photos(window, library)


def _stack(window: MainWindow, library: Library) -> None:
    """The photos of the largest stack."""
    _stacks(window, library)
    stacks = window.views.browser.photo_model.photo_list.stacks
    top = max(stacks, key=lambda file_id: len(stacks[file_id]))
    window.services.navigator.open_stack(*library.photos_by_id([top]), stacks[top])


def _collections(window: MainWindow, library: Library) -> dict[str, Place]:
    """The places of three collections, which are made unless they are there."""
    photo = _favourite(library)
    if not library.collections.all():
        near = library.photos_by_id([match.file_id for match in library.similar(photo.file_id, 7)])
        library.collections.create("To print", [each.photo_id for each in (photo, *near)])
        example = library.collections.kept_example(KeptExample(photo.path), photo.photo_id)
        library.collections.keep("Like my favourite", KeptSearch(like=(example,)))
        label = library.labels.counts()[0].name
        library.collections.keep(f"All: {label}", KeptSearch(words=label))
    window.services.library_monitor.refresh()
    _settle(window)
    entries = window.services.library_monitor.overview.collections
    return {entry.collection.name: entry.place for entry in entries}


def _collection(window: MainWindow, library: Library) -> None:
    window.services.navigator.go(_collections(window, library)["To print"])
    _settle(window)
    window.views.browser.grid.select_row(1)


def _collection_menu(window: MainWindow, library: Library) -> QWidget:
    """The menu of a photo, with the list of collections beside it."""
    _collection(window, library)
    _settle(window)
    window.views.actions.add_to_collection.trigger()
    _settle(window)
    return window.controllers.collections.add_menu


def _collection_name(window: MainWindow, library: Library) -> QWidget:
    _collection(window, library)
    _settle(window)
    window.views.actions.new_collection.trigger()
    dialog = window.controllers.collections.dialog
    assert dialog is not None
    dialog.field.setText("to print")
    return _dialog(window)


def _kept_search(window: MainWindow, library: Library) -> None:
    window.services.navigator.go(_collections(window, library)["Like my favourite"])
    _settle(window)
    _filter(window, library)


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


def _why(window: MainWindow, library: Library) -> None:
    _compare(window, library)
    _settle(window)
    window.views.compare.set_explained(True)


def _find_original(window: MainWindow, library: Library, image: Image.Image) -> None:
    """Search for the original of an image that was dropped in."""
    file = library.folder / "IMG-20240606-WA0007.jpg"
    image.save(file, quality=80)
    window.services.navigator.find_similar(Query.of_file(str(file)))
    _settle(window)
    window.views.actions.find_original.trigger()
    _settle(window)


def _opened(photo: Photo) -> Image.Image:
    return ImageOps.exif_transpose(Image.open(photo.path)).convert("RGB")


def _origin(window: MainWindow, library: Library) -> None:
    """A crop in a screenshot."""
    picture = _opened(_favourite(library))
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
    photo = pairs[0].photos[0].photo if pairs else _favourite(library)
    window.views.viewer.open([photo], 0)
    _settle(window)
    window.views.actions.find_original.trigger()


def _origin_none(window: MainWindow, library: Library) -> None:
    ramp = Image.linear_gradient("L").resize((800, 600))
    _find_original(window, library, Image.merge("RGB", (ramp, ramp.rotate(180), ramp)))


def _then_and_now(window: MainWindow, library: Library) -> None:
    """The cover of a cluster with photos from the most times."""
    covers = library.photos_by_id([cluster.medoid_id for cluster in library.clusters().clusters[:30]])
    dated = [photo for photo in covers if photo.facts.taken_at is not None]
    photo = max(dated, key=lambda photo: len(library.over_time.of_photo(photo.file_id).periods))
    window.services.navigator.open_over_time(photo)


def _walk(window: MainWindow, library: Library) -> None:
    """From the cover of the largest cluster to that of a smaller one."""
    clusters = library.clusters().clusters
    ends = library.photos_by_id([clusters[0].medoid_id, clusters[len(clusters) // 2].medoid_id])
    window.services.navigator.open_walk(*ends)


def _unusual(window: MainWindow, library: Library) -> None:
    """Photos that look like no other first, with the menu of the orders."""
    window.views.top_bar.order_actions[SortOrder.UNIQUENESS].trigger()
    _photos(window, library)


def _objects(window: MainWindow, library: Library) -> None:
    """The viewer on a photo that shows something that the model knows, with its outlines."""
    photos = library.photos()
    named = (row for row, photo in enumerate(photos) if library.labels.labels_of(photo.photo_id))
    viewer = window.views.viewer
    viewer.open(photos, next(named, 0))
    viewer.canvas.outlines.toggle_pinned()
    _settle(window)
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
    _settle(window)
    preview = window.views.detail.preview
    x, y, width, height = found.box
    for _ in range(2):  # the objects are known after the first time
        for dx in (0.5, 0.55):
            place = placed(QRectF(x + dx * width, y + height / 2, 0, 0), QRectF(preview.target_rect))
            QTest.mouseMove(preview, place.topLeft().toPoint())
        _settle(window)


def _objects_found(window: MainWindow, library: Library) -> None:
    """Objects like one, of which one is selected."""
    photo, found = _some_object(library)
    window.services.navigator.find_similar(Query.of_object(photo, found))
    _settle(window)
    window.views.browser.grid.select_row(2)


def _objects_viewer(window: MainWindow, library: Library) -> None:
    """The viewer on a result, with the object that was found."""
    _objects_found(window, library)
    _settle(window)
    window.views.browser.grid.tile_opened.emit(window.views.browser.grid.currentIndex())


def _objects_refined(window: MainWindow, library: Library) -> None:
    """Objects more like one result and less like another, in photos of their own proportions."""
    _objects_found(window, library)
    _settle(window)
    window.views.actions.square.setChecked(False)
    for row, more in ((0, True), (-1, False)):
        photo = window.views.browser.photo_model.photos[row]
        window.controllers.search.refine(photo, more=more, in_browser=True)
        _settle(window)


def _region_found(window: MainWindow, library: Library) -> None:
    """What a rectangle finds: objects and whole photos."""
    photo, found = _some_object(library)
    x, y, width, height = found.box
    region = Region(x, y, width * 0.8, height * 0.8)
    window.services.navigator.find_similar(Query((QueryImage(photo.path, photo, region),)))


def _objects_counted(window: MainWindow, library: Library) -> None:
    """Photos of two things of a kind, one of them at the right."""
    _, found = _some_object(library)
    _type(window, f"two {found.label}s, {found.label} right")
    QTest.keyClick(window.views.search_field, Qt.Key.Key_Return)


def _objects_typed(window: MainWindow, library: Library) -> None:
    """The suggestions for a number of things."""
    _, found = _some_object(library)
    _type(window, f"two {found.label}s")


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
    state = WindowState(library.folder)
    state.model_hint_shown, state.stack_photos, state.collection = True, False, 0
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
    services = window.services
    busy = (services.jobs, services.photo_client)
    quiet.timeout.connect(lambda: None if any(one.is_busy for one in busy) else loop.quit())
    quiet.start()
    loop.exec()


if __name__ == "__main__":
    main()
