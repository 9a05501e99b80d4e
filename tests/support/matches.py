"""Matches of an image file, and what holds for every list of matches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from photosim.library import Library
from photosim.records import Match
from photosim.search.query import Example, SimilarityQuery


def assert_well_ordered(matches: Sequence[Match]) -> None:
    """Scores fall, and no band comes again."""
    scores = [match.score for match in matches]
    assert scores == sorted(scores, reverse=True)
    bands = [match.band for match in matches]
    assert bands == sorted(bands)


def similar_to_file(library: Library, path: Path, k: int = 50) -> list[Match]:
    """Return the `k` photo files most similar to an image file, which this process reads."""
    return library.similarity.search(SimilarityQuery((Example(str(path)),)), k)
