"""The delegates that paint clusters and events: the cover, with the name and the count below, and days of events."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyleOptionViewItem

from photosim.gui.browser.mosaic import mosaic
from photosim.gui.grid.badges import RADIUS, paint_missing_file, paint_offline_badge, paint_ring
from photosim.gui.grid.delegate import FOCUSED, HOVERED, SELECTED, Index, PhotoDelegate, tile_rect
from photosim.gui.grid.tile_model import Caption, Role, TileContent, TileModel, content_of

_LEFT, _RIGHT = (
    (Qt.AlignmentFlag.AlignVCenter | side).value
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)

# Logical pixels
_CAPTION_HEIGHT = 26
_DETAIL_HEIGHT, _DETAIL_OFFSET = 22, 19
_HOVER_COLOR = QColor(255, 255, 255, 28)


class ClusterDelegate(PhotoDelegate):
    """Paints the cover of a cluster, a mosaic of up to four photos, and its caption."""

    caption_height = _CAPTION_HEIGHT

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        state, palette, ratio = option.state.value, option.palette, painter.device().devicePixelRatio()
        rect = tile_rect(option.rect, self.caption_height)
        self._paint_cover(painter, rect, content_of(index), index.data(Role.COVER), palette, ratio)
        if state & HOVERED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_HOVER_COLOR)
            painter.drawRoundedRect(rect, RADIUS, RADIUS)
        if state & (SELECTED | FOCUSED):
            paint_ring(painter, rect, palette, selected=bool(state & SELECTED))
        self._paint_captions(painter, option, [(self.caption_rect(option.rect), index.data(Role.CAPTION))])

    def paint_tiles(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        model: TileModel,
        cells: Sequence[tuple[int, QRect]],
    ) -> None:
        ratio, palette = painter.device().devicePixelRatio(), option.palette
        contents = model.tile_contents(row for row, _ in cells)
        cover_role, caption_role = int(Role.COVER), int(Role.CAPTION)
        for (row, cell), content in zip(cells, contents, strict=True):
            rect = tile_rect(cell, self.caption_height)
            self._paint_cover(painter, rect, content, model.value(row, cover_role), palette, ratio)
        captions = [(self.caption_rect(cell), model.value(row, caption_role)) for row, cell in cells]
        self._paint_captions(painter, option, captions)

    def caption_rect(self, cell: QRect) -> QRect:
        """The rectangle of the caption in a cell."""
        cover = tile_rect(cell, self.caption_height)
        return QRect(cover.left(), cover.bottom() + 3, cover.width(), _CAPTION_HEIGHT)

    def _paint_captions(
        self, painter: QPainter, option: QStyleOptionViewItem, captions: Sequence[tuple[QRect, Caption]]
    ) -> None:
        _paint_captions(painter, option, captions)

    def _paint_cover(
        self,
        painter: QPainter,
        rect: QRect,
        content: TileContent,
        photos: Sequence[TileContent],
        palette: QPalette,
        ratio: float,
    ) -> None:
        """Paint one photo, or the mosaic of several with the marks of the first one."""
        if len(photos) < 2:
            self._paint_content(painter, rect, content, palette, ratio)
            return
        parts = mosaic(len(photos), rect.width(), rect.height())
        for photo, (x, y, width, height) in zip(photos, parts, strict=True):
            part = QRect(rect.x() + x, rect.y() + y, width, height)
            self._paint_content(painter, part, photo, palette, ratio)
        if content.missing:
            paint_missing_file(painter, rect, palette, ratio)
        elif content.offline:
            paint_offline_badge(painter, rect, ratio)


class EventDelegate(ClusterDelegate):
    """Paints the days of an event below its name."""

    caption_height = _CAPTION_HEIGHT + _DETAIL_HEIGHT

    def _paint_captions(
        self, painter: QPainter, option: QStyleOptionViewItem, captions: Sequence[tuple[QRect, Caption]]
    ) -> None:
        super()._paint_captions(painter, option, captions)
        painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
        font_key = option.font.toString()
        for rect, caption in captions:
            days, _ = _elide_name(caption.detail, "", font_key, rect.width())
            painter.drawText(rect.translated(0, _DETAIL_OFFSET), _LEFT, days)


def _paint_captions(
    painter: QPainter, option: QStyleOptionViewItem, captions: Sequence[tuple[QRect, Caption]]
) -> None:
    """Paint captions; a name is elided where its count begins, which is never cut."""
    font, palette = option.font, option.palette
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    for rect, caption in captions:
        if caption.count_text:
            painter.drawText(rect, _RIGHT, caption.count_text)
    painter.setPen(palette.color(QPalette.ColorRole.Text))
    font_key = font.toString()
    for rect, caption in captions:
        name, width = _elide_name(caption.name, caption.count_text, font_key, rect.width())
        painter.drawText(QRect(rect.x(), rect.y(), width, rect.height()), _LEFT, name)


@lru_cache(maxsize=512)
def _elide_name(name: str, count_text: str, font_key: str, width: int) -> tuple[str, int]:
    """The name elided to the width beside the count, and that width; cached, as measuring is slow."""
    font = QFont()
    font.fromString(font_key)
    metrics = QFontMetrics(font)
    width -= metrics.horizontalAdvance(f"{count_text}  ") if count_text else 0
    return metrics.elidedText(name, Qt.TextElideMode.ElideRight, width), width
