"""A chip of the filter bar: something that is chosen, and the cross that takes it off."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.gui.widgets.chip_keys import REMOVE_KEYS, accept_remove_key
from photosim.search.photo_filter import PhotoFilter

_ICON = 14  # logical pixels
_WIDEST = 260


class FilterChip(QToolButton):
    """Something that is chosen; a click or Delete takes it off."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._piece = ""
        self.filter_without = PhotoFilter()
        """What is wanted without it."""
        self.setObjectName("filter-chip")
        self.setAccessibleName(tr("Take off"))  # until it stands for something
        self.setIcon(theme.icon("close"))
        self.setIconSize(QSize(_ICON, _ICON))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross stands behind the words
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_condition(self, text: str, filter_without: PhotoFilter) -> None:
        """Stand for a piece of the filter; `left` is the filter without it."""
        self.filter_without = filter_without
        if text == self._piece:
            return
        self._piece = text
        fitted = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, _WIDEST)
        self.setText(fitted.replace("&", "&&"))
        told = tr("Take off: {what}").format(what=text)
        self.setToolTip(formatting.plain_tooltip(told))
        self.setAccessibleName(told)

    def event(self, event: QEvent) -> bool:
        """Its keys are its own: elsewhere Delete throws photos away."""
        if accept_remove_key(event):
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete and Enter take it off, as Space does."""
        if event.key() in REMOVE_KEYS:
            self.click()
        else:
            super().keyPressEvent(event)
