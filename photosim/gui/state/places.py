"""Where the window can be: the view in the center, and the photo that is selected in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from photosim.duplicates.results import DuplicateTotals
from photosim.gui.base import formatting, qt_paths
from photosim.gui.base.boxes import FoundObject
from photosim.gui.base.translation import tr
from photosim.library.collections import Collection
from photosim.paths import printable
from photosim.records import Cluster, Photo, SimilarityBand, Source
from photosim.search.query import Example, Region, SimilarityQuery
from photosim.store.rows import LazyPhoto


class View(StrEnum):
    """What the center shows."""

    ALL = "all"
    FOLDER = "folder"
    CLUSTERS = "clusters"
    CLUSTER = "cluster"
    HIDDEN = "hidden"
    UNGROUPED = "ungrouped"
    SIMILAR = "similar"
    DUPLICATES = "duplicates"
    UNREADABLE = "unreadable"
    STACK = "stack"
    SELECTION = "selection"
    OVER_TIME = "over time"
    WALK = "walk"
    COLLECTION = "collection"
    COMPARISON = "comparison"
    MAP = "map"
    EVENTS = "events"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class QueryImage:
    """An image of a query: a photo of the library, or any image file (`photo` is None), or a region of it.

    With `is_object` the region is the box of an object, for which objects are searched; `label` is what it is, empty
    where that is not known.
    """

    path: str
    photo: Photo | None = None
    region: Region | None = None
    pasted: bool = False
    is_object: bool = False
    label: str = ""

    @classmethod
    def of_photo(cls, photo: Photo, found: FoundObject | None = None) -> QueryImage:
        """A photo of the library, or an object in it."""
        image = cls(photo.path, photo)
        return image if found is None else image.with_object(found)

    @property
    def example(self) -> Example:
        """The image as the library takes it."""
        return Example(self.path, self.region, self.is_object)

    def with_object(self, found: FoundObject) -> QueryImage:
        """The image with one of its objects in place of its region."""
        return replace(self, region=Region(*found.box), is_object=True, label=found.label)

    def whole(self) -> QueryImage:
        """The image without its region."""
        return replace(self, region=None, is_object=False, label="")


class SearchScope(StrEnum):
    """What a search finds."""

    PHOTOS = "photos"
    OBJECTS = "objects"
    PHOTOS_AND_OBJECTS = "photos and objects"


@dataclass(frozen=True, slots=True)
class Query:
    """A search by one or several images, with photos that the results are to be `more` or `less` like.

    The first image is the one that is shown beside the results. Results below the band `least` are left out.
    """

    images: tuple[QueryImage, ...]
    more: tuple[QueryImage, ...] = ()
    less: tuple[QueryImage, ...] = ()
    least: SimilarityBand = SimilarityBand.LESS_SIMILAR

    @classmethod
    def of_photos(cls, *photos: Photo) -> Query:
        """The query for photos of the library."""
        return cls(tuple(map(QueryImage.of_photo, photos)))

    @classmethod
    def of_object(cls, photo: Photo, found: FoundObject | None) -> Query:
        """The query for an object in a photo of the library; for the photo where it is None."""
        return cls((QueryImage.of_photo(photo, found),))

    @classmethod
    def of_file(cls, path: str) -> Query:
        """The query for any image file."""
        return cls((QueryImage(path),))

    @property
    def path(self) -> str:
        """The file of the first image."""
        return self.images[0].path

    @property
    def photo(self) -> Photo | None:
        """The first image, where it is a photo of the library."""
        return self.images[0].photo

    @property
    def region(self) -> Region | None:
        """The region of the first image, None for the whole."""
        return self.images[0].region

    @property
    def all_images(self) -> tuple[QueryImage, ...]:
        """All images of the query, with those of `more` and `less`."""
        return (*self.images, *self.more, *self.less)

    @property
    def scope(self) -> SearchScope:
        """What is found: objects for an object, and for a region photos and objects."""
        if self.images[0].is_object:
            return SearchScope.OBJECTS
        return SearchScope.PHOTOS if self.region is None else SearchScope.PHOTOS_AND_OBJECTS

    @property
    def is_simple(self) -> bool:
        """Whether it is one whole image."""
        return len(self.all_images) == 1 and self.region is None

    def is_same_search(self, other: Query) -> bool:
        """Whether both have the same results, of which they may show more or fewer."""
        return self == replace(other, least=self.least)

    def to_library_query(self) -> SimilarityQuery:
        """The query as the library takes it."""
        groups = (self.images, self.more, self.less)
        query = SimilarityQuery(*(tuple(image.example for image in images) for images in groups))
        return query.as_kind(is_object=self.scope is SearchScope.OBJECTS)

    def with_feedback(self, image: QueryImage, *, more: bool) -> Query:
        """The query for results that are more, or less, like an image."""
        liked, disliked = (
            tuple(other for other in images if other != image) for images in (self.more, self.less)
        )
        if more:
            return replace(self, more=(*liked, image), less=disliked)
        return replace(self, more=liked, less=(*disliked, image))

    def without(self, image: QueryImage) -> Query | None:
        """The query without one of its images, None where no image to search by is left.

        A single image loses its region instead, unless there are other objects to search by.
        """
        images, more, less = (
            tuple(other for other in group if other != image) for group in (self.images, self.more, self.less)
        )
        if not images and image.region is not None and not (image.is_object and more):
            images = (image.whole(),)
        if not images:
            images, more = more, ()
        return replace(self, images=images, more=more, less=less) if images else None


@dataclass(frozen=True, slots=True)
class Place:
    """A view with what it is of (`folder`, `cluster`, `search` or `file_ids`), and the selected query, shown beside it.

    A stack and a selection are their `file_ids`, in the order of the view; `name` is the file name of the photo on top of
    a stack, and the title of a selection. Photos over time have as their `search` the photo that they are most like,
    a walk the photos at its ends.

    A comparison is of a `folder` with the library, or with the folder `other`.

    An event is a `cluster`, too. A `collection` that keeps a search by photos has a `search`, too, None once these photos are gone.
    """

    view: View = View.ALL
    folder: str | None = None
    cluster: Cluster | None = None
    search: Query | None = None
    selected: Query | None = None
    file_ids: tuple[int, ...] = ()
    name: str = ""
    collection: Collection | None = None
    other: str | None = None

    def with_selected(self, query: Query | None) -> Place:
        """The same view with another selected query."""
        return replace(self, selected=query)

    def is_same_view(self, other: Place | None) -> bool:
        """Whether both places show the same in the center."""
        return other is not None and self.with_selected(None) == other.with_selected(None)

    @property
    def is_search(self) -> bool:
        """Whether the center shows the results of a query, best match first."""
        return self.search is not None and self.view in (View.SIMILAR, View.COLLECTION)

    @property
    def has_own_order(self) -> bool:
        """Whether its photos are in an order that can't be changed."""
        return self.is_search or self.view in (View.STACK, View.SELECTION, View.OVER_TIME, View.WALK)

    @property
    def shows_photos(self) -> bool:
        """Whether the center is a grid of photos."""
        return self.view not in (
            View.CLUSTERS,
            View.HIDDEN,
            View.DUPLICATES,
            View.UNREADABLE,
            View.COMPARISON,
            View.MAP,
            View.EVENTS,
        )

    @property
    def can_filter(self) -> bool:
        """Whether the filter applies to what the center shows."""
        return self.view not in (View.DUPLICATES, View.COMPARISON)


