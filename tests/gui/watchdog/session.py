"""A scripted session: everything a user does often, step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from photosim.gui.base.boxes import placed
from photosim.gui.duplicates.pair_view import PairMode
from photosim.gui.main_window import MainWindow
from photosim.gui.state.grouping import GroupBy
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, Query, View
from photosim.records import SimilarityBand
from photosim.search.filters.criteria import PhotoFilter
from tests.gui.watchdog.generated_library import DOG_BOX, make_new_photos
from tests.gui.watchdog.monitor import StallMonitor

UNTIL_IDLE = -1
"""In place of milliseconds: wait until no background job is running."""

_FRAME_MS = 16


def play_session(window: MainWindow, monitor: StallMonitor, only: Sequence[str] = ()) -> Iterator[int]:
    """Play all parts, or some; yield after each step the milliseconds until the next one, or UNTIL_IDLE."""
    monitor.activity = "open the library"
    window.start()
    window.show()
    yield UNTIL_IDLE
    for name, part in PARTS.items():
        if not only or name in only:
            yield from part(window, monitor)


def browse(window: MainWindow, monitor: StallMonitor) -> Iterator[int]:
    """Scroll, sort, select and go from place to place."""
    browser, grid, similar = window.views.browser, window.views.browser.grid, window.views.detail.similar
    monitor.activity = "scroll with the wheel"
    for _ in range(80):
        wheel(grid.viewport(), -360)
        yield _FRAME_MS
    monitor.activity = "drag the scroll bar"
    bar = grid.verticalScrollBar()
    for step in range(60):
        bar.setValue(bar.maximum() * step // 60)
        yield _FRAME_MS
    yield UNTIL_IDLE
    for order in (SortOrder.NAME, SortOrder.UNIQUENESS, SortOrder.DATE):
        monitor.activity = f"sort by {order.value}"
        window.views.top_bar.order_actions[order].trigger()
        yield UNTIL_IDLE
    monitor.activity = "select a photo"
    for row in (3, 40, 77):
        grid.select_row(row)
        window.services.navigator.select(browser.photo_model.photo(row))
        yield UNTIL_IDLE
    monitor.activity = "sort by similarity"
    window.views.top_bar.order_actions[SortOrder.SIMILARITY].trigger()
    yield UNTIL_IDLE
    window.views.top_bar.order_actions[SortOrder.DATE].trigger()
    yield UNTIL_IDLE
    monitor.activity = "scroll the results, with those that are less similar"
    window.views.actions.less_similar.setChecked(True)
    for _ in range(6):
        similar.grid.verticalScrollBar().setValue(similar.grid.verticalScrollBar().maximum())
        yield UNTIL_IDLE
    monitor.activity = "show only close results, and all again"
    for band in (SimilarityBand.VERY_SIMILAR, SimilarityBand.LESS_SIMILAR):
        similar.strictness.choices[band].trigger()
        yield UNTIL_IDLE
    window.views.actions.less_similar.setChecked(False)
    monitor.activity = "deselect, and select several photos"
    window.services.navigator.clear_selection()
    yield UNTIL_IDLE
    for row in (80, 84, 90):
        grid.add_to_selection([row])
        yield UNTIL_IDLE
    monitor.activity = "move the pointer over tiles"
    for row in grid.visible_rows():
        move_pointer(grid.viewport(), grid.visualRect(browser.photo_model.index(row)).center())
        yield _FRAME_MS
    monitor.activity = "larger and smaller thumbnails"
    for size in (*range(100, 260, 16), *range(260, 140, -16)):
        browser.set_tile_size(size)
        yield _FRAME_MS
    window.views.actions.square.toggle()
    yield UNTIL_IDLE
    monitor.activity = "select all"
    grid.selectAll()
    yield 100
    browser.selected_photos()
    yield 100
    grid.clearSelection()
    monitor.activity = "open the clusters, one of them, and back"
    window.services.navigator.go(Place(View.CLUSTERS))
    yield UNTIL_IDLE
    for row in (0, 1):
        browser.cluster_grid.select_row(row)
        yield UNTIL_IDLE
    window.services.navigator.open_cluster(browser.cluster_model.cluster(0))
    yield UNTIL_IDLE
    window.services.navigator.go(Place(View.ALL))
    yield UNTIL_IDLE
    monitor.activity = "open the events, one of them, and back"
    window.services.navigator.go(Place(View.EVENTS))
    yield UNTIL_IDLE
    browser.cluster_grid.select_row(0)
    yield UNTIL_IDLE
    window.services.navigator.open_cluster(browser.cluster_model.cluster(0))
    yield UNTIL_IDLE
    window.services.navigator.go(Place(View.ALL))
    yield UNTIL_IDLE
    monitor.activity = "find similar, and back"
    window.services.navigator.find_similar(Query.of_photos(browser.photo_model.photo(5)))
    yield UNTIL_IDLE
    window.services.navigator.back()
    yield UNTIL_IDLE
    monitor.activity = "then and now, a walk, and back"
    photos = browser.photo_model.photos
    first, last = photos[5], photos[len(photos) // 2]
    window.services.navigator.open_over_time(first)
    yield UNTIL_IDLE
    window.services.navigator.open_walk(first, last)
    yield UNTIL_IDLE
    window.services.navigator.go(Place(View.ALL))
    yield UNTIL_IDLE
    monitor.activity = "photos were indexed"
    window.services.library_monitor.fetch([photo.file_id for photo in browser.photo_model.photos[:200]])
    window.controllers.indexing._refresh()
    yield UNTIL_IDLE


def find_objects(window: MainWindow, monitor: StallMonitor) -> Iterator[int]:
    """Search by an object in the panel, look through what was found, and go back."""
    browser, preview = window.views.browser, window.views.detail.preview
    monitor.activity = ""  # selecting is measured above
    window.services.navigator.select(browser.photo_model.photo(30))
    yield UNTIL_IDLE
    monitor.activity = "outline the objects in the panel"
    x, y, width, height = DOG_BOX
    middle = QRectF(x + width / 2, y + height / 2, 0, 0)
    place = placed(middle, QRectF(preview.target_rect)).topLeft().toPoint()
    for step in range(20):
        move_pointer(preview, place + QPoint(step - 10, 0))
        yield _FRAME_MS
    yield UNTIL_IDLE
    monitor.activity = "find objects like one"
    preview.outlines.choose()
    yield UNTIL_IDLE
    monitor.activity = "scroll and select found objects"
    bar = browser.grid.verticalScrollBar()
    for step in range(30):
        bar.setValue(bar.maximum() * step // 30)
        yield _FRAME_MS
    yield UNTIL_IDLE
    for row in (2, 9):
        browser.grid.select_row(row)
        yield UNTIL_IDLE
    monitor.activity = "back from found objects"
    window.services.navigator.back()
    yield UNTIL_IDLE


def view_photos(window: MainWindow, monitor: StallMonitor) -> Iterator[int]:
    """Use the viewer and the comparison."""
    browser = window.views.browser
    monitor.activity = ""  # finding the real files is not measured
    rows = [row for row in range(200) if Path(browser.photo_model.photo(row).path).is_file()]
    yield 10
    monitor.activity = "open the viewer"
    window.views.viewer.open(tuple(browser.photo_model.photos), rows[0])
    yield UNTIL_IDLE
    monitor.activity = "next photos in the viewer"
    for _ in range(5):
        window.views.viewer.step(1)
        yield UNTIL_IDLE
    monitor.activity = "zoom in the viewer"
    for notch in (*[120] * 14, *[-120] * 14):
        wheel(window.views.viewer.canvas, notch)
        yield _FRAME_MS
    monitor.activity = "photo info in the viewer"
    window.views.viewer.set_info_visible(True)
    yield UNTIL_IDLE
    monitor.activity = "back to the grid"
    window.views.viewer.dismiss()
    yield UNTIL_IDLE
    monitor.activity = "compare four photos"
    view = window.views.compare
    view.open([browser.photo_model.photo(row) for row in rows[:4]])
    yield UNTIL_IDLE
    monitor.activity = "zoom four photos together"
    for notch in (*[120] * 14, *[-120] * 14):
        wheel(view.panes[0].canvas, notch)
        yield _FRAME_MS
    monitor.activity = "remove two from the comparison"
    for _ in range(2):
        view.remove_photo(view.photos[0])
        yield 100
    monitor.activity = "split view"
    view.set_wiping(True)
    for step in range(40):
        view.wipe.set_position(step / 40)
        yield _FRAME_MS
    monitor.activity = "back to the grid"
    view.dismiss()
    yield UNTIL_IDLE


def paste_and_move(window: MainWindow, monitor: StallMonitor) -> Iterator[int]:
    """Paste an image, copy and move photos, and undo."""
    browser = window.views.browser
    monitor.activity = ""  # making the image is not measured
    image = QImage(6000, 4000, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    QGuiApplication.clipboard().setImage(image)
    yield 200
    monitor.activity = "paste an image of 24 megapixels"
    window.views.actions.paste.trigger()
    yield 1500
    yield UNTIL_IDLE
    QGuiApplication.clipboard().clear()
    window.services.navigator.go(Place(View.ALL))
    yield UNTIL_IDLE
    monitor.activity = ""  # freeing the image and finding the real files is not measured
    del image
    photos = [photo for photo in browser.photo_model.photos[:200] if Path(photo.path).is_file()][:4]
    target = Path(photos[0].path).parent / "elsewhere"
    target.mkdir(exist_ok=True)
    yield 10
    monitor.activity = "copy photos to a folder"
    window.controllers.files.transfer(photos, target, move=False)
    yield UNTIL_IDLE
    monitor.activity = "move photos to a folder"
    window.services.navigator.select(photos[0])
    window.controllers.files.transfer(photos, target, move=True)
    yield UNTIL_IDLE
    monitor.activity = "undo moving photos"
    window.views.actions.undo.trigger()
    yield UNTIL_IDLE


def filter_photos(window: MainWindow, monitor: StallMonitor) -> Iterator[int]:
    """Type in the search field, and clear the filter."""
    monitor.activity = "open the filter"
    window.views.actions.filter.setChecked(True)
    yield UNTIL_IDLE
    monitor.activity = "type in the search field"
    field = window.views.search_field
    field.focus()
    for letter in "img 00017":
        QApplication.sendEvent(field, key(QEvent.Type.KeyPress, letter))
        QApplication.sendEvent(field, key(QEvent.Type.KeyRelease, letter))
        yield 70
    yield UNTIL_IDLE
    monitor.activity = "search words"
    enter = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(field, enter)
    yield 600
    yield UNTIL_IDLE
    monitor.activity = "clear the filter"
    window.views.filter_bar.clear()
    yield 400
    yield UNTIL_IDLE
    window.views.actions.filter.setChecked(False)
    yield UNTIL_IDLE


def collect_photos(window: MainWindow, monitor: StallMonitor) -> Iterator[int]:
    """Make a collection of all photos, open it, remove photos, and undo."""
    browser, actions, grid = window.views.browser, window.views.actions, window.views.browser.grid
    monitor.activity = "select all for a collection"
    grid.selectAll()
    yield 100
    yield UNTIL_IDLE
    monitor.activity = "ask for the name of a collection"
    actions.new_collection.trigger()
    dialog = window.controllers.collections.dialog
    assert dialog is not None
    dialog.field.setText("Everything")
    yield 100
    yield UNTIL_IDLE
    monitor.activity = "add all photos to a new collection"
    dialog.accept()
    yield UNTIL_IDLE
    grid.clearSelection()
    yield UNTIL_IDLE
    monitor.activity = "open a collection"
    [entry] = window.services.library_monitor.overview.collections
    window.services.navigator.go(entry.place)
    yield UNTIL_IDLE
    monitor.activity = "remove a photo from a collection, and undo"
    window.services.navigator.select(browser.photo_model.photo(3))
    yield UNTIL_IDLE
    actions.remove_from_collection.trigger()
    yield UNTIL_IDLE
    actions.undo.trigger()
    yield UNTIL_IDLE
    monitor.activity = "remove all photos from a collection, and undo"
    grid.selectAll()
    yield UNTIL_IDLE
    actions.remove_from_collection.trigger()
    yield UNTIL_IDLE
    actions.undo.trigger()
    yield UNTIL_IDLE
    monitor.activity = "delete a collection, and undo"
    actions.delete_collection.trigger()
    yield UNTIL_IDLE
    actions.undo.trigger()
    yield UNTIL_IDLE
    window.services.navigator.go(Place(View.ALL))
    yield UNTIL_IDLE


def group_photos(window: MainWindow, monitor: StallMonitor) -> Iterator[int]:
    """Group photos by day, and insert photos into the sections."""
    browser, bar = window.views.browser, window.views.browser.grid.verticalScrollBar()
    monitor.activity = "group by day"
    browser.set_group_by(GroupBy.DAY)
    yield UNTIL_IDLE
    monitor.activity = "insert photos into sections"
    bar.setValue(bar.maximum() // 2)
    yield UNTIL_IDLE
    for count, wait in ((1, 300), (200, 800)):
        monitor.activity = ""  # making the photos is not measured
        new_photos = make_new_photos(browser.photo_model.photos, count)
        yield 10
        monitor.activity = "insert photos into sections"
        browser.add_indexed(new_photos)
        yield wait
    yield UNTIL_IDLE
    monitor.activity = "ungroup"
    browser.set_group_by(GroupBy.NONE)
    yield UNTIL_IDLE


def review_duplicates(window: MainWindow, monitor: StallMonitor) -> Iterator[int]:
    """Review groups of duplicates, as many as half of the photos."""
    page, actions = window.views.duplicates, window.views.actions
    monitor.activity = "open the duplicates"
    window.services.navigator.go(Place(View.DUPLICATES))
    yield UNTIL_IDLE
    monitor.activity = "scroll the groups"
    bar = page.list.verticalScrollBar()
    for step in range(60):
        bar.setValue(bar.maximum() * step // 60)
        yield _FRAME_MS
    yield UNTIL_IDLE
    monitor.activity = "go through the groups"
    page.list.select_row(0)
    for _ in range(20):
        page.step(1)
        yield UNTIL_IDLE
    monitor.activity = "flick, split view and difference"
    for mode in (PairMode.FLICK, PairMode.WIPE, PairMode.DIFFERENCE, PairMode.NONE):
        page.group_view.set_mode(mode)
        yield UNTIL_IDLE
    monitor.activity = "decide about groups"
    for _ in range(20):
        page.keep()
        yield _FRAME_MS
    yield UNTIL_IDLE
    monitor.activity = "undo decisions"
    for _ in range(10):
        actions.undo.trigger()
        yield UNTIL_IDLE
    monitor.activity = "filter the groups"
    for text in ("img_00001", ""):
        page.filters.search.setText(text)
        yield 200
        yield UNTIL_IDLE
    monitor.activity = "load the groups again"
    window.controllers.library.photos_changed.emit()
    yield UNTIL_IDLE
    monitor.activity = "list only certain groups, and those first that teach most"
    page.certainty.slider.setValue(95)
    yield 500
    yield UNTIL_IDLE
    page.certainty.useful_box.click()
    yield UNTIL_IDLE
    page.filters.clear()
    yield UNTIL_IDLE
    monitor.activity = "leave the duplicates"
    window.services.navigator.go(Place(View.ALL))
    yield UNTIL_IDLE
    monitor.activity = "stack duplicates, open a stack, and show every photo again"
    actions.stack.trigger()
    yield UNTIL_IDLE
    grid, photos = window.views.browser.grid, window.views.browser.photo_model
    row = next((row for row, photo in enumerate(photos.photos) if photos.stack_size(photo)), None)
    if row is not None:
        grid.stack_requested.emit(photos.index(row))
        yield UNTIL_IDLE
        window.services.navigator.back()
        yield UNTIL_IDLE
    actions.stack.trigger()
    yield UNTIL_IDLE


def explore_map(window: MainWindow, monitor: StallMonitor) -> Iterator[int]:
    """Zoom, move, select, color and filter the map, and open photos from it."""
    navigator, page, viewer = window.services.navigator, window.views.map_page, window.views.viewer
    canvas = page.canvas
    monitor.activity = "open the map"
    navigator.go(Place(View.MAP))
    yield UNTIL_IDLE
    assert page.shows_map
    monitor.activity = "zoom on the map"
    for notch in (*[120] * 30, *[-120] * 14):
        wheel(canvas, notch)
        yield _FRAME_MS
    yield UNTIL_IDLE
    monitor.activity = "move the map"
    middle = QPointF(canvas.rect().center())
    press(canvas, middle)
    for step in range(40):
        drag(canvas, middle + QPointF(6 * step, 3 * step))
        yield _FRAME_MS
    release(canvas, middle + QPointF(240, 120))
    yield UNTIL_IDLE
    monitor.activity = "select on the map"
    for name in ("Left", "Up", "Right", "Right", "Down", "Left"):
        arrow = QKeyEvent(
            QEvent.Type.KeyPress, getattr(Qt.Key, f"Key_{name}"), Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(canvas, arrow)
        yield UNTIL_IDLE
    monitor.activity = "open a photo of the map"
    if canvas.scene.selected is not None:
        canvas.photo_opened.emit(canvas.scene.selected)
        yield UNTIL_IDLE
        viewer.step(1)
        yield UNTIL_IDLE
        viewer.dismiss()
        yield UNTIL_IDLE
    for number in (*range(1, page.coloring.count()), 0):
        monitor.activity = f"color the map by {page.coloring.itemText(number).lower()}"
        page.coloring.setCurrentIndex(number)
        yield UNTIL_IDLE
    monitor.activity = "filter the map"
    for text in ("img_00001", ""):
        window.views.filter_bar.apply(PhotoFilter(text=text))
        yield 400
        yield UNTIL_IDLE
    monitor.activity = "draw around photos of the map"
    canvas.fit()
    yield UNTIL_IDLE
    canvas.set_lasso(True)
    size = canvas.rect().size()
    corners = [
        QPointF(size.width() * (0.5 + 0.48 * math.cos(angle)), size.height() * (0.5 + 0.48 * math.sin(angle)))
        for angle in (number / 30 for number in range(186))
    ]
    press(canvas, corners[0])
    for corner in corners[1:]:
        drag(canvas, corner)
        yield _FRAME_MS // 4
    monitor.activity = "open most photos of the map"
    release(canvas, corners[-1])
    yield UNTIL_IDLE
    assert navigator.current.view is View.SELECTION
    monitor.activity = "back to the map"
    navigator.back()
    yield UNTIL_IDLE
    monitor.activity = "leave the map"
    navigator.go(Place(View.ALL))
    yield UNTIL_IDLE


def change_settings(window: MainWindow, monitor: StallMonitor) -> Iterator[int]:
    """Open the pages of the settings."""
    for page in ("first", "second"):
        monitor.activity = f"the settings, {page} page"
        if page == "first":
            window.views.actions.settings.trigger()
        elif window.controllers.settings.dialog is not None:
            window.controllers.settings.dialog.show_page(-1)
        yield 500
        yield UNTIL_IDLE
    if window.controllers.settings.dialog is not None:
        window.controllers.settings.dialog.reject()
    window.controllers.settings.close()
    yield 100


def key(kind: QEvent.Type, letter: str) -> QKeyEvent:
    """An event of a key press or release."""
    return QKeyEvent(kind, ord(letter.upper()), Qt.KeyboardModifier.NoModifier, letter)


PARTS: dict[str, Callable[[MainWindow, StallMonitor], Iterator[int]]] = {
    part.__name__: part
    for part in (
        browse,
        find_objects,
        view_photos,
        paste_and_move,
        filter_photos,
        collect_photos,
        group_photos,
        explore_map,
        review_duplicates,
        change_settings,
    )
}
"""The parts of a session, by name."""


def press(widget: QWidget, point: QPointF) -> None:
    """Press the left button."""
    _send_mouse(widget, QEvent.Type.MouseButtonPress, point, Qt.MouseButton.LeftButton)


def drag(widget: QWidget, point: QPointF) -> None:
    """Move the pointer while the left button is pressed."""
    _send_mouse(widget, QEvent.Type.MouseMove, point, Qt.MouseButton.LeftButton)


def release(widget: QWidget, point: QPointF) -> None:
    """Release the left button."""
    _send_mouse(widget, QEvent.Type.MouseButtonRelease, point, Qt.MouseButton.NoButton)


def move_pointer(widget: QWidget, point: QPoint) -> None:
    """Move the pointer over a widget."""
    _send_mouse(widget, QEvent.Type.MouseMove, QPointF(point), Qt.MouseButton.NoButton)


def _send_mouse(widget: QWidget, kind: QEvent.Type, point: QPointF, buttons: Qt.MouseButton) -> None:
    changed = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(kind, point, widget.mapToGlobal(point), changed, buttons, keys)
    QApplication.sendEvent(widget, event)


def wheel(widget: QWidget, delta: int) -> None:
    """Turn the wheel over the center of a widget."""
    center, buttons = QPointF(widget.rect().center()), Qt.MouseButton.NoButton
    keys, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(center, center, QPoint(), QPoint(0, delta), buttons, keys, phase, False)
    QApplication.sendEvent(widget, event)
