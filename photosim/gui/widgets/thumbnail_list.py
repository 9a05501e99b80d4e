"""Lists that request the thumbnails of the rows that they show."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QAbstractItemModel, Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from photosim.gui.base.images import TileStyle
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader

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


class SupportsStyle(Protocol):
    """What a strip needs of its delegate."""

    style: TileStyle


class ThumbnailStrip(ThumbnailList):
    """One line of square thumbnails with an edge of `edge` pixels, a new one each `step`, and nothing else."""

    def __init__(
        self,
        thumbnails: ThumbnailLoader,
        *,
        edge: int,
        step: int,
        photo_id_role: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(thumbnails, parent)
        self._edge, self._step, self._photo_id_role = edge, step, photo_id_role
        self.setObjectName("photo-strip")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        thumbnails.loaded.connect(lambda _: self.viewport().update())

    @property
    def tile_delegate(self) -> SupportsStyle:
        """The delegate, which paints tiles of the style that is requested."""
        raise NotImplementedError

    def request_thumbnails(self) -> None:
        """Request the thumbnails of the visible photos."""
        ratio = self.devicePixelRatioF()
        style = TileStyle.square(round(self._edge * ratio), round(_RADIUS * ratio))
        self.tile_delegate.style = style
        first = self.horizontalScrollBar().value() // self._step
        shown = self.viewport().width() // self._step + 2
        model = self.model()
        rows = range(first, min(first + shown, model.rowCount()))
        ids = [model.index(row, 0).data(self._photo_id_role) for row in rows]
        self._thumbnails.request(self, [(photo_id, style) for photo_id in ids])
