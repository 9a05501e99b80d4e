"""Details panel at the right: a photo with its facts and similar photos, several photos, or a cluster."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.panels.facts import PhotoFactsView
from photosim.gui.panels.photo_set import PhotoSetPage
from photosim.gui.panels.preview import PhotoPreview
from photosim.gui.panels.similar import SimilarPanel
from photosim.gui.state.places import Query

_MIN_FACTS_HEIGHT = 40  # logical pixels: name and folder; the rest scrolls


class DetailPanel(QWidget):
    """Shows one query, or a set of photos."""

    open_requested = Signal()
    """Open the photo in the viewer."""

    menu_requested = Signal(object, QPoint)
    """Show the context menu of this Query at a global position."""

    def __init__(
        self,
        preview: PhotoPreview,
        similar: SimilarPanel,
        photo_set: PhotoSetPage,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("detail")
        self.preview, self.similar, self.photo_set = preview, similar, photo_set
        self.grids, self.models = (similar.grid, photo_set.grid), (similar.model, photo_set.model)
        """The lists of photos, one of which is visible."""
        self.facts = PhotoFactsView(self)
        self.query: Query | None = None
        top = QWidget(self)
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        frame = QVBoxLayout()
        frame.setContentsMargins(14, 14, 14, 0)
        frame.addWidget(preview)
        column.addLayout(frame, 1)
        column.addWidget(_FittedScrollArea(self.facts, self))
        self.splitter = QSplitter(Qt.Orientation.Vertical, self)
        self.splitter.addWidget(top)
        self.splitter.addWidget(similar)
        self.splitter.setChildrenCollapsible(False)
        for index in (0, 1):  # both parts shrink on a low screen
            self.splitter.setStretchFactor(index, 1)
        self.splitter.setSizes([400, 400])
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.splitter)
        self.stack.addWidget(photo_set)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        preview.open_requested.connect(self.open_requested)
        preview.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        preview.customContextMenuRequested.connect(self._request_menu)

    def show_query(self, query: Query | None) -> None:
        """Show a query, or nothing."""
        self.query = query
        self.preview.show_query(query)
        self.facts.show_query(query)
        self.similar.show_query(query)
        self.stack.setCurrentWidget(self.splitter)

    def show_photo_set(self) -> None:
        """Show the page of several photos in the place of a query, whose search ends."""
        self.show_query(None)
        self.stack.setCurrentWidget(self.photo_set)

    def refresh(self) -> None:
        """Search for similar photos again, after the library has changed."""
        self.similar.show_query(self.query, reload=True)

    def _request_menu(self, point: QPoint) -> None:
        if self.query is not None:
            self.menu_requested.emit(self.query, self.preview.mapToGlobal(point))


class _FittedScrollArea(QScrollArea):
    """As high as its content, or lower with a scroll bar where there is no room."""

    def __init__(self, content: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._content = content
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(_MIN_FACTS_HEIGHT)
        self.setWidget(content)

    def sizeHint(self) -> QSize:
        return self._content.sizeHint()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.updateGeometry()
        return super().eventFilter(watched, event)
