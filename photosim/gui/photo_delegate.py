"""How a tile looks: painted from the model's roles and the option's palette alone."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QLinearGradient,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from photosim.core.records import Cluster
from photosim.gui import theme, words
from photosim.gui.tile_model import Role, Tile

RADIUS = 6
"""Corner radius of a tile in logical pixels."""

FRAME = 4
"""Logical pixels around a tile inside its cell: the ring of a selected tile is painted there."""

_RING = 3
_NAMED_FROM = 110
"""Tiles at least this wide show the file's name under the pointer; narrower ones have no room for it."""

_MARK = 18  # logical pixels of the mark of a missing file
_SCRIM = 34  # logical pixels of shade under the name

Index = QModelIndex | QPersistentModelIndex | Tile
"""What is asked for roles."""

_SELECTED, _FOCUSED, _HOVERED = (
    flag.value
    for flag in (
        QStyle.StateFlag.State_Selected,
        QStyle.StateFlag.State_HasFocus,
        QStyle.StateFlag.State_MouseOver,
    )
)
"""As plain numbers: Python's flags take their time, and a frame asks some hundred times."""


_LEFT, _RIGHT = (
    (Qt.AlignmentFlag.AlignVCenter | side).value
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)


class PhotoDelegate(QStyledItemDelegate):
    """A photo: the tile, a ring when it is selected, and its name while the pointer is on it."""

    caption = 0
    """Height under the tile, in logical pixels."""

    _kept: tuple[tuple[int, int, float, int], QPixmap] | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        state = option.state.value
        shown = self.paint_tile(painter, tile_area(option.rect, self.caption), index, option)
        if state & _HOVERED:
            self._paint_name(painter, shown, option, index)
        if state & (_SELECTED | _FOCUSED):
            paint_ring(painter, shown, option.palette, selected=bool(state & _SELECTED))

    def paint_tile(self, painter: QPainter, area: QRect, index: Index, option: QStyleOptionViewItem) -> QRect:
        """Paint the tile, or its quiet ground while it is on its way; returns what the photo covers."""
        pixmap = index.data(Role.TILE)
        if not isinstance(pixmap, QPixmap):
            painter.drawPixmap(area.topLeft(), self._ground(area.size(), painter, option.palette))
            if index.data(Role.MISSING):
                _paint_missing(painter, area, option.palette)
            return area
        size, ratio = pixmap.size(), painter.device().devicePixelRatio()
        exact = size == area.size() * ratio
        target = area if exact else fitted(size, area)
        exact = exact or size == target.size() * ratio
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact)
        painter.drawPixmap(target, pixmap)
        if badge := index.data(Role.BADGE):
            _paint_badge(painter, target, badge)
        if index.data(Role.GONE):
            _paint_gone(painter, target, option.palette)
        elif index.data(Role.AWAY):
            _mark_away(painter, target)
        return target

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """The cell as the grid made it."""
        return option.rect.size()

    def _ground(self, size: QSize, painter: QPainter, palette: QPalette) -> QPixmap:
        """The ground of a tile on its way; kept, because a screen of them is painted at every step of the bar."""
        ratio, color = painter.device().devicePixelRatio(), palette.color(QPalette.ColorRole.AlternateBase)
        key = size.width(), size.height(), ratio, color.rgba()
        if self._kept is None or self._kept[0] != key:
            pixmap = QPixmap(size * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            drawing = QPainter(pixmap)
            drawing.setRenderHint(QPainter.RenderHint.Antialiasing)
            drawing.setPen(Qt.PenStyle.NoPen)
            drawing.setBrush(color)
            drawing.drawRoundedRect(QRect(QPoint(), size), RADIUS, RADIUS)
            drawing.end()
            self._kept = key, pixmap
        return self._kept[1]

    def _paint_name(self, painter: QPainter, area: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        if area.width() < _NAMED_FROM or area.height() < _NAMED_FROM:
            return
        strip = QRect(area.left(), area.bottom() + 1 - _SCRIM, area.width(), _SCRIM)
        shade = QLinearGradient(QPointF(strip.topLeft()), QPointF(strip.bottomLeft()))
        shade.setColorAt(0, QColor(0, 0, 0, 0))
        shade.setColorAt(1, QColor(0, 0, 0, 190))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(strip)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawRoundedRect(area, RADIUS, RADIUS)
        painter.setPen(QColor(255, 255, 255))
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * 0.88)
        painter.setFont(font)
        room = strip.adjusted(8, 8, -8, -5)
        name = str(index.data(Qt.ItemDataRole.DisplayRole))
        text = QFontMetrics(font).elidedText(name, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()


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
        if state & _HOVERED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(255, 255, 255, 28))
            painter.drawRoundedRect(shown, RADIUS, RADIUS)
        if state & (_SELECTED | _FOCUSED):
            paint_ring(painter, shown, option.palette, selected=bool(state & _SELECTED))
        painter.setFont(option.font)
        self._paint_caption(painter, self.caption_line(option), option, index)

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


# --- the parts of a tile -------------------------------------------------------------------------------------


def tile_area(cell: QRect, caption: int) -> QRect:
    """Where the tile stands in its cell."""
    return cell.adjusted(FRAME, FRAME, -FRAME, -FRAME - caption)


@lru_cache(maxsize=512)
def _fitted_name(name: str, count: str, described: str, room: int) -> tuple[str, int]:
    """As much of a name as there is room for beside a number, and that room; measuring takes longer than painting."""
    font = QFont()
    font.fromString(described)
    metrics = QFontMetrics(font)
    room -= metrics.horizontalAdvance(f"{count}  ") if count else 0
    return metrics.elidedText(name, Qt.TextElideMode.ElideRight, room), room


def fitted(size: QSize, area: QRect) -> QRect:
    """The largest rectangle with the proportions of `size` in the middle of `area`."""
    scaled = size.scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    rect = QRect(area.topLeft(), scaled)
    rect.moveCenter(area.center())
    return rect


def paint_ring(painter: QPainter, area: QRect, palette: QPalette, *, selected: bool) -> None:
    """The ring around a selected tile, thinner around one that only has the keyboard's focus."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width = _RING if selected else 1.5
    color = palette_accent(palette, selected)
    painter.setPen(QPen(color, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    grown = 1 + width / 2
    painter.drawRoundedRect(
        QRectF(area).adjusted(-grown, -grown, grown, grown), RADIUS + grown, RADIUS + grown
    )


def palette_accent(palette: QPalette, strong: bool) -> QColor:
    """The colour of rings: the accent, or quiet text where the ring only marks the keyboard's place."""
    return palette.color(QPalette.ColorRole.Highlight if strong else QPalette.ColorRole.PlaceholderText)


def _paint_badge(painter: QPainter, area: QRect, text: str) -> None:
    """A word on a dark plate in the upper right corner, where there is room for it."""
    if area.width() < _NAMED_FROM:
        return
    ratio = painter.device().devicePixelRatio()
    plate = _badge(text, painter.font().toString(), ratio)
    left = area.right() + 1 - 5 - round(plate.width() / ratio)
    painter.drawImage(QPoint(left, area.top() + 6), plate)


@lru_cache(maxsize=256)
def _badge(text: str, described: str, ratio: float) -> QImage:
    """The plate with its word, in a smaller kind of the font that is described."""
    font = QFont()
    font.fromString(described)
    font.setPointSizeF(max(font.pointSizeF() * 0.72, 1))
    font.setBold(True)
    room = QFontMetrics(font).boundingRect(text)
    size = QSize(room.width() + 10, room.height() + 4)
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    plate = QRect(QPoint(), size)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 165))
    painter.drawRoundedRect(plate, 4, 4)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return image


