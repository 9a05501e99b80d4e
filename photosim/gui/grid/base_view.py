"""Geometry of a view of tiles.

QListView keeps a position for each item, which took 0.3 s per resize at 300,000 items. This view only computes what is
visible, so its cost does not depend on the number of photos.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractItemView, QWidget

from photosim.gui.grid.columns import ColumnLayout
from photosim.gui.grid.justified import JustifiedLayout
from photosim.gui.grid.layout import GAP, HEADING_HEIGHT, MARGIN, GridLayout, TileLayout
from photosim.gui.grid.tile_model import Index, Role, TileModel
from photosim.gui.state.ordering import DEFAULT_TILE_EDGE

_HALF_GAP = GAP // 2
"""A cell is a tile with half of the gap on each side, so that its ring is painted with it."""


class TileViewBase(QAbstractItemView):
    """Lays out the tiles of a TileModel in lines, with a heading above each section."""

    def __init__(self, model: TileModel, parent: QWidget | None = None, margin: int = MARGIN) -> None:
        super().__init__(parent)
        self._tile_model, self._margin, self._tile_size = model, margin, DEFAULT_TILE_EDGE
        self._layout: TileLayout = GridLayout(0, 1, self._tile_size)
        self._square = True
        self._side_widget: QWidget | None = None
        self._kept: tuple[int, int, int] | None = None  # see `_find_anchor`
        self.sticky_headings = False
        """Whether the heading of the topmost tiles stays visible while they are scrolled."""
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    @property
    def caption_height(self) -> int:
        """The height below each tile for its caption, in logical pixels."""
        return 0

    @property
    def actual_tile_size(self) -> int:
        """The side of the tiles in logical pixels, or their usual height, adjusted so that lines are full."""
        return self._layout.tile_size

    @property
    def is_justified(self) -> bool:
        """Whether the tiles have the proportions of their photos."""
        return isinstance(self._layout, JustifiedLayout)

    @property
    def has_different_tiles(self) -> bool:
        """Whether the tiles differ in size."""
        return not isinstance(self._layout, GridLayout)

    def size_of_tile(self, row: int) -> tuple[int, int]:
        """The width and height of a tile in logical pixels, without its caption."""
        if row >= self._layout.count:  # inserted, and not laid out yet
            return self._layout.tile_size, self._layout.tile_size
        box = self._layout.tile_box(row)
        return box.width, box.height - self.caption_height

    def visible_rows(self) -> range:
        """The rows that are at least partly visible."""
        top = self.verticalOffset()
        return self._layout.rows_between(top, top + self.viewport().height())

    def relayout(self, *, keep_scroll: bool = True, row_changes: Sequence[tuple[int, int]] = ()) -> None:
        """Recompute the layout; `keep_scroll` keeps the current tile, or else the first visible line, where it is.

        `row_changes` are the rows where others were inserted or removed since the last layout, each with their
        number (negative for removed rows).
        """
        bar = self.verticalScrollBar()
        anchor = self._find_anchor(keep_current=not row_changes) if keep_scroll else None
        self._layout = self._make_layout()
        self._kept = None
        self.updateGeometries()
        if anchor is not None:
            row, y = anchor
            for changed, count in row_changes:
                row = max(row + count, changed) if changed <= row else row
            if row < self._layout.count:
                bar.setValue(self._layout.tile_box(row).y - y)
                self._kept = row, y, bar.value()
        self.viewport().update()
        self.layout_changed()

    def set_square(self, square: bool) -> None:
        """Show square tiles, or photos in their own proportions where the model knows these."""
        if square is not self._square:
            self._square = square
            self.relayout()

    def fit_viewport(self) -> None:
        """Adapt to the size of the viewport; as long as its width is the same, no tile moves."""
        if self.viewport().width() != self._layout.width:
            self.relayout()
        else:
            self.updateGeometries()
            self.layout_changed()

    def set_side_widget(self, widget: QWidget) -> None:
        """Show a widget between the tiles and the scroll bar, as long as it is not hidden."""
        widget.setParent(self)
        self._side_widget = widget
        self.fit_side_widget()

    def fit_side_widget(self) -> None:
        """Make room for the side widget if it is not hidden."""
        widget = self._side_widget
        if widget is None:
            return
        width = 0 if widget.isHidden() else widget.sizeHint().width()
        if self.viewportMargins().right() != width:
            self.setViewportMargins(0, 0, width, 0)
        viewport = self.viewport().geometry()
        widget.setGeometry(viewport.right() + 1, viewport.top(), width, viewport.height())

    @property
    def content_height(self) -> int:
        """The height of all tiles, in logical pixels."""
        return self._layout.height

    def top_of_row(self, row: int, *, nearly: bool = False) -> int:
        """The scroll position at which a row is the first that is seen, below the heading of its section.

        `nearly`: about there, for a scale of all rows.
        """
        y = self._layout.y_near(row) if nearly else self._layout.tile_box(row).y
        return max(y - (HEADING_HEIGHT if self._layout.sections else GAP), 0)

    def row_at_height(self, y: int) -> int:
        """The row of the first tile that is seen at a scroll position."""
        return self._layout.rows_between(y, y + self.viewport().height()).start

    def layout_changed(self) -> None:
        """Called after tiles have moved or others have become visible."""

    def scroll_anchor(self) -> tuple[int, int] | None:
        """The file id of the first visible tile and its y coordinate, for `restore_scroll`; None at the top."""
        if self.verticalOffset() == 0 or not self._layout.count:
            return None
        row = min(self.visible_rows().start, self._layout.count - 1)
        y = self._layout.tile_box(row).y - self.verticalOffset()
        return self.model().index(row, 0).data(Role.FILE_ID), y

    def restore_scroll(self, anchor: tuple[int, int] | None) -> None:
        """Scroll to a position from `scroll_anchor`, if its tile still exists."""
        if anchor is None:
            return
        file_id, y = anchor
        row = self._tile_model.row_of(file_id)
        if row is not None:
            self.verticalScrollBar().setValue(self._layout.tile_box(row).y - y)

    def visualRect(self, index: Index) -> QRect:
        if not index.isValid() or index.row() >= self._layout.count:
            return QRect()
        return self._cell_rect(index.row(), self.verticalOffset())

    def indexAt(self, point: QPoint) -> QModelIndex:
        if self.sticky_heading_rect().contains(point):
            return QModelIndex()
        row = self._layout.row_at(point.x(), point.y() + self.verticalOffset())
        return QModelIndex() if row is None else self.model().index(row, 0)

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        if not index.isValid() or index.row() >= self._layout.count:
            return
        box, bar = self._layout.tile_box(index.row()), self.verticalScrollBar()
        hints, viewport_height = QAbstractItemView.ScrollHint, self.viewport().height()
        heading_height = HEADING_HEIGHT if self.sticky_headings and self._layout.sections else 0
        top = box.y - max(self._margin, heading_height)
        bottom = box.y + box.height + self._margin - viewport_height
        if hint == hints.PositionAtCenter:
            bar.setValue(box.y - (viewport_height - box.height) // 2)
        elif hint == hints.PositionAtTop or bar.value() > top:
            bar.setValue(top)
        elif hint == hints.PositionAtBottom or bar.value() < bottom:
            bar.setValue(bottom)

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:  # noqa: ARG002
        return False

    def updateGeometries(self) -> None:
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        bar.setPageStep(height)
        bar.setSingleStep(max(self._layout.step_y // 3, 20))
        bar.setRange(0, max(self._layout.height - height, 0))
        self.fit_side_widget()
        super().updateGeometries()

    def sticky_heading_rect(self) -> QRect:
        """The rectangle of the sticky heading in the viewport; empty where there is none."""
        offset = self.verticalOffset()
        sticky = self._layout.sticky_heading(offset) if self.sticky_headings else None
        if sticky is None:
            return QRect()
        _, y = sticky
        return QRect(0, y - offset, self.viewport().width(), HEADING_HEIGHT)

    def foldable_section_at(self, point: QPoint) -> int | None:
        """The section that can be folded whose heading is at a point of the viewport, or None."""
        offset = self.verticalOffset()
        section = self._layout.heading_at(point.y() + offset)
        if self.sticky_heading_rect().contains(point):
            sticky = self._layout.sticky_heading(offset)
            section = None if sticky is None else sticky[0]
        return None if section is None or self._layout.sections[section].folded is None else section

    def _make_layout(self) -> TileLayout:
        count = self._tile_model.rowCount() if self.model() is not None else 0
        width, sections = self.viewport().width(), self._tile_model.sections if count else ()
        if self._tile_model.is_in_columns:
            return ColumnLayout(count, width, self._tile_size, sections=sections, margin=self._margin)
        aspects = None if self._square else self._tile_model.aspects
        if aspects is not None:
            return JustifiedLayout(
                aspects if len(aspects) == count else aspects[:count],
                width,
                self._tile_size,
                sections=sections,
                margin=self._margin,
            )
        return GridLayout(
            count,
            width,
            self._tile_size,
            caption_height=self.caption_height,
            sections=sections,
            margin=self._margin,
        )

    def _find_anchor(self, *, keep_current: bool) -> tuple[int, int] | None:
        """The row whose tile a new layout leaves where it is, and its y coordinate in the viewport.

        That is the current tile, or else the first visible one. If the user has not scrolled since the last layout it
        is the same tile as then: the first one of its line would be another one with each step of a resize.
        """
        value, visible, current = self.verticalOffset(), self.visible_rows(), self.currentIndex().row()
        if keep_current and current in visible:
            row = current
        elif self._kept is not None and self._kept[2] == value:
            return self._kept[:2]
        elif value > 0 and self._layout.count:
            row = min(visible.start, self._layout.count - 1)
        else:
            return None
        return row, self._layout.tile_box(row).y - value

    def _cell_rect(self, row: int, offset: int) -> QRect:
        box = self._layout.tile_box(row)
        return QRect(box.x - _HALF_GAP, box.y - offset - _HALF_GAP, box.width + GAP, box.height + GAP)

    def _cell_rects(self, rows: range, offset: int) -> Iterator[tuple[int, QRect]]:
        for row, box in self._layout.tiles(rows):
            x, y, width, height = box
            yield row, QRect(x - _HALF_GAP, y - offset - _HALF_GAP, width + GAP, height + GAP)
