"""Asks what looks like a query, among the photos that fit the filter."""

from __future__ import annotations

from photosim.gui.services.similarity import SHOWN, Done, Matches, SimilarityService
from photosim.gui.state.places import Query
from photosim.gui.state.view_filter import ViewFilter


class NarrowedLikeness:
    """Answers as Likeness does; `narrowing` may be changed at any time, then what is under way is not answered."""

    def __init__(self, likeness: SimilarityService) -> None:
        self._likeness = likeness
        self.narrowing = ViewFilter()

    def ask(self, query: Query, done: Done, count: int = SHOWN) -> int | None:
        """Ask what looks like the query; returns a job to cancel, where there is one."""
        narrowing = self.narrowing

        def narrowed(matches: Matches | None, error: Exception | None) -> None:
            if narrowing == self.narrowing:
                done(matches, error)

        return self._likeness.ask(query, narrowed if narrowing.is_active else done, count, narrowing)
