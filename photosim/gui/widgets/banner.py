"""A dismissible one-line message above the photos."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from photosim.gui.base import theme
from photosim.gui.base.translation import tr

_ICON_SIZE = 16  # logical pixels


class Banner(QWidget):
    """A text, a link and a close button. Hidden at first; following the link or closing hides it again."""

    link_clicked = Signal()

    def __init__(self, text: str, link: str, parent: QWidget | None = None, *, closable: bool = True) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.text = QLabel(text, self)
        self.text.setObjectName("quiet-text")
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.link = QPushButton(link, self)
        self.link.setObjectName("link")
        self.link.setAccessibleName(link or tr("More"))
        self.link.setCursor(Qt.CursorShape.PointingHandCursor)
        self.link.clicked.connect(self.link_clicked)
        self.link.clicked.connect(self.hide)
        self.close_button = QToolButton(self)
        self.close_button.setIconSize(QSize(_ICON_SIZE, _ICON_SIZE))
        self.close_button.setToolTip(tr("Dismiss"))
        self.close_button.setAccessibleName(tr("Dismiss"))
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.close_button.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 4, 8, 4)
        layout.setSpacing(6)
        layout.addWidget(self.text)
        layout.addWidget(self.link)
        layout.addStretch(1)
        layout.addWidget(self.close_button)
        self.link.setVisible(bool(link))
        self.close_button.setVisible(closable)
        self._update_icons()
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._update_icons()

    def _update_icons(self) -> None:
        self.close_button.setIcon(theme.icon("close"))
