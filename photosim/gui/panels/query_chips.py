"""Chips of the images that a search consists of; each can be removed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from photosim.gui.base import formatting, images, theme
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.panels.strictness import ALL, StrictnessButton, strictness_text
from photosim.gui.services.photo_loader import ThumbnailFetcher
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.state.places import Query, QueryImage, image_name
from photosim.gui.widgets.action_button import ActionLink
from photosim.gui.widgets.chip import REMOVE_KEYS, FilterChip, accept_remove_key
from photosim.gui.widgets.flow_layout import FlowLayout
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.query import Region

_PICTURE_EDGE, _CHIP_HEIGHT = 26, 34  # logical pixels of a chip's picture, and of a chip
_FILE_EDGE = 640  # pixels of a file: enough for a small region
_MAX_TEXT_WIDTH = 150  # logical pixels
_GAP = 6
_MAX_CHIPS = 8
"""More than these would take the room of the results; the others are counted."""


class QueryBar(QFrame):
    """The chips of the search that the browser shows, and how similar its results have to be.

    Hidden while the browser shows no search.
    """

    strictness_chosen = Signal(object)
    """Show the results down to this SimilarityBand only."""

    def __init__(
        self, jobs: Jobs, client: PhotoClient, thumbnail: ThumbnailFetcher, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("chip-bar")
        self.chips = QueryChips(jobs, client, thumbnail, self)
        self.strictness = StrictnessButton(self, with_text=True)
        self.strictness.chosen.connect(self.strictness_chosen)
        self.chips.strictness_removed.connect(lambda: self.strictness_chosen.emit(ALL))
        self._row = layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 9, 16, 9)
        layout.addWidget(self.chips, 1)
        layout.addWidget(self.strictness, alignment=Qt.AlignmentFlag.AlignTop)
        self.hide()

    def add_link(self, action: QAction, text: str) -> ActionLink:
        """Add a link that triggers an action, before the button that restricts the results; hidden at first."""
        link = ActionLink(action, text, self)
        link.hide()
        link.setFixedHeight(self.strictness.sizeHint().height())
        self._row.insertWidget(1, link, alignment=Qt.AlignmentFlag.AlignTop)
        return link

    def show_query(self, query: Query | None) -> None:
        """Show the chips of a query, or hide the bar."""
        self.chips.show_query(query)
        if query is not None:
            self.strictness.show_least(query.least)
        self.setVisible(query is not None)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.strictness.update_icons()


class QueryChips(QWidget):
    """Shows one query, or nothing; hidden without a chip."""

    query_changed = Signal(object)
    """A chip of an image was removed: the remaining Query."""

    strictness_removed = Signal()
    """The chip was removed that leaves out the less similar results."""

    def __init__(
        self, jobs: Jobs, client: PhotoClient, thumbnail: ThumbnailFetcher, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._client, self._thumbnail = jobs, client, thumbnail
        self._query: Query | None = None
        self.chips: list[QueryChip] = []
        self.strictness_chip = FilterChip(self)
        self.strictness_chip.setMinimumHeight(_CHIP_HEIGHT)
        self.strictness_chip.clicked.connect(self.strictness_removed)
        self.strictness_chip.hide()
        self._pending_jobs: list[int] = []
        self._pending_requests: list[int] = []
        self.hidden_count = QLabel(self)
        self.hidden_count.setObjectName("quiet-text")
        self.hidden_count.setMinimumHeight(_CHIP_HEIGHT)
        self.hidden_count.hide()
        self._flow = FlowLayout(self, _GAP)
        self._flow.addWidget(self.hidden_count)
        self._flow.addWidget(self.strictness_chip)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("Search images"))

    def show_query(self, query: Query | None, *, with_images: bool = True) -> None:
        """Replace the chips by those of another query, with those of its images or without."""
        is_strict = query is not None and query.least < ALL
        if query is not None and is_strict:
            self.strictness_chip.show_condition(strictness_text(query.least), PhotoFilter())
        self.strictness_chip.setVisible(is_strict)
        shown = query if with_images else None
        self.setVisible(shown is not None or is_strict)
        self._show_images(shown)

    def _show_images(self, query: Query | None) -> None:
        if query == self._query:
            return
        self._query = query
        for job in self._pending_jobs:
            self._jobs.cancel(job)
        for request in self._pending_requests:
            self._client.cancel(request)
        self._pending_jobs, self._pending_requests = [], []
        focused = next(
            (index for index, chip in enumerate(self.chips) if chip.remove_button.hasFocus()), None
        )
        for chip in self.chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = []
        hidden = 0
        if query is not None:
            shown, hidden = _shown_images(query)
            self.chips = [self._create_chip(query, sign, image) for sign, image in shown]
        self.hidden_count.setText(tr("and %Ln more", "", hidden))
        self.hidden_count.setVisible(hidden > 0)
        for index, chip in enumerate(self.chips):
            self._flow.insert_widget(index, chip)
            chip.show()
        self.updateGeometry()
        if focused is not None and self.chips:
            self.chips[min(focused, len(self.chips) - 1)].remove_button.setFocus()

    def _create_chip(self, query: Query, sign: str, image: QueryImage) -> QueryChip:
        remaining = query.without(image)
        chip = QueryChip(sign, image, removable=remaining not in (None, query), parent=self)
        chip.remove_button.clicked.connect(lambda: self.query_changed.emit(remaining))
        chip.remove_button.installEventFilter(self)
        edge = round(_PICTURE_EDGE * self.devicePixelRatioF())
        if image.photo is None:
            self._load_file(chip, edge)
        else:
            work = partial(_load_thumbnail, image.photo.photo_id, image.region, self._thumbnail, edge)
            accept = partial(self._accept_thumbnail, chip, edge)
            self._pending_jobs.append(self._jobs.start(work, accept, Priority.NORMAL))
        return chip

    def _accept_thumbnail(
        self, chip: QueryChip, edge: int, image: QImage | None, _: Exception | None
    ) -> None:
        if image is None:
            self._load_file(chip, edge)
        else:
            chip.show_picture(image, None)

    def _load_file(self, chip: QueryChip, edge: int) -> None:
        build = partial(_build_picture, chip.image.region, edge)
        self._pending_requests.append(
            self._client.load(chip.image.path, _FILE_EDGE, build, chip.show_picture)
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle the keys of the chips: Delete removes one, arrows move between them."""
        if accept_remove_key(event):
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            buttons = [chip.remove_button for chip in self.chips if chip.remove_button.isVisible()]
            if watched in buttons:
                index = buttons.index(watched)
                if event.key() in REMOVE_KEYS:
                    buttons[index].click()
                    return True
                step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
                if step:
                    buttons[min(max(index + step, 0), len(buttons) - 1)].setFocus()
                    return True
        return False


