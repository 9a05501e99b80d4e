"""What a place shows, put together in a job: photos in order, and the headings over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from photosim.gui.base.formatting import band_name as closeness_words
from photosim.gui.base.gc_pause import CHUNK_SIZE
from photosim.gui.state.grouping import Grouper
from photosim.gui.state.ordering import SortKey, SortOrder, sort_in_chunks, sort_key
from photosim.gui.state.sections import Section, Sections
from photosim.ml.closeness import group_by_band
from photosim.records import Photo


@dataclass(frozen=True, slots=True)
class PhotoList:
    """Photos as a grid shows them. The model that takes a listing owns its lists from then on."""

    photos: list[Photo] = field(default_factory=list)
    file_ids: list[int] = field(default_factory=list)
    id_set: set[int] = field(default_factory=set)
    similarities: Mapping[int, float] = field(default_factory=dict)
    sections: Sections = field(default_factory=Sections)
    sort_key: SortKey = field(default=sort_key(SortOrder.NAME))
    grouper: Grouper | None = None
    """What the photos are put under, where more of them may come."""
    order_hash: int | None = None
    """Of all file ids in their order: the same for the same ones. None while it is not known."""


def sorted_list(
    photos: Sequence[Photo],
    order: SortOrder,
    similarities: Mapping[int, float] | None = None,
    grouping: Grouper | None = None,
) -> PhotoList:
    """Photos in an order, under headings where there is a grouping; by similarity, `similarities` are by file id."""
    key = sort_key(order, similarities)
    if grouping is not None:
        key = grouping.sort_key(key)
    kept = sort_in_chunks(photos, key)
    sections = Sections(grouping.make_sections(kept) if grouping is not None else ())
    return replace(_listing(kept, similarities or {}, sections, key), grouper=grouping)


def ranked_list(matches: Sequence[tuple[Photo, float]], threshold: float) -> PhotoList:
    """Matches, best first, under the names of their closeness; those below the threshold are left out."""
    kept = [(photo, similarity) for photo, similarity in matches if similarity >= threshold]
    similarities = {photo.file_id: similarity for photo, similarity in kept}
    names = group_by_band(similarity for _, similarity in kept)
    sections = Sections(Section(first, closeness_words(name)) for first, name in names)
    key = sort_key(SortOrder.SIMILARITY, similarities)
    return _listing([photo for photo, _ in kept], similarities, sections, key)


def _listing(
    photos: list[Photo], similarities: Mapping[int, float], sections: Sections, key: SortKey
) -> PhotoList:
    file_ids = [photo.file_id for photo in photos]
    known: set[int] = set()
    order = 0
    for at in range(0, len(file_ids), CHUNK_SIZE):
        part = file_ids[at : at + CHUNK_SIZE]
        known.update(part)
        order = hash((order, *part))
    return PhotoList(photos, file_ids, known, similarities, sections, key, order_hash=order)
