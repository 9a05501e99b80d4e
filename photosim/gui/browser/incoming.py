"""Photos that have just been indexed: they appear in the place that is shown, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, Signal

from photosim.files.fspaths import is_inside
from photosim.gui.base.idle_steps import IdleSteps
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.state.places import Place, View
from photosim.gui.state.view_filter import ViewFilter, source_of
from photosim.records import Photo

_BATCH = 12
"""Photos that appear in one go: where each stands under a heading of its own that takes some milliseconds."""


class IncomingPhotos(QObject):
    """Lets photos into a model in slices, so that the window stands still for none of them."""

    added = Signal(int, bool)
    """So many photos are there that were not; True: more follow at once."""

    def __init__(self, model: PhotoModel) -> None:
        super().__init__(model)
        self._model = model
        self._pending: list[Photo] = []
        self._steps = IdleSteps(self)

    def add(self, photos: Sequence[Photo]) -> None:
        """Let these appear; few of them at once."""
        if not photos:
            return
        self._pending += photos
        if self._steps.is_idle:
            steps = self._insert_batches()
            next(steps)
            self._steps.add(steps)

    def clear(self) -> None:
        """Forget those that have not appeared yet."""
        self._pending.clear()

    def _insert_batches(self) -> Iterator[None]:
        while self._pending:
            before = self._model.rowCount()
            self._model.add(self._pending[:_BATCH])
            del self._pending[:_BATCH]
            self.added.emit(self._model.rowCount() - before, bool(self._pending))
            yield


def photos_of_place(
    photos: Sequence[Photo], place: Place, narrowing: ViewFilter, sources: Sequence[str]
) -> list[Photo]:
    """Those of these photos that a place shows."""
    if place.view is View.FOLDER and place.folder is not None:
        photos = [photo for photo in photos if is_inside(photo.path, place.folder)]
    elif place.view is not View.ALL:
        return []
    if not narrowing.is_active:
        return list(photos)
    return [photo for photo in photos if narrowing.accepts_new(photo, source_of(photo.path, sources))]
