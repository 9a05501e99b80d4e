"""The delegate that paints clusters: the cover on a stack of sheets, with the name and the count below."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QStyleOptionViewItem

from photosim.gui.grid.badges import RADIUS, paint_ring
from photosim.gui.grid.delegate import FOCUSED, HOVERED, SELECTED, Index, PhotoDelegate, tile_rect
from photosim.gui.grid.tile_model import Caption, Role, TileContent, TileModel, content_of

_LEFT, _RIGHT = (
    (Qt.AlignmentFlag.AlignVCenter | side).value
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)

_SHEETS = 2
_SHEET_OFFSET = 4  # logical pixels by which each sheet rises above the one before it
_STACK_HEIGHT = _SHEETS * _SHEET_OFFSET
_CAPTION_HEIGHT = 26  # logical pixels
_HOVER_COLOR = QColor(255, 255, 255, 28)


class ClusterDelegate(PhotoDelegate):
    """Paints the cover of a cluster, the stack behind it, and its caption."""

    caption_height = _CAPTION_HEIGHT + _STACK_HEIGHT

    _stack_cache: tuple[tuple[int, int, float, int], QPixmap] | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        state, palette, ratio = option.state.value, option.palette, painter.device().devicePixelRatio()
        rect = self._paint_cover(painter, self._cover_rect(option.rect), content_of(index), palette, ratio)
        if state & HOVERED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_HOVER_COLOR)
            painter.drawRoundedRect(rect, RADIUS, RADIUS)
        if state & (SELECTED | FOCUSED):
            paint_ring(painter, rect, palette, selected=bool(state & SELECTED))
        _paint_captions(painter, option, [(self.caption_rect(option.rect), index.data(Role.CAPTION))])

    def paint_tiles(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        model: TileModel,
        cells: Sequence[tuple[int, QRect]],
    ) -> None:
        ratio, palette = painter.device().devicePixelRatio(), option.palette
        contents = model.tile_contents(row for row, _ in cells)
        for (_, cell), content in zip(cells, contents, strict=True):
            self._paint_cover(painter, self._cover_rect(cell), content, palette, ratio)
        role = int(Role.CAPTION)
        captions = [(self.caption_rect(cell), model.value(row, role)) for row, cell in cells]
        _paint_captions(painter, option, captions)

    def caption_rect(self, cell: QRect) -> QRect:
        """The rectangle of the caption in a cell."""
        cover = self._cover_rect(cell)
        return QRect(cover.left(), cover.bottom() + 3, cover.width(), _CAPTION_HEIGHT)

    def _cover_rect(self, cell: QRect) -> QRect:
        return tile_rect(cell, self.caption_height).translated(0, _STACK_HEIGHT)

    def _paint_cover(
        self, painter: QPainter, cover: QRect, content: TileContent, palette: QPalette, ratio: float
    ) -> QRect:
        """Paint the cover, and as much of the stack as it leaves visible."""
        stack = self._stack(cover.size(), palette, ratio)
        is_covered = content.pixmap is not None and content.pixmap.size() == cover.size() * ratio
        height = _STACK_HEIGHT + (RADIUS if is_covered else cover.height())
        source = QRect(0, 0, stack.width(), round(height * ratio))
        painter.drawPixmap(QPoint(cover.x(), cover.y() - _STACK_HEIGHT), stack, source)
        return self._paint_content(painter, cover, content, palette, ratio)

    def _stack(self, size: QSize, palette: QPalette, ratio: float) -> QPixmap:
        """The sheets behind a cover of this size; cached, as all visible clusters have the same."""
        color = palette.color(QPalette.ColorRole.Mid)
        key = size.width(), size.height(), ratio, color.rgba()
        if self._stack_cache is None or self._stack_cache[0] != key:
            pixmap = QPixmap(QSize(size.width(), size.height() + _STACK_HEIGHT) * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            _paint_sheets(pixmap, QRect(QPoint(0, _STACK_HEIGHT), size), color)
            self._stack_cache = key, pixmap
        return self._stack_cache[1]


def _paint_sheets(pixmap: QPixmap, cover: QRect, color: QColor) -> None:
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for sheet in range(_SHEETS, 0, -1):
        inset, rise = sheet * _SHEET_OFFSET * 2, sheet * _SHEET_OFFSET
        color.setAlphaF(1.0 if sheet == 1 else 0.55)
        painter.setBrush(color)
        painter.drawRoundedRect(cover.adjusted(inset, -rise, -inset, -20), RADIUS, RADIUS)
    painter.end()


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
