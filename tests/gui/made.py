"""Photo records without files, for models and orders."""

from __future__ import annotations

from photosim.core.records import Cluster, Photo, PhotoFacts


def made_photo(number: int, name: str | None = None, *, taken_at: str | None = None) -> Photo:
    """A photo record with this file id."""
    facts = PhotoFacts(400, 300, "JPEG", taken_at=taken_at)
    path = f"/photos/{name or f'photo {number}.jpg'}"
    return Photo(number, 1000 + number, path, 12345, 0, facts)


def made_photos(count: int) -> list[Photo]:
    """So many photo records, numbered from 1."""
    return [made_photo(number) for number in range(1, count + 1)]


def made_cluster(number: int, photos: list[Photo]) -> Cluster:
    """A cluster of these photos."""
    return Cluster(number, tuple(one.file_id for one in photos), tuple(one.path for one in photos))
