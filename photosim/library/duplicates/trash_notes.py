"""What the library passes on, and remembers, of a duplicate in the trash, so that an undo brings back exactly that."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from typing import Any

from photosim.duplicates.results import ReviewRow
from photosim.files.operations.operation_log import MovedFile
from photosim.library.clusters.edits import ClusterEdits
from photosim.records import METADATA_DATES
from photosim.store.catalog import Catalog
from photosim.store.photo_dates import PhotoDate, PhotoDates
from photosim.store.verdicts import VerdictTable


class TrashNotes:
    """Passes dates and named clusters on as the notes of trashed files say, and takes them back.

    A note is JSON. Before: the digests of the photo and of the one that inherits, "from" and "to", or neither. After:
    "to" with what it got, and the reviews of the photo, which the library forgets with its file. Calls with the same
    notes again, after a crash, change nothing.
    """

    def __init__(self, catalog: Catalog, cluster_edits: ClusterEdits) -> None:
        self._catalog, self._cluster_edits = catalog, cluster_edits
        self._dates, self._verdicts = PhotoDates(catalog.database), VerdictTable(catalog.database)

    def note(self, photo_id: int, heir_id: int | None) -> str:
        """Return the note of a photo that goes to the trash; `heir_id` is the photo that inherits from it, if any."""
        digests = {} if heir_id is None else self._catalog.digests([photo_id, heir_id])
        if heir_id is None or photo_id == heir_id or len(digests) < 2:
            return "{}"
        return json.dumps({"from": digests[photo_id].hex(), "to": digests[heir_id].hex()})

    def pass_on(self, files: Iterable[MovedFile]) -> dict[str, str]:
        """Pass on what is known of files that were trashed, which the library still has.

        Returns the notes for `take_back` by the old paths of the files.
        """
        noted = [file for file in files if file.note]
        reviews = self._reviews_of([file.old for file in noted])
        done: dict[str, dict[str, Any]] = {file.old: {"reviews": reviews.get(file.old, [])} for file in noted}
        heirs: list[tuple[str, int, int]] = []
        for file in noted:
            note = _parse(file.note)
            trashed, kept = self._photo_id(note.get("from")), self._photo_id(note.get("to"))
            if trashed is not None and kept is not None:
                heirs.append((file.old, trashed, kept))
        # Of several dates the earliest is the original one.
        for path, trashed, kept in sorted(heirs, key=lambda heir: self._dates.get(heir[1]).taken_at or ""):
            done[path] |= self._pass_on(trashed, kept)
        return {path: json.dumps(note) for path, note in done.items()}

    def take_back(self, files: Iterable[MovedFile]) -> None:
        """Take back what was passed on from files that were restored, which the library has again."""
        for note in (_parse(file.note) for file in files if file.note):
            kept = self._photo_id(note.get("to"))
            match note.get("date"):
                case [old_at, old_from, new_at, new_from] if kept is not None:
                    self._dates.replace(kept, PhotoDate(new_at, new_from), PhotoDate(old_at, old_from))
            match note.get("cluster"):
                case int(cluster_id) if kept is not None:
                    self._cluster_edits.leave(cluster_id, kept)
            self._verdicts.restore_reviews(_reviews(note))

    def heirs(self, files: Iterable[MovedFile]) -> Sequence[int]:
        """Return the ids of the photos that inherit, by the notes of files."""
        found = (self._photo_id(_parse(file.note).get("to")) for file in files)
        return sorted({photo_id for photo_id in found if photo_id is not None})

    def _reviews_of(self, paths: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
        """Return the reviews of the files at these paths, with those of the files that stay in the same groups."""
        files = {photo.file_id: path for path in paths if (photo := self._catalog.find(path)) is not None}
        reviews = self._verdicts.reviews() if files else []
        kept: dict[str, list[ReviewRow]] = {}
        for row in reviews:
            if row.keep:
                kept.setdefault(row.group_id, []).append(row)
        found: dict[str, list[tuple[Any, ...]]] = {}
        for row in reviews:
            if row.file_id in files:
                rows = (row, *kept.get(row.group_id, ()))
                found.setdefault(files[row.file_id], []).extend(astuple(one) for one in rows)
        return found

    def _pass_on(self, trashed: int, kept: int) -> dict[str, Any]:
        done: dict[str, Any] = {"to": self._catalog.digests([kept])[kept].hex()}
        new, old = self._dates.get(trashed), self._dates.get(kept)
        if new.taken_from in METADATA_DATES and (
            old.taken_at is None or old.taken_from not in METADATA_DATES
        ):
            self._dates.replace(kept, old, new)
            done["date"] = [old.taken_at, old.taken_from, new.taken_at, new.taken_from]
        cluster_id = self._cluster_edits.join_named(kept, trashed)
        if cluster_id is not None:
            done["cluster"] = cluster_id
        return done

    def _photo_id(self, digest: object) -> int | None:
        """Return the id of the photo with a digest in hexadecimal digits."""
        try:
            return self._catalog.photo_id(bytes.fromhex(digest)) if isinstance(digest, str) else None
        except ValueError:
            return None


def _parse(note: str) -> Mapping[str, Any]:
    try:
        parsed = json.loads(note) if note else {}
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _reviews(note: Mapping[str, Any]) -> Iterator[ReviewRow]:
    rows = note.get("reviews")
    for row in rows if isinstance(rows, list) else ():
        match row:
            case [int(file_id), str(group_id), bool(keep), int(size), int(mtime_ns)]:
                yield ReviewRow(file_id, group_id, keep, size, mtime_ns)
