"""Which part of the map is shown, and how large."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QSizeF

from photosim.gui.map.data import Rect

MARGIN = 0.06
"""Room around the whole map, of the size of the view."""

MAX_ZOOM = 4000.0
"""Largest scale, of that at which the whole map fits."""

_MIN_EXTENT = 0.02
"""A smaller map, of a few photos, is not shown larger."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A view of `size` pixels with the point `x`, `y` of the map in its middle, at `scale` pixels for the whole map.

    `fitted` is the scale at which the `bounds` of the map fit.
    """

    size: QSizeF
    bounds: Rect
    x: float = 0.5
    y: float = 0.5
    scale: float = 1.0
    fitted: float = 1.0

    @classmethod
    def fit(cls, size: QSizeF, bounds: Rect) -> Camera:
        """The camera that shows everything."""
        width = max(bounds.right - bounds.left, _MIN_EXTENT)
        height = max(bounds.bottom - bounds.top, _MIN_EXTENT)
        room = 1 - 2 * MARGIN
        scale = max(min(size.width() * room / width, size.height() * room / height), 1.0)
        x, y = (bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2
        return cls(size, bounds, x, y, scale, scale)

    @property
    def zoom(self) -> float:
        """The scale, of that at which everything fits."""
        return self.scale / self.fitted

    @property
    def is_fitted(self) -> bool:
        """Whether it shows everything."""
        return self == Camera.fit(self.size, self.bounds)

    @property
    def visible(self) -> Rect:
        """The part of the map that is shown."""
        width, height = self.size.width() / self.scale / 2, self.size.height() / self.scale / 2
        return Rect(self.x - width, self.y - height, self.x + width, self.y + height)

    def to_view(self, x: float, y: float) -> QPointF:
        """Return where a point of the map is shown."""
        return QPointF(
            (x - self.x) * self.scale + self.size.width() / 2,
            (y - self.y) * self.scale + self.size.height() / 2,
        )

    def to_map(self, point: QPointF) -> tuple[float, float]:
        """Return the point of the map that is shown at a point."""
        return (
            (point.x() - self.size.width() / 2) / self.scale + self.x,
            (point.y() - self.size.height() / 2) / self.scale + self.y,
        )

    def resized(self, size: QSizeF) -> Camera:
        """The camera of a view of another size: what fits still fits, else the middle stays."""
        fitted = Camera.fit(size, self.bounds)
        if self.is_fitted:
            return fitted
        return replace(self, size=size, fitted=fitted.scale)._limited()

    def zoomed(self, factor: float, at: QPointF | None = None) -> Camera:
        """The camera zoomed by a factor; what is shown `at` a point, by default in the middle, stays there."""
        at = QPointF(self.size.width() / 2, self.size.height() / 2) if at is None else at
        x, y = self.to_map(at)
        scale = min(max(self.scale * factor, self.fitted), self.fitted * MAX_ZOOM)
        part = 1 - self.scale / scale
        return replace(
            self, scale=scale, x=self.x + (x - self.x) * part, y=self.y + (y - self.y) * part
        )._limited()

    def moved(self, dx: float, dy: float) -> Camera:
        """The camera with its contents moved by pixels."""
        return replace(self, x=self.x - dx / self.scale, y=self.y - dy / self.scale)._limited()

    def centered(self, x: float, y: float) -> Camera:
        """The camera with a point of the map in the middle."""
        return replace(self, x=x, y=y)._limited()

    def showing(self, x: float, y: float, margin: float) -> Camera:
        """The camera moved as little as necessary for a point to be shown, at least `margin` pixels inside."""
        point = self.to_view(x, y)
        dx = min(max(point.x(), margin), self.size.width() - margin) - point.x()
        dy = min(max(point.y(), margin), self.size.height() - margin) - point.y()
        return self.moved(dx, dy) if dx or dy else self

    def _limited(self) -> Camera:
        """The camera whose middle is on the map."""
        x = min(max(self.x, self.bounds.left), self.bounds.right)
        y = min(max(self.y, self.bounds.top), self.bounds.bottom)
        return self if (x, y) == (self.x, self.y) else replace(self, x=x, y=y)
