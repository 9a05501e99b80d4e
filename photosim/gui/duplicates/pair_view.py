"""Two photos of a group in one place: flicked, in a split view, or as their difference."""

from __future__ import annotations

from enum import StrEnum
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedLayout, QWidget

from photosim.duplicates.results import GroupPhoto
from photosim.gui.base import formatting
from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.duplicates.difference import align_to_copy, is_aligned, make_difference
from photosim.gui.services.photo_cache import PhotoCache
from photosim.gui.services.photo_loader import FULL_SIZE, full_size
from photosim.gui.viewer.compare_canvas import CompareCanvas, LinkedViews
from photosim.gui.viewer.wipe import Wipe


class PairMode(StrEnum):
    """How two photos are compared."""

    NONE = "none"
    """Beside each other, in their panes."""
    FLICK = "flick"
    WIPE = "wipe"
    DIFFERENCE = "difference"


class PairView(QWidget):
    """Shows the photo to keep and another one in the same place."""

    caption_changed = Signal(str)
    """What is shown, as text."""

    def __init__(self, jobs: Jobs, cache: PhotoCache, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._cache = jobs, cache
        self._mode = PairMode.NONE
        self._pair: tuple[GroupPhoto, GroupPhoto] | None = None
        self._shows_first = True
        self._aligned_job: int | None = None
        self._aligned: QImage | None = None
        self._difference_job: int | None = None
        self._difference_of: tuple[int, int, QSize, QSize] | None = None
        self._difference: QImage | None = None
        self.canvas = CompareCanvas(self)
        self.wipe = Wipe(self)
        self._links = LinkedViews()
        self._links.set_canvases((self.wipe.left, self.wipe.right))
        for canvas in (self.canvas, self.wipe.left, self.wipe.right):
            canvas.zoom_changed.connect(self._load_details)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.canvas)
        self._stack.addWidget(self.wipe)

    @property
    def mode(self) -> PairMode:
        """How the photos are compared."""
        return self._mode

    @property
    def active_canvas(self) -> CompareCanvas:
        """The canvas that zoom commands apply to."""
        return self.wipe.right if self._mode is PairMode.WIPE else self.canvas

    def show_pair(self, keep: GroupPhoto, other: GroupPhoto, mode: PairMode) -> None:
        """Compare two photos; flicking starts with the other one."""
        is_same = self._pair is not None and (keep.photo, other.photo) == tuple(
            member.photo for member in self._pair
        )
        if not is_same or mode is not self._mode:
            self._shows_first = mode is not PairMode.FLICK
            self._drop_aligned()
        self._pair, self._mode = (keep, other), mode
        self._stack.setCurrentWidget(self.wipe if mode is PairMode.WIPE else self.canvas)
        self.update_images(reset_view=not is_same)

    def flick(self) -> None:
        """Show the other one of the two photos, in the same place."""
        self._shows_first = not self._shows_first
        self.update_images(reset_view=False)

    def clear(self) -> None:
        """Show nothing, and drop the difference."""
        self._jobs.cancel(self._difference_job)
        self._drop_aligned()
        self._mode, self._pair = PairMode.NONE, None
        self._difference_of = self._difference = None
        for canvas in (self.canvas, self.wipe.left, self.wipe.right):
            canvas.show_image((), QSize())

    def update_images(self, *, reset_view: bool = False) -> None:
        """Show what is loaded by now."""
        if self._pair is None:
            return
        if self._mode is PairMode.WIPE:
            for canvas, member in zip((self.wipe.left, self.wipe.right), self._pair, strict=True):
                self._show(canvas, member, reset_view=reset_view)
            self.caption_changed.emit(
                tr("{left} | {right}").format(
                    left=formatting.display_name(self._pair[0].photo.path),
                    right=formatting.display_name(self._pair[1].photo.path),
                )
            )
        elif self._mode is PairMode.DIFFERENCE:
            self._show_difference()
        else:
            shown = self._pair[0 if self._shows_first else 1]
            view = self.canvas.view_transform
            self._show(self.canvas, shown, reset_view=reset_view)
            if not reset_view:
                self.canvas.apply_transform(view)
            self.caption_changed.emit(formatting.display_name(shown.photo.path))

    def _show(self, canvas: CompareCanvas, member: GroupPhoto, *, reset_view: bool) -> None:
        loaded = self._cache.photo(member.photo)
        if self._shows_aligned(member):
            assert self._pair is not None
            copy = self._cache.photo(self._pair[1].photo)
            size = full_size(self._pair[1].photo, None) if copy is None else copy.size
            canvas.show_image([] if self._aligned is None else [self._aligned], size, reset_view=reset_view)
            if self._aligned is None:
                canvas.show_message(tr("Comparing…"))
        elif loaded is None:
            canvas.show_image((), full_size(member.photo, None))
            canvas.show_message(self._cache.error(member.photo) or tr("Loading…"))
        else:
            canvas.show_image(loaded.levels, loaded.size, reset_view=reset_view)

    def _shows_aligned(self, member: GroupPhoto) -> bool:
        """Whether a photo is the one to keep of a crop: of it, the part is shown that the crop shows, to compare them."""
        assert self._pair is not None
        keep, other = self._pair
        loaded = self._cache.photo(keep.photo), self._cache.photo(other.photo)
        if member is not keep or is_aligned(other.relation) or loaded[0] is None or loaded[1] is None:
            return False
        if self._aligned is None and self._aligned_job is None:
            assert other.relation is not None
            work = partial(align_to_copy, loaded[0].levels[0], loaded[1].levels[0], other.relation)
            self._aligned_job = self._jobs.start(work, self._accept_aligned, Priority.HIGH)
        return True

    def _accept_aligned(self, image: QImage | None, error: Exception | None) -> None:
        self._aligned = image
        if image is None:
            self.active_canvas.show_message(str(error))
        else:
            self.update_images()

    def _drop_aligned(self) -> None:
        self._jobs.cancel(self._aligned_job)
        self._aligned_job = self._aligned = None

    def _show_difference(self) -> None:
        assert self._pair is not None
        keep, other = self._pair
        self.caption_changed.emit(tr("Difference: black where the photos are the same"))
        loaded = self._cache.photo(keep.photo), self._cache.photo(other.photo)
        if loaded[0] is None or loaded[1] is None:
            error = self._cache.error(keep.photo) or self._cache.error(other.photo)
            self.canvas.show_image((), full_size(other.photo, None))
            self.canvas.show_message(error or tr("Loading…"))
            return
        # The smallest of the levels: the picture needs no details, and painting details is slow.
        images = loaded[0].levels[-1], loaded[1].levels[-1]
        key = keep.photo.file_id, other.photo.file_id, images[0].size(), images[1].size()
        if key == self._difference_of:
            if self._difference is not None:
                self.canvas.show_image([self._difference], self._difference.size(), reset_view=False)
            return
        self._jobs.cancel(self._difference_job)
        self._difference_of, self._difference = key, None
        self.canvas.show_image((), full_size(other.photo, None))
        self.canvas.show_message(tr("Comparing…"))
        work = partial(make_difference, images[0], images[1], other.relation)
        self._difference_job = self._jobs.start(work, self._accept_difference, Priority.HIGH)

    def _accept_difference(self, image: QImage | None, error: Exception | None) -> None:
        if self._mode is not PairMode.DIFFERENCE:
            return
        if image is None:
            self.canvas.show_message(str(error))
            return
        self._difference = image
        self.canvas.show_image([image], image.size())

    def _load_details(self) -> None:
        if self._pair is None or self._mode not in (PairMode.FLICK, PairMode.WIPE):
            return
        for member in self._pair:
            loaded = self._cache.photo(member.photo)
            if loaded is not None:
                longest = max(loaded.size.width(), loaded.size.height())
                if not loaded.is_sufficient(round(self.active_canvas.zoom * longest)):
                    self._cache.request_details(member.photo, FULL_SIZE)
