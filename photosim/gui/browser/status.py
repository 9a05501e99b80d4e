"""What is said of the place in the centre: how much of it is shown, or on an empty page why nothing is."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from photosim.gui.base import formatting
from photosim.gui.state.empty_text import (
    EmptyMessage,
    LibrarySummary,
    empty_message,
    failure_message,
    loading_message,
    no_matches_message,
)
from photosim.gui.state.places import Overview, View
from photosim.gui.widgets.empty_state import EmptyState


class BrowserStatus(QObject):
    """Writes on the empty page, and tells the numbers."""

    count_changed = Signal(str)
    """How much is shown of what the place holds, in words; nothing while that is not known."""

    action_requested = Signal(object)
    """The person pressed the button of an empty place: a Wish."""

    def __init__(self, page: EmptyState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.page = page
        self.total = 0
        """How much the place holds, without the filter."""
        self._library = LibrarySummary()

    @property
    def overview(self) -> Overview:
        """What the library holds."""
        return self._library.overview

    def set_library(self, overview: Overview, *, indexing: bool) -> None:
        """What the library holds and whether it grows, for what an empty place says."""
        self._library = LibrarySummary(overview, indexing)

    def show_count(self, view: View, shown: int) -> None:
        """So much of the place is shown."""
        told = formatting.count_of_total(shown, self.total, lambda count: _count_text(view, count))
        self.count_changed.emit(told if shown or self.total else "")

    def clear_count(self) -> None:
        """How much there is will be known later, or never."""
        self.count_changed.emit("")

    def show_empty(self, view: View, *, filtered: bool) -> None:
        """Nothing is shown: there is nothing, or the filter leaves it out."""
        if filtered and self.total > 0:
            self._show_message(no_matches_message(_count_text(view, self.total)))
        else:
            self._show_message(empty_message(view, self._library))

    def show_loading(self, view: View) -> None:
        """The place is being put together."""
        self._show_message(loading_message(view))
        self.total = 0
        self.clear_count()

    def show_error(self, view: View, reason: str) -> None:
        """The place cannot be put together."""
        self._show_message(failure_message(view, reason))
        self.clear_count()

    def _show_message(self, state: EmptyMessage) -> None:
        buttons = [
            (label, lambda wish=wish: self.action_requested.emit(wish)) for label, wish in state.buttons
        ]
        self.page.show_message(state.icon, state.title, state.text, *buttons, framed=state.is_drop_area)


def _count_text(view: View, count: int) -> str:
    """So many of what the place holds."""
    units = {
        View.CLUSTERS: formatting.count_clusters,
        View.HIDDEN: formatting.count_clusters,
        View.UNREADABLE: formatting.count_files,
    }
    return units.get(view, formatting.count_photos)(count)
