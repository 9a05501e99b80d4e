"""The chips of the filter bar, and the keys that remove a chip."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.search.filters.criteria import PhotoFilter

REMOVE_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter)
"""Keys that remove the chip that has the focus."""

_ICON_SIZE = 14  # logical pixels
_MAX_TEXT_WIDTH = 260  # logical pixels


def accept_remove_key(event: QEvent) -> bool:
    """Accept a shortcut override by a key that removes chips, and return whether the event was one.

    Without this, Delete would trigger the window's shortcut and move photos to the trash.
    """
    is_remove_key = (
        event.type() == QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and event.key() in REMOVE_KEYS
    )
    if is_remove_key:
        event.accept()
    return is_remove_key


class FilterChip(QToolButton):
    """A condition of the filter; a click or one of `REMOVE_KEYS` removes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._condition = ""
        self.filter_without = PhotoFilter()
        """The filter without this condition."""
        self.setObjectName("filter-chip")
        self.setAccessibleName(tr("Remove"))  # until a condition is set
        self.setIcon(theme.icon("close"))
        self.setIconSize(QSize(_ICON_SIZE, _ICON_SIZE))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # puts the icon after the text
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_condition(self, text: str, filter_without: PhotoFilter) -> None:
        """Show a condition; `filter_without` is the filter without it."""
        self.filter_without = filter_without
        if text == self._condition:
            return
        self._condition = text
        elided = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, _MAX_TEXT_WIDTH)
        self.setText(elided.replace("&", "&&"))
        description = tr("Remove {condition}").format(condition=text)
        self.setToolTip(formatting.plain_tooltip(description))
        self.setAccessibleName(description)

    def event(self, event: QEvent) -> bool:
        return accept_remove_key(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in REMOVE_KEYS:
            self.click()
        else:
            super().keyPressEvent(event)
