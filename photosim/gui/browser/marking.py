"""Which tiles of the grid are selected because the window says so: the photo in question, and those beside it."""

from __future__ import annotations

from collections.abc import Iterable

from photosim.gui.grid.photo_grid import PhotoGrid
from photosim.gui.grid.photo_model import PhotoModel
from photosim.records import Photo


class Marking:
    """Selects now what is there, and the others as soon as the place shows them."""

    def __init__(self, grid: PhotoGrid, photos: PhotoModel) -> None:
        self._grid, self._photos = grid, photos
        self._together: frozenset[int] = frozenset()

    def select_together(self, file_ids: Iterable[int]) -> None:
        """Let these be selected together while one of them is the photo in question."""
        self._together = frozenset(file_ids)

    def show_query_photo(self, photo: Photo | None) -> None:
        """Select the photo in question where the place shows it."""
        row = None if photo is None else self._photos.row_of(photo.file_id)
        if row is None or self._grid.currentIndex().row() != row:
            self._grid.select_row(row)
        if photo is None or photo.file_id not in self._together:
            self._together = frozenset()  # the person has gone on
        elif row is not None:
            rows = (self._photos.row_of(file_id) for file_id in self._together)
            self._grid.add_to_selection(one for one in rows if one is not None)
