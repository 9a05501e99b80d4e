"""Rows of the catalogue as photos: which columns are read, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from photosim.records import Photo, PhotoFacts

PHOTO_COLUMNS = """
    files.id, files.photo_id, files.path, files.size, files.mtime_ns, files.missing, files.primary_id,
    (SELECT GROUP_CONCAT(raw.path, CHAR(0)) FROM files AS raw WHERE raw.primary_id = files.id),
    width, height, format, taken_at, camera, lens, latitude, longitude, iso, aperture, exposure, focal_length
"""
"""Of `files` joined with `photos`, in the order in which `photos` takes them."""


def rows_to_photos(rows: list[Any], copies: Mapping[int, int]) -> list[Photo]:
    """Put the photos in the place of their rows: of a million, both would need twice the memory."""
    shared: dict[str, str] = {}
    once = shared.setdefault  # what many photos say alike is kept once
    for place, row in enumerate(rows):
        file_id, photo_id, path, size, mtime_ns, missing, primary_id, raws, *facts = row
        width, height, name, taken_at, camera, lens, *more = facts
        facts_of = PhotoFacts(
            width, height, once(name, name), taken_at, once(camera, camera), once(lens, lens), *more
        )
        raw_files = () if raws is None else tuple(sorted(raws.split("\0")))
        counted = copies.get(photo_id, 1)
        rows[place] = Photo(
            file_id, photo_id, path, size, mtime_ns, facts_of, bool(missing), raw_files, primary_id, counted
        )
    return rows