class QueryChip(QFrame):
    """One image of a query: sign (more or less like it), picture, name and a button that removes it."""

    def __init__(self, sign: str, image: QueryImage, *, removable: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self.image, self.sign = image, sign
        name = image_name(image)
        template = {"+": tr("More like {name}"), "−": tr("Less like {name}")}.get(sign, "{name}")
        description = template.format(name=name)
        self.setAccessibleName(description)
        path = "" if image.pasted else formatting.display_path(image.path)
        self.setToolTip(formatting.plain_tooltip(description, path))
        self.picture = QLabel(self)
        self.picture.setFixedSize(_PICTURE_EDGE, _PICTURE_EDGE)
        text = QLabel(self)
        text.setText(text.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _MAX_TEXT_WIDTH))
        text.setTextFormat(Qt.TextFormat.PlainText)
        self.remove_button = QToolButton(self)
        self.remove_button.setObjectName("chip-close")
        self.remove_button.setIcon(theme.icon("close"))
        self.remove_button.setIconSize(QSize(14, 14))
        self.remove_button.setAccessibleName(tr("Remove {image}").format(image=description))
        self.remove_button.setToolTip(tr("Remove from search"))
        self.remove_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.remove_button.setVisible(removable)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 3, 3 if removable else 9, 3)
        layout.setSpacing(5)
        layout.addWidget(self.picture)
        if sign:
            sign_label = QLabel(sign, self)
            sign_label.setObjectName("chip-more" if sign == "+" else "chip-less")
            theme.set_font(sign_label, 1.2, bold=True)
            layout.addWidget(sign_label)
        layout.addWidget(text)
        layout.addWidget(self.remove_button)

    def show_picture(self, image: QImage | None, error: Exception | None) -> None:  # noqa: ARG002 - a chip may lack its picture
        """Show the picture once it is loaded."""
        if image is not None and not image.isNull():
            pixmap = QPixmap.fromImage(image)
            pixmap.setDevicePixelRatio(image.width() / _PICTURE_EDGE)
            self.picture.setPixmap(pixmap)


def _shown_images(query: Query) -> tuple[list[tuple[str, QueryImage]], int]:
    """The images that have a chip, with their signs, and the number of the others; all refinements are shown first."""
    refinements = [("+", image) for image in query.more] + [("−", image) for image in query.less]
    images = [("", image) for image in query.images]
    shown = [*images[: max(_MAX_CHIPS - len(refinements), 1)], *refinements][:_MAX_CHIPS]
    return shown, len(images) + len(refinements) - len(shown)


def _load_thumbnail(
    photo_id: int, region: Region | None, fetch: ThumbnailFetcher, edge: int, cancel: CancelToken
) -> QImage | None:
    """Return the cached thumbnail of a photo or of its region as a square, or None. Runs in a job."""
    cancel.check()
    data = fetch(photo_id)
    return None if data is None else _crop(images.image_from_jpeg(data), region, edge)


def _build_picture(
    region: Region | None, edge: int, image: QImage, _: QSize, cancel: CancelToken
) -> QImage | None:
    cancel.check()
    return _crop(image, region, edge)


def _crop(image: QImage, region: Region | None, edge: int) -> QImage | None:
    if region is not None and not image.isNull():
        left, top, right, bottom = region.pixel_box(image.width(), image.height())
        image = image.copy(QRect(left, top, right - left, bottom - top))
    return images.crop_square(image, edge, radius=round(edge / _PICTURE_EDGE * 4))
