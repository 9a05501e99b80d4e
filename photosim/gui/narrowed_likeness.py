"""Asks what looks like a query, among the photos that fit the filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photosim.gui.jobs import SOON, Jobs
from photosim.gui.likeness import SHOWN, Done, Likeness, Matches
from photosim.gui.narrowing import Narrowing
from photosim.gui.places import Query

if TYPE_CHECKING:
    from photosim.library import Library

_WIDE = 2000
"""Matches asked for under a filter, since many of them will not fit."""


class NarrowedLikeness:
    """Answers as Likeness does; `narrowing` may be changed at any time, then what is under way is not answered."""

    def __init__(self, library: Library, jobs: Jobs, likeness: Likeness) -> None:
        self._library, self._jobs, self._likeness = library, jobs, likeness
        self.narrowing = Narrowing()

    def ask(self, query: Query, done: Done, count: int = SHOWN) -> int | None:
        """Ask what looks like the query; returns a job to cancel, where there is one."""
        narrowing = self.narrowing
        if not narrowing.is_active:
            return self._likeness.ask(query, done, count)

        def narrowed(matches: Matches | None, error: Exception | None) -> None:
            if narrowing == self.narrowing:
                done(matches, error)

        def matched(matches: Matches | None, error: Exception | None) -> None:
            if matches is None:
                narrowed(None, error)
            else:
                self._jobs.start(
                    lambda _: narrowing.of_matches(self._library, matches)[:count], narrowed, SOON
                )

        return self._likeness.ask(query, matched, _WIDE)
