"""Draws photos as a contact sheet in a PDF."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import IO

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter

from photosim.gui.base import formatting, images
from photosim.records import Photo

COLUMNS, ROWS = 4, 5
"""Photos on a page of A4."""

_DPI = 150
_MARGIN_MM, _GAP = 12.0, 14.0
_TITLE_HEIGHT, _FOOTER_HEIGHT, _CAPTION_HEIGHT = 60.0, 36.0, 46.0
_TITLE_POINTS, _CAPTION_POINTS = 15.0, 7.0
_TEXT, _QUIET = QColor(30, 30, 30), QColor(110, 110, 110)
_CENTER = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop

Thumbnails = Callable[[Sequence[int]], Mapping[int, bytes]]
"""Returns JPEG bytes by photo id."""


def write_pdf(
    stream: IO[bytes],
    title: str,
    photos: Sequence[Photo],
    thumbnails: Thumbnails,
    check_cancelled: Callable[[], None] = lambda: None,
) -> None:
    """Write the pages; safe in any thread. `check_cancelled` is called for each page and raises to end it."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setResolution(_DPI)
    page = QPageSize(QPageSize.PageSizeId.A4)
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(page, QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter)
    )
    count = COLUMNS * ROWS
    pages = [photos[start : start + count] for start in range(0, len(photos), count)]
    painter = QPainter(writer)
    try:
        for number, on_page in enumerate(pages, start=1):
            check_cancelled()
            if number > 1:
                writer.newPage()
            jpegs = thumbnails([photo.photo_id for photo in on_page])
            area = QRectF(0, 0, writer.width(), writer.height())
            _draw_page(
                painter,
                area,
                title,
                f"{number} / {len(pages)}",
                [(p, jpegs.get(p.photo_id)) for p in on_page],
            )
    finally:
        painter.end()
    stream.write(buffer.data().data())


def _draw_page(
    painter: QPainter, area: QRectF, title: str, footer: str, photos: Sequence[tuple[Photo, bytes | None]]
) -> None:
    _draw_text(painter, QRectF(area.left(), area.top(), area.width(), _TITLE_HEIGHT), title, _TITLE_POINTS)
    bottom = QRectF(area.left(), area.bottom() - _FOOTER_HEIGHT, area.width(), _FOOTER_HEIGHT)
    _draw_text(painter, bottom.adjusted(0, _FOOTER_HEIGHT / 3, 0, 0), footer, _CAPTION_POINTS, _QUIET)
    grid = area.adjusted(0, _TITLE_HEIGHT, 0, -_FOOTER_HEIGHT)
    width, height = grid.width() / COLUMNS, grid.height() / ROWS
    for place, (photo, jpeg) in enumerate(photos):
        row, column = divmod(place, COLUMNS)
        cell = QRectF(grid.left() + column * width, grid.top() + row * height, width, height)
        _draw_photo(painter, cell.adjusted(_GAP / 2, _GAP / 2, -_GAP / 2, -_GAP / 2), photo, jpeg)


def _draw_photo(painter: QPainter, cell: QRectF, photo: Photo, jpeg: bytes | None) -> None:
    frame = cell.adjusted(0, 0, 0, -_CAPTION_HEIGHT)
    image = QImage() if jpeg is None else images.image_from_jpeg(jpeg)
    bottom = frame.bottom()
    if not image.isNull():
        size = image.size().toSizeF().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(0, 0, size.width(), size.height())
        target.moveCenter(frame.center())
        painter.drawImage(target, image)
    caption = QRectF(cell.left(), bottom + _GAP / 2, cell.width(), _CAPTION_HEIGHT)
    _draw_text(painter, caption, formatting.display_name(PurePath(photo.path).name), _CAPTION_POINTS)
    if photo.facts.taken_at is not None:
        day = formatting.format_timestamp(photo.facts.taken_at)
        _draw_text(painter, caption.adjusted(0, _CAPTION_HEIGHT / 2.2, 0, 0), day, _CAPTION_POINTS, _QUIET)


def _draw_text(painter: QPainter, rect: QRectF, text: str, points: float, color: QColor = _TEXT) -> None:
    font = QFont(painter.font())
    font.setPointSizeF(points)
    painter.setFont(font)
    painter.setPen(color)
    metrics = QFontMetricsF(font, painter.device())
    painter.drawText(rect, _CENTER, metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, rect.width()))
