"""The buttons that Qt puts inside text fields and toolbars."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QToolBar, QToolButton

from photosim.gui.base import theme
from photosim.gui.base.translation import tr


def set_button_names(field: QLineEdit, name: str) -> None:
    """Name the unnamed buttons in a field, such as Clear, for screen readers."""
    for button in field.findChildren(QToolButton):
        button.setAccessibleName(button.accessibleName() or name)


def update_overflow_button(toolbar: QToolBar) -> None:
    """Name the button of what has no room in a toolbar, and draw its icon in the color of the palette."""
    button = toolbar.findChild(QToolButton, "qt_toolbar_ext_button")
    if button is not None:
        button.setIcon(theme.icon("forward"))  # the style's icon does not follow the palette
        button.setToolTip(tr("More"))
        button.setAccessibleName(tr("More"))
