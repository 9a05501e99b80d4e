"""Sidebar at the left: the views of the library, the tree of its folders and a button to add one."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.panels.missing_prompt import MissingPrompt
from photosim.gui.panels.source_delegate import ICON, SourceDelegate, arrow_rect
from photosim.gui.panels.source_model import ICONS, SourceModel, SourceRole
from photosim.gui.panels.source_rows import RowContent
from photosim.gui.state.places import Place
from photosim.records import Source

_TARGET_WIDTH = 2.0  # logical pixels
_CONTENT = int(SourceRole.CONTENT)


class SourceTree(QTreeView):
    """The rows of a SourceModel; a click on the arrow of a folder only shows or hides its subfolders.

    Photos of this window can be dropped on collections; what comes from elsewhere is for the whole window.
    """

    def __init__(self, model: SourceModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(SourceDelegate(self))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)  # the delegate paints indentation and arrows
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setDragDropOverwriteMode(True)  # on the rows, not between them
        self.drop_target = QPersistentModelIndex()
        """The collection that dragged photos would be added to."""
        self.setAccessibleName(tr("Sources"))
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.source() is None:
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        super().dragMoveEvent(event)
        index = self.indexAt(event.position().toPoint()) if event.isAccepted() else QModelIndex()
        self._set_drop_target(index)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self._set_drop_target(QModelIndex())

    def dropEvent(self, event: QDropEvent) -> None:
        super().dropEvent(event)
        self._set_drop_target(QModelIndex())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.drop_target.isValid():
            super().paintEvent(event)
            return
        # Not QTreeView's, which frames the target by a black rectangle.
        self.executeDelayedItemsLayout()
        painter = QPainter(self.viewport())
        self.drawTree(painter, event.region())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), _TARGET_WIDTH))
        painter.drawRoundedRect(self.visualRect(self.drop_target).adjusted(1, 2, -1, -2), 6, 6)

    def _set_drop_target(self, index: QModelIndex) -> None:
        if index != self.drop_target:
            self.drop_target = QPersistentModelIndex(index)
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._toggle_at(event):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._toggle_at(event):
            super().mouseDoubleClickEvent(event)

    def _toggle_at(self, event: QMouseEvent) -> bool:
        """Expand or collapse the folder whose arrow is under the pointer; returns whether there is one."""
        point = event.position().toPoint()
        index = self.indexAt(point)
        if event.button() is not Qt.MouseButton.LeftButton or not index.isValid():
            return False
        content: RowContent = index.data(_CONTENT)
        if not content.has_children or not arrow_rect(self.visualRect(index), content.depth).contains(point):
            return False
        self.setExpanded(index, not self.isExpanded(index))
        return True


class SourcesPanel(QWidget):
    """Tree of a SourceModel, with the prompt about missing photos under it."""

    place_selected = Signal(Place)
    """Show this place."""

    focus_handed_over = Signal()
    """The user clicked a place: keys should apply to what it shows."""

    add_folder_requested = Signal()
    menu_requested = Signal(Source, QPoint)
    """Show the context menu of an added folder at a global position."""

    folder_menu_requested = Signal(object, QPoint)
    """Show the context menu of the subfolder with this path (str) at a global position."""

    collection_menu_requested = Signal(object, QPoint)
    """Show the context menu of this Collection at a global position."""

    def __init__(self, model: SourceModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.model = model
        self.tree = SourceTree(model, self)
        self.tree.selectionModel().currentChanged.connect(self._emit_place)
        self.tree.clicked.connect(self._open_clicked)
        self.tree.customContextMenuRequested.connect(self._request_menu)
        self.tree.expanded.connect(lambda index: self._expanded.add(index.data(SourceRole.PLACE).folder))
        self.tree.collapsed.connect(self._forget_expanded)
        self._expanded: set[str] = set()
        self.missing_prompt = MissingPrompt(self)
        self.collection_button = QPushButton(tr("New collection…"), self)
        self.add_button = QPushButton(tr("Add folder…"), self)
        for button in (self.collection_button, self.add_button):
            button.setObjectName("quiet")
            button.setIconSize(QSize(ICON, ICON))
        self.add_button.clicked.connect(self.add_folder_requested)
        self.collection_button.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 10, 6, 8)
        layout.addWidget(self.tree)
        layout.addWidget(self.missing_prompt)
        layout.addWidget(self.collection_button)
        layout.addWidget(self.add_button)
        self._is_syncing = False
        model.tree_changed.connect(self._restore)
        model.rows_fetched.connect(self._expand_rows)
        self._place = Place()
        self.update_icons()

    @property
    def expanded(self) -> frozenset[str]:
        """The paths of the folders whose subfolders are shown, or would be if the folders above them were expanded."""
        return frozenset(self._expanded)

    def expand(self, folders: Collection[str]) -> None:
        """Show the subfolders of these folders, now or as soon as they are in the model."""
        self._expanded.update(folders)
        self._restore()

    def update_icons(self) -> None:
        self.add_button.setIcon(theme.icon("add-folder"))
        self.collection_button.setIcon(theme.icon("add-collection"))
        for role in (QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.HighlightedText):
            for icon in ICONS:  # fills the icon cache, so that painting need not
                theme.icon_pixmap(icon, self.palette().color(role), ICON, self.devicePixelRatioF())

    def show_place(self, place: Place) -> None:
        """Select the row of the place that the window shows, without emitting `place_selected`."""
        self._place = place
        index = self.model.index_of(place)
        self._is_syncing = True
        if index is None:
            self.tree.selectionModel().clear()
        elif index != self.tree.currentIndex():
            self.tree.setCurrentIndex(index)
        self._is_syncing = False

    def _restore(self) -> None:
        """Expand what was expanded, and select the row of the place, which may be new."""
        self._expand_rows(QModelIndex(), 0, self.model.rowCount() - 1)
        self.show_place(self._place)

    def _expand_rows(self, parent: QModelIndex, first: int, last: int) -> None:
        if not self._expanded:
            return
        for row in range(first, last + 1):
            index = self.model.index(row, 0, parent)
            place = index.data(SourceRole.PLACE)
            if place is not None and place.folder in self._expanded:
                self.tree.expand(index)
                if not self.model.rowCount(
                    index
                ):  # what was expanded without subfolders is not asked for them
                    self.model.fetchMore(index)

    def _forget_expanded(self, index: QModelIndex) -> None:
        self._expanded.discard(index.data(SourceRole.PLACE).folder)

    def _emit_place(self, index: QModelIndex) -> None:
        place = index.data(SourceRole.PLACE)
        if place is not None and not self._is_syncing:
            self.place_selected.emit(place)

    def _open_clicked(self, index: QModelIndex) -> None:
        self._emit_place(index)
        if index.data(SourceRole.PLACE) is not None:
            self.focus_handed_over.emit()

    def _request_menu(self, point: QPoint) -> None:
        index = self.tree.indexAt(point)
        source, place = index.data(SourceRole.SOURCE), index.data(SourceRole.PLACE)
        position = self.tree.viewport().mapToGlobal(point)
        if source is not None:
            self.menu_requested.emit(source, position)
        elif place is not None and place.collection is not None:
            self.collection_menu_requested.emit(place.collection, position)
        elif place is not None and place.folder is not None:
            self.folder_menu_requested.emit(place.folder, position)
