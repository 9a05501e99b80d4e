"""Comparison of two to four photos side by side, or of two in a split view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from photosim.gui.base import theme
from photosim.gui.base.jobs import Jobs
from photosim.gui.base.translation import tr
from photosim.gui.services.photo_loader import ThumbnailFetcher, edge_for, free_images
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.viewer.compare_canvas import CompareCanvas, LinkedViews
from photosim.gui.viewer.compare_facts import compare_facts
from photosim.gui.viewer.compare_loader import PaneLoader
from photosim.gui.viewer.compare_pane import PANE_ICONS, ComparePane
from photosim.gui.viewer.overlay import Overlay, viewer_button
from photosim.gui.viewer.wipe import Wipe
from photosim.records import Photo

MIN_PHOTOS, MAX_PHOTOS = 2, 4
_PAN_STEP = 0.1  # of the visible part, for one press of an arrow key
_Key = Qt.Key


class CompareView(Overlay):
    """Compares photos in panes that zoom and move together while they are linked."""

    closed = Signal()
    show_in_folder_requested = Signal(Photo)
    trash_requested = Signal(Photo)

    explanation_wanted = Signal(Photo, Photo)
    """Tell why these two are similar: answer with `show_explanation`."""

    def __init__(self, jobs: Jobs, client: PhotoClient, thumbnail: ThumbnailFetcher, parent: QWidget) -> None:
        super().__init__(parent, tr("Photo comparison"))
        self._jobs = jobs
        self._loader = PaneLoader(jobs, client, thumbnail, self._show_loaded)
        self.panes: list[ComparePane] = []
        self._spare_panes: list[ComparePane] = []
        self._can_trash, self._offers_trash = False, True
        self._pane_links, self._wipe_links = LinkedViews(), LinkedViews()
        self.title = QLabel(self)
        self.wipe = Wipe(self)
        self._wipe_links.set_canvases((self.wipe.left, self.wipe.right))
        for canvas in (self.wipe.left, self.wipe.right):
            canvas.zoom_changed.connect(self._load_details)
        self._grid_area = QWidget(self)
        self._grid = QGridLayout(self._grid_area)
        self._build()

    @property
    def photos(self) -> list[Photo]:
        """The compared photos."""
        return [pane.photo for pane in self.panes]

    def open(self, photos: Sequence[Photo], *, can_trash: bool = True) -> None:
        """Compare these two to four photos; without `can_trash` none can be moved to the trash from here."""
        self._clear()
        self._offers_trash = can_trash
        self.setGeometry(self._window.rect())  # the height of the facts depends on the width
        self.panes = [self._pane_for(photo) for photo in photos[:MAX_PHOTOS]]
        self._arrange_panes()
        self.show_overlay()
        for pane in self.panes:
            size = QSize(self.width() // self._column_count(), self.height())
            self._loader.load(pane, edge_for(size, self.devicePixelRatioF()))

    def prepare(self) -> Iterator[None]:
        """Create what the first comparison needs, in idle steps."""
        for icon in PANE_ICONS:
            theme.icon(icon, theme.VIEWER_TEXT)
            yield
        while len(self._spare_panes) + len(self.panes) < MAX_PHOTOS:
            pane = self._create_pane()
            self._spare_panes.append(pane)
            yield
            for widget in pane.findChildren(QWidget):
                widget.ensurePolished()
            yield
        for widget in self.findChildren(QWidget):
            widget.ensurePolished()

    def enable_trash(self, trash: Callable[[Photo], object]) -> None:
        """Show a button in each pane that calls `trash` with its photo."""
        self._can_trash = True
        self.trash_requested.connect(trash)

    def update_photos(self, photos: Mapping[int, Photo | None]) -> None:
        """Update the photos after file operations, given by file id; None removes the photo."""
        for pane in list(self.panes):
            photo = photos.get(pane.photo.file_id, pane.photo)
            if photo is None:
                self.remove_photo(pane.photo)
            else:
                pane.photo = photo
        if self.panes:
            self._show_facts()

    def remove_photo(self, photo: Photo) -> None:
        """Remove a photo from the comparison, which is closed when only one is left."""
        removed = [pane for pane in self.panes if pane.photo.file_id == photo.file_id]
        if not removed:
            return
        if len(self.panes) - len(removed) < MIN_PHOTOS:
            self.dismiss()
            return
        for pane in removed:
            self.panes.remove(pane)
        self._arrange_panes()
        self._recycle_panes(removed)
        self.setFocus()

    def dismiss(self) -> None:
        self._clear()
        self.hide_overlay()
        self.closed.emit()

    @property
    def is_linked(self) -> bool:
        """Whether the photos zoom and move together."""
        return self._pane_links.linked

    @property
    def is_wiping(self) -> bool:
        """Whether two photos are shown in the split view."""
        return not self.wipe.isHidden()

    def set_linked(self, linked: bool) -> None:
        """Link or unlink zoom and position of the photos."""
        self.link_button.setChecked(linked)
        if self.panes:
            self._pane_links.set_linked(linked, self.active_canvas())

    def set_wiping(self, wiping: bool) -> None:
        """Switch between the split view, which needs two photos, and the panes."""
        wiping = wiping and len(self.panes) == MIN_PHOTOS
        if wiping and self.is_explained:
            self.set_explained(False)
        transform = self.active_canvas().view_transform if self.panes else None
        self.wipe_button.setChecked(wiping)
        if wiping:
            self._update_wipe()
        self.wipe.setVisible(wiping)
        for pane in self.panes:
            pane.canvas.setVisible(not wiping)
        self._body.setStretch(0, 1 if wiping else 0)
        self._body.setStretch(1, 0 if wiping else 1)
        self._body.activate()
        if transform is not None and (wiping or self.is_linked):
            self.active_canvas().apply_transform(transform)

    @property
    def is_explained(self) -> bool:
        """Whether the places that make two photos similar are marked."""
        return self.why_button.isChecked()

    def set_explained(self, explained: bool) -> None:
        """Mark the places that make two photos similar, or no longer."""
        explained = explained and len(self.panes) == MIN_PHOTOS
        self.why_button.setChecked(explained)
        for pane in self.panes:
            pane.canvas.show_heat(QImage())
        self._show_title()
        if explained:
            self.set_wiping(False)
            self.explanation_wanted.emit(*self.photos)

    def show_explanation(self, photos: Sequence[Photo], images: Sequence[QImage], text: str) -> None:
        """Show where these photos are similar, if they are still compared; without images only the text, as a reason."""
        if self.is_explained and list(photos) == self.photos:
            self.title.setText(text)
            for pane, image in zip(self.panes, images, strict=False):
                pane.canvas.show_heat(image)

    def active_canvas(self) -> CompareCanvas:
        if self.is_wiping:
            return self.wipe.right
        hovered = (pane.canvas for pane in self.panes if pane.canvas.underMouse())
        return next(hovered, self.panes[0].canvas)

    def key_actions(self) -> dict[int, Callable[[], object]]:
        return {
            **super().key_actions(),
            _Key.Key_L: lambda: self.set_linked(not self.is_linked),
            _Key.Key_S: lambda: self.set_wiping(not self.is_wiping),
            _Key.Key_Left: lambda: self._handle_arrow(-1, 0),
            _Key.Key_Right: lambda: self._handle_arrow(1, 0),
            _Key.Key_Up: lambda: self._handle_arrow(0, -1),
            _Key.Key_Down: lambda: self._handle_arrow(0, 1),
        }

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._align_facts()  # they wrap differently

    def _build(self) -> None:
        self.title.setObjectName("viewer-text")
        self.title.setWordWrap(True)
        bar = QHBoxLayout()
        bar.addWidget(self.title, 1)
        self.link_button = viewer_button(self, "link", tr("Link zoom (L)"), self.set_linked)
        self.wipe_button = viewer_button(self, "wipe", tr("Split view (S)"), self.set_wiping)
        self.why_button = viewer_button(self, "why", tr("Why similar? (W)"), self.set_explained)
        for button in (self.link_button, self.wipe_button, self.why_button):
            button.setCheckable(True)
            bar.addWidget(button)
        self.link_button.setChecked(True)
        self.add_zoom_buttons(bar)
        bar.addWidget(viewer_button(self, "close", tr("Close (Esc)"), self.dismiss))
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        self._body = QVBoxLayout()
        self._body.setSpacing(0)
        self._body.addWidget(self.wipe, 0)
        self._body.addWidget(self._grid_area, 1)
        self.wipe.hide()
        self.set_layout(bar, self._body)

    def _pane_for(self, photo: Photo) -> ComparePane:
        pane = self._spare_panes.pop() if self._spare_panes else self._create_pane()
        pane.show_photo(photo)
        pane.set_trash_visible(self._can_trash and self._offers_trash)
        pane.show()
        return pane

    def _create_pane(self) -> ComparePane:
        pane = ComparePane(self._grid_area)
        pane.hide()
        pane.show_in_folder_requested.connect(self.show_in_folder_requested)
        pane.trash_requested.connect(self.trash_requested)
        pane.remove_requested.connect(self.remove_photo)
        pane.canvas.zoom_changed.connect(self._load_details)
        return pane

    def _arrange_panes(self) -> None:
        columns = self._column_count()
        for index, pane in enumerate(self.panes):
            self._grid.addWidget(pane, index // columns, index % columns)
        for column in range(MAX_PHOTOS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._pane_links.set_canvases([pane.canvas for pane in self.panes])
        for button in (self.wipe_button, self.why_button):
            button.setEnabled(len(self.panes) == MIN_PHOTOS)
        self.set_wiping(False)
        self.set_explained(False)
        self._show_facts()

    def _show_title(self) -> None:
        self.title.setText(tr("Comparing %Ln photo(s)", "", len(self.panes)))

    def _handle_arrow(self, dx: int, dy: int) -> None:
        if self.is_wiping and dx:
            self.wipe.step(dx)
        else:
            self.active_canvas().pan(dx * _PAN_STEP, dy * _PAN_STEP)

    def _load_details(self) -> None:
        """Load photos larger where the screen has more pixels for them than those that are loaded."""
        canvases = (
            (self.wipe.left, self.wipe.right) if self.is_wiping else [pane.canvas for pane in self.panes]
        )
        for pane, canvas in zip(self.panes, canvases, strict=False):
            self._loader.load_details(pane, canvas.zoom, is_many=len(self.panes) > MIN_PHOTOS)

    def _show_loaded(self, pane: ComparePane) -> None:
        """Show the thumbnail or the photo that was loaded for a pane."""
        if self.is_wiping:
            self._update_wipe()
        if pane.loaded is not None:
            self._show_facts()
            self._load_details()

    def _update_wipe(self) -> None:
        for canvas, pane in zip((self.wipe.left, self.wipe.right), self.panes, strict=False):
            canvas.show_image(pane.levels, pane.size_in_pixels, reset_view=False)

    def _show_facts(self) -> None:
        for pane, lines in zip(self.panes, compare_facts(self.photos, self._loader.sharpness), strict=True):
            pane.show_facts(lines)
        self._align_facts()

    def _align_facts(self) -> None:
        """Give the facts of all panes the same height, so that the images are level."""
        columns = max(self._column_count(), 1)
        height = max((pane.facts_height(self.width() // columns) for pane in self.panes), default=0)
        for pane in self.panes:
            pane.facts.setFixedHeight(height)

    def _column_count(self) -> int:
        return 2 if len(self.panes) == MAX_PHOTOS else len(self.panes)

    def _clear(self) -> None:
        self._loader.clear()
        self._pane_links.set_canvases(())
        for canvas in (self.wipe.left, self.wipe.right):
            canvas.show_image((), QSize())
        panes, self.panes = self.panes, []
        self.why_button.setChecked(False)
        self._recycle_panes(panes)

    def _recycle_panes(self, panes: Sequence[ComparePane]) -> None:
        for pane in panes:
            pane.hide()
            pane.canvas.show_heat(QImage())
            self._loader.cancel(pane)
            self._grid.removeWidget(pane)
        self._spare_panes += panes
        free_images(self._jobs, [pane.release_image() for pane in panes])
