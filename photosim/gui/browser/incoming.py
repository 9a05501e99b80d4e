"""Changing the photos of the grid while they are being indexed, and after file operations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from PySide6.QtCore import QObject, Signal

from photosim.files.fspaths import is_inside
from photosim.gui.base.idle_steps import IdleSteps
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.state.places import Place, View
from photosim.gui.state.view_filter import ViewFilter
from photosim.records import Photo


class IncomingPhotos(QObject):
    """Inserts, updates and removes photos of a model in small steps, so that the window stays responsive."""

    changed = Signal(int)
    """A step was done: by how many photos there are more, or fewer where it is negative."""

    def __init__(self, model: PhotoModel) -> None:
        super().__init__(model)
        self._model = model
        self._steps = IdleSteps(self)

    def change(self, removed: Collection[int], photos: Sequence[Photo], done: Callable[[], None]) -> None:
        """Remove photos by file id, insert or update others, and call `done`.

        The first step is done now if none is waiting, the others when the window is idle.
        """
        is_idle = self._steps.is_idle
        steps = self._change(removed, photos, done)
        if not is_idle or next(steps, self) is not self:
            self._steps.add(steps)

    def clear(self) -> None:
        """Drop all steps that have not been done yet."""
        self._steps.cancel()

    def _change(
        self, removed: Collection[int], photos: Sequence[Photo], done: Callable[[], None]
    ) -> Iterator[None]:
        steps, is_last = self._model.change_in_steps(removed, photos), False
        while not is_last:
            count = self._model.rowCount()
            is_last = next(steps, self) is self
            self.changed.emit(self._model.rowCount() - count)
            if not is_last:
                yield
        done()


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
