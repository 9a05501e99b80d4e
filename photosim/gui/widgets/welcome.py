"""The page of a library without folders: drop one, choose a model, and know that nothing leaves this computer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr

_WIDTH, _ICON = 460, 44  # logical pixels


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that can be chosen at the first start, and what it does in a sentence."""

    id: str
    title: str
    description: str
    in_use: bool


class WelcomePage(QScrollArea):
    """One screen. The models are shown where there are several to choose from."""

    add_folder_requested = Signal()
    """The user wants to choose a folder."""

    folder_chosen = Signal(str)
    """Add this folder."""

    model_chosen = Signal(str)
    """Use the model with this id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = ""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setAccessibleName(tr("Welcome"))
        self.title = QLabel(tr("Find similar photos"), self)
        theme.set_font(self.title, 1.7, bold=True)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text = QLabel(tr("Click a photo to see those like it, or browse them in clusters."), self)
        text.setObjectName("quiet-text")
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text.setWordWrap(True)
        self._drop_zone = _DropZone(self)
        self.add_button = QPushButton(tr("Choose folder…"), self)
        self.add_button.setObjectName("primary")
        self.add_button.clicked.connect(self.add_folder_requested)
        self.pictures_button = QPushButton(tr("Add pictures"), self)
        self.pictures_button.clicked.connect(lambda: self.folder_chosen.emit(self._pictures))
        self.pictures_button.hide()
        self._drop_zone.buttons.addWidget(self.add_button)
        self._drop_zone.buttons.addWidget(self.pictures_button)
        self._models = QWidget(self)
        self._model_rows = QVBoxLayout(self._models)
        self._model_rows.setContentsMargins(0, 0, 0, 0)
        self._model_rows.setSpacing(2)
        self.model_buttons = QButtonGroup(self)
        self.model_buttons.buttonClicked.connect(
            lambda button: self.model_chosen.emit(button.property("model"))
        )
        self._models.hide()
        self.privacy = QLabel(tr("Everything stays on this computer."), self)
        self.privacy.setObjectName("quiet-text")
        self.privacy.setAlignment(Qt.AlignmentFlag.AlignCenter)
        page = QWidget(self)
        page.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addStretch(2)
        for widget, space in (
            (self.title, 0),
            (text, 14),
            (self._drop_zone, 18),
            (self._models, 14),
            (self.privacy, 0),
        ):
            column.addWidget(widget)
            column.addSpacing(space)
        column.addStretch(3)
        sheet = QWidget(self)
        row = QHBoxLayout(sheet)
        row.setContentsMargins(10, 16, 10, 16)
        row.addStretch(1)
        row.addWidget(page, 100)
        row.addStretch(1)
        self.setWidget(sheet)
        self.setFocusProxy(self.add_button)

    def show_pictures_folder(self, folder: str) -> None:
        """Offer the user's folder of pictures; "" offers none."""
        self._pictures = folder
        text = tr("Add “{name}”").format(name=formatting.display_name(folder).replace("&", "&&"))
        self.pictures_button.setText(text)
        self.pictures_button.setToolTip(formatting.plain_tooltip(formatting.display_path(folder)))
        self.pictures_button.setVisible(bool(folder))

    def show_models(self, models: Sequence[ModelChoice]) -> None:
        """Offer these models; a single one needs no choice."""
        for button in self.model_buttons.buttons():
            self.model_buttons.removeButton(button)
        while self._model_rows.count():
            item = self._model_rows.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._models.hide()
        if len(models) < 2:
            return
        heading = QLabel(tr("Model"), self._models)
        theme.set_font(heading, bold=True)
        self._model_rows.addWidget(heading)
        for model in models:
            button = QRadioButton(model.title, self._models)
            button.setProperty("model", model.id)
            button.setChecked(model.in_use)
            button.setAccessibleDescription(model.description)
            description = QLabel(model.description, self._models)
            description.setObjectName("quiet-text")
            description.setWordWrap(True)
            description.setContentsMargins(26, 0, 0, 6)
            description.setVisible(bool(model.description))
            self.model_buttons.addButton(button)
            self._model_rows.addWidget(button)
            self._model_rows.addWidget(description)
        self._models.show()

    def set_enabled(self, enabled: bool) -> None:
        """Enable what changes the library, or disable it while that is read-only."""
        for widget in (self.add_button, self.pictures_button, self._models):
            widget.setEnabled(enabled)


class _DropZone(QWidget):
    """A dashed frame with an icon, a text and buttons."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = QLabel(self)
        text = QLabel(tr("Drop a folder of photos here"), self)
        theme.set_font(text, 1.2, bold=True)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        self.buttons.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 26, 12, 26)
        layout.setSpacing(10)
        for label in (self._icon, text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addLayout(self.buttons)
        self._update_icon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._update_icon()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self.palette().color(QPalette.ColorRole.Dark), 1.6, Qt.PenStyle.DashLine)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 14, 14)

    def _update_icon(self) -> None:
        color = self.palette().color(QPalette.ColorRole.PlaceholderText)
        self._icon.setPixmap(theme.icon_pixmap("drop", color, _ICON, self.devicePixelRatioF()))
