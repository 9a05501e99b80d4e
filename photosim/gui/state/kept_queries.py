"""Queries of the window as they are kept under a name, and back; all functions read the library, in jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from photosim.errors import LibraryError
from photosim.gui.state.places import Place, Query, QueryImage, View
from photosim.library.collections import Collection, FoundExample
from photosim.records import DEFAULT_LEVEL
from photosim.search.filters.criteria import Facet, PhotoFilter
from photosim.search.kept_search import KeptExample, KeptSearch

if TYPE_CHECKING:
    from photosim.library import Library


def can_keep(place: Place, photo_filter: PhotoFilter) -> bool:
    """Return whether what a place shows can be kept as a search."""
    if place.search is not None and any(image.pasted for image in place.search.all_images):
        return False  # its file is temporary
    base = _base_of(place, DEFAULT_LEVEL)
    if base is None or _would_widen(base.criteria, photo_filter):
        return False
    if place.search is not None and place.is_search:
        return base.least is not place.search.least or bool(photo_filter.active_facets) or not base.like
    return bool(photo_filter.active_facets)


def kept_search(library: Library, place: Place, photo_filter: PhotoFilter, level: int) -> KeptSearch:
    """Return the search for what a place and a filter show; `level` is that of the clusters."""
    kept = _base_of(place, level) or KeptSearch()
    criteria = kept.criteria.combined(photo_filter)
    query = place.search if place.is_search else None
    if query is None:
        return replace(kept, criteria=criteria)
    groups = (query.images, query.more, query.less)
    like, more, less = (tuple(_kept_example(library, image) for image in images) for images in groups)
    return KeptSearch(kept.words, criteria, like, more, less, query.least)


def kept_query(library: Library, collection: Collection) -> Query | None:
    """Return the query of a kept search by photos; None for other collections, and where the photos are gone."""
    search = collection.search
    if search is None or not search.like:
        return None
    try:
        found = library.collections.examples(search)
    except LibraryError:
        return None
    return Query(_images(found.like), _images(found.more), _images(found.less), search.least)


def _base_of(place: Place, level: int) -> KeptSearch | None:
    """Return the search for all photos of a place, None where no search finds them."""
    if place.view is View.FOLDER and place.folder is not None:
        return KeptSearch(criteria=PhotoFilter(folders=frozenset({place.folder})))
    if place.view is View.CLUSTER:
        title = None if place.cluster is None else place.cluster.title
        criteria = PhotoFilter(clusters=frozenset({title or ""}), cluster_level=level)
        return KeptSearch(criteria=criteria) if title else None
    if place.view is View.COLLECTION:
        collection = place.collection
        return None if collection is None or collection.is_damaged else collection.search
    is_list = (place.has_own_order and not place.is_search) or place.view in (View.UNGROUPED, View.EVENT)
    return None if is_list else KeptSearch()


def _would_widen(criteria: PhotoFilter, other: PhotoFilter) -> bool:
    """Return whether photos that fulfil only one of both would match both combined: any value of a facet is enough."""
    narrowing = (Facet.TEXT, Facet.DATES, Facet.LABELS)
    return any(
        criteria.values(facet) and other.values(facet) and criteria.values(facet) != other.values(facet)
        for facet in Facet
        if facet not in narrowing
    )


def _kept_example(library: Library, image: QueryImage) -> KeptExample:
    example = KeptExample(image.path, None, image.region, image.is_object, image.label)
    if image.photo is None:
        return example
    return library.collections.kept_example(example, image.photo.photo_id)


def _images(examples: Sequence[FoundExample]) -> tuple[QueryImage, ...]:
    return tuple(
        QueryImage(
            each.path,
            each.photo,
            each.kept.region,
            is_object=each.kept.is_object,
            label=each.kept.label,
        )
        for each in examples
    )
