"""Viewer: one photo in the full window, with the next and previous ones of the view it was opened from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QImage, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.boxes import FoundObject
from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.services.photo_cache import PhotoCache
from photosim.gui.services.photo_loader import (
    FULL_SIZE,
    ThumbnailFetcher,
    edge_for,
    full_size,
    load_thumbnail,
)
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.state.photo_rows import PhotoRows
from photosim.gui.viewer.canvas import ImageCanvas
from photosim.gui.viewer.info_panel import InfoPanel
from photosim.gui.viewer.object_canvas import ObjectCanvas
from photosim.gui.viewer.overlay import Overlay, action_button, viewer_button
from photosim.gui.widgets.elided_label import ElidedLabel
from photosim.records import Photo, PhotoObject
from photosim.search.query import Region

_MAX_PREFETCH_PIXELS = 30_000_000
"""Larger photos are not prefetched: decoding them takes seconds and hundreds of megabytes."""

_Key = Qt.Key


class Viewer(Overlay):
    """Shows one of several photos; the info panel can be opened beside it."""

    closed = Signal(object)
    """The viewer was closed: the last Photo, or None."""

    photo_changed = Signal(object)
    """Another Photo is shown."""

    info_shown = Signal(object)
    """The info panel was opened for this Photo."""

    region_selected = Signal(Photo, object)
    """A rectangle was drawn: the Photo and the Region to search by."""

    object_chosen = Signal(Photo, object)
    """An object was chosen: the Photo and the PhotoObject to search by."""

    objects_wanted = Signal(Photo)
    """The objects of this Photo are about to be outlined: answer with `show_objects`."""

    menu_requested = Signal(Photo, QPoint)
    """Show the context menu of this Photo at a global position."""

    def __init__(
        self,
        jobs: Jobs,
        client: PhotoClient,
        thumbnail: ThumbnailFetcher,
        parent: QWidget,
        actions: Sequence[tuple[QAction, str]] = (),
    ) -> None:
        super().__init__(parent, tr("Photo viewer"))
        self._jobs, self._thumbnail = jobs, thumbnail
        self._photos: Sequence[Photo] = ()
        self._index = 0
        self._found: Mapping[int, FoundObject] = {}
        self._removed: dict[str, int] = {}  # the place of each removed photo, by path, for Undo
        self._images = PhotoCache(jobs, client, self, capacity=0, max_pixels_ahead=_MAX_PREFETCH_PIXELS)
        self._thumbnail_job: int | None = None
        self.canvas = ObjectCanvas(self)
        self.title, self.position_label = ElidedLabel(self, theme.VIEWER_TEXT), QLabel(self)
        self.labels_label = ElidedLabel(self, theme.VIEWER_MUTED_TEXT)
        self.zoom_label = QLabel(self)
        self.info = InfoPanel(self)
        self.info.hide()
        self._build(actions)
        self._images.changed.connect(self._show_loaded)
        self.canvas.zoom_changed.connect(self._show_zoom)
        self.canvas.selecting_changed.connect(self.region_button.setChecked)
        self.canvas.region_selected.connect(self._emit_region)
        outlines = self.canvas.outlines
        outlines.chosen.connect(self._emit_object)
        outlines.wanted.connect(self._request_objects)
        outlines.pinned_changed.connect(self.objects_button.setChecked)

    @property
    def photo(self) -> Photo | None:
        """The photo that is shown."""
        return self._photos[self._index] if self._photos else None

    @property
    def is_sharp(self) -> bool:
        """Whether the photo itself is shown rather than its thumbnail."""
        return self.photo is not None and self._images.photo(self.photo) is not None

    @property
    def is_info_visible(self) -> bool:
        """Whether the info panel is open."""
        return not self.info.isHidden()

    def set_info_visible(self, visible: bool) -> None:
        """Open or close the info panel."""
        self.info.setVisible(visible)
        self.info_button.setChecked(visible)
        if visible and self.photo is not None:
            self.info.show_photo(self.photo)
            self.info_shown.emit(self.photo)

    def open(
        self, photos: Sequence[Photo], index: int, found: Mapping[int, FoundObject] | None = None
    ) -> None:
        """Open the viewer at one of these photos; `found` are objects that a search has found, by file id."""
        self._photos, self._index, self._found = photos, index, found or {}
        self._removed.clear()
        self.show_overlay()
        self._show_index(index)

    def update_photos(self, photos: Mapping[int, Photo | None], added: Sequence[Photo] = ()) -> None:
        """Update the current photo after file operations, given by file id.

        If it is None, it was removed: show the next photo, or close the viewer after the last. Photos that were removed
        here and are `added` again by Undo are shown in their places.
        """
        photo = self.photo
        if photo is not None and photo.file_id in photos:
            updated = photos[photo.file_id]
            if updated is None:
                self._removed[photo.path] = self._index
            self._splice(range(self._index, self._index + 1), [] if updated is None else [updated])
        for restored in added:
            index = self._removed.pop(restored.path, None)
            if index is not None and self._photos:
                self._index = min(index, len(self._photos))
                self._splice(range(self._index, self._index), [restored])

    def step(self, steps: int) -> None:
        """Show the next (1) or previous (-1) photo, stopping at the first and the last."""
        self._show_index(min(max(self._index + steps, 0), len(self._photos) - 1))

    def show_objects(self, photo: Photo, objects: Sequence[PhotoObject]) -> None:
        """Outline the objects of a photo, if it is still shown."""
        if photo == self.photo:
            self.canvas.outlines.show_objects(objects)

    def show_labels(self, text: str) -> None:
        """Show the labels of the photo in the bar and the info panel."""
        self.labels_label.set_text(text)
        self.info.show_labels(text)

    def dismiss(self) -> None:
        photo = self.photo
        self._jobs.cancel(self._thumbnail_job)
        self._photos = ()
        self.canvas.set_selecting(False)
        self.canvas.show_image((), QSize())
        self._images.clear()
        self.hide_overlay()
        self.closed.emit(photo)

    def active_canvas(self) -> ImageCanvas:
        return self.canvas

    def key_actions(self) -> dict[int, Callable[[], object]]:
        return {
            **super().key_actions(),
            _Key.Key_Space: self.dismiss,
            _Key.Key_Right: lambda: self.step(1),
            _Key.Key_Down: lambda: self.step(1),
            _Key.Key_PageDown: lambda: self.step(1),
            _Key.Key_Left: lambda: self.step(-1),
            _Key.Key_Up: lambda: self.step(-1),
            _Key.Key_PageUp: lambda: self.step(-1),
            _Key.Key_Home: lambda: self._show_index(0),
            _Key.Key_End: lambda: self._show_index(len(self._photos) - 1),
            _Key.Key_I: lambda: self.set_info_visible(not self.is_info_visible),
            _Key.Key_M: self.info.open_map,
            _Key.Key_G: self.info.open_cluster,
            _Key.Key_R: self._toggle_selecting,
            _Key.Key_O: self.canvas.outlines.toggle_pinned,
            _Key.Key_N: self.canvas.outlines.step,
            _Key.Key_S: self.canvas.outlines.choose,
        }

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.canvas.handle_key(event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.photo is not None:
            self.menu_requested.emit(self.photo, event.globalPos())

    def _build(self, actions: Sequence[tuple[QAction, str]]) -> None:
        bar = QHBoxLayout()
        self.title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.position_label.setObjectName("viewer-quiet")
        self.zoom_label.setObjectName("viewer-quiet")
        self.labels_label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        bar.addWidget(self.title, 1)
        bar.addWidget(self.labels_label, 1)
        bar.addSpacing(18)
        bar.addWidget(self.position_label)
        bar.addSpacing(18)
        bar.addWidget(self.zoom_label)
        bar.addSpacing(6)
        self.region_button = viewer_button(
            self, "region", tr("Search by selection (R or Shift+drag)"), self._toggle_selecting
        )
        self.info_button = viewer_button(self, "info", tr("Photo info (I)"), self.set_info_visible)
        self.objects_button = viewer_button(
            self, "objects", tr("Objects (O; next: N, find: S)"), self.canvas.outlines.toggle_pinned
        )
        for button in (self.region_button, self.objects_button, self.info_button):
            button.setCheckable(True)
        for action, icon in actions:
            bar.addWidget(action_button(self, icon, action))
        bar.addWidget(self.objects_button)
        bar.addWidget(self.region_button)
        bar.addWidget(viewer_button(self, "back", tr("Previous (Left)"), lambda: self.step(-1)))
        bar.addWidget(viewer_button(self, "forward", tr("Next (Right)"), lambda: self.step(1)))
        self.add_zoom_buttons(bar)
        bar.addWidget(self.info_button)
        bar.addWidget(viewer_button(self, "close", tr("Close (Esc)"), self.dismiss))
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.canvas, 1)
        body.addWidget(self.info)
        self.set_layout(bar, body)

    def _splice(self, rows: range, photos: Sequence[Photo]) -> None:
        shown = self._photos.copy() if isinstance(self._photos, PhotoRows) else PhotoRows(self._photos)
        shown.splice(rows, photos)
        self._photos = shown
        if shown:
            self._show_index(min(self._index, len(shown) - 1))
        else:
            self.dismiss()

    def _show_index(self, index: int) -> None:
        if not 0 <= index < len(self._photos):
            return
        self._index = index
        self.canvas.set_selecting(False)
        photo = self._photos[index]
        self.title.set_text(formatting.display_name(photo.path))
        self.position_label.setText(
            tr("{number} of {total}").format(
                number=formatting.format_number(index + 1),
                total=formatting.format_number(len(self._photos)),
            )
        )
        if self.is_info_visible:
            self.info.show_photo(photo)
        self.photo_changed.emit(photo)
        self._jobs.cancel(self._thumbnail_job)
        loaded = self._images.photo(photo)
        if loaded is not None:
            self.canvas.show_image(loaded.levels, loaded.size)
        else:
            self.canvas.show_image((), full_size(photo, None))
            loading = partial(load_thumbnail, self._thumbnail, photo.photo_id)
            accept = partial(self._accept_thumbnail, photo)
            self._thumbnail_job = self._jobs.start(loading, accept, Priority.HIGH, immediately=True)
        self._images.request(
            [photo], edge_for(self.canvas.size(), self.devicePixelRatioF()), self.neighbours()
        )
        self._load_details()
        self.canvas.clear_objects()
        found = self._found.get(photo.file_id)
        self.canvas.outlines.marked = None if found is None else found.box

    def neighbours(self) -> list[Photo]:
        """The next photo and the previous one, where there are any."""
        indexes = (self._index + 1, self._index - 1)
        return [self._photos[index] for index in indexes if 0 <= index < len(self._photos)]

    def _load_details(self) -> None:
        """Load the photo at full size if the screen has more pixels for it than those that are loaded."""
        photo = self.photo
        loaded = None if photo is None else self._images.photo(photo)
        if photo is None or loaded is None:
            return
        edge = math.ceil(self.canvas.zoom * max(loaded.size.width(), loaded.size.height()))
        if not loaded.is_sufficient(edge):
            self._images.request_details(photo, FULL_SIZE)

    def _show_loaded(self, file_id: int) -> None:
        photo = self.photo
        if photo is None or photo.file_id != file_id:
            return
        loaded, error = self._images.photo(photo), self._images.error(photo)
        if error:
            self.canvas.show_message(error)
        elif loaded is not None:
            self.canvas.show_image(loaded.levels, loaded.size, reset_view=False)
            self._load_details()

    def _accept_thumbnail(self, photo: Photo, image: QImage | None, _: Exception | None) -> None:
        if image is not None and photo == self.photo and not self.is_sharp:
            message = self.canvas.message
            self.canvas.show_image([image], full_size(photo, image), reset_view=False)
            self.canvas.show_message(message)  # why the photo itself could not be loaded

    def _request_objects(self) -> None:
        if self.photo is not None:
            self.objects_wanted.emit(self.photo)

    def _toggle_selecting(self) -> None:
        self.canvas.set_selecting(not self.canvas.is_selecting)

    def _emit_region(self, region: Region) -> None:
        if self.photo is not None:
            self.region_selected.emit(self.photo, region)

    def _emit_object(self, found: PhotoObject) -> None:
        if self.photo is not None:
            self.object_chosen.emit(self.photo, found)

    def _show_zoom(self, zoom: float) -> None:
        self.zoom_label.setText(tr("{percent}%").format(percent=round(zoom * 100)))
        self._load_details()
