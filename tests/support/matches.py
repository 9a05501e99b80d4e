"""What holds for every list of matches."""

from __future__ import annotations

from collections.abc import Sequence

from photosim.records import Match


def assert_well_ordered(matches: Sequence[Match]) -> None:
    """Scores fall, and no band comes again."""
    scores = [match.score for match in matches]
    assert scores == sorted(scores, reverse=True)
    bands = [match.band for match in matches]
    assert bands == sorted(bands)
