"""Two to four photos beside each other, moved together, or two on top of each other with a wipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.services.photo_loader import (
    CloseUp,
    Fetch,
    free_images,
    full_size,
    load_close_up,
    load_thumbnail,
)
from photosim.gui.viewer.compare_canvas import CompareCanvas
from photosim.gui.viewer.compare_facts import facts_of
from photosim.gui.viewer.compare_pane import PANE_GLYPHS, ComparePane
from photosim.gui.viewer.linked_views import LinkedViews
from photosim.gui.viewer.overlay import Overlay
from photosim.gui.viewer.viewer_button import viewer_button
from photosim.gui.viewer.wipe import Wipe
from photosim.records import Photo

FEWEST, MOST = 2, 4
_PAN = 0.1  # of what is seen, for one press of an arrow key
_Key = Qt.Key


class CompareView(Overlay):
    """Lies over the whole window while it is open."""

    left = Signal()
    folder_wanted = Signal(Photo)
    trash_wanted = Signal(Photo)

    def __init__(self, jobs: Jobs, thumbnail: Fetch, parent: QWidget) -> None:
        super().__init__(parent, tr("Comparison of photos"))
        self._jobs, self._thumbnail = jobs, thumbnail
        self.panes: list[ComparePane] = []
        self._spare: list[ComparePane] = []
        self._offers_trash = False
        self._sharpness: dict[int, float] = {}
        self._reading: list[int] = []
        self._together, self._on_top = LinkedViews(), LinkedViews()
        self.title = QLabel(self)
        self.wipe = Wipe(self)
        self._on_top.take((self.wipe.left, self.wipe.right))
        self._grid_area = QWidget(self)
        self._grid = QGridLayout(self._grid_area)
        self._build()

    # --- what is compared --------------------------------------------------------------------------------

    @property
    def photos(self) -> list[Photo]:
        """The photos that are compared."""
        return [pane.photo for pane in self.panes]

    def open(self, photos: Sequence[Photo]) -> None:
        """Compare these two to four photos."""
        self._clear()
        self._sharpness.clear()
        self.setGeometry(self._window.rect())  # facts are measured for the width that they will have
        self.panes = [self._pane(photo) for photo in photos[:MOST]]
        self._lay_out()
        self.cover()
        for pane in self.panes:
            first = partial(load_thumbnail, self._thumbnail, pane.photo.photo_id)
            file_id = pane.photo.file_id
            self._reading.append(
                self._jobs.start(first, partial(self._take_thumbnail, pane, file_id), Priority.HIGH)
            )
            work = partial(load_close_up, pane.photo.path, len(self.panes))
            self._reading.append(self._jobs.start(work, partial(self._take, pane, file_id), Priority.NORMAL))

    def prepare(self) -> Iterator[None]:
        """Make what the first comparison needs, step by step, while nothing else is to be done."""
        for glyph in PANE_GLYPHS:
            theme.icon(glyph, theme.VIEWER_TEXT)
            yield
        while len(self._spare) + len(self.panes) < MOST:
            pane = self._new_pane()
            self._spare.append(pane)
            yield
            for widget in pane.findChildren(QWidget):
                widget.ensurePolished()
            yield
        for widget in self.findChildren(QWidget):
            widget.ensurePolished()

    def offer_trash(self, throw: Callable[[Photo], object]) -> None:
        """From now on each photo has a button that moves it to the trash."""
        self._offers_trash = True
        self.trash_wanted.connect(throw)

    def renew(self, photos: Mapping[int, Photo | None]) -> None:
        """Photos, by the ids of their files, were moved or, None, are gone: compare those that are there."""
        for pane in list(self.panes):
            now = photos.get(pane.photo.file_id, pane.photo)
            if now is None:
                self.leave_out(pane.photo)
            else:
                pane.photo = now
        if self.panes:
            self._show_facts()

    def leave_out(self, photo: Photo) -> None:
        """Take a photo out of the comparison, which ends when one is left."""
        out = [pane for pane in self.panes if pane.photo.file_id == photo.file_id]
        if not out:
            return
        if len(self.panes) - len(out) < FEWEST:
            self.leave()
            return
        for pane in out:
            self.panes.remove(pane)
        self._lay_out()
        self._put_away(out)
        self.setFocus()

    def leave(self) -> None:
        """Close the comparison."""
        self._clear()
        self.uncover()
        self.left.emit()

    # --- how ---------------------------------------------------------------------------------------------

    @property
    def is_linked(self) -> bool:
        """Whether the photos are zoomed and moved together."""
        return self._together.linked

    @property
    def is_wiping(self) -> bool:
        """Whether two photos lie on top of each other."""
        return not self.wipe.isHidden()

    def set_linked(self, linked: bool) -> None:
        """Zoom and move all photos together, or each by itself."""
        self.link_button.setChecked(linked)
        if self.panes:
            self._together.link(linked, self.active_canvas())

    def set_wiping(self, wanted: bool) -> None:
        """Lay two photos on top of each other, or beside each other again."""
        wanted = wanted and len(self.panes) == FEWEST
        before = self.active_canvas().standing if self.panes else None
        self.wipe_button.setChecked(wanted)
        if wanted:
            self._fill_wipe()
        self.wipe.setVisible(wanted)
        for pane in self.panes:
            pane.canvas.setVisible(not wanted)
        self._body.setStretch(0, 1 if wanted else 0)
        self._body.setStretch(1, 0 if wanted else 1)
        self._body.activate()
        if before is not None and (wanted or self.is_linked):
            self.active_canvas().stand(before)

    # --- events ------------------------------------------------------------------------------------------

    def active_canvas(self) -> CompareCanvas:
        """The canvas that a key is about."""
        if self.is_wiping:
            return self.wipe.right
        under = (pane.canvas for pane in self.panes if pane.canvas.underMouse())
        return next(under, self.panes[0].canvas)

    def keys(self) -> dict[int, Callable[[], object]]:
        """What each key does."""
        return {
            **super().keys(),
            _Key.Key_L: lambda: self.set_linked(not self.is_linked),
            _Key.Key_W: lambda: self.set_wiping(not self.is_wiping),
            _Key.Key_Left: lambda: self._arrow(-1, 0),
            _Key.Key_Right: lambda: self._arrow(1, 0),
            _Key.Key_Up: lambda: self._arrow(0, -1),
            _Key.Key_Down: lambda: self._arrow(0, 1),
        }

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Facts take more lines where there is less room."""
        super().resizeEvent(event)
        self._level_facts()

    # --- helpers -----------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.title.setObjectName("viewer-text")
        bar = QHBoxLayout()
        bar.addWidget(self.title, 1)
        self.link_button = viewer_button(self, "link", tr("Zoom and move together (L)"), self.set_linked)
        self.wipe_button = viewer_button(self, "wipe", tr("Wipe between two photos (W)"), self.set_wiping)
        for button in (self.link_button, self.wipe_button):
            button.setCheckable(True)
            bar.addWidget(button)
        self.link_button.setChecked(True)
        self.add_zoom(bar)
        bar.addWidget(viewer_button(self, "close", tr("Close (Esc)"), self.leave))
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        self._body = QVBoxLayout()
        self._body.setSpacing(0)
        self._body.addWidget(self.wipe, 0)
        self._body.addWidget(self._grid_area, 1)
        self.wipe.hide()
        self.lay_out(bar, self._body)

    def _pane(self, photo: Photo) -> ComparePane:
        pane = self._spare.pop() if self._spare else self._new_pane()
        pane.show_photo(photo)
        pane.offer_trash(self._offers_trash)
        pane.show()
        return pane

    def _new_pane(self) -> ComparePane:
        pane = ComparePane(self._grid_area)
        pane.hide()
        pane.folder_wanted.connect(self.folder_wanted)
        pane.trash_wanted.connect(self.trash_wanted)
        pane.left_out.connect(self.leave_out)
        return pane

    def _lay_out(self) -> None:
        columns = self._columns()
        for place, pane in enumerate(self.panes):
            self._grid.addWidget(pane, place // columns, place % columns)
        for column in range(MOST):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._together.take([pane.canvas for pane in self.panes])
        self.wipe_button.setEnabled(len(self.panes) == FEWEST)
        self.title.setText(tr("Comparing {photos}").format(photos=formatting.count_photos(len(self.panes))))
        self.set_wiping(False)
        self._show_facts()

    def _arrow(self, across: int, down: int) -> None:
        if self.is_wiping and across:
            self.wipe.step(across)
        else:
            self.active_canvas().pan(across * _PAN, down * _PAN)

    def _take_thumbnail(
        self, pane: ComparePane, file_id: int, image: QImage | None, _: Exception | None
    ) -> None:
        if image is None or image.isNull() or file_id in self._sharpness or pane.photo.file_id != file_id:
            return
        self._show_picture(pane, [image])

    def _take(self, pane: ComparePane, file_id: int, close: CloseUp | None, error: Exception | None) -> None:
        if pane not in self.panes or pane.photo.file_id != file_id:
            return
        if close is None:
            pane.canvas.show_message(str(error))
            return
        self._sharpness[pane.photo.file_id] = close.sharpness
        self._show_picture(pane, close.levels)
        self._show_facts()

    def _show_picture(self, pane: ComparePane, levels: list[QImage]) -> None:
        if pane not in self.panes:
            return
        pane.show_picture(levels)
        if self.is_wiping:
            self._fill_wipe()

    def _fill_wipe(self) -> None:
        for canvas, pane in zip((self.wipe.left, self.wipe.right), self.panes, strict=False):
            pictures = pane.pictures
            canvas.show_image(pictures, full_size(pane.photo, pictures[0] if pictures else None), anew=False)

    def _show_facts(self) -> None:
        for pane, lines in zip(self.panes, facts_of(self.photos, self._sharpness), strict=True):
            pane.show_facts(lines)
        self._level_facts()

    def _level_facts(self) -> None:
        """All facts as high as the highest: pictures side by side must stand at one height."""
        columns = max(self._columns(), 1)
        height = max((pane.facts_height(self.width() // columns) for pane in self.panes), default=0)
        for pane in self.panes:
            pane.facts.setFixedHeight(height)

    def _columns(self) -> int:
        return 2 if len(self.panes) == MOST else len(self.panes)

    def _clear(self) -> None:
        for job in self._reading:
            self._jobs.cancel(job)
        self._reading.clear()
        self._together.take(())
        for canvas in (self.wipe.left, self.wipe.right):
            canvas.show_image((), QSize())
        panes, self.panes = self.panes, []
        self._put_away(panes)

    def _put_away(self, panes: Sequence[ComparePane]) -> None:
        for pane in panes:
            pane.hide()
            self._grid.removeWidget(pane)
        self._spare += panes
        free_images(self._jobs, [pane.take_picture() for pane in panes])
