"""The panel at the right: the photo in question large, its facts, and under it what looks like it."""

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

from photosim.gui.base.translation import tr
from photosim.gui.panels.facts import PhotoFactsView
from photosim.gui.panels.preview import PhotoPreview
from photosim.gui.panels.similar import SimilarPanel
from photosim.gui.state.places import Query
from photosim.gui.widgets.empty_state import EmptyState
from photosim.records import Photo

_MIN_FACTS_HEIGHT = 40  # logical pixels: name and folder, the others by scrolling


class DetailPanel(QWidget):
    """Shows one query; says what to do while there is none."""

    open_requested = Signal()
    """The person wants to see the photo in question in the full window."""

    menu_requested = Signal(object, QPoint)
    """The person asked for the menu of the photo in question, at a point of the screen."""

    def __init__(self, preview: PhotoPreview, similar: SimilarPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("detail")
        self.preview, self.similar = preview, similar
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
        for part in (0, 1):  # on a low screen both give way, not the likenesses alone
            self.splitter.setStretchFactor(part, 1)
        self.splitter.setSizes([400, 400])
        self.empty = EmptyState(self, small=True)
        self.empty.show_message(
            "similar",
            tr("Choose a photo"),
            tr("Click one to see it here, with the photos that look like it."),
        )
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        preview.open_requested.connect(self.open_requested)
        preview.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        preview.customContextMenuRequested.connect(self._request_menu)

    def show_query(self, query: Query | None) -> None:
        """Show another photo, or none."""
        self.query = query
        self.preview.show_query(query)
        self.facts.show_query(query)
        self.similar.show_query(query)
        self.stack.setCurrentWidget(self.empty if query is None else self.splitter)

    def refresh(self) -> None:
        """Ask again what looks like the photo: the library has changed."""
        self.similar.show_query(self.query, reload=True)

    def bring_up_to_date(self, photo: Photo) -> None:
        """The library knows more of the photo than it did."""
        if self.query is not None and self.query.photo is not None and self.query.path == photo.path:
            self.show_query(Query.of_photos(photo))

    def _request_menu(self, point: QPoint) -> None:
        if self.query is not None:
            self.menu_requested.emit(self.query, self.preview.mapToGlobal(point))


class _FittedScrollArea(QScrollArea):
    """As high as what it holds where there is room for it, and lower, with a scroll bar, where there is not."""

    def __init__(self, inner: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._inner = inner
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(_MIN_FACTS_HEIGHT)
        self.setWidget(inner)

    def sizeHint(self) -> QSize:
        """Room for all of it."""
        return self._inner.sizeHint()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what it holds."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.updateGeometry()
        return super().eventFilter(watched, event)
