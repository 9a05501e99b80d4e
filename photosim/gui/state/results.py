"""The results of a search: which of them are shown, under which headings, and whether more can be loaded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from photosim.gui.base.boxes import FoundObject
from photosim.gui.base.formatting import band_name
from photosim.gui.state.listing import PhotoList, make_list
from photosim.gui.state.sections import Section
from photosim.gui.state.stacks import Stacks
from photosim.records import Photo, SimilarityBand

FIRST_PAGE = 60
"""Results that a search begins with."""

_MAX_STEP = 480
"""Results loaded at once while one scrolls: so few that the list grows in place, see `list_diff`."""

MAX_RESULTS = 3000
"""More than anyone looks through."""

_MIN_ABOVE_FOLD = 12
"""With as many closer results, those that are less similar are folded."""


@dataclass(frozen=True, slots=True)
class Result:
    """A photo that a search has found; `similarity` is on the scale that is common to all models."""

    photo: Photo
    similarity: float
    band: SimilarityBand
    found: FoundObject | None = None
    """The object that was found in the photo, None where it was the whole."""


@dataclass(frozen=True, slots=True)
class Results:
    """The best results of a search, best first."""

    rows: tuple[Result, ...] = ()
    is_complete: bool = True
    """Whether there are no others."""

    stacks: Stacks = field(default_factory=Stacks)
    """The stacks of which one photo is listed, the most similar one."""


@dataclass(frozen=True, slots=True)
class ResultList:
    """The list that both result grids show."""

    photos: PhotoList = field(default_factory=PhotoList)
    can_grow: bool = False
    """Whether more results would be shown if they were loaded."""

    is_restricted: bool = False
    """Whether results are left out because they are not similar enough."""

    @property
    def is_counted(self) -> bool:
        """Whether the number of results is known."""
        return not self.can_grow and not self.fold

    @property
    def fold(self) -> bool | None:
        """Whether the last section is folded; None where it can't be."""
        sections = self.photos.sections
        return sections[len(sections) - 1].folded if len(sections) else None


def list_results(results: Results, least: SimilarityBand, *, unfolded: bool) -> ResultList:
    """List the results down to a band, the least similar ones folded where there are enough above them."""
    rows = [row for row in results.rows if row.band <= least]
    is_cut = len(rows) < len(results.rows)
    stacked = results.stacks.of_ranked(row.photo for row in rows)
    if stacked.hidden:
        tops = {photo.file_id for photo in stacked.photos}
        rows = [row for row in rows if row.photo.file_id in tops]
    close = [row for row in rows if row.band < SimilarityBand.LESS_SIMILAR]
    can_fold = len(close) >= _MIN_ABOVE_FOLD and len(close) < len(rows)
    is_folded = can_fold and not unfolded
    shown = close if is_folded else rows
    is_open = not results.is_complete and not is_cut and len(results.rows) < MAX_RESULTS
    firsts = {row.band: index for index, row in reversed(list(enumerate(shown)))}
    sections = [Section(first, band_name(band), group=band) for band, first in sorted(firsts.items())]
    if is_folded:
        band = SimilarityBand.LESS_SIMILAR
        sections.append(Section(len(shown), band_name(band), group=band, folded=True, counted=False))
    elif sections:
        last = sections[-1]
        sections[-1] = Section(
            last.first, last.title, group=last.group, folded=False if can_fold else None, counted=not is_open
        )
    similarities = {row.photo.file_id: row.similarity for row in shown}
    photos = make_list([row.photo for row in shown], similarities, sections)
    photos = replace(photos, found={row.photo.file_id: row.found for row in shown if row.found is not None})
    return ResultList(photos.with_stacks(stacked), can_grow=is_open and not is_folded, is_restricted=is_cut)


def next_count(count: int) -> int:
    """How many results to load after this many."""
    return min(count + min(max(count, FIRST_PAGE), _MAX_STEP), MAX_RESULTS)
