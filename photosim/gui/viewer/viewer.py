"""One photo in the full window: zoom, pan, and the next and previous in the order of the view it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.services.photo_loader import free_images, full_size, load_levels, load_thumbnail
from photosim.gui.viewer.canvas import ImageCanvas
from photosim.gui.viewer.info_panel import ViewerInfo
from photosim.gui.viewer.overlay import Overlay
from photosim.gui.viewer.viewer_button import viewer_button
from photosim.gui.widgets.elided_label import ElidedLabel
from photosim.records import Photo
from photosim.search.query import Region

_READ_AHEAD_PIXELS = 30_000_000
"""Larger photos are not read before they are asked for: three of them would take a gigabyte."""

_Key = Qt.Key


class Viewer(Overlay):
    """Lies over the whole window while it is open."""

    left = Signal(object)
    """The person closed it: the photo last seen, or None."""

    turned = Signal(object)
    """Another Photo is shown."""

    info_shown = Signal(object)
    """The panel of facts was opened beside this Photo."""
    region_chosen = Signal(Photo, object)
    """The person drew a rectangle on a photo: the photo, and the Region to search by."""

    def __init__(self, jobs: Jobs, thumbnail: Callable[[int], bytes | None], parent: QWidget) -> None:
        super().__init__(parent, tr("Photo viewer"))
        self._jobs, self._thumbnail = jobs, thumbnail
        self._photos: Sequence[Photo] = ()
        self._at = 0
        self._ready: dict[str, list[QImage]] = {}
        self._reading: dict[str, int] = {}
        self._first: int | None = None
        self.canvas = ImageCanvas(self)
        self.title, self.place = ElidedLabel(self, theme.VIEWER_TEXT), QLabel(self)
        self.labels = ElidedLabel(self, theme.VIEWER_MUTED_TEXT)
        self.zoom = QLabel(self)
        self.info = ViewerInfo(self)
        self.info.hide()
        self._build()
        self.canvas.zoom_changed.connect(self._show_zoom)
        self.canvas.choosing_changed.connect(self.region.setChecked)
        self.canvas.region_chosen.connect(self._take_region)

    @property
    def photo(self) -> Photo | None:
        """The photo that is shown."""
        return self._photos[self._at] if self._photos else None

    @property
    def is_sharp(self) -> bool:
        """Whether the photo's own pixels are shown, not its thumbnail."""
        return self.photo is not None and self.photo.path in self._ready

    @property
    def shows_info(self) -> bool:
        """Whether the panel of facts is open."""
        return not self.info.isHidden()

    def show_info(self, wanted: bool) -> None:
        """Open or close the panel of facts."""
        self.info.setVisible(wanted)
        self.info_button.setChecked(wanted)
        if wanted and self.photo is not None:
            self.info.show_photo(self.photo)
            self.info_shown.emit(self.photo)

    def open(self, photos: Sequence[Photo], at: int) -> None:
        """Show one of these photos."""
        self._photos = photos
        self.cover()
        self._go(at)

    def renew(self, photos: Mapping[int, Photo | None]) -> None:
        """The photo shown, by the id of its file, was moved or, None, is gone: show the next one, or nothing more."""
        photo, at = self.photo, self._at
        if photo is None or photo.file_id not in photos:
            return
        now = photos[photo.file_id]
        self._photos = (*self._photos[:at], *(() if now is None else (now,)), *self._photos[at + 1 :])
        if self._photos:
            self._go(min(at, len(self._photos) - 1))
        else:
            self.leave()

    def step(self, by: int) -> None:
        """Show another one: the next (1), the previous (-1); the ends hold."""
        self._go(min(max(self._at + by, 0), len(self._photos) - 1))

    def show_labels(self, text: str) -> None:
        """Show what the photo shows."""
        self.labels.set_text(text)
        self.info.show_labels(text)

    def leave(self) -> None:
        """Close the viewer."""
        photo = self.photo
        for job in (*self._reading.values(), self._first):
            self._jobs.cancel(job)
        self._reading.clear()
        pictures = list(self._ready.values())
        self._ready.clear()
        self._photos = ()
        self.canvas.choose_region(False)
        self.canvas.show_image((), QSize())
        free_images(self._jobs, pictures)
        self.uncover()
        self.left.emit(photo)

    # --- events ------------------------------------------------------------------------------------------

    def active_canvas(self) -> ImageCanvas:
        """The one canvas."""
        return self.canvas

    def keys(self) -> dict[int, Callable[[], object]]:
        """What each key does."""
        return {
            **super().keys(),
            _Key.Key_Space: self.leave,
            _Key.Key_Right: lambda: self.step(1),
            _Key.Key_Down: lambda: self.step(1),
            _Key.Key_PageDown: lambda: self.step(1),
            _Key.Key_Left: lambda: self.step(-1),
            _Key.Key_Up: lambda: self.step(-1),
            _Key.Key_PageUp: lambda: self.step(-1),
            _Key.Key_Home: lambda: self._go(0),
            _Key.Key_End: lambda: self._go(len(self._photos) - 1),
            _Key.Key_I: lambda: self.show_info(not self.shows_info),
            _Key.Key_M: self.info.show_place,
            _Key.Key_G: self.info.show_cluster,
            _Key.Key_R: self._toggle_region,
        }

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The part of the photo that is being drawn has the first word."""
        if not self.canvas.take_key(event):
            super().keyPressEvent(event)

    # --- helpers -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        bar = QHBoxLayout()
        self.title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.place.setObjectName("viewer-quiet")
        self.zoom.setObjectName("viewer-quiet")
        self.labels.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        bar.addWidget(self.title, 1)
        bar.addWidget(self.labels, 1)
        bar.addSpacing(18)
        bar.addWidget(self.place)
        bar.addSpacing(18)
        bar.addWidget(self.zoom)
        bar.addSpacing(6)
        tr, toggle_region = self.tr, self._toggle_region
        self.region = viewer_button(
            self, "region", tr("Search by a part (R, or draw with Shift)"), toggle_region
        )
        self.info_button = viewer_button(self, "info", tr("Facts of the photo (I)"), self.show_info)
        for button in (self.region, self.info_button):
            button.setCheckable(True)
        bar.addWidget(self.region)
        bar.addWidget(viewer_button(self, "back", tr("Previous (Left)"), lambda: self.step(-1)))
        bar.addWidget(viewer_button(self, "forward", tr("Next (Right)"), lambda: self.step(1)))
        self.add_zoom(bar)
        bar.addWidget(self.info_button)
        bar.addWidget(viewer_button(self, "close", tr("Close (Esc)"), self.leave))
        below = QHBoxLayout()
        below.setSpacing(0)
        below.addWidget(self.canvas, 1)
        below.addWidget(self.info)
        self.lay_out(bar, below)

    def _go(self, at: int) -> None:
        if not 0 <= at < len(self._photos):
            return
        self._at = at
        self.canvas.choose_region(False)
        photo = self._photos[at]
        self.title.set_text(formatting.display_name(photo.path))
        self.place.setText(
            tr("{place} of {count}").format(
                place=formatting.format_number(at + 1), count=formatting.format_number(len(self._photos))
            )
        )
        if self.shows_info:
            self.info.show_photo(photo)
        self.turned.emit(photo)
        far = self._keep_only_near()
        ready = self._ready.get(photo.path)
        if ready is not None:
            self.canvas.show_image(ready, full_size(photo, ready[0]))
        else:
            self.canvas.show_image((), full_size(photo, None))
            self._jobs.cancel(self._first)
            first = partial(load_thumbnail, self._thumbnail, photo.photo_id)
            self._first = self._jobs.start(first, partial(self._take_thumbnail, photo), Priority.HIGH)
        self._read(photo, Priority.HIGH)
        for beside in self._beside():
            if beside.facts.width * beside.facts.height <= _READ_AHEAD_PIXELS:
                self._read(beside, Priority.LOW)
        free_images(self._jobs, far)

    def _beside(self) -> list[Photo]:
        return [self._photos[at] for at in (self._at + 1, self._at - 1) if 0 <= at < len(self._photos)]

    def _keep_only_near(self) -> list[list[QImage]]:
        """Stop reading what is far, and give what was read of it."""
        near = {self._photos[self._at].path, *(photo.path for photo in self._beside())}
        far = [path for path in self._ready if path not in near]
        for path in list(self._reading):
            if path not in near:
                self._jobs.cancel(self._reading.pop(path))
        return [self._ready.pop(path) for path in far]

    def _read(self, photo: Photo, priority: Priority) -> None:
        if photo.path in self._ready or photo.path in self._reading:
            return
        job = self._jobs.start(partial(load_levels, photo.path), partial(self._take, photo), priority)
        self._reading[photo.path] = job

    def _take(self, photo: Photo, levels: list[QImage] | None, error: Exception | None) -> None:
        self._reading.pop(photo.path, None)
        if not self._photos:
            return
        if levels is not None:
            self._ready[photo.path] = levels
        if photo != self.photo:
            return
        if levels is None:
            self.canvas.show_message(str(error))
        else:
            self.canvas.show_image(levels, full_size(photo, levels[0]), anew=False)

    def _take_thumbnail(self, photo: Photo, image: QImage | None, _: Exception | None) -> None:
        if image is not None and photo == self.photo and not self.is_sharp:
            why_not_sharp = self.canvas.message
            self.canvas.show_image([image], full_size(photo, image), anew=False)
            self.canvas.show_message(why_not_sharp)

    def _toggle_region(self) -> None:
        self.canvas.choose_region(not self.canvas.choosing)

    def _take_region(self, region: Region) -> None:
        if self.photo is not None:
            self.region_chosen.emit(self.photo, region)

    def _show_zoom(self, zoom: float) -> None:
        self.zoom.setText(f"{round(zoom * 100)} %")
