"""Lists that request the thumbnails of the rows that they show."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPalette, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from photosim.gui.base.images import TileStyle
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.services.tiles.tile_queue import Key

Index = QModelIndex | QPersistentModelIndex

_RADIUS = 4  # of tiles, in logical pixels


class ThumbnailList(QListView):
    """Calls `request_thumbnails` once in a turn in which what it shows may have changed, while it is visible."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self._request_timer = QTimer(self, interval=0, singleShot=True)
        self._request_timer.timeout.connect(self._request)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(self._schedule_request)

    def request_thumbnails(self) -> None:
        """Request the thumbnails of the visible rows."""
        raise NotImplementedError

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if model is not None:
            for changed in (model.modelReset, model.rowsInserted, model.rowsRemoved, model.dataChanged):
                changed.connect(self._schedule_request)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._request_timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._request_timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._thumbnails.request(self, ())

    def _schedule_request(self, *_: object) -> None:
        self._request_timer.start()

    def _request(self) -> None:
        if self.isVisible():
            self.request_thumbnails()


class ThumbnailRows(ThumbnailList):
    """Rows of the same height with some tiles each; their tiles are loaded together with those just out of sight."""

    def __init__(self, thumbnails: ThumbnailLoader, row_height: int, parent: QWidget | None = None) -> None:
        super().__init__(thumbnails, parent)
        self._row_height = row_height
        self._visible: set[int] = set()
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setSingleStep(row_height // 2)
        thumbnails.loaded.connect(self._update_loaded)

    def scale_tiles(self, ratio: float) -> None:
        """Let the delegate paint tiles for a screen with so many device pixels a logical one."""
        raise NotImplementedError

    def row_tiles(self, row: int) -> Sequence[Key]:
        """Return the tiles of a row."""
        raise NotImplementedError

    def request_thumbnails(self) -> None:
        """Request the tiles of the visible rows, and of as many rows below and above."""
        self.scale_tiles(self.devicePixelRatioF())
        count = self.model().rowCount()
        first = max(self.verticalScrollBar().value() // self._row_height, 0)
        shown = self.viewport().height() // self._row_height + 2
        visible = range(first, min(first + shown, count))
        nearby = (
            *range(visible.stop, min(visible.stop + shown, count)),
            *range(max(first - shown, 0), first),
        )
        tiles = [tile for row in visible for tile in self.row_tiles(row)]
        self._visible = {photo_id for photo_id, _ in tiles}
        self._thumbnails.request(self, tiles, [tile for row in nearby for tile in self.row_tiles(row)])

    def _update_loaded(self, photo_ids: set[int]) -> None:
        if photo_ids & self._visible:
            self.viewport().update()


class RowDelegate(QStyledItemDelegate):
    """Paints rows of a list: tiles, and lines of text beside them."""

    def __init__(self, thumbnails: ThumbnailLoader, style: TileStyle, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.style = style
        """Of the tiles, in device pixels."""

    def paint_background(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """Paint the color of a row that is selected or under the pointer."""
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, option.palette.color(QPalette.ColorRole.Highlight))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, option.palette.color(QPalette.ColorRole.Midlight))

    def paint_tile(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, photo_id: int) -> None:
        """Paint the tile of a photo, or a plain one until it is loaded."""
        pixmap = self._thumbnails.pixmap(photo_id, self.style)
        if pixmap is None:
            painter.fillRect(rect, option.palette.color(QPalette.ColorRole.Mid))
        else:
            painter.drawPixmap(rect, pixmap)

    def text_color(self, option: QStyleOptionViewItem, *, is_faint: bool = False) -> QColor:
        """Return the color of text on the background of a row."""
        if option.state & QStyle.StateFlag.State_Selected:
            return option.palette.color(QPalette.ColorRole.HighlightedText)
        return option.palette.color(
            QPalette.ColorRole.PlaceholderText if is_faint else QPalette.ColorRole.Text
        )

    def paint_lines(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        rect: QRect,
        lines: Sequence[tuple[str, QColor]],
        *,
        leading: int,
        note_width: int = 0,
    ) -> QRect:
        """Paint lines of text, centered vertically in `rect`, with `leading` pixels between them.

        Returns the place of the first line, at whose end `note_width` pixels stay free.
        """
        metrics = option.fontMetrics
        height = metrics.height() + leading
        top = rect.y() + (rect.height() - height * len(lines)) // 2
        painter.setFont(option.font)
        for number, (text, color) in enumerate(lines):
            width = rect.width() - (0 if number else note_width)
            painter.setPen(color)
            elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
            line = QRect(rect.x(), top + number * height, width, height)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)
        return QRect(rect.x(), top, rect.width(), height)


class StripDelegate(QStyledItemDelegate):
    """Paints square thumbnails of `edge` pixels with a margin around them, and a frame around the selected one."""

    def __init__(self, thumbnails: ThumbnailLoader, *, edge: int, margin: int, photo_id_role: int) -> None:
        super().__init__()
        self.edge, self.margin, self.photo_id_role = edge, margin, photo_id_role
        self._thumbnails = thumbnails
        self.style = TileStyle.square(edge, _RADIUS)
        """Of the thumbnails, in device pixels."""

    def opacity(self, index: Index) -> float:  # noqa: ARG002
        """Return the opacity of a thumbnail."""
        return 1.0

    def paint_marks(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, tile: QRect) -> None:
        """Paint what is on a thumbnail or below it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(self.edge + 2 * self.margin, self.edge + 2 * self.margin)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tile = QRect(option.rect.x() + self.margin, option.rect.y() + self.margin, self.edge, self.edge)
        pixmap = self._thumbnails.pixmap(index.data(self.photo_id_role), self.style)
        painter.setOpacity(self.opacity(index))
        if pixmap is None:
            painter.fillRect(tile, option.palette.color(QPalette.ColorRole.Mid))
        else:
            painter.drawPixmap(tile, pixmap)
        painter.setOpacity(1.0)
        self.paint_marks(painter, option, index, tile)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Highlight), 2))
            painter.drawRoundedRect(tile.adjusted(-2, -2, 1, 1), 5, 5)


class ThumbnailStrip(ThumbnailList):
    """One line of square thumbnails, and nothing else."""

    def __init__(
        self, thumbnails: ThumbnailLoader, delegate: StripDelegate, parent: QWidget | None = None
    ) -> None:
        super().__init__(thumbnails, parent)
        self.delegate = delegate
        delegate.setParent(self)
        self.setItemDelegate(delegate)
        self.setObjectName("photo-strip")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        thumbnails.loaded.connect(lambda _: self.viewport().update())

    def request_thumbnails(self) -> None:
        """Request the thumbnails of the visible photos."""
        ratio = self.devicePixelRatioF()
        edge, step = self.delegate.edge, self.delegate.edge + 2 * self.delegate.margin
        style = TileStyle.square(round(edge * ratio), round(_RADIUS * ratio))
        self.delegate.style = style
        first = self.horizontalScrollBar().value() // step
        shown = self.viewport().width() // step + 2
        model = self.model()
        rows = range(first, min(first + shown, model.rowCount()))
        ids = [model.index(row, 0).data(self.delegate.photo_id_role) for row in rows]
        self._thumbnails.request(self, [(photo_id, style) for photo_id in ids])
