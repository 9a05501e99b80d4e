"""Photos that have just been indexed: they appear in the place that is shown, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, Signal

from photosim.gui.base.idle_steps import IdleSteps
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.state.places import Place, View
from photosim.gui.state.view_filter import ViewFilter, is_below, source_of
from photosim.records import Photo

_AT_ONCE = 12
"""Photos that appear in one go: where each stands under a heading of its own that takes some milliseconds."""


class IncomingPhotos(QObject):
    """Lets photos into a model in slices, so that the window stands still for none of them."""

    grew = Signal(int, bool)
    """So many photos are there that were not; True: more follow at once."""

    def __init__(self, model: PhotoModel) -> None:
        super().__init__(model)
        self._model = model
        self._coming: list[Photo] = []
        self._slices = IdleSteps(self)

    def add(self, photos: Sequence[Photo]) -> None:
        """Let these appear; few of them at once."""
        if not photos:
            return
        self._coming += photos
        if self._slices.is_idle:
            steps = self._let_in()
            next(steps)
            self._slices.add(steps)

    def clear(self) -> None:
        """Forget those that have not appeared yet."""
        self._coming.clear()

    def _let_in(self) -> Iterator[None]:
        while self._coming:
            before = self._model.rowCount()
            self._model.add(self._coming[:_AT_ONCE])
            del self._coming[:_AT_ONCE]
            self.grew.emit(self._model.rowCount() - before, bool(self._coming))
            yield


def belonging(
    photos: Sequence[Photo], place: Place, narrowing: ViewFilter, sources: Sequence[str]
) -> list[Photo]:
    """Those of these photos that a place shows."""
    if place.view is View.FOLDER and place.folder is not None:
        photos = [photo for photo in photos if is_below(photo.path, place.folder)]
    elif place.view is not View.ALL:
        return []
    if not narrowing.is_active:
        return list(photos)
    return [photo for photo in photos if narrowing.keeps_new(photo, source_of(photo.path, sources))]
