"""What a view of tiles has on the screen: the tiles in their state, the headings over them, and the rubber band."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from PySide6.QtCore import QItemSelection, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QRegion
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QWidget

from photosim.gui.grid.base_view import TileViewBase
from photosim.gui.grid.delegate import PhotoDelegate
from photosim.gui.grid.heading_painter import paint_heading
from photosim.gui.grid.layout import GAP, MARGIN
from photosim.gui.grid.tile_model import RowProxy, TileModel


class TileView(TileViewBase):
    """Shows a TileModel in lines of equal tiles, under headings where the model has some."""

    def __init__(self, model: TileModel, parent: QWidget | None = None, margin: int = MARGIN) -> None:
        super().__init__(model, parent, margin)
        self._hovered = QPersistentModelIndex()
        self._rubber_band = QRect()
        self._delegate = PhotoDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_StaticContents)  # see `make_room`
        self.setModel(model)

    @property
    def caption_height(self) -> int:
        """The height under each tile that its delegate needs."""
        return self._delegate.caption_height

    def set_delegate(self, delegate: PhotoDelegate) -> None:
        """Paint the tiles in another way."""
        self._delegate = delegate
        self.setItemDelegate(delegate)
        self.relayout()

    def update_rows(self, rows: Iterable[int]) -> None:
        """Paint these rows when the window is painted next, where they are in sight."""
        offset, shown = self.verticalOffset(), self.viewport()
        for row in rows:
            if row < self._layout.count:
                shown.update(self._cell_rect(row, offset))

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """What must be painted again when this selection changes: only what is on the screen."""
        region, offset = QRegion(), self.verticalOffset()
        for row in self._selected_among(selection, self.visible_rows()):
            region = region.united(self._cell_rect(row, offset))
        return region

    # --- painting ----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tiles and headings that the event touches."""
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        option.state = plain = option.state & ~QStyle.StateFlag.State_HasFocus
        current = self.currentIndex().row() if self.hasFocus() else -1
        hovered = self._hovered.row()
        offset, area, region = self.verticalOffset(), event.rect(), event.region()
        rows = self._layout.rows_between(area.top() + offset - GAP, area.bottom() + offset + GAP)
        chosen = self._selected_rows_in(rows)
        marked = {current, hovered, *chosen}
        cells = [
            (row, cell)
            for row, cell in self._cell_rects(rows, offset)
            # Tiles arrive here and there: what lies between them is painted already.
            if region.intersects(cell)
        ]
        self._delegate.smooth_scaling = not self.is_resizing
        self._delegate.paint_tiles(
            painter, option, self._tile_model, [one for one in cells if one[0] not in marked]
        )
        for row, option.rect in cells:
            if row in marked:
                option.state = self._item_state(plain, row in chosen, row == current, row == hovered)
                self._delegate.paint(painter, option, RowProxy(self._tile_model, row))
        self._paint_headings(painter, area)
        self._paint_rubber_band(painter)

    @property
    def is_resizing(self) -> bool:
        """Whether the tiles are only passing by in their present size."""
        return False

    def _selected_rows_in(self, rows: range) -> Collection[int]:
        """Those of these rows that are selected; asking of each of them takes longer than painting it."""
        selected = self.selectionModel()
        return self._selected_among(selected.selection(), rows) if selected.hasSelection() else ()

    def _item_state(
        self, plain: QStyle.StateFlag, selected: bool, current: bool, hovered: bool
    ) -> QStyle.StateFlag:
        flags = QStyle.StateFlag
        plain |= flags.State_Selected if selected else flags.State_None
        plain |= flags.State_HasFocus if current else flags.State_None
        return plain | (flags.State_MouseOver if hovered else flags.State_None)

    def _paint_headings(self, painter: QPainter, area: QRect) -> None:
        if not self._layout.sections:
            return
        offset = self.verticalOffset()
        for number in self._layout.headings_between(area.top() + offset, area.bottom() + 1 + offset):
            box = self._layout.heading_box(number)
            rect = QRect(box.x, box.y - offset + 6, box.width, box.height - 6)
            paint_heading(
                painter, rect, self._layout.sections[number], self._layout.section_size(number), self
            )
        held = self.sticky_heading_rect()
        if held.intersects(area):
            number, _ = self._layout.sticky_heading(offset) or (0, 0)
            section, margin = self._layout.sections[number], self._margin
            painter.fillRect(held, self.palette().brush(QPalette.ColorRole.Base))
            painter.fillRect(
                held.adjusted(0, held.height() - 1, 0, 0), self.palette().brush(QPalette.ColorRole.Midlight)
            )
            rect = held.adjusted(margin, 0, -margin, 0)
            paint_heading(painter, rect, section, self._layout.section_size(number), self)

    def _paint_rubber_band(self, painter: QPainter) -> None:
        """The rubber band that selects."""
        if self._rubber_band.isNull():
            return
        color = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(color, 1))
        color.setAlpha(40)
        painter.setBrush(color)
        painter.drawRect(self._rubber_band.translated(0, -self.verticalOffset()))
