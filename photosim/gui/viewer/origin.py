"""The original of an image: both side by side, with the part that both show, and the other members of the family."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.services.photo_loader import (
    LoadedPhoto,
    ThumbnailFetcher,
    edge_for,
    free_images,
    full_size,
    load_photo,
    load_thumbnail,
)
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.places import QueryImage, image_name
from photosim.gui.state.text.origin import relative_text, size_text
from photosim.gui.viewer.compare_canvas import CompareCanvas
from photosim.gui.viewer.family_strip import FamilyStrip, Member
from photosim.gui.viewer.overlay import Overlay, viewer_button
from photosim.gui.widgets.elided_label import ElidedLabel
from photosim.library.search.origin import Family
from photosim.records import Photo

_WHOLE = 0.94
"""Share of a picture from which it is not outlined."""

_Key = Qt.Key
_Box = tuple[float, float, float, float]


class OriginView(Overlay):
    """Shows an image, and the photo of its family that is chosen in the strip."""

    closed = Signal()
    show_in_library_requested = Signal(Photo)
    show_in_folder_requested = Signal(Photo)

    def __init__(
        self,
        jobs: Jobs,
        client: PhotoClient,
        thumbnail: ThumbnailFetcher,
        thumbnails: ThumbnailLoader,
        parent: QWidget,
    ) -> None:
        super().__init__(parent, tr("Original of an image"))
        self.title = QLabel(self)
        self.image_pane, self.photo_pane = (OriginPane(jobs, client, thumbnail, self) for _ in range(2))
        self.strip = FamilyStrip(thumbnails, self)
        self.strip.chosen.connect(self._choose)
        self._build()

    @property
    def photo(self) -> Photo | None:
        """The photo that is shown beside the image."""
        row = self.strip.currentIndex().row()
        members = self.strip.family_model.members
        return members[row].photo if 0 <= row < len(members) else None

    def open(self, image: QueryImage) -> None:
        """Show an image whose family is being searched."""
        self._clear()
        self._set_title(tr("Looking for the original…"))
        self.show_overlay()
        name = image_name(image)
        self.image_pane.show_file(image.path, name, image.photo)
        self.image_pane.set_facts(tr("The image"))
        self.photo_pane.show_message(tr("Looking for the original…"))

    def show_family(self, family: Family) -> None:
        """Show what was found."""
        relatives = (*family.originals, *family.versions)
        members = [Member(relative.photo, relative) for relative in relatives]
        if family.originals:
            self._set_title(tr("%Ln original(s) found", "", len(family.originals)))
        elif family.versions:
            self._set_title(tr("No original found, but %Ln version(s)", "", len(family.versions)))
        else:
            members = [Member(photo) for photo in family.look_alikes]
            self._set_title(
                tr("No original found. These photos are similar.") if members else tr("No original found")
            )
        if not members:
            self.photo_pane.show_message(tr("No photo in the library is the original of this image."))
        self.strip.setVisible(bool(members))
        self.strip.show_members(members)
        self._update_buttons()

    def show_error(self, text: str) -> None:
        """Show why the search failed."""
        self._set_title(tr("Search failed"))
        self.photo_pane.show_message(text)

    def update_photos(self, photos: Mapping[int, Photo | None]) -> None:
        """Close after file operations on a photo that is shown; `photos` are by file id, None for those removed."""
        if any(member.photo.file_id in photos for member in self.strip.family_model.members):
            self.dismiss()

    def dismiss(self) -> None:
        self._clear()
        self.hide_overlay()
        self.closed.emit()

    def active_canvas(self) -> CompareCanvas:
        return self.image_pane.canvas if self.image_pane.canvas.underMouse() else self.photo_pane.canvas

    def key_actions(self) -> dict[int, Callable[[], object]]:
        return {
            **super().key_actions(),
            _Key.Key_Left: lambda: self.strip.step(-1),
            _Key.Key_Right: lambda: self.strip.step(1),
            _Key.Key_L: self._show_in_library,
        }

    def _build(self) -> None:
        self.title.setObjectName("viewer-text")
        self.title.setWordWrap(True)
        theme.set_font(self.title, bold=True)
        self.library_button = viewer_button(self, "photos", tr("Show in library (L)"), self._show_in_library)
        folder = formatting.show_in_folder_text().replace("&", "")
        self.folder_button = viewer_button(self, "folder", folder, self._show_in_folder)
        bar = QHBoxLayout()
        bar.addWidget(self.title, 1)
        bar.addWidget(self.library_button)
        bar.addWidget(self.folder_button)
        self.add_zoom_buttons(bar)
        bar.addWidget(viewer_button(self, "close", tr("Close (Esc)"), self.dismiss))
        panes = QHBoxLayout()
        panes.setSpacing(2)
        panes.addWidget(self.image_pane, 1)
        panes.addWidget(self.photo_pane, 1)
        body = QVBoxLayout()
        body.setSpacing(0)
        body.addLayout(panes, 1)
        body.addWidget(self.strip)
        self.set_layout(bar, body)

    def _choose(self, row: int) -> None:
        member = self.strip.family_model.members[row]
        photo, relative = member.photo, member.relative
        self.photo_pane.show_file(photo.path, formatting.display_name(photo.path), photo)
        if relative is None:
            self.photo_pane.set_facts(tr("This photo is similar, but not the original."))
            self.photo_pane.show_box(None)
            self.image_pane.show_box(None)
        else:
            self.photo_pane.set_facts(f"{relative_text(relative)} {size_text(relative)}")
            self.photo_pane.show_box(_corners(relative.placed.box))
            self.image_pane.show_box(_corners(relative.placed.box_in_image))
        self._update_buttons()

    def _show_in_library(self) -> None:
        if self.photo is not None:
            self.show_in_library_requested.emit(self.photo)

    def _show_in_folder(self) -> None:
        if self.photo is not None:
            self.show_in_folder_requested.emit(self.photo)

    def _set_title(self, text: str) -> None:
        self.title.setText(text)
        self.setAccessibleDescription(text)

    def _update_buttons(self) -> None:
        for button in (self.library_button, self.folder_button):
            button.setEnabled(self.photo is not None)

    def _clear(self) -> None:
        self.strip.hide()
        self.strip.show_members(())
        for pane in (self.image_pane, self.photo_pane):
            pane.clear()
        self._update_buttons()


class OriginPane(QWidget):
    """A picture with its name above and a sentence below."""

    def __init__(
        self, jobs: Jobs, client: PhotoClient, thumbnail: ThumbnailFetcher, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._client, self._thumbnail = jobs, client, thumbnail
        self._request: int | None = None
        self._thumbnail_job: int | None = None
        self._levels: list[QImage] = []
        self.canvas = CompareCanvas(self)
        self.canvas.setMinimumSize(120, 90)
        self.name = ElidedLabel(self, theme.VIEWER_TEXT)
        theme.set_font(self.name, bold=True)
        self.name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.facts = QLabel(self)
        self.facts.setObjectName("viewer-text")
        self.facts.setWordWrap(True)
        self.facts.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.facts.setMinimumHeight(2 * self.facts.fontMetrics().lineSpacing() + 14)
        self.facts.setContentsMargins(10, 4, 10, 6)
        head = QHBoxLayout()
        head.setContentsMargins(10, 0, 10, 4)
        head.addWidget(self.name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.facts)

    def show_file(self, path: str, name: str, photo: Photo | None) -> None:
        """Load an image file; of a photo of the library, its thumbnail first."""
        self.clear()
        self.name.set_text(name)
        self.canvas.show_image((), QSize() if photo is None else full_size(photo, None))
        if photo is not None:
            loading = partial(load_thumbnail, self._thumbnail, photo.photo_id)
            accept = partial(self._accept_thumbnail, photo)
            self._thumbnail_job = self._jobs.start(loading, accept, Priority.HIGH)
        edge = edge_for(self.window().size() / 2, self.devicePixelRatioF())
        self._request = load_photo(self._client, path, edge, self._accept)

    def show_message(self, text: str) -> None:
        """Show a message in the place of a picture."""
        self.canvas.show_message(text)

    def set_facts(self, text: str) -> None:
        """Show a sentence below the picture."""
        self.facts.setText(text)
        self.canvas.setAccessibleName(f"{self.name.text()}. {text}")

    def show_box(self, corners: Sequence[QPointF] | None) -> None:
        """Outline a part of the picture, by its corners in fractions."""
        self.canvas.show_outline(corners or ())

    def clear(self) -> None:
        """Show nothing, and load nothing more."""
        self._client.cancel(self._request)
        self._jobs.cancel(self._thumbnail_job)
        self._request = self._thumbnail_job = None
        levels, self._levels = self._levels, []
        self.canvas.show_image((), QSize())
        self.canvas.show_outline(())
        self.name.set_text("")
        self.facts.setText("")
        free_images(self._jobs, [levels])

    def _accept_thumbnail(self, photo: Photo, image: QImage | None, _: Exception | None) -> None:
        self._thumbnail_job = None
        if image is not None and not image.isNull() and not self._levels:
            message = self.canvas.message  # why the photo itself could not be loaded
            self.canvas.show_image([image], full_size(photo, image), reset_view=False)
            self.canvas.show_message(message)

    def _accept(self, loaded: LoadedPhoto | None, error: Exception | None) -> None:
        self._request = None
        if loaded is None:
            self.canvas.show_message(str(error))
            return
        self._levels = loaded.levels
        self.canvas.show_image(loaded.levels, loaded.size, reset_view=False)


def _corners(box: _Box) -> Sequence[QPointF] | None:
    """The corners of a part, None for all of a picture."""
    x, y, width, height = box
    if width * height >= _WHOLE:
        return None
    return tuple(
        QPointF(x + across * width, y + down * height) for across, down in ((0, 0), (1, 0), (1, 1), (0, 1))
    )
