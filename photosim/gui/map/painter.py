"""Paint the map: density, thumbnails, names of clusters, the selected photo, and an overview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget

from photosim.gui.base.images import TileStyle
from photosim.gui.map.data import Rows
from photosim.gui.map.scene import NAMES_UP_TO, OVERVIEW, MapScene
from photosim.gui.map.tiles import EDGE, TileKey, tiles_for

if TYPE_CHECKING:
    from photosim.gui.services.tiles.thumbnails import ThumbnailLoader

_MAX_NAMES = 40
_SMALL, _LARGE = 144, 256
"""Edges of the tiles that thumbnails are painted from, device pixels."""

_DIM = 0.2
"""Opacity of thumbnails that do not match the filter."""


class MapPainter:
    """Paints a scene on a widget, and requests what is missing."""

    def __init__(self, widget: QWidget, scene: MapScene, thumbnails: ThumbnailLoader) -> None:
        self._widget, self._scene, self._thumbnails = widget, scene, thumbnails

    def paint(self, painter: QPainter) -> None:
        """Paint everything but what the widget adds."""
        scene = self._scene
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_density(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows = scene.thumbnail_rows()
        self._paint_lines(painter)
        self._paint_thumbnails(painter, rows)
        if scene.camera.zoom <= NAMES_UP_TO:
            self._paint_names(painter, rows)
        self._paint_selected(painter, rows)
        self._paint_overview(painter)
        if scene.data.legend is not None:
            painter.setFont(self._widget.font())
            scene.data.legend.paint(painter, self._widget)

    def release(self) -> None:
        """Request no thumbnails any more, as the map is hidden."""
        self._thumbnails.request(self, [])

    def _paint_density(self, painter: QPainter) -> None:
        scene = self._scene
        keys = list(tiles_for(scene.camera.visible, scene.camera.scale * self._widget.devicePixelRatioF()))
        scene.tiles.request(keys)
        for key in keys:
            found = scene.tiles.image(key)
            if found is not None:
                painter.drawImage(scene.to_view(key.rect), *found)

    def _paint_lines(self, painter: QPainter) -> None:
        scene = self._scene
        if scene.selected is None or not len(scene.neighbours):
            return
        color = self._widget.palette().color(QPalette.ColorRole.Highlight)
        start = scene.point(scene.selected)
        painter.setPen(QPen(color, 1.6))
        painter.setBrush(color)
        for row in scene.neighbours.tolist():
            end = scene.point(row)
            painter.drawLine(start, end)
            painter.drawEllipse(end, 3.5, 3.5)

    def _paint_thumbnails(self, painter: QPainter, rows: Rows) -> None:
        scene = self._scene
        edge = scene.edge()
        style = TileStyle.square(_LARGE if edge * self._widget.devicePixelRatioF() > _SMALL else _SMALL)
        photo_ids = scene.data.photo_ids[rows].tolist()
        self._thumbnails.request(self, [(photo_id, style) for photo_id in photo_ids])
        back = self._widget.palette().color(QPalette.ColorRole.Base)
        for row, photo_id in zip(rows.tolist(), photo_ids, strict=True):
            area = scene.square(row)
            pixmap = self._thumbnails.pixmap(photo_id, style)
            is_dim = scene.matching is not None and not scene.matching[row]
            painter.setOpacity(_DIM if is_dim else 1)
            painter.fillRect(area.adjusted(-1.5, -1.5, 1.5, 1.5), back)
            if pixmap is not None:
                painter.drawPixmap(area, pixmap, QRectF(pixmap.rect()))
            else:
                painter.fillRect(area, self._widget.palette().color(QPalette.ColorRole.Midlight))
        painter.setOpacity(1)

    def _paint_names(self, painter: QPainter, rows: Rows) -> None:
        """Write the names of the largest clusters that are shown, below their covers, where they do not overlap."""
        scene = self._scene
        font = QFont(self._widget.font())
        font.setBold(True)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        back, text = (
            self._widget.palette().color(role) for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Text)
        )
        back.setAlpha(210)
        shown = set(rows.tolist())
        below = scene.edge() / 2 + 2
        taken = [scene.square(row) for row in rows.tolist()]
        overview, legend = scene.overview_area(), scene.data.legend
        taken += [] if overview is None else [overview]
        taken += [] if legend is None else [legend.area(self._widget)]
        written = 0
        area = QRectF(self._widget.rect())
        for cluster in scene.named():
            point = scene.point(cluster.row)
            width, height = metrics.horizontalAdvance(cluster.title) + 10, metrics.height() + 2
            top = point.y() + (below if cluster.row in shown else -height / 2)
            box = QRectF(point.x() - width / 2, top, width, height)
            if not area.contains(box) or any(box.intersects(other) for other in taken):
                continue
            taken.append(box)
            written += 1
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(back)
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(text)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, cluster.title)
            if written == _MAX_NAMES:
                break

    def _paint_selected(self, painter: QPainter, rows: Rows) -> None:
        scene = self._scene
        if scene.selected is None:
            return
        color = self._widget.palette().color(QPalette.ColorRole.Highlight)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, 3))
        if scene.selected in rows.tolist():
            painter.drawRect(scene.square(scene.selected).adjusted(-2, -2, 2, 2))
        else:
            painter.drawEllipse(scene.point(scene.selected), 8, 8)

    def _paint_overview(self, painter: QPainter) -> None:
        scene = self._scene
        area = scene.overview_area()
        found = scene.tiles.image(TileKey(0, 0, 0))
        if area is None or found is None:
            return
        back = self._widget.palette().color(QPalette.ColorRole.Window)
        back.setAlpha(230)
        painter.setPen(QPen(self._widget.palette().color(QPalette.ColorRole.Dark), 1))
        painter.setBrush(back)
        painter.drawRect(area)
        painter.drawImage(area, found[0], QRectF(0, 0, EDGE, EDGE))
        left, top, right, bottom = scene.camera.visible
        shown = QRectF(
            area.left() + left * OVERVIEW,
            area.top() + top * OVERVIEW,
            (right - left) * OVERVIEW,
            (bottom - top) * OVERVIEW,
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._widget.palette().color(QPalette.ColorRole.Highlight), 1.5))
        painter.drawRect(shown.intersected(area))
