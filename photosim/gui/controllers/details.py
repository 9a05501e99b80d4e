"""Asks what a photo shows and writes it into its facts, in the panel and in the viewer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from photosim.gui.base import formatting
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.panels.detail import DetailPanel
from photosim.gui.state.places import Query
from photosim.gui.viewer.viewer import Viewer
from photosim.records import Label, Photo

if TYPE_CHECKING:
    from photosim.library.library import Library


class LabelFacts(QObject):
    """Follows the photo in question and the photo in the viewer."""

    def __init__(self, library: Library, jobs: Jobs, detail: DetailPanel, viewer: Viewer) -> None:
        super().__init__(detail)
        self._library, self._jobs, self._detail, self._viewer = library, jobs, detail, viewer
        self._asked: dict[QObject, int] = {}
        detail.facts.query_changed.connect(self._show_in_panel)
        viewer.photo_changed.connect(self._show_in_viewer)

    def _show_in_panel(self, query: Query | None) -> None:
        self._ask(self._detail, None if query is None else query.photo, self._detail.facts.show_labels)

    def _show_in_viewer(self, photo: Photo) -> None:
        self._ask(self._viewer, photo, self._viewer.show_labels)

    def _ask(self, who: QObject, photo: Photo | None, show: Callable[[str], None]) -> None:
        self._jobs.cancel(self._asked.pop(who, None))
        if photo is None:
            show("")
        else:
            work = partial(_labels_of, self._library, photo.photo_id)
            self._asked[who] = self._jobs.start(work, partial(_told, show), Priority.NORMAL)


def _labels_of(library: Library, photo_id: int, _: CancelToken) -> Sequence[Label]:
    return library.labels.labels_of(photo_id)


def _told(show: Callable[[str], None], labels: Sequence[Label] | None, _: Exception | None) -> None:
    show(formatting.format_labels(labels or ()))
