"""What a search is made of, as chips that can be taken off one by one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from photosim.gui.base import formatting, images, theme
from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.base.translation import tr
from photosim.gui.state.places import Query, QueryImage, image_name
from photosim.gui.widgets.chip import REMOVE_KEYS, accept_remove_key
from photosim.gui.widgets.flow_layout import FlowLayout

_PICTURE_EDGE = 26  # logical pixels of a chip's picture
_MAX_TEXT_WIDTH = 150  # logical pixels of a chip's words
_GAP = 6

ThumbnailFetcher = Callable[[int], bytes | None]


class QueryBar(QFrame):
    """The chips of the search that the browser shows; hidden while it shows none."""

    def __init__(self, jobs: Jobs, thumbnail: ThumbnailFetcher, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip-bar")
        self.chips = QueryChips(jobs, thumbnail, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 9, 16, 9)
        layout.addWidget(self.chips)
        self.hide()

    def show_query(self, query: Query | None) -> None:
        """Show the chips of a query, or hide the bar."""
        self.chips.show_query(query)
        self.setVisible(query is not None)


class QueryChips(QWidget):
    """The chips of one query; empty for none."""

    query_changed = Signal(object)
    """The person took a chip off: the Query that is left."""

    def __init__(self, jobs: Jobs, thumbnail: ThumbnailFetcher, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._thumbnail = jobs, thumbnail
        self._query: Query | None = None
        self.chips: list[QueryChip] = []
        self._pending_jobs: list[int] = []
        self._flow = FlowLayout(self, _GAP)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("What is searched for"))

    def show_query(self, query: Query | None) -> None:
        """Show the chips of another query."""
        if query == self._query:
            return
        self._query = query
        for job in self._pending_jobs:
            self._jobs.cancel(job)
        self._pending_jobs = []
        focused = next(
            (place for place, chip in enumerate(self.chips) if chip.remove_button.hasFocus()), None
        )
        for chip in self.chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = (
            []
            if query is None
            else [self._create_chip(query, sign, part) for sign, part in _signed_images(query)]
        )
        for chip in self.chips:
            self._flow.addWidget(chip)
            chip.show()
        self.updateGeometry()
        if focused is not None and self.chips:
            self.chips[min(focused, len(self.chips) - 1)].remove_button.setFocus()

    def _create_chip(self, query: Query, sign: str, part: QueryImage) -> QueryChip:
        left = query.without(part)
        chip = QueryChip(sign, part, removable=left is not None and left != query, parent=self)
        chip.remove_button.clicked.connect(lambda: self.query_changed.emit(left))
        chip.remove_button.installEventFilter(self)
        work = partial(_load_picture, part, self._thumbnail, round(_PICTURE_EDGE * self.devicePixelRatioF()))
        self._pending_jobs.append(self._jobs.start(work, chip.show_picture, Priority.NORMAL))
        return chip

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Delete takes a chip off (elsewhere it throws photos away), the arrows go from chip to chip."""
        if accept_remove_key(event):
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            buttons = [chip.remove_button for chip in self.chips if chip.remove_button.isVisible()]
            if watched in buttons:
                at = buttons.index(watched)
                if event.key() in REMOVE_KEYS:
                    buttons[at].click()
                    return True
                step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
                if step:
                    buttons[min(max(at + step, 0), len(buttons) - 1)].setFocus()
                    return True
        return False


class QueryChip(QFrame):
    """One image of a query: what it does to the answer, a picture, a name, and a button to take it off."""

    def __init__(self, sign: str, part: QueryImage, *, removable: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self.image, self.sign = part, sign
        name = image_name(part)
        said = {"+": tr("More like {name}"), "−": tr("Less like {name}")}.get(sign, "{name}")
        said = said.format(name=name)
        self.setAccessibleName(said)
        self.setToolTip(
            formatting.plain_tooltip(said, "" if part.pasted else formatting.display_path(part.path))
        )
        self.picture = QLabel(self)
        self.picture.setFixedSize(_PICTURE_EDGE, _PICTURE_EDGE)
        text = QLabel(self)
        text.setText(text.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _MAX_TEXT_WIDTH))
        text.setTextFormat(Qt.TextFormat.PlainText)
        self.remove_button = QToolButton(self)
        self.remove_button.setObjectName("chip-close")
        self.remove_button.setIcon(theme.icon("close"))
        self.remove_button.setIconSize(QSize(14, 14))
        self.remove_button.setAccessibleName(tr("Take off: {what}").format(what=said))
        self.remove_button.setToolTip(tr("Take this off the search"))
        self.remove_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.remove_button.setVisible(removable)
        line = QHBoxLayout(self)
        line.setContentsMargins(4, 3, 3 if removable else 9, 3)
        line.setSpacing(5)
        line.addWidget(self.picture)
        if sign:
            mark = QLabel(sign, self)
            mark.setObjectName("chip-more" if sign == "+" else "chip-less")
            theme.set_font(mark, 1.2, bold=True)
            line.addWidget(mark)
        line.addWidget(text)
        line.addWidget(self.remove_button)

    def show_picture(self, image: QImage | None, error: Exception | None) -> None:  # noqa: ARG002 - a chip without a picture is no error
        """Show its picture."""
        if image is not None and not image.isNull():
            pixmap = QPixmap.fromImage(image)
            pixmap.setDevicePixelRatio(image.width() / _PICTURE_EDGE)
            self.picture.setPixmap(pixmap)


def _signed_images(query: Query) -> list[tuple[str, QueryImage]]:
    signs = (("", query.images), ("+", query.more), ("−", query.less))
    return [(sign, part) for sign, parts in signs for part in parts]


def _load_picture(part: QueryImage, fetch: ThumbnailFetcher, edge: int, cancel: CancelToken) -> QImage | None:
    """A square of the photo, or of its part."""
    cancel.check()
    data = None if part.photo is None else fetch(part.photo.photo_id)
    image = images.load_photo(part.path, 640) if data is None else images.image_from_jpeg(data)
    if part.region is not None and not image.isNull():
        left, top, right, bottom = part.region.pixel_box(image.width(), image.height())
        image = image.copy(QRect(left, top, right - left, bottom - top))
    return images.crop_square(image, edge, radius=round(edge / _PICTURE_EDGE * 4))
