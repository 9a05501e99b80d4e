"""Keeps windows within the screen, which is small at a scale of 200 or 300%."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

_FRAME = QSize(16, 48)  # the largest window frame with its title bar, logical pixels


def resize_within_screen(window: QWidget, size: QSize) -> None:
    """Resize a window, at most to the size of its screen."""
    window.resize(size.boundedTo(max_window_size(window)))


def max_window_size(window: QWidget) -> QSize:
    """The largest size of a window on its screen, without its frame."""
    return window.screen().availableGeometry().size() - _FRAME
