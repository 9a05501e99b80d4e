"""Inserting photos into the grid while they are being indexed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, Signal

from photosim.files.fspaths import is_inside
from photosim.gui.base.idle_steps import IdleSteps
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.state.places import Place, View
from photosim.gui.state.view_filter import ViewFilter
from photosim.records import Photo

_BATCH = 8
"""Photos inserted at once; if each needs a section of its own, this takes a few milliseconds."""


class IncomingPhotos(QObject):
    """Inserts photos into a model in small batches, so that the window stays responsive."""

    added = Signal(int, bool)
    """The number of photos that were inserted, and whether more will follow at once."""

    def __init__(self, model: PhotoModel) -> None:
        super().__init__(model)
        self._model = model
        self._pending: list[Photo] = []
        self._steps = IdleSteps(self)

    def add(self, photos: Sequence[Photo]) -> None:
        """Insert photos: a first batch now, the others when the window is idle."""
        if not photos:
            return
        self._pending += photos
        if self._steps.is_idle:
            batches = self._insert_batches()
            next(batches)
            self._steps.add(batches)

    def clear(self) -> None:
        """Drop the photos that have not been inserted yet."""
        self._pending.clear()

    def _insert_batches(self) -> Iterator[None]:
        while self._pending:
            count = self._model.rowCount()
            self._model.add(self._pending[:_BATCH])
            del self._pending[:_BATCH]
            self.added.emit(self._model.rowCount() - count, bool(self._pending))
            yield


def photos_of_place(
    photos: Sequence[Photo], place: Place, view_filter: ViewFilter, sources: Sequence[str]
) -> list[Photo]:
    """Those of these photos that belong to a place and match the filter."""
    if place.view is View.FOLDER and place.folder is not None:
        photos = [photo for photo in photos if is_inside(photo.path, place.folder)]
    elif place.view is not View.ALL:
        return []
    if not view_filter.is_active:
        return list(photos)
    return view_filter.filter_new(photos, sources)
