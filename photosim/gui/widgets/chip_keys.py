"""The keys that take a chip off, before they are shortcuts of the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

REMOVE_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter)


def accept_remove_key(event: QEvent) -> bool:
    """Whether the event asks if such a key is the chip's own, which is answered: elsewhere Delete throws photos away."""
    mine = (
        event.type() == QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and event.key() in REMOVE_KEYS
    )
    if mine:
        event.accept()
    return mine
