"""Photos dragged out of the window: as files, with a small pile of their thumbnails under the pointer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QDrag, QFont, QFontMetrics, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QWidget

from photosim.gui.base import formatting
from photosim.gui.services import external

_EDGE, _SHIFT, _SHEETS = 96, 7, 3  # logical pixels of a sheet, of its step aside, and how many are shown
_RADIUS = 5


def drag_files(source: QWidget, paths: Sequence[str], pictures: Sequence[QPixmap | None]) -> Qt.DropAction:
    """Let the person carry files to another program or folder; they are only ever copied."""
    carried = QDrag(source)
    carried.setMimeData(external.files_as_mime(paths))
    carried.setPixmap(drag_pixmap(pictures, len(paths), source))
    carried.setHotSpot(QPoint(_EDGE // 2, _EDGE // 2))
    return carried.exec(Qt.DropAction.CopyAction)


def drag_pixmap(pictures: Sequence[QPixmap | None], count: int, like: QWidget) -> QPixmap:
    """The first thumbnails on top of each other, the first on top, and how many there are."""
    ratio = like.devicePixelRatioF()
    shown = list(pictures[:_SHEETS])
    side = _EDGE + (len(shown) - 1) * _SHIFT + 2
    pixmap = QPixmap(QSize(side, side) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    for depth in range(len(shown) - 1, -1, -1):
        _paint_sheet(painter, QPointF(1 + depth * _SHIFT, 1 + depth * _SHIFT), shown[depth], like.palette())
    if count > 1:
        _paint_count(painter, formatting.format_number(count), like)
    painter.end()
    return pixmap


def _paint_sheet(painter: QPainter, at: QPointF, picture: QPixmap | None, palette: QPalette) -> None:
    area = QRectF(at.x(), at.y(), _EDGE, _EDGE)
    if picture is not None and not picture.isNull():
        size = picture.size().scaled(_EDGE, _EDGE, Qt.AspectRatioMode.KeepAspectRatio)
        fitted = QRectF(0, 0, size.width(), size.height())
        fitted.moveCenter(area.center())
        area = fitted
        painter.drawPixmap(area.toRect(), picture)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.brush(QPalette.ColorRole.AlternateBase))
        painter.drawRoundedRect(area, _RADIUS, _RADIUS)
    painter.setPen(QColor(0, 0, 0, 90))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(area, _RADIUS, _RADIUS)


def _paint_count(painter: QPainter, text: str, like: QWidget) -> None:
    font = QFont(like.font())
    font.setBold(True)
    painter.setFont(font)
    metrics = QFontMetrics(font)
    height = metrics.height() + 4
    plate = QRectF(0, 0, max(metrics.horizontalAdvance(text) + 12, height), height)
    plate.moveCenter(QPointF(_EDGE / 2 + 1, _EDGE / 2 + 1))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(like.palette().brush(QPalette.ColorRole.Highlight))
    painter.drawRoundedRect(plate, height / 2, height / 2)
    painter.setPen(like.palette().color(QPalette.ColorRole.HighlightedText))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
