"""A canvas that can be led by another one: both look at the same part of their pictures."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QResizeEvent

from photosim.gui.viewer.canvas import ImageCanvas


@dataclass(frozen=True, slots=True)
class ViewTransform:
    """What of a picture is seen, whatever its size: its longer side on the screen, and what is in the middle, 0..1.

    `fitted`: all of it.
    """

    fitted: bool
    extent: float
    x: float
    y: float


class CompareCanvas(ImageCanvas):
    """Tells when another part of its picture is seen."""

    moved = Signal(object)
    """This canvas."""

    _alone = False

    @property
    def standing(self) -> ViewTransform:
        """What is seen, in a form that another canvas can take."""
        width, height = max(self._full.width(), 1), max(self._full.height(), 1)
        extent = self._zoom * max(width, height)
        return ViewTransform(self._fitted, extent, self._centre.x() / width, self._centre.y() / height)

    def stand(self, standing: ViewTransform) -> None:
        """Show what another canvas shows."""
        if self._full.isEmpty():
            return
        if standing.fitted:
            self.fit()
            return
        width, height = self._full.width(), self._full.height()
        self._fitted = False
        self._zoom = standing.extent / max(width, height)
        self._centre = QPointF(standing.x * width, standing.y * height)
        self._hold()
        self._show_cursor()
        self.zoom_changed.emit(self._zoom)

    def pan(self, across: float, down: float) -> None:
        """Look further to the right and down, by parts of what is seen."""
        ratio = self.devicePixelRatioF() / self._zoom
        self._centre += QPointF(across * self.width() * ratio, down * self.height() * ratio)
        self._hold()

    def choose_region(self, on: bool) -> None:
        """Nothing is searched by here."""

    def _fit_zoom(self) -> float:
        """A small copy fills its room as the large one does: only so can they be compared."""
        if self._full.isEmpty() or self.width() < 2 or self.height() < 2:
            return 1.0
        ratio = self.devicePixelRatioF()
        return ratio * min(self.width() / self._full.width(), self.height() / self._full.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All of a picture is fitted into its own room: nobody needs to follow."""
        self._alone = self._fitted
        super().resizeEvent(event)
        self._alone = False

    def _hold(self) -> None:
        super()._hold()
        if not self._alone:
            self.moved.emit(self)
