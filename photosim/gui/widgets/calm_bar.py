"""A progress bar that is painted with the rest of the window."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar


class DeferredProgressBar(QProgressBar):
    """Qt's own paints itself, and whatever else of the window waits to be painted, within each call that moves it."""

    def setValue(self, value: int) -> None:
        """Show another value with the next frame."""
        self.setUpdatesEnabled(False)
        super().setValue(value)
        self.setUpdatesEnabled(True)

    def setRange(self, minimum: int, maximum: int) -> None:
        """Count in other steps; from 0 to 0, show that something goes on."""
        if (minimum, maximum) == (self.minimum(), self.maximum()):
            return
        self.setUpdatesEnabled(False)
        super().setRange(minimum, maximum)
        self.setUpdatesEnabled(True)
