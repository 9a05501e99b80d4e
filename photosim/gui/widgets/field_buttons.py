"""Names of the buttons inside a text field."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QToolButton


def set_button_names(field: QLineEdit, name: str) -> None:
    """Name the unnamed buttons in a field, such as Clear, for screen readers."""
    for button in field.findChildren(QToolButton):
        button.setAccessibleName(button.accessibleName() or name)
