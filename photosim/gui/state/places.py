"""Where the window can be: which view is in the centre, and which photo is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.records import Cluster, Photo, Source
from photosim.search.query import Example, Region, SimilarityQuery


class View(StrEnum):
    """What the centre shows."""

    ALL = "all"
    FOLDER = "folder"
    CLUSTERS = "clusters"
    CLUSTER = "cluster"
    HIDDEN = "hidden"
    UNGROUPED = "loose"
    SIMILAR = "similar"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class QueryImage:
    """An image that a query names: a photo of the library, or any image file (`photo` is None), or a part of it."""

    path: str
    photo: Photo | None = None
    region: Region | None = None
    pasted: bool = False

    @property
    def example(self) -> Example:
        """What the library is asked with."""
        return Example(self.path, self.region)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked about: one image or several (`parts`), and what the answer is to be `more` or `less` like.

    The first part is the image that is shown beside the answer.
    """

    images: tuple[QueryImage, ...]
    more: tuple[QueryImage, ...] = ()
    less: tuple[QueryImage, ...] = ()

    @classmethod
    def of_photos(cls, *photos: Photo) -> Query:
        """The query for photos of the library."""
        return cls(tuple(QueryImage(photo.path, photo) for photo in photos))

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
        """The part of the first image that is asked about, None for the whole."""
        return self.images[0].region

    @property
    def all_images(self) -> tuple[QueryImage, ...]:
        """All images that the query names."""
        return (*self.images, *self.more, *self.less)

    @property
    def is_simple(self) -> bool:
        """Whether it is one whole image."""
        return len(self.all_images) == 1 and self.region is None

    def to_library_query(self) -> SimilarityQuery:
        """What the library is asked."""
        parts = (tuple(part.example for part in parts) for parts in (self.images, self.more, self.less))
        return SimilarityQuery(*parts)

    def with_feedback(self, photo: Photo, *, more: bool) -> Query:
        """The same query, with the answer to be more or less like a photo."""
        part = QueryImage(photo.path, photo)
        others = (tuple(one for one in parts if one != part) for parts in (self.more, self.less))
        liked, disliked = others
        if more:
            return replace(self, more=(*liked, part), less=disliked)
        return replace(self, more=liked, less=(*disliked, part))

    def without(self, part: QueryImage) -> Query | None:
        """The query without one of its images; None when nothing to be like would be left.

        Without its rectangle, a single image is asked about as a whole.
        """
        parts, more, less = (
            tuple(one for one in parts if one != part) for parts in (self.images, self.more, self.less)
        )
        if not parts and part.region is not None:
            parts = (replace(part, region=None),)
        if not parts:
            parts, more = more, ()
        return Query(parts, more, less) if parts else None


@dataclass(frozen=True, slots=True)
class Place:
    """A view with what it is of (`folder`, `cluster` or `search`), and the photo asked about beside it."""

    view: View = View.ALL
    folder: str | None = None
    cluster: Cluster | None = None
    search: Query | None = None
    selected: Query | None = None

    def with_selected(self, query: Query | None) -> Place:
        """The same view, with another photo asked about."""
        return replace(self, selected=query)

    def is_same_view(self, other: Place | None) -> bool:
        """Whether the centre shows the same as in the other place."""
        return other is not None and self.with_selected(None) == other.with_selected(None)

    @property
    def shows_photos(self) -> bool:
        """Whether the centre is a grid of photos."""
        return self.view not in (View.CLUSTERS, View.HIDDEN, View.UNREADABLE)


@dataclass(frozen=True, slots=True)
class Overview:
    """What the side list tells of a library; `clusters` and `loose`, the photos in none, are None while not known."""

    sources: tuple[Source, ...] = ()
    unreadable: int = 0
    clusters: int | None = None
    ungrouped: int | None = None
    search_is_exact: bool = False

    @property
    def photos(self) -> int:
        """How many readable photos all sources hold."""
        return sum(source.photos for source in self.sources)


@dataclass(frozen=True, slots=True)
class DroppedItems:
    """The local folders and files of a drop."""

    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    image: QImage | None = None
    """A picture without a file, as browsers drop them."""

    @classmethod
    def from_mime(cls, data: QMimeData) -> DroppedItems:
        """What a drop holds that PhotoSim can take. A picture is brought over whole: not while it is only held."""
        found = cls._local(data)
        if found.folders or found.files or not data.hasImage():
            return found
        image = QImage(data.imageData())
        return cls(image=None if image.isNull() else image)

    @classmethod
    def _local(cls, data: QMimeData) -> DroppedItems:
        return cls.from_paths([url.toLocalFile() for url in data.urls() if url.isLocalFile()])

    @classmethod
    def preview(cls, data: QMimeData) -> DroppedItems | None:
        """The folders and files that are held over the window; None when there is nothing to take, no picture either."""
        found = cls._local(data)
        return found if found.folders or found.files or data.hasImage() else None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take."""
        return not self.folders and not self.files and self.image is None

    @classmethod
    def from_paths(cls, paths: Sequence[str]) -> DroppedItems:
        """Which of these paths are folders, and which are files."""
        folders = tuple(path for path in paths if Path(path).is_dir())
        return cls(folders, tuple(path for path in paths if Path(path).is_file()))


CoveredClusters = tuple[tuple[Cluster, Photo], ...]
"""Clusters, each with the photo that is its cover."""


def image_name(one: QueryImage) -> str:
    """The name of an image of a query."""
    if one.pasted:
        text, whole = tr("Part of the pasted image"), tr("Pasted image")
    else:
        whole = formatting.display_name(one.path)
        text = tr("Part of {name}").format(name=whole)
    return whole if one.region is None else text


def search_name(query: Query) -> str:
    """The name of a place that shows what looks like a query."""
    first = query.images[0]
    name_of = image_name(first)
    if first.pasted or first.region is not None:
        name_of = name_of[:1].lower() + name_of[1:]
    text = tr("Like {name}").format(name=name_of)
    others = len(query.all_images) - 1
    if others == 0:
        return text
    if others == 1:
        return tr("{like} and 1 more").format(like=text)
    return tr("{like} and {count} more").format(like=text, count=formatting.format_number(others))
