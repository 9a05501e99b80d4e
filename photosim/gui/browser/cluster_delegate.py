"""A cluster's tile: its cover on a pile, its name and how many photos it holds."""

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


class ClusterDelegate(PhotoDelegate):
    """A cluster: its cover on a pile, and how many photos are in it."""

    _SHEETS = 2
    _SHIFT = 4  # logical pixels by which each sheet of the pile looks out at the top
    _TEXT = 26  # logical pixels for the line under the cover
    caption_height = _TEXT + _SHEETS * _SHIFT

    _stack_cache: tuple[tuple[int, int, float, int], QPixmap] | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        state, palette, ratio = option.state.value, option.palette, painter.device().devicePixelRatio()
        shown = self._paint_cover(painter, self._cover_rect(option.rect), content_of(index), palette, ratio)
        if state & HOVERED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(255, 255, 255, 28))
            painter.drawRoundedRect(shown, RADIUS, RADIUS)
        if state & (SELECTED | FOCUSED):
            paint_ring(painter, shown, palette, selected=bool(state & SELECTED))
        _paint_captions(painter, option, [(self.caption_rect(option.rect), index.data(Role.CAPTION))])

    def paint_tiles(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        tiles: TileModel,
        cells: Sequence[tuple[int, QRect]],
    ) -> None:
        """Paint the cells of these rows, which are neither selected nor under the pointer, nor have the keyboard."""
        ratio, palette = painter.device().devicePixelRatio(), option.palette
        for (_, cell), face in zip(cells, tiles.tile_contents(row for row, _ in cells), strict=True):
            self._paint_cover(painter, self._cover_rect(cell), face, palette, ratio)
        caption = int(Role.CAPTION)
        _paint_captions(
            painter, option, [(self.caption_rect(cell), tiles.value(row, caption)) for row, cell in cells]
        )

    def caption_rect(self, cell: QRect) -> QRect:
        """Where the line under the cover stands."""
        cover = self._cover_rect(cell)
        return QRect(cover.left(), cover.bottom() + 3, cover.width(), self._TEXT)

    def _cover_rect(self, cell: QRect) -> QRect:
        return tile_rect(cell, self.caption_height).translated(0, self._SHEETS * self._SHIFT)

    def _paint_cover(
        self, painter: QPainter, cover: QRect, face: TileContent, palette: QPalette, ratio: float
    ) -> QRect:
        """The cover on its pile, of which only what it leaves to be seen is painted."""
        above, pile = self._SHEETS * self._SHIFT, self._stack(cover.size(), palette, ratio)
        hidden = face.pixmap is not None and face.pixmap.size() == cover.size() * ratio
        height = above + RADIUS if hidden else cover.height() + above
        part = QRect(0, 0, pile.width(), round(height * ratio))
        painter.drawPixmap(QPoint(cover.x(), cover.y() - above), pile, part)
        return self._paint_content(painter, cover, face, palette, ratio)

    def _stack(self, size: QSize, palette: QPalette, ratio: float) -> QPixmap:
        """The sheets behind a cover of this size; kept, because all clusters of a screen have the same."""
        color, above = palette.color(QPalette.ColorRole.Mid), self._SHEETS * self._SHIFT
        key = size.width(), size.height(), ratio, color.rgba()
        if self._stack_cache is None or self._stack_cache[0] != key:
            pile = QPixmap(QSize(size.width(), size.height() + above) * ratio)
            pile.setDevicePixelRatio(ratio)
            pile.fill(Qt.GlobalColor.transparent)
            self._paint_stack(pile, QRect(QPoint(0, above), size), color)
            self._stack_cache = key, pile
        return self._stack_cache[1]

    def _paint_stack(self, pile: QPixmap, cover: QRect, color: QColor) -> None:
        painter = QPainter(pile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for sheet in range(self._SHEETS, 0, -1):
            inset = sheet * self._SHIFT * 2
            color.setAlphaF(1.0 if sheet == 1 else 0.55)
            painter.setBrush(color)
            painter.drawRoundedRect(cover.adjusted(inset, -sheet * self._SHIFT, -inset, -20), RADIUS, RADIUS)
        painter.end()


def _paint_captions(
    painter: QPainter, option: QStyleOptionViewItem, lines: Sequence[tuple[QRect, Caption]]
) -> None:
    """The captions, each in its line: a name is cut where the number beside it begins, which is never cut."""
    font, palette = option.font, option.palette
    painter.setFont(font)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    for line, caption in lines:
        if caption.count_text:
            painter.drawText(line, _RIGHT, caption.count_text)
    painter.setPen(palette.color(QPalette.ColorRole.Text))
    described = font.toString()
    for line, caption in lines:
        text, room = _elided_name(caption.name, caption.count_text, described, line.width())
        painter.drawText(QRect(line.x(), line.y(), room, line.height()), _LEFT, text)


@lru_cache(maxsize=512)
def _elided_name(name: str, count: str, described: str, room: int) -> tuple[str, int]:
    """As much of a name as there is room for beside a number, and that room; measuring takes longer than painting."""
    font = QFont()
    font.fromString(described)
    metrics = QFontMetrics(font)
    room -= metrics.horizontalAdvance(f"{count}  ") if count else 0
    return metrics.elidedText(name, Qt.TextElideMode.ElideRight, room), room
