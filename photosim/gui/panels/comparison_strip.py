"""The strip that shows the progress of a comparison, and its result."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from photosim.duplicates.comparison import Comparison
from photosim.gui.base.translation import tr
from photosim.gui.panels.index_strip import IndexStrip
from photosim.gui.state.text.comparison import summary_text
from photosim.records import Phase, Progress


class ComparisonStrip(IndexStrip):
    """Shows the phases of a comparison with Pause and Cancel, then how many photos are new."""

    show_requested = Signal()
    """The user wants to see the result."""

    phases = (Phase.SCANNING, Phase.ANALYZING, Phase.COMPARING)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, tr("Comparing"))
        self.unreadable_button.setText(tr("Show"))
        self.unreadable_requested.connect(self.show_requested)

    def show_progress(self, progress: Progress) -> None:
        super().show_progress(progress)
        if progress.phase is Phase.COMPARING and not self.text.text():
            self.text.setText(tr("Comparing"))

    def show_result(self, result: Comparison) -> None:
        """Show the result of a comparison, with a button that opens it."""
        self._show_controls(running=False)
        self.text.setText(summary_text(result))
        self.unreadable_button.show()
        self.hide_later()

    def show_stopped(self, left: int | None, unreadable: int = 0) -> None:
        super().show_stopped(left, unreadable)
        text = tr("Comparison stopped. %Ln photo(s) left.", "", left) if left else tr("Comparison stopped.")
        self.text.setText(text)
        self.unreadable_button.hide()
