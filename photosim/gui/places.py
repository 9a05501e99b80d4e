"""Where the window can be: which view is in the centre, and which photo is asked about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from photosim.core.records import Cluster, Photo


class View(StrEnum):
    """What the centre shows."""

    ALL = "all"
    FOLDER = "folder"
    CLUSTERS = "clusters"
    CLUSTER = "cluster"
    SIMILAR = "similar"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Query:
    """An image that is asked about: a photo of the library, or any image file (`photo` is None)."""

    path: str
    photo: Photo | None = None

    @classmethod
    def of(cls, photo: Photo) -> Query:
        """The query for a photo of the library."""
        return cls(photo.path, photo)

    @property
    def name(self) -> str:
        """The file's name."""
        return Path(self.path).name


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
        return self.view not in (View.CLUSTERS, View.UNREADABLE)
