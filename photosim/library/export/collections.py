"""Collections as JSON, to take them to another library."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from photosim.errors import LibraryError
from photosim.library.collections import CollectionService
from photosim.search import kept_search
from photosim.search.kept_search import KeptSearch
from photosim.store.catalog import Catalog

_DIGEST_BYTES = 16
_NOT_COLLECTIONS = "This file can't be imported: it holds no collections of PhotoSim."
_WRONG_COLLECTION = "This file can't be imported: its collection number {number} is damaged."


@dataclass(frozen=True, slots=True)
class ImportedCollections:
    """How many collections are new, and how many photos were added to collections."""

    collections: int
    photos: int


@dataclass(frozen=True, slots=True)
class _Item:
    name: str
    search: KeptSearch | None
    photos: Sequence[tuple[str | None, bytes]]
    """Paths, None for photos that were in no library any more, and digests."""


def collections_as_json(service: CollectionService, catalog: Catalog) -> dict[str, object]:
    """Return all collections as plain values: photos by path and by digest, in hexadecimal digits.

    Kept searches that can't be read are left out.
    """
    items: list[dict[str, object]] = []
    for collection in service.all():
        if collection.is_damaged:
            continue
        if collection.search is not None:
            search = json.loads(kept_search.to_json(collection.search))
            items.append({"name": collection.name, "search": search})
            continue
        paths = _paths_by_digest(catalog, service.file_ids(collection))
        photos = [
            {"path": paths.get(digest), "digest": digest.hex()} for digest in service.digests(collection)
        ]
        items.append({"name": collection.name, "photos": photos})
    return {"collections": items}


def import_collections(data: object, service: CollectionService, catalog: Catalog) -> ImportedCollections:
    """Add the collections in what `collections_as_json` returned to those of a library.

    A photo whose content is not in the library, but a file at its path, is taken to have been edited since: that file's
    content is added. Raises LibraryError for anything else, and changes nothing then.
    """
    items = data.get("collections") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise LibraryError(_NOT_COLLECTIONS)
    read = []
    for number, item in enumerate(items, 1):
        try:
            read.append(_read(item))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise LibraryError(_WRONG_COLLECTION.format(number=number)) from error
    new = photos = 0
    with catalog.database.transaction(bump_revision=False):
        for item in read:
            digests = [_current_digest(catalog, path, digest) for path, digest in item.photos]
            change = service.merge(item.name, item.search, digests)
            if change is not None:
                new += change.before is None
                photos += len(change.added)
    return ImportedCollections(new, photos)


def _paths_by_digest(catalog: Catalog, file_ids: Sequence[int]) -> dict[bytes, str]:
    photos = catalog.photos_by_id(file_ids)
    digests = catalog.digests([photo.photo_id for photo in photos])
    return {digests[photo.photo_id]: photo.path for photo in reversed(photos) if photo.photo_id in digests}


def _current_digest(catalog: Catalog, path: str | None, digest: bytes) -> bytes:
    if path is None or catalog.photo_id(digest) is not None:
        return digest
    photo = catalog.find(path)
    return digest if photo is None else catalog.digest(photo.photo_id) or digest


def _read(item: dict[str, Any]) -> _Item:
    name, search, photos = item["name"], item.get("search"), item.get("photos")
    if not isinstance(name, str) or not name.strip() or (search is None) is (photos is None):
        raise ValueError("neither photos nor a search")
    if search is not None:
        return _Item(name, kept_search.from_json(json.dumps(search)), ())
    read: list[tuple[str | None, bytes]] = []
    for photo in photos or ():
        path, digest = photo["path"], bytes.fromhex(photo["digest"])
        if not (path is None or isinstance(path, str)) or len(digest) != _DIGEST_BYTES:
            raise ValueError("not a photo")
        read.append((path, digest))
    return _Item(name, None, read)
