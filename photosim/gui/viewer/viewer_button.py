"""The buttons of the places that are dark in every look: the viewer and the comparison."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from photosim.gui.base import formatting, theme

USUAL, SMALL = 20, 18  # logical pixels of an icon


def viewer_button(
    parent: QWidget, glyph: str, text: str, action: Callable[..., object], *, small: bool = False
) -> QToolButton:
    """An icon with this tool tip, reached by Tab too; a click leaves the keyboard to the photo."""
    button = QToolButton(parent)
    button.setObjectName("viewer-button")
    button.setIcon(theme.icon(glyph, theme.VIEWER_TEXT))
    edge = SMALL if small else USUAL
    button.setIconSize(QSize(edge, edge))
    button.setToolTip(formatting.plain_tooltip(text))
    button.setAccessibleName(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(action)
    return button
