"""How similar the results that are shown have to be: a menu, and a chip while it leaves some out."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.records import SimilarityBand

_ICON_SIZE = 16  # logical pixels

ALL = SimilarityBand.LESS_SIMILAR
"""Leaves out nothing."""


def strictness_text(least: SimilarityBand) -> str:
    """The least similar results that are shown."""
    return {
        SimilarityBand.SAME_PHOTO: tr("Same photo"),
        SimilarityBand.VERY_SIMILAR: tr("Very similar or better"),
        SimilarityBand.SIMILAR: tr("Similar or better"),
    }.get(least, tr("All"))


class StrictnessButton(QToolButton):
    """A button with a menu of the least similar results to show."""

    chosen = Signal(object)
    """The user chose this SimilarityBand."""

    def __init__(self, parent: QWidget | None = None, *, with_text: bool = False) -> None:
        super().__init__(parent)
        if with_text:
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(_ICON_SIZE, _ICON_SIZE))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu, group = QMenu(self), QActionGroup(self)
        self.choices: dict[SimilarityBand, QAction] = {}
        for band in (ALL, SimilarityBand.SIMILAR, SimilarityBand.VERY_SIMILAR, SimilarityBand.SAME_PHOTO):
            action = menu.addAction(strictness_text(band))
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, band=band: self.chosen.emit(band))
            group.addAction(action)
            self.choices[band] = action
        self.setMenu(menu)
        self.show_least(ALL)
        self.update_icons()

    def show_least(self, least: SimilarityBand) -> None:
        """Show which results are shown."""
        self.choices[least].setChecked(True)
        text = tr("Show: {results}").format(results=strictness_text(least))
        self.setAccessibleName(text)
        self.setText(text)
        self.setToolTip(formatting.plain_tooltip(text))

    def update_icons(self) -> None:
        """Draw the icon in the color of the current palette."""
        self.setIcon(theme.icon("filter"))
