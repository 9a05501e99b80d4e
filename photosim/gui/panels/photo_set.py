"""Several photos in the details panel: the selected ones, or a cluster, with what can be done with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.panels.panel_grid import MARGIN, PanelGrid
from photosim.gui.panels.preview import PhotoPreview
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.listing import make_list
from photosim.gui.state.places import Query
from photosim.gui.widgets.action_button import ActionButton
from photosim.gui.widgets.elided_label import ElidedLabel
from photosim.gui.widgets.flow_layout import FlowWidget
from photosim.records import Photo

_COVER_HEIGHT = 190  # logical pixels


class PhotoSetPage(QWidget):
    """A cover where there is one, a title, a count, buttons and the photos."""

    open_requested = Signal(object, int)
    """Open the cover in the viewer: all photos in order, and its index."""

    region_selected = Signal(Photo, object)
    """A rectangle was drawn on the cover: the Photo and the Region to search by."""

    object_chosen = Signal(Photo, object)
    """An object on the cover was clicked: the Photo and the PhotoObject to search by."""

    def __init__(
        self,
        preview: PhotoPreview,
        thumbnails: ThumbnailLoader,
        actions: Mapping[QAction, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.preview = preview
        self._cover: Photo | None = None
        preview.setMaximumHeight(_COVER_HEIGHT)
        self.title = ElidedLabel(self)
        theme.set_font(self.title, 1.2, bold=True)
        self.count = QLabel(self)
        self.count.setObjectName("quiet-text")
        self.model = PhotoModel(thumbnails, self)
        self.grid = PanelGrid(self.model, tr("Photos"), self)
        preview.open_requested.connect(self._open_cover)
        preview.region_selected.connect(lambda region: self.region_selected.emit(self._cover, region))
        preview.object_chosen.connect(lambda found: self.object_chosen.emit(self._cover, found))
        bar = FlowWidget(self, 6)
        self.buttons = {action: ActionButton(action, text, bar) for action, text in actions.items()}
        for button in self.buttons.values():
            bar.add_widget(button)
        header = QVBoxLayout()
        header.setContentsMargins(MARGIN, MARGIN, MARGIN, 6)
        header.setSpacing(6)
        for widget in (preview, self.title, self.count, bar):
            header.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(header)
        layout.addWidget(self.grid, 1)

    def show_photos(
        self,
        title: str,
        count: str,
        photos: Sequence[Photo],
        actions: Collection[QAction],
        *,
        cover: Photo | None = None,
    ) -> None:
        """Show these photos, and the buttons of these actions."""
        self.title.set_text(title)
        self.count.setText(count)
        self.count.setVisible(bool(count))
        for action, button in self.buttons.items():
            button.setVisible(action in actions)
        self._cover = cover
        self.preview.setVisible(cover is not None)
        self.preview.show_query(None if cover is None else Query.of_photos(cover))
        self.set_photos(photos)

    def set_photos(self, photos: Sequence[Photo]) -> None:
        """Replace the photos."""
        self.model.set_photos(make_list(photos))

    def _open_cover(self) -> None:
        self.open_requested.emit(tuple(self.model.photos), 0)
