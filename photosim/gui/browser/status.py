"""The status of the browser: the count of what is shown, or a message on the empty page."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.places import Overview, View
from photosim.gui.state.text.empty import (
    EmptyMessage,
    LibrarySummary,
    empty_message,
    failure_message,
    is_first_run,
    loading_message,
    no_matches_message,
    no_objects_message,
    no_results_message,
)
from photosim.gui.state.text.events import count_events
from photosim.gui.widgets.empty_state import EmptyState
from photosim.search.filters.criteria import PhotoFilter


class BrowserStatus(QObject):
    """Fills the empty page, and formats the counts."""

    count_changed = Signal(str)
    """How much of the place is shown, as text; empty while it is unknown."""

    action_requested = Signal(object)
    """The user pressed a button of the empty page: its EmptyAction, or the PhotoFilter that it applies."""

    def __init__(self, page: EmptyState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.page = page
        self.total = 0
        """The number of items in the place without the filter."""
        self._library = LibrarySummary()

    @property
    def overview(self) -> Overview:
        """What the library contains."""
        return self._library.overview

    def set_library(self, overview: Overview, *, indexing: bool) -> None:
        """Set what the library contains and whether it is being indexed, for `show_empty`."""
        self._library = LibrarySummary(overview, indexing)

    def is_first_run(self, view: View) -> bool:
        """Whether an empty view is to show the welcome page."""
        return is_first_run(view, self._library)

    def show_count(self, view: View, shown: int, stacks: int = 0) -> None:
        """Show how many of the items of the place are shown, and in how many stacks some of them are."""
        text = formatting.count_of_total(shown, self.total, lambda count: _count_text(view, count))
        if stacks:
            text += " · " + tr("%Ln stack(s)", "", stacks)
        self.count_changed.emit(text if shown or self.total else "")

    def clear_count(self) -> None:
        """Show no count."""
        self.count_changed.emit("")

    def show_empty(
        self, view: View, photo_filter: PhotoFilter, *, restricted: bool = False, of_objects: bool = False
    ) -> None:
        """Explain why nothing is shown: the place is empty, or nothing matches the filter.

        `restricted`: a search has only results that are not similar enough; `of_objects`: it finds objects.
        """
        is_filtered = bool(photo_filter.active_facets)
        if restricted:
            self._show_message(no_results_message(restricted=True))
        elif is_filtered and (self.total > 0 or view is View.SIMILAR):
            self._show_message(no_matches_message(view, photo_filter))
        else:
            message = no_objects_message() if of_objects else empty_message(view, self._library)
            self._show_message(message)

    def show_loading(self, view: View) -> None:
        """Show that the place is being loaded."""
        self._show_message(loading_message(view))
        self.total = 0
        self.clear_count()

    def show_error(self, view: View, reason: str) -> None:
        """Show that the place cannot be loaded."""
        self._show_message(failure_message(view, reason))
        self.clear_count()

    def _show_message(self, message: EmptyMessage) -> None:
        buttons = [
            (label, lambda action=action: self.action_requested.emit(action))
            for label, action in message.buttons
        ]
        self.page.show_message(message.icon, message.title, message.text, *buttons)


def _count_text(view: View, count: int) -> str:
    """A count of the items that a view shows."""
    units = {
        View.CLUSTERS: formatting.count_clusters,
        View.HIDDEN: formatting.count_clusters,
        View.EVENTS: count_events,
        View.UNREADABLE: formatting.count_files,
    }
    return units.get(view, formatting.count_photos)(count)
