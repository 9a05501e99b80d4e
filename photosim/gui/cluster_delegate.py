"""A cluster's tile: its cover on a pile, its name and how many photos it holds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtWidgets import QStyleOptionViewItem

from photosim.core.records import Cluster
from photosim.gui import words
from photosim.gui.photo_delegate import FOCUSED, HOVERED, SELECTED, Index, PhotoDelegate, tile_area
from photosim.gui.tile_marks import RADIUS, paint_ring
from photosim.gui.tile_model import Role, Tile, TileModel

_LEFT, _RIGHT = (
    (Qt.AlignmentFlag.AlignVCenter | side).value
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)


class ClusterDelegate(PhotoDelegate):
    """A cluster: its cover on a pile, and how many photos are in it."""

    _SHEETS = 2
    _SHIFT = 4  # logical pixels by which each sheet of the pile looks out at the top
    _TEXT = 26  # logical pixels for the line under the cover
    caption = _TEXT + _SHEETS * _SHIFT

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        state = option.state.value
        cover = tile_area(option.rect, self.caption).translated(0, self._SHEETS * self._SHIFT)
        self._paint_pile(painter, cover, option.palette, index)
        shown = self.paint_tile(painter, cover, index, option)
        if state & HOVERED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(255, 255, 255, 28))
            painter.drawRoundedRect(shown, RADIUS, RADIUS)
        if state & (SELECTED | FOCUSED):
            paint_ring(painter, shown, option.palette, selected=bool(state & SELECTED))
        painter.setFont(option.font)
        self._paint_caption(painter, self.caption_line(option), option, index)

    def paint_plain(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        tiles: TileModel,
        cells: Sequence[tuple[int, QRect]],
    ) -> None:
        """Paint the cells of these rows, one by one: there is more to a cluster than its cover."""
        for row, cell in cells:
            option.rect = cell
            self.paint(painter, option, Tile(tiles, row))

    def caption_line(self, option: QStyleOptionViewItem) -> QRect:
        """Where the line under the cover stands."""
        cover = tile_area(option.rect, self.caption).translated(0, self._SHEETS * self._SHIFT)
        return QRect(cover.left(), cover.bottom() + 3, cover.width(), self._TEXT)

    def _paint_caption(
        self, painter: QPainter, line: QRect, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """The name, or how many photos there are; beside a name only their number, which is never cut."""
        palette, count = option.palette, ""
        cluster: Cluster = index.data(Role.CLUSTER)
        name = cluster.title or str(index.data(Qt.ItemDataRole.DisplayRole))
        if cluster.title is not None:
            count = words.shown(index.data(Role.COUNT), cluster.size, words.number)
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(line, _RIGHT, count)
        text, room = _fitted_name(name, count, option.font.toString(), line.width())
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.drawText(QRect(line.left(), line.top(), room, line.height()), _LEFT, text)

    def _paint_pile(self, painter: QPainter, cover: QRect, palette: QPalette, index: Index) -> None:
        """The sheets behind the cover, drawn once for all clusters of this size; and only what it leaves to be seen."""
        above = self._SHEETS * self._SHIFT
        color, ratio = palette.color(QPalette.ColorRole.Mid), painter.device().devicePixelRatioF()
        key, pile = f"pile {cover.width()} {cover.height()} {color.rgba():x} {ratio}", QPixmap()
        if not QPixmapCache.find(key, pile):
            pile = QPixmap(QSize(cover.width(), cover.height() + above) * ratio)
            pile.setDevicePixelRatio(ratio)
            pile.fill(Qt.GlobalColor.transparent)
            self._draw_pile(pile, QRect(QPoint(0, above), cover.size()), color)
            QPixmapCache.insert(key, pile)
        tile = index.data(Role.TILE)
        hidden = isinstance(tile, QPixmap) and tile.size() == cover.size() * ratio
        height = above + RADIUS if hidden else cover.height() + above
        part = QRect(0, 0, pile.width(), round(height * ratio))
        painter.drawPixmap(cover.topLeft() - QPoint(0, above), pile, part)

    def _draw_pile(self, pile: QPixmap, cover: QRect, color: QColor) -> None:
        painter = QPainter(pile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for sheet in range(self._SHEETS, 0, -1):
            inset = sheet * self._SHIFT * 2
            color.setAlphaF(1.0 if sheet == 1 else 0.55)
            painter.setBrush(color)
            painter.drawRoundedRect(cover.adjusted(inset, -sheet * self._SHIFT, -inset, -20), RADIUS, RADIUS)
        painter.end()


@lru_cache(maxsize=512)
def _fitted_name(name: str, count: str, described: str, room: int) -> tuple[str, int]:
    """As much of a name as there is room for beside a number, and that room; measuring takes longer than painting."""
    font = QFont()
    font.fromString(described)
    metrics = QFontMetrics(font)
    room -= metrics.horizontalAdvance(f"{count}  ") if count else 0
    return metrics.elidedText(name, Qt.TextElideMode.ElideRight, room), room
