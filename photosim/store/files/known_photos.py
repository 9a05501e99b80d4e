"""What a library knows of photos given by their digests: whether it has them, and where."""

from __future__ import annotations

from collections.abc import Sequence

import xxhash

from photosim.records import Photo, PhotoFacts
from photosim.store.database import JSON_IDS, LibraryDatabase, in_chunks, json_ids, placeholders
from photosim.store.rows import SELECT_PHOTOS, rows_to_photos

_FACTS = (
    "width, height, format, taken_at, camera, lens, latitude, longitude, iso, aperture, exposure, focal_length, "
    "taken_from"
)


def known_photos(database: LibraryDatabase, digests: Sequence[bytes]) -> dict[bytes, tuple[int, PhotoFacts]]:
    """Return the ids and facts of the photos with these digests that the library knows, whether it has a file or not."""
    found = {}
    for chunk in in_chunks(digests):
        sql = f"SELECT digest, id, {_FACTS} FROM photos WHERE digest IN ({placeholders(chunk)})"  # noqa: S608
        for digest, photo_id, *facts in database.rows(sql, chunk):
            found[bytes(digest)] = photo_id, PhotoFacts(*facts)
    return found


def present_files(database: LibraryDatabase, photo_ids: Sequence[int]) -> dict[int, list[Photo]]:
    """Return the files of these photos by photo id, without missing ones: those that are shown first, each part by path.

    RAW files that are shown as another file are among them.
    """
    found: dict[int, list[Photo]] = {}
    rows = database.rows(
        f"{SELECT_PHOTOS} WHERE files.missing = 0 AND files.photo_id IN {JSON_IDS} "
        "ORDER BY files.primary_id IS NOT NULL, files.path",
        (json_ids(photo_ids),),
    )
    for photo in rows_to_photos(rows, {}):
        found.setdefault(photo.photo_id, []).append(photo)
    return found


def contents_fingerprint(database: LibraryDatabase, model: str) -> str:
    """Return a text that changes with the files of the library, their embeddings of a model, and the verdicts."""
    digest = xxhash.xxh3_128()
    queries = (
        "SELECT id, photo_id, path, missing, primary_id FROM files ORDER BY id",
        "SELECT first, second, verdict FROM verdicts ORDER BY first, second",
    )
    for sql in queries:
        for row in database.scan_rows(sql):
            digest.update(repr(row).encode(errors="surrogateescape"))
    embedded = database.value("SELECT COUNT(*) FROM embeddings WHERE model = ?", (model,))
    return f"{digest.hexdigest()}:{embedded}"
