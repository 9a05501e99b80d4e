"""Dragging photos to other programs, as files."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QDrag, QFont, QFontMetrics, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QWidget

from photosim.gui.base import formatting, qt_paths

# Logical pixels
_THUMBNAIL_SIZE = 96
_OFFSET = 7
_DISTANCE = 14  # from the pointer to the thumbnail, which would cover the name of what it is dropped on
_RADIUS = 5

_MAX_THUMBNAILS = 3


def drag_files(source: QWidget, paths: Sequence[str], thumbnails: Sequence[QPixmap | None]) -> Qt.DropAction:
    """Start a drag of files that may only be copied; returns when the drag has ended."""
    drag = QDrag(source)
    drag.setMimeData(qt_paths.to_mime(paths))
    drag.setPixmap(drag_pixmap(thumbnails, len(paths), source))
    drag.setHotSpot(-QPoint(_DISTANCE, _DISTANCE))
    return drag.exec(Qt.DropAction.CopyAction)


def drag_pixmap(thumbnails: Sequence[QPixmap | None], count: int, widget: QWidget) -> QPixmap:
    """A stack of the first thumbnails with the number of files; `widget` gives the font and the palette."""
    ratio = widget.devicePixelRatioF()
    stacked = list(thumbnails[:_MAX_THUMBNAILS])
    side = _THUMBNAIL_SIZE + (len(stacked) - 1) * _OFFSET + 2
    pixmap = QPixmap(QSize(side, side) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    for depth in range(len(stacked) - 1, -1, -1):
        top_left = QPointF(1 + depth * _OFFSET, 1 + depth * _OFFSET)
        _paint_thumbnail(painter, top_left, stacked[depth], widget.palette())
    if count > 1:
        _paint_count(painter, formatting.format_number(count), widget)
    painter.end()
    return pixmap


def _paint_thumbnail(
    painter: QPainter, top_left: QPointF, thumbnail: QPixmap | None, palette: QPalette
) -> None:
    rect = QRectF(top_left.x(), top_left.y(), _THUMBNAIL_SIZE, _THUMBNAIL_SIZE)
    if thumbnail is not None and not thumbnail.isNull():
        size = thumbnail.size().scaled(rect.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        fitted = QRectF(0, 0, size.width(), size.height())
        fitted.moveCenter(rect.center())
        rect = fitted
        painter.drawPixmap(rect.toRect(), thumbnail)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.brush(QPalette.ColorRole.AlternateBase))
        painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
    painter.setPen(QColor(0, 0, 0, 90))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, _RADIUS, _RADIUS)


def _paint_count(painter: QPainter, text: str, widget: QWidget) -> None:
    font = QFont(widget.font())
    font.setBold(True)
    painter.setFont(font)
    metrics = QFontMetrics(font)
    height = metrics.height() + 4
    background = QRectF(0, 0, max(metrics.horizontalAdvance(text) + 12, height), height)
    background.moveCenter(QPointF(_THUMBNAIL_SIZE / 2 + 1, _THUMBNAIL_SIZE / 2 + 1))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(widget.palette().brush(QPalette.ColorRole.Highlight))
    painter.drawRoundedRect(background, height / 2, height / 2)
    painter.setPen(widget.palette().color(QPalette.ColorRole.HighlightedText))
    painter.drawText(background, Qt.AlignmentFlag.AlignCenter, text)
