"""Dialog of what one can do with the program, each with a picture and its shortcuts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from photosim.gui.base import theme
from photosim.gui.base.screen import resize_within_screen
from photosim.gui.base.translation import tr

_PICTURE, _ICON, _TEXT_WIDTH = 56, 30, 380  # logical pixels


class FeaturesDialog(QDialog):
    """Lists what the program can do, each thing with a picture."""

    def __init__(
        self,
        window: QWidget,
        *,
        find_similar: QAction,
        clusters: QAction,
        events: QAction,
        search: QAction,
        search_image: Sequence[QAction],
        compare: QAction,
        duplicates: QAction,
        compare_folder: QAction,
        collect: Sequence[QAction],
        look_alikes: Sequence[QAction],
        shortcuts: QAction,
    ) -> None:
        """The actions of which the shortcuts are shown; `shortcuts` shows all others."""
        super().__init__(window)
        self.setWindowTitle(tr("What you can do"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.features: tuple[tuple[str, str, str, Sequence[QAction]], ...] = (
            (
                "similar",
                tr("Find similar photos"),
                tr("Click a photo, and the photos most like it appear beside it, best first."),
                (find_similar,),
            ),
            (
                "clusters",
                tr("Browse clusters"),
                tr("Similar photos are grouped for you. Name, merge or hide groups as you like."),
                (clusters,),
            ),
            (
                "calendar",
                tr("Look back at events"),
                tr("Photos taken together are one event, named by its folder or by what they show."),
                (events,),
            ),
            (
                "photos",
                tr("See then and now"),
                tr("See similar photos year by year, or walk from one photo to another."),
                look_alikes,
            ),
            (
                "search-image",
                tr("Search"),
                tr("Type what a photo shows, a date, a folder, a camera or a file name."),
                (search,),
            ),
            (
                "region",
                tr("Search by an image or a part"),
                tr("Drop or paste any image, click an object in a photo, or draw a frame around a part."),
                search_image,
            ),
            (
                "compare",
                tr("Compare photos"),
                tr("Select two to four photos to see them side by side, down to the pixel."),
                (compare,),
            ),
            (
                "duplicates",
                tr("Clean up duplicates"),
                tr("Review copies, edits and bursts. Keep the best, and trash the others at once."),
                (duplicates,),
            ),
            (
                "folder",
                tr("See what is new on a memory card"),
                tr("Compare a card, a phone or a backup with the library, and copy only what is new."),
                (compare_folder,),
            ),
            (
                "collection",
                tr("Collect photos"),
                tr("Keep photos under a name, or a search that finds new photos by itself."),
                collect,
            ),
        )
        sheet = QWidget(self)
        grid = QGridLayout(sheet)
        grid.setContentsMargins(24, 22, 24, 12)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(18)
        grid.setColumnStretch(1, 1)
        for row, (icon, title, text, own_actions) in enumerate(self.features):
            grid.addWidget(_Picture(icon, sheet), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addLayout(_description(title, text, sheet), row, 1)
            grid.addWidget(_keys(own_actions, sheet), row, 2, Qt.AlignmentFlag.AlignTop)
        note = QLabel(tr("Everything stays on this computer."), sheet)
        note.setObjectName("quiet-text")
        grid.addWidget(note, len(self.features), 1, 1, 2)
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(sheet)
        area.setAccessibleName(self.windowTitle())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        self.shortcuts_button = QPushButton(tr("All keyboard shortcuts"), self)
        self.shortcuts_button.setAutoDefault(False)
        self.shortcuts_button.clicked.connect(self.accept)
        self.shortcuts_button.clicked.connect(shortcuts.trigger)
        buttons.addButton(self.shortcuts_button, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 16)
        layout.addWidget(area, 1)
        footer = QVBoxLayout()
        footer.setContentsMargins(24, 0, 24, 0)
        footer.addWidget(buttons)
        layout.addLayout(footer)
        resize_within_screen(self, sheet.sizeHint() + QSize(24, buttons.sizeHint().height() + 40))


class _Picture(QWidget):
    """An icon on a rounded ground, in the colors of the palette."""

    def __init__(self, icon: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setFixedSize(_PICTURE, _PICTURE)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().brush(QPalette.ColorRole.AlternateBase))
        painter.drawRoundedRect(QRectF(self.rect()), 12, 12)
        color = self.palette().color(QPalette.ColorRole.Link)
        pixmap = theme.icon_pixmap(self._icon, color, _ICON, self.devicePixelRatioF())
        offset = (_PICTURE - _ICON) // 2
        painter.drawPixmap(offset, offset, pixmap)


def _description(title: str, text: str, parent: QWidget) -> QVBoxLayout:
    name = QLabel(title, parent)
    theme.set_font(name, 1.08, bold=True)
    description = QLabel(text, parent)
    description.setWordWrap(True)
    description.setMinimumWidth(_TEXT_WIDTH * 2 // 3)
    column = QVBoxLayout()
    column.setSpacing(3)
    column.addWidget(name)
    column.addWidget(description)
    column.addStretch(1)
    return column


def _keys(actions: Sequence[QAction], parent: QWidget) -> QLabel:
    keys = [action.shortcut().toString(QKeySequence.SequenceFormat.NativeText) for action in actions]
    label = QLabel("\n".join(filter(None, keys)), parent)
    label.setObjectName("quiet-text")
    label.setAlignment(Qt.AlignmentFlag.AlignRight)
    return label
