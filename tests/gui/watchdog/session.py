"""A scripted session: everything a user does often, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from photosim.gui.main_window import MainWindow
from photosim.gui.state.grouping import GroupBy
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.places import Place, Query, View
from photosim.records import SimilarityBand
from tests.gui.watchdog.generated_library import make_new_photos
from tests.gui.watchdog.monitor import StallMonitor

UNTIL_IDLE = -1
"""In place of milliseconds: wait until no background job is running."""

_FRAME_MS = 16


def play_session(window: MainWindow, monitor: StallMonitor) -> Iterator[int]:
    """Yield after each step the milliseconds until the next one, or UNTIL_IDLE."""
    for part in (browse, view_photos, paste_and_move, filter_photos, group_photos, change_settings):
        yield from part(window, monitor)


def browse(window: MainWindow, monitor: StallMonitor) -> Iterator[int]:
    """Open the library, scroll, sort, select and go from place to place."""
    browser, grid, similar = window.views.browser, window.views.browser.grid, window.views.detail.similar
    monitor.activity = "open the library"
    window.start()
    window.show()
    yield UNTIL_IDLE
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
    for order in (SortOrder.NAME, SortOrder.DATE):
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
    monitor.activity = "find similar, and back"
    window.services.navigator.find_similar(Query.of_photos(browser.photo_model.photo(5)))
    yield UNTIL_IDLE
    window.services.navigator.back()
    yield UNTIL_IDLE
    monitor.activity = "photos were indexed"
    window.services.library_monitor.fetch([photo.file_id for photo in browser.photo_model.photos[:200]])
    window.controllers.indexing._refresh()
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


def move_pointer(widget: QWidget, point: QPoint) -> None:
    """Move the pointer over a widget."""
    position, buttons = QPointF(point), Qt.MouseButton.NoButton
    keys = Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, position, widget.mapToGlobal(position), buttons, buttons, keys)
    QApplication.sendEvent(widget, event)


def wheel(widget: QWidget, delta: int) -> None:
    """Turn the wheel over the center of a widget."""
    center, buttons = QPointF(widget.rect().center()), Qt.MouseButton.NoButton
    keys, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(center, center, QPoint(), QPoint(0, delta), buttons, keys, phase, False)
    QApplication.sendEvent(widget, event)
