"""What is said of the place in the centre: how much of it is shown, or on an empty page why nothing is."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from photosim.gui.base import formatting
from photosim.gui.state.empty_text import (
    EmptyMessage,
    LibrarySummary,
    explain,
    explain_failure,
    explain_filter,
    under_way,
)
from photosim.gui.state.places import Overview, View
from photosim.gui.widgets.empty_state import EmptyState


class BrowserStatus(QObject):
    """Writes on the empty page, and tells the numbers."""

    counted = Signal(str)
    """How much is shown of what the place holds, in words; nothing while that is not known."""

    wished = Signal(object)
    """The person pressed the button of an empty place: a Wish."""

    def __init__(self, page: EmptyState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.page = page
        self.total = 0
        """How much the place holds, without the filter."""
        self._situation = LibrarySummary()

    @property
    def overview(self) -> Overview:
        """What the library holds."""
        return self._situation.overview

    def know(self, overview: Overview, *, indexing: bool) -> None:
        """What the library holds and whether it grows, for what an empty place says."""
        self._situation = LibrarySummary(overview, indexing)

    def count(self, view: View, shown: int) -> None:
        """So much of the place is shown."""
        told = formatting.shown(shown, self.total, lambda count: _unit(view, count))
        self.counted.emit(told if shown or self.total else "")

    def count_nothing(self) -> None:
        """How much there is will be known later, or never."""
        self.counted.emit("")

    def say_empty(self, view: View, *, narrowed: bool) -> None:
        """Nothing is shown: there is nothing, or the filter leaves it out."""
        if narrowed and self.total > 0:
            self._say(explain_filter(_unit(view, self.total)))
        else:
            self._say(explain(view, self._situation))

    def say_under_way(self, view: View) -> None:
        """The place is being put together."""
        self._say(under_way(view))
        self.total = 0
        self.count_nothing()

    def say_failed(self, view: View, reason: str) -> None:
        """The place cannot be put together."""
        self._say(explain_failure(view, reason))
        self.count_nothing()

    def _say(self, state: EmptyMessage) -> None:
        buttons = [(label, lambda wish=wish: self.wished.emit(wish)) for label, wish in state.buttons]
        self.page.say(state.glyph, state.title, state.text, *buttons, framed=state.framed)


def _unit(view: View, count: int) -> str:
    """So many of what the place holds."""
    units = {
        View.CLUSTERS: formatting.clusters,
        View.HIDDEN: formatting.clusters,
        View.UNREADABLE: formatting.files,
    }
    return units.get(view, formatting.photos)(count)