@dataclass(frozen=True, slots=True)
class CollectionEntry:
    """A collection as the sidebar shows it; `photos` is None while it is not known, and for a search by photos."""

    collection: Collection
    photos: int | None = None
    search: Query | None = None
    """The query of a kept search by photos, None where these are gone."""

    @property
    def place(self) -> Place:
        """Where its photos are shown."""
        return Place(View.COLLECTION, collection=self.collection, search=self.search)


@dataclass(frozen=True, slots=True)
class Overview:
    """The counts of a library; `clusters` and `ungrouped` photos are None while they are not known."""

    sources: tuple[Source, ...] = ()
    unreadable: int = 0
    clusters: int | None = None
    ungrouped: int | None = None
    search_is_exact: bool = False
    """Whether the search index can't be loaded, so that every search compares all photos."""

    duplicates: DuplicateTotals | None = None
    """What there is to review of the duplicates; None while it is not known."""

    collections: tuple[CollectionEntry, ...] = ()

    @property
    def photos(self) -> int:
        """The number of readable photos in all sources."""
        return sum(source.photos for source in self.sources)


@dataclass(frozen=True, slots=True)
class DroppedItems:
    """The local folders and files of a drop."""

    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    image: QImage | None = None
    """An image without a file, as browsers drop them."""

    @classmethod
    def from_mime(cls, data: QMimeData) -> DroppedItems:
        """The folders, files or image of a drop."""
        items = cls._local_items(data)
        if items.folders or items.files or not data.hasImage():
            return items
        image = QImage(data.imageData())
        return cls(image=None if image.isNull() else image)

    @classmethod
    def preview(cls, data: QMimeData) -> DroppedItems | None:
        """The folders and files of a drag, without reading an image; None when there is nothing to drop."""
        items = cls._local_items(data)
        return items if items.folders or items.files or data.hasImage() else None

    @classmethod
    def from_paths(cls, paths: Sequence[str]) -> DroppedItems:
        """The folders and files among these paths."""
        # Unlike those of pathlib, these never raise, whatever the path.
        folders = tuple(path for path in paths if os.path.isdir(path))  # noqa: PTH112
        return cls(folders, tuple(path for path in paths if os.path.isfile(path)))  # noqa: PTH113

    @property
    def is_empty(self) -> bool:
        """Whether nothing was dropped that can be used."""
        return not self.folders and not self.files and self.image is None

    @classmethod
    def _local_items(cls, data: QMimeData) -> DroppedItems:
        return cls.from_paths(qt_paths.from_mime(data))


CoveredClusters = tuple[tuple[Cluster, LazyPhoto], ...]
"""Clusters, each with the photo that is its cover."""


def image_name(image: QueryImage) -> str:
    """The name of an image of a query."""
    if image.pasted:
        return tr("Pasted image") if image.region is None else tr("Part of the pasted image")
    name = formatting.display_name(image.path)
    if image.is_object:
        return tr("{label} in {name}").format(label=formatting.object_name(image.label), name=name)
    return name if image.region is None else tr("Part of {name}").format(name=name)


def search_name(query: Query) -> str:
    """The name of the results of a query."""
    first = query.images[0]
    others = len(query.all_images) - 1
    if first.is_object:
        name = printable(first.label) or tr("object")
        if others == 0:
            return tr("Objects like this {label}").format(label=name)
        return tr("Objects like this {label} and %Ln other(s)", "", others).format(label=name)
    name = image_name(first)
    if first.pasted or first.region is not None:
        name = name[:1].lower() + name[1:]
    if others == 0:
        return tr("Similar to {name}").format(name=name)
    return tr("Similar to {name} and %Ln other(s)", "", others).format(name=name)