def _paint_gone(painter: QPainter, area: QRect, palette: QPalette) -> None:
    """A veil over the picture and a mark in its corner: the thumbnail is here, the file is not."""
    veil = palette.color(QPalette.ColorRole.Base)
    veil.setAlphaF(0.45)
    painter.fillRect(area, veil)
    _mark_away(painter, area)


def _mark_away(painter: QPainter, area: QRect) -> None:
    """A mark in the corner of the picture: the file cannot be reached."""
    edge = max(12, min(_MARK, area.width() // 4))
    painter.drawImage(area.topLeft() + QPoint(5, 5), _away(edge, painter.device().devicePixelRatioF()))


@lru_cache(maxsize=16)
def _away(edge: int, ratio: float) -> QImage:
    """The mark on its dark plate; kept, because all photos of an offline folder bear it."""
    side = edge + 8
    image = QImage(QSize(side, side) * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 165))
    painter.drawRoundedRect(QRect(0, 0, side, side), RADIUS, RADIUS)
    painter.drawPixmap(4, 4, theme.glyph_pixmap("folder-away", QColor(255, 255, 255), edge, ratio))
    painter.end()
    return image


def _paint_missing(painter: QPainter, area: QRect, palette: QPalette) -> None:
    """A small crossed frame: there is no picture to wait for."""
    side = min(28, area.width() // 3)
    mark = QRectF(0, 0, side, side * 0.8)
    mark.moveCenter(QRectF(area).center())
    painter.setPen(QPen(palette.color(QPalette.ColorRole.PlaceholderText), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(mark, 3, 3)
    painter.drawLine(mark.bottomLeft(), mark.topRight())
