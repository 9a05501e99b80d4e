"""The panes of a group beside each other: as many as fit, the photo to keep always among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from photosim.duplicates.results import DuplicateGroup, GroupPhoto
from photosim.gui.base import formatting
from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.duplicates.group_pane import GroupPane
from photosim.gui.services.photo_cache import PhotoCache
from photosim.gui.services.photo_loader import FULL_SIZE, ThumbnailFetcher, load_thumbnail
from photosim.gui.state.duplicates.keep_marks import KeepMarks
from photosim.gui.state.text.duplicates import member_texts
from photosim.gui.viewer.compare_canvas import CompareCanvas, LinkedViews
from photosim.gui.viewer.compare_facts import ComparedFact, compare_facts
from photosim.records import Photo

_MAX_PANES, _FEW = 4, 3
_MIN_WIDTH, _GOOD_WIDTH = 172, 230  # logical pixels of a pane
_MIN_HEIGHT = 230  # logical pixels, below which there is room for the photos alone
_DETAILS_EDGE = 3000
"""Edge of the details when more than two photos are shown, which would take a gigabyte at full size."""


class PaneRow(QWidget):
    """Shows some photos of a group; the first of the group stays, the others follow the chosen one."""

    chosen = Signal(int)
    """The user chose a photo: its file id."""

    keep_toggled = Signal(int)
    """The user clicked the mark of a photo: its file id."""

    show_in_folder_requested = Signal(Photo)

    resized = Signal()
    """There may be room for more photos, or for fewer."""

    def __init__(
        self, jobs: Jobs, cache: PhotoCache, thumbnail: ThumbnailFetcher, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._cache, self._thumbnail = jobs, cache, thumbnail
        self._links = LinkedViews()
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._panes: list[GroupPane] = []
        self._thumbnail_jobs: list[int] = []
        self.members: list[GroupPhoto] = []
        """The photos that are shown."""

    @property
    def panes(self) -> list[GroupPane]:
        """The panes of the shown photos."""
        return self._panes[: len(self.members)]

    @property
    def is_linked(self) -> bool:
        """Whether the panes zoom and move together."""
        return self._links.linked

    @property
    def active_canvas(self) -> CompareCanvas:
        """The canvas under the pointer, or that of the chosen photo."""
        panes = self.panes or [self._pane(0)]
        hovered = (pane.canvas for pane in panes if pane.canvas.underMouse())
        current = next((pane.canvas for pane in panes if pane.is_current), panes[0].canvas)
        return next(hovered, current)

    def prepare(self) -> Iterator[None]:
        """Create the panes, in idle steps."""
        for number in range(_MAX_PANES):
            self._pane(number)
            yield

    def set_linked(self, linked: bool) -> None:
        """Link or unlink zoom and position of the panes."""
        self._links.set_linked(linked, self.active_canvas)

    def reset_view(self) -> None:
        """Show the whole photos again."""
        self._links.set_canvases(())  # or each would fit all others, too
        for pane in self._panes:
            pane.canvas.fit()
        self._links.set_canvases([pane.canvas for pane in self.panes])

    def show_group(self, group: DuplicateGroup, current: int) -> None:
        """Show the photos that fit, among them the chosen one, by its row."""
        photos = group.photos
        rows = visible_rows(len(photos), current, self._columns(len(photos)))
        members = [photos[row] for row in rows]
        is_same = members == self.members
        if not is_same:
            self._links.set_canvases(())
            self._cancel_thumbnails()
            self.members = members
            for pane, row in zip(map(self._pane, range(len(rows))), rows, strict=True):
                self._show_member(pane, photos[row], row + 1)
            for pane in self._panes[len(rows) :]:
                pane.hide()
                pane.release_image()
            self._links.set_canvases([pane.canvas for pane in self.panes])
            self._show_facts(group)
        for pane in self.panes:
            pane.set_current(pane.member is photos[current])
        self._align_facts()

    def clear(self) -> None:
        """Show nothing."""
        self._cancel_thumbnails()
        self._links.set_canvases(())
        self.members = []
        for pane in self._panes:
            pane.hide()
            pane.release_image()

    def show_marks(self, marks: KeepMarks) -> None:
        """Show which photos stay."""
        for pane in self.panes:
            pane.show_marks(marks)

    def show_outline(self, file_id: int, corners: Sequence[QPointF]) -> None:
        """Outline a part of one photo."""
        for pane in self.panes:
            pane.canvas.show_outline(corners if pane.photo.file_id == file_id else ())

    def show_loaded(self, file_id: int) -> None:
        """Show a photo that was just loaded, or why it could not be."""
        for pane in self.panes:
            if pane.photo.file_id == file_id:
                self._show_image(pane)
                self._load_details()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def _columns(self, count: int) -> int:
        """How many photos are shown: two or a few as long as that is possible, of many those that are large enough."""
        if count <= _FEW and count * _MIN_WIDTH <= self.width():
            return count
        beside_each_other = 2 if self.width() >= 2 * _MIN_WIDTH else 1
        return max(self.width() // _GOOD_WIDTH, beside_each_other)

    def _pane(self, number: int) -> GroupPane:
        while len(self._panes) <= number:
            pane = GroupPane(self)
            pane.hide()
            pane.chosen.connect(self.chosen)
            pane.keep_toggled.connect(self.keep_toggled)
            pane.show_in_folder_requested.connect(self.show_in_folder_requested)
            pane.canvas.zoom_changed.connect(self._load_details)
            self._layout.addWidget(pane, 1)
            self._panes.append(pane)
        return self._panes[number]

    def _show_member(self, pane: GroupPane, member: GroupPhoto, number: int) -> None:
        pane.release_image()
        pane.show_member(member, number)
        pane.show()
        if not self._show_image(pane):
            work = partial(load_thumbnail, self._thumbnail, member.photo.photo_id)
            done = partial(self._accept_thumbnail, pane, member.photo.file_id)
            self._thumbnail_jobs.append(self._jobs.start(work, done, Priority.HIGH, immediately=True))

    def _show_image(self, pane: GroupPane) -> bool:
        loaded = self._cache.photo(pane.photo)
        if loaded is not None:
            pane.show_loaded(loaded)
        elif error := self._cache.error(pane.photo):
            pane.canvas.show_message(error)
        return loaded is not None

    def _accept_thumbnail(
        self, pane: GroupPane, file_id: int, image: QImage | None, _: Exception | None
    ) -> None:
        if image is None or image.isNull() or pane.photo.file_id != file_id or pane.loaded is not None:
            return
        pane.show_thumbnail(image)

    def _cancel_thumbnails(self) -> None:
        for job in self._thumbnail_jobs:
            self._jobs.cancel(job)
        self._thumbnail_jobs.clear()

    def _load_details(self) -> None:
        """Load photos larger where the screen has more pixels for them than those that are loaded."""
        is_many = len(self.members) > 2
        for pane in self.panes:
            loaded = pane.loaded
            if loaded is None:
                continue
            edge = round(pane.canvas.zoom * max(loaded.size.width(), loaded.size.height()))
            if not loaded.is_sufficient(min(edge, _DETAILS_EDGE) if is_many else edge):
                self._cache.request_details(pane.photo, _DETAILS_EDGE if is_many else FULL_SIZE)

    def _show_facts(self, group: DuplicateGroup) -> None:
        photos = [member.photo for member in self.members]
        sharpness = {
            member.photo.file_id: member.sharpness for member in self.members if member.sharpness is not None
        }
        for pane, lines in zip(self.panes, compare_facts(photos, sharpness), strict=True):
            extra = _extra_facts(group, pane.member, self.members)
            name = formatting.display_name(pane.photo.path)
            text = tr("Photo {number} of {total}, {name}").format(
                number=pane.number.text(), total=formatting.format_number(len(group.photos)), name=name
            )
            pane.show_member_facts([extra, *lines], text)

    def _align_facts(self) -> None:
        """Give the facts of all panes the same height, so that the images are level."""
        is_low = self.height() < _MIN_HEIGHT
        for pane in self.panes:
            pane.facts.setVisible(not is_low)
        if self.members and not is_low:
            width = max(self.width() // len(self.members) - 4, 1)
            height = max(pane.facts_height(width) for pane in self.panes)
            for pane in self.panes:
                pane.facts.setFixedHeight(height)


def visible_rows(count: int, current: int, room: int) -> list[int]:
    """The rows of the photos that are shown: the first, and those up to the chosen one or from the second on."""
    columns = min(max(room, 1), _MAX_PANES, count)
    if count <= columns:
        return list(range(count))
    if columns == 1:
        return [current]
    first = max(current - columns + 2, 1)
    return [0, *range(first, first + columns - 1)]


def _extra_facts(
    group: DuplicateGroup, member: GroupPhoto, shown: Sequence[GroupPhoto]
) -> list[ComparedFact]:
    """Why a photo stays, or how a copy was made, and whether only some of the photos have edits or a location."""
    facts = [ComparedFact(text, True) for text in member_texts(group, member)]
    if member.has_edits and not all(other.has_edits for other in shown):
        facts.append(ComparedFact(tr("with edits"), True))
    located = [other.photo.facts.latitude is not None for other in shown]
    if member.photo.facts.latitude is not None and not all(located):
        facts.append(ComparedFact(tr("with location"), True))
    return facts
