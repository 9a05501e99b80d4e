"""Controller for the reasons why two compared photos are similar."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject

from photosim.gui.base import formatting
from photosim.gui.base.heat_map import HeatMap, heat_map
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.viewer.compare import CompareView
from photosim.imaging.color_names import ColorName
from photosim.records import Photo
from photosim.workers.photo_results import Explanation

if TYPE_CHECKING:
    from photosim.library.library import Library

_Pair = tuple[Photo, Photo]


class _Reasons(NamedTuple):
    maps: Sequence[HeatMap]
    labels: Sequence[str]


class WhyController(QObject):
    """Asks the photo worker where two photos are similar, and shows it with what both have in common."""

    def __init__(self, library: Library, jobs: Jobs, client: PhotoClient, view: CompareView) -> None:
        super().__init__(view)
        self._library, self._jobs, self._client, self._view = library, jobs, client, view
        self._request: int | None = None
        self._job: int | None = None
        view.explanation_wanted.connect(self._explain)
        view.closed.connect(self._cancel)

    def _explain(self, first: Photo, second: Photo) -> None:
        self._cancel()
        pair = (first, second)
        self._view.show_explanation(pair, (), tr("Finding out why they are similar…"))
        done = partial(self._accept, pair)
        self._request = self._client.explain(self._library.model.id, first.path, second.path, done)

    def _accept(self, pair: _Pair, explanation: Explanation | None, error: Exception | None) -> None:
        self._request = None
        if explanation is None:
            self._view.show_explanation(pair, (), str(error))
            return
        work = partial(_find_reasons, self._library, pair, explanation)
        self._job = self._jobs.start(work, partial(self._show, pair, explanation), Priority.HIGH)

    def _show(
        self, pair: _Pair, explanation: Explanation, reasons: _Reasons | None, error: Exception | None
    ) -> None:
        if reasons is None:
            self._view.show_explanation(pair, (), str(error))
        else:
            images = [heat.image for heat in reasons.maps]
            self._view.show_explanation(pair, images, explanation_text(explanation, *reasons))

    def _cancel(self) -> None:
        self._client.cancel(self._request)
        self._jobs.cancel(self._job)
        self._request = self._job = None


def explanation_text(explanation: Explanation, maps: Sequence[HeatMap], labels: Sequence[str]) -> str:
    """Return the reasons in words."""
    shares = [
        formatting.format_percent(min(heat.share * told, 1.0))
        for heat, told in zip(maps, explanation.told, strict=True)
    ]
    text = tr("The marked places make up {first} and {second} of the similarity.")
    sentences = [text.format(first=shares[0], second=shares[1])]
    if labels:
        sentences.append(tr("Both show: {labels}.").format(labels=", ".join(labels)))
    names = color_names()
    if colors := [names[color] for color in explanation.colors if color in names]:
        sentences.append(tr("Colors in both: {colors}.").format(colors=", ".join(colors)))
    return " ".join(sentences)


def color_names() -> dict[str, str]:
    """Return the basic colors by what the photo worker calls them."""
    return {
        ColorName.BLACK: tr("black"),
        ColorName.GREY: tr("gray"),
        ColorName.WHITE: tr("white"),
        ColorName.RED: tr("red"),
        ColorName.ORANGE: tr("orange"),
        ColorName.YELLOW: tr("yellow"),
        ColorName.GREEN: tr("green"),
        ColorName.BLUE: tr("blue"),
        ColorName.PURPLE: tr("purple"),
        ColorName.PINK: tr("pink"),
        ColorName.BROWN: tr("brown"),
    }


def _find_reasons(library: Library, pair: _Pair, explanation: Explanation, cancel: CancelToken) -> _Reasons:
    maps = [heat_map(cells) for cells in explanation.maps]
    cancel.check()
    first, second = ([label.name for label in library.labels.labels_of(photo.photo_id)] for photo in pair)
    return _Reasons(maps, [name for name in first if name in second])
