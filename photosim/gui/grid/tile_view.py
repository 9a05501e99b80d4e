"""Painting a view of tiles: the tiles in their states, the headings and the rubber band."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
)
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QRegion
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QWidget

from photosim.gui.grid.badges import paint_heading, stack_badge_rect
from photosim.gui.grid.delegate import PhotoDelegate, tile_rect
from photosim.gui.grid.hover import TileAction, action_at
from photosim.gui.grid.layout import GAP, MARGIN
from photosim.gui.grid.selection_view import TileSelectionView
from photosim.gui.grid.tile_model import Index, Role, RowProxy, TileModel

_HEADING_TOP = 6
"""Logical pixels of a heading above its text."""


class TileView(TileSelectionView):
    """Paints the tiles of a TileModel through a PhotoDelegate."""

    def __init__(self, model: TileModel, parent: QWidget | None = None, margin: int = MARGIN) -> None:
        super().__init__(model, parent, margin)
        self._hovered = QPersistentModelIndex()
        self._rubber_band = QRect()  # in content coordinates
        self._delegate = PhotoDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        # Repaint only what becomes visible when the height changes, see `fit_viewport`.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_StaticContents)
        self._row_changes: list[tuple[int, int]] = []  # see `relayout`
        self.setModel(model)
        model.batch_finished.connect(self._apply_row_changes)
        model.aspects_changed.connect(self._relayout_justified)
        model.sections_changed.connect(self.relayout)

    @property
    def caption_height(self) -> int:
        return self._delegate.caption_height

    @property
    def is_resizing(self) -> bool:
        """Whether the tiles are shown only briefly in their current size."""
        return False

    def set_delegate(self, delegate: PhotoDelegate) -> None:
        """Paint the tiles with another delegate."""
        self._delegate = delegate
        self.setItemDelegate(delegate)
        self.relayout()

    def show_tile_actions(self) -> None:
        """Show buttons on the tile under the pointer."""
        self._delegate.has_actions = True

    def update_rows(self, rows: Iterable[int]) -> None:
        """Schedule a repaint of these rows, where they are visible."""
        offset, viewport = self.verticalOffset(), self.viewport()
        for row in rows:
            if row < self._layout.count:
                viewport.update(self._cell_rect(row, offset))

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        # Only the visible part, as a selection may hold all photos.
        region, offset = QRegion(), self.verticalOffset()
        for row in self._selected_among(selection, self.visible_rows()):
            region = region.united(self._cell_rect(row, offset))
        return region

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        self.relayout(keep_scroll=False)

    def reset(self) -> None:
        super().reset()
        self._hovered = QPersistentModelIndex()
        self.relayout(keep_scroll=False)
        self.verticalScrollBar().setValue(0)

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        super().rowsInserted(parent, start, end)
        self._row_changes.append((start, end - start + 1))
        if not self._tile_model.in_batch:
            self._apply_row_changes()

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        super().rowsAboutToBeRemoved(parent, start, end)
        self._row_changes.append((start, start - end - 1))

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:  # noqa: ARG002
        visible = self.visible_rows()
        if first.row() < visible.stop and last.row() >= visible.start:
            self.viewport().update()
            self.layout_changed()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        option.state = plain = option.state & ~QStyle.StateFlag.State_HasFocus
        current = self.currentIndex().row() if self.hasFocus() else -1
        hovered = self._hovered.row()
        offset, area, region = self.verticalOffset(), event.rect(), event.region()
        rows = self._layout.rows_between(area.top() + offset - GAP, area.bottom() + offset + GAP)
        selected = self._selected_rows_in(rows)
        special = {current, hovered, *selected}
        # Thumbnails arrive in any order, so the region may consist of a few cells far apart.
        cells = [(row, cell) for row, cell in self._cell_rects(rows, offset) if region.intersects(cell)]
        self._delegate.smooth_scaling = not self.is_resizing
        plain_cells = [(row, cell) for row, cell in cells if row not in special]
        self._delegate.paint_tiles(painter, option, self._tile_model, plain_cells)
        for row, option.rect in cells:
            if row in special:
                option.state = _item_state(
                    plain, selected=row in selected, current=row == current, hovered=row == hovered
                )
                self._delegate.paint(painter, option, RowProxy(self._tile_model, row))
        self._paint_headings(painter, area)
        self._paint_rubber_band(painter)

    def _relayout_justified(self) -> None:
        if self.is_justified:
            self.relayout()

    def _apply_row_changes(self) -> None:
        """Recompute the layout once for all insertions and removals of a batch."""
        row_changes, self._row_changes = self._row_changes, []
        if row_changes:
            self.relayout(row_changes=row_changes)

    def _set_hovered(self, index: QModelIndex, action: TileAction | None) -> None:
        if index == self._hovered and action is self._delegate.hovered_action:
            return
        self.viewport().update(self.visualRect(self._hovered))
        self._hovered, self._delegate.hovered_action = QPersistentModelIndex(index), action
        self.viewport().update(self.visualRect(index))

    def _action_at(self, point: QPoint) -> TileAction | None:
        """The action of the button or badge at a point of the viewport."""
        index = self.indexAt(point)
        if not index.isValid():
            return None
        tile = tile_rect(self.visualRect(index), self.caption_height)
        size = index.data(Role.STACK)
        if size and stack_badge_rect(tile, size).contains(point):
            return TileAction.SHOW_STACK
        return action_at(tile, point) if self._delegate.has_actions else None

    def _selected_rows_in(self, rows: range) -> Collection[int]:
        """The selected ones of these rows; asking the selection for each would take longer than painting it."""
        selection_model = self.selectionModel()
        if not selection_model.hasSelection():
            return ()
        return self._selected_among(selection_model.selection(), rows)

    def _paint_headings(self, painter: QPainter, area: QRect) -> None:
        layout = self._layout
        if not layout.sections:
            return
        offset = self.verticalOffset()
        for number in layout.headings_between(area.top() + offset, area.bottom() + 1 + offset):
            box = layout.heading_box(number)
            rect = QRect(box.x, box.y - offset + _HEADING_TOP, box.width, box.height - _HEADING_TOP)
            paint_heading(painter, rect, layout.sections[number], layout.section_size(number), self)
        sticky_rect = self.sticky_heading_rect()
        if sticky_rect.intersects(area):
            self._paint_sticky_heading(painter, sticky_rect)

    def _paint_sticky_heading(self, painter: QPainter, rect: QRect) -> None:
        sticky = self._layout.sticky_heading(self.verticalOffset())
        if sticky is None:
            return
        number, _ = sticky
        palette = self.palette()
        painter.fillRect(rect, palette.brush(QPalette.ColorRole.Base))
        bottom_line = rect.adjusted(0, rect.height() - 1, 0, 0)
        painter.fillRect(bottom_line, palette.brush(QPalette.ColorRole.Midlight))
        text_rect = rect.adjusted(self._margin, 0, -self._margin, 0)
        section, size = self._layout.sections[number], self._layout.section_size(number)
        paint_heading(painter, text_rect, section, size, self)

    def _paint_rubber_band(self, painter: QPainter) -> None:
        if self._rubber_band.isNull():
            return
        color = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(color, 1))
        color.setAlpha(40)
        painter.setBrush(color)
        painter.drawRect(self._rubber_band.translated(0, -self.verticalOffset()))


def _item_state(state: QStyle.StateFlag, *, selected: bool, current: bool, hovered: bool) -> QStyle.StateFlag:
    flags = QStyle.StateFlag
    state |= flags.State_Selected if selected else flags.State_None
    state |= flags.State_HasFocus if current else flags.State_None
    return state | (flags.State_MouseOver if hovered else flags.State_None)
