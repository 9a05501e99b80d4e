"""Loads the photos of the comparison: thumbnails first, then the photos, and details where they are zoomed in."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtGui import QImage

from photosim.gui.base.jobs import Jobs, Priority
from photosim.gui.services.photo_loader import (
    FULL_SIZE,
    LoadedPhoto,
    ThumbnailFetcher,
    free_images,
    load_photo,
    load_thumbnail,
)
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.viewer.compare_pane import ComparePane

_MAX_EDGE_OF_MANY = 3000
"""Edge of the details when more than two photos are compared, which would take a gigabyte at full size."""


class PaneLoader:
    """Loads photos into panes, and calls `shown` with the pane that shows another picture."""

    def __init__(
        self,
        jobs: Jobs,
        client: PhotoClient,
        thumbnail: ThumbnailFetcher,
        shown: Callable[[ComparePane], object],
    ) -> None:
        self._jobs, self._client, self._thumbnail, self._shown = jobs, client, thumbnail, shown
        self._pending_jobs: list[int] = []
        self._panes: dict[ComparePane, int] = {}  # those in use, with the file id of their photo
        self.sharpness: dict[int, float] = {}
        """By file id, of the photos that are loaded."""

    def load(self, pane: ComparePane, edge: int) -> None:
        """Load the photo of a pane, its longest side at least `edge` pixels, after its thumbnail."""
        photo = pane.photo
        self._panes[pane] = photo.file_id
        loading = partial(load_thumbnail, self._thumbnail, photo.photo_id)
        accept = partial(self._accept_thumbnail, pane, photo.file_id)
        self._pending_jobs.append(self._jobs.start(loading, accept, Priority.HIGH))
        self._request(pane, edge)

    def load_details(self, pane: ComparePane, zoom: float, *, is_many: bool) -> None:
        """Load a photo larger where the screen has more pixels for it than those that are loaded."""
        loaded = pane.loaded
        if loaded is None or pane.request is not None:
            return
        edge = math.ceil(zoom * max(loaded.size.width(), loaded.size.height()))
        if not loaded.is_sufficient(min(edge, _MAX_EDGE_OF_MANY) if is_many else edge):
            self._request(pane, _MAX_EDGE_OF_MANY if is_many else FULL_SIZE)

    def cancel(self, pane: ComparePane) -> None:
        """Load nothing more for a pane."""
        self._panes.pop(pane, None)
        self._client.cancel(pane.request)
        pane.request = None

    def clear(self) -> None:
        """Drop the thumbnails that are still loading, and forget the sharpness of all photos."""
        for job in self._pending_jobs:
            self._jobs.cancel(job)
        self._pending_jobs.clear()
        self.sharpness.clear()

    def _request(self, pane: ComparePane, edge: int) -> None:
        file_id = pane.photo.file_id
        accept = partial(self._accept_photo, pane, edge, file_id)
        pane.request = load_photo(
            self._client, pane.photo.path, edge, accept, measure=file_id not in self.sharpness
        )

    def _accept_thumbnail(
        self, pane: ComparePane, file_id: int, image: QImage | None, _: Exception | None
    ) -> None:
        if image is None or image.isNull() or pane.loaded is not None or self._panes.get(pane) != file_id:
            return
        pane.show_thumbnail(image)
        self._shown(pane)

    def _accept_photo(
        self,
        pane: ComparePane,
        edge: int,
        file_id: int,
        loaded: LoadedPhoto | None,
        error: Exception | None,
    ) -> None:
        if self._panes.get(pane) != file_id:
            return
        pane.request = None
        if loaded is None:
            if pane.loaded is not None:  # its details are not tried again
                pane.loaded = replace(pane.loaded, edge=edge)
            pane.canvas.show_message(str(error))
            return
        self.sharpness.setdefault(file_id, loaded.sharpness)
        previous = pane.show_loaded(loaded)
        self._shown(pane)
        free_images(self._jobs, [previous])
