"""Where the window can be: which view is in the centre, and which photo is asked about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from photosim.records import Cluster, Photo
from photosim.search.query import Example, LikenessQuery, Region


class View(StrEnum):
    """What the centre shows."""

    ALL = "all"
    FOLDER = "folder"
    CLUSTERS = "clusters"
    CLUSTER = "cluster"
    HIDDEN = "hidden"
    LOOSE = "loose"
    SIMILAR = "similar"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Part:
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

    parts: tuple[Part, ...]
    more: tuple[Part, ...] = ()
    less: tuple[Part, ...] = ()

    @classmethod
    def of(cls, *photos: Photo) -> Query:
        """The query for photos of the library."""
        return cls(tuple(Part(photo.path, photo) for photo in photos))

    @classmethod
    def file(cls, path: str) -> Query:
        """The query for any image file."""
        return cls((Part(path),))

    @property
    def path(self) -> str:
        """The file of the first image."""
        return self.parts[0].path

    @property
    def photo(self) -> Photo | None:
        """The first image, where it is a photo of the library."""
        return self.parts[0].photo

    @property
    def region(self) -> Region | None:
        """The part of the first image that is asked about, None for the whole."""
        return self.parts[0].region

    @property
    def all_parts(self) -> tuple[Part, ...]:
        """All images that the query names."""
        return (*self.parts, *self.more, *self.less)

    @property
    def is_simple(self) -> bool:
        """Whether it is one whole image."""
        return len(self.all_parts) == 1 and self.region is None

    def question(self) -> LikenessQuery:
        """What the library is asked."""
        parts = (tuple(part.example for part in parts) for parts in (self.parts, self.more, self.less))
        return LikenessQuery(*parts)

    def refined(self, photo: Photo, *, more: bool) -> Query:
        """The same query, with the answer to be more or less like a photo."""
        part = Part(photo.path, photo)
        others = (tuple(one for one in parts if one != part) for parts in (self.more, self.less))
        liked, disliked = others
        if more:
            return replace(self, more=(*liked, part), less=disliked)
        return replace(self, more=liked, less=(*disliked, part))

    def without(self, part: Part) -> Query | None:
        """The query without one of its images; None when nothing to be like would be left.

        Without its rectangle, a single image is asked about as a whole.
        """
        parts, more, less = (
            tuple(one for one in parts if one != part) for parts in (self.parts, self.more, self.less)
        )
        if not parts and part.region is not None:
            parts = (replace(part, region=None),)
        if not parts:
            parts, more = more, ()
        return Query(parts, more, less) if parts else None


@dataclass(frozen=True, slots=True)
class Place:
    """A view with what it is of (`folder`, `cluster` or `like`), and the photo asked about beside it."""

    view: View = View.ALL
    folder: str | None = None
    cluster: Cluster | None = None
    like: Query | None = None
    query: Query | None = None

    def asking(self, query: Query | None) -> Place:
        """The same view, with another photo asked about."""
        return replace(self, query=query)

    def same_view(self, other: Place | None) -> bool:
        """Whether the centre shows the same as in the other place."""
        return other is not None and self.asking(None) == other.asking(None)

    @property
    def shows_photos(self) -> bool:
        """Whether the centre is a grid of photos."""
        return self.view not in (View.CLUSTERS, View.HIDDEN, View.UNREADABLE)
