"""The photos of a grid as a Qt model: it takes lists that jobs have prepared, and grows while indexing runs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.grid.tile_model import COMMON_ROLES, Index, Role, TileContent, TileModel
from photosim.gui.services.thumbnails import ThumbnailLoader
from photosim.gui.state.grouping import insert_sections
from photosim.gui.state.list_diff import ListDiff
from photosim.gui.state.listing import PhotoList
from photosim.gui.state.sections import Sections
from photosim.ml.closeness import similarity_band
from photosim.records import Photo

_BADGE, _MISSING, _OFFLINE = int(Role.BADGE), int(Role.MISSING), int(Role.OFFLINE)
"""What painting asks of each tile; looking a member of an enumeration up takes longer than the answer."""


class PhotoModel(TileModel):
    """One row for each photo file."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QObject | None = None) -> None:
        super().__init__(thumbnails, parent)
        self._listing = PhotoList()
        self._sections = Sections()

    def set_photos(self, listing: PhotoList, diff: ListDiff | None = None) -> PhotoList:
        """Show other photos; returns those before. The same ones in the same order leave the grid as it is.

        Where `changes` tell how the present ones become these, the others keep their place in the grid.
        """
        before = self._listing
        if self._is_showing(listing) and listing.sections == self._sections:
            self._listing = listing
            if listing.file_ids:
                self.dataChanged.emit(self.index(0), self.index(len(listing.file_ids) - 1))
            return before
        if diff is not None and diff.base_order == before.order_hash:
            self._apply_diff(listing, diff)
            return before
        self.beginResetModel()
        self._listing, self._sections = listing, listing.sections
        self.endResetModel()
        return before

    def add(self, photos: Sequence[Photo]) -> None:
        """Put photos where they belong in the present order; one that is there already is brought up to date."""
        listing = self._listing
        new = []
        for photo in photos:
            if photo.file_id in listing.id_set:
                row = self._row_of(photo)
                listing.photos[row] = photo
                self.dataChanged.emit(self.index(row), self.index(row))
            else:
                new.append(photo)
        if new:
            self._listing = listing = replace(listing, order_hash=None)
        new.sort(key=listing.sort_key)
        self.in_batch = True
        while new:
            row = bisect_right(listing.photos, listing.sort_key(new[0]), key=listing.sort_key)
            end = len(new)
            if row < len(listing.photos):
                end = bisect_right(new, listing.sort_key(listing.photos[row]), key=listing.sort_key)
            self._insert(row, new[: max(end, 1)])
            del new[: max(end, 1)]
        self.in_batch = False
        self.batch_finished.emit()

    @property
    def listing(self) -> PhotoList:
        """What is shown; not to be changed."""
        return self._listing

    @property
    def photos(self) -> Sequence[Photo]:
        """The photos in the order of the rows; not to be changed."""
        return self._listing.photos

    @property
    def sections(self) -> Sections:
        """The headings, if any."""
        return self._sections

    def photo(self, row: int) -> Photo:
        """The photo in a row."""
        return self._listing.photos[row]

    def photo_id(self, row: int) -> int:
        """The content whose thumbnail stands in a row."""
        return self._listing.photos[row].photo_id

    def file_paths(self, row: int) -> tuple[str, ...]:
        """The photo's file, and the RAW files beside it; none while it is missing."""
        photo = self._listing.photos[row]
        return () if photo.missing else (photo.path, *photo.raw_files)

    def row_of(self, file_id: int) -> int | None:
        """The row of a photo file, or None."""
        if file_id not in self._listing.id_set:
            return None
        return self._listing.file_ids.index(file_id)

    def next_remaining(self, file_id: int, removed: Collection[int]) -> Photo | None:
        """The photo after this one that stays when these go, or else the last one before it."""
        at = self.row_of(file_id)
        if at is None:
            return None
        rows = chain(range(at + 1, self.rowCount()), range(at - 1, -1, -1))
        return next((self.photo(row) for row in rows if self.photo(row).file_id not in removed), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """How many photos there are."""
        return 0 if parent.isValid() else len(self._listing.photos)

    def tile_contents(self, rows: Iterable[int]) -> list[TileContent]:
        """What these photos show."""
        photos = self._listing.photos
        return self.photo_contents([photos[row] for row in rows], formatting.photo_badge)

    def value(self, row: int, role: int) -> Any:
        """The value of a role of one photo."""
        if role in COMMON_ROLES:
            return super().value(row, role)
        photo = self._listing.photos[row]
        if role == _BADGE:
            return formatting.photo_badge(photo)
        if role == _MISSING:
            return photo.missing
        if role == _OFFLINE:
            return self.is_offline(photo)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            name = formatting.display_name(photo.path)
            if role == Qt.ItemDataRole.DisplayRole:
                return name
            if photo.missing:
                return tr("{name}, missing").format(name=name)
            return tr("{name}, offline").format(name=name) if self.is_offline(photo) else name
        if role == Role.PHOTO:
            return photo
        if role == Role.FILE_ID:
            return photo.file_id
        if role == Role.PATH:
            return photo.path
        if role == Role.SIMILARITY:
            return self._listing.similarities.get(photo.file_id)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(photo)
        return None

    def _is_showing(self, listing: PhotoList) -> bool:
        """Whether these photos are shown, in this order; comparing them one by one takes long."""
        before = self._listing
        if before.order_hash is None or listing.order_hash is None:
            return listing.file_ids == before.file_ids
        return listing.order_hash == before.order_hash and len(listing.file_ids) == len(before.file_ids)

    def _row_of(self, photo: Photo) -> int:
        """The row of a photo that is there; found at once where its order has not changed."""
        listing = self._listing
        row = bisect_left(listing.photos, listing.sort_key(photo), key=listing.sort_key)
        there = row < len(listing.file_ids) and listing.file_ids[row] == photo.file_id
        return row if there else listing.file_ids.index(photo.file_id)

    def _insert(self, row: int, photos: list[Photo]) -> None:
        self.beginInsertRows(QModelIndex(), row, row + len(photos) - 1)
        if self._listing.grouper is not None:
            self._sections = insert_sections(self._sections, row, photos, self._listing.grouper)
        self._listing.photos[row:row] = photos
        self._listing.file_ids[row:row] = [photo.file_id for photo in photos]
        self._listing.id_set.update(photo.file_id for photo in photos)
        self.endInsertRows()

    def _apply_diff(self, listing: PhotoList, changes: ListDiff) -> None:
        shown, nowhere = self._listing, QModelIndex()
        self.in_batch = True
        for rows in changes.removed:
            self.beginRemoveRows(nowhere, rows.start, rows.stop - 1)
            shown.id_set.difference_update(shown.file_ids[rows.start : rows.stop])
            del shown.photos[rows.start : rows.stop], shown.file_ids[rows.start : rows.stop]
            self.endRemoveRows()
        for rows in changes.inserted:
            self.beginInsertRows(nowhere, rows.start, rows.stop - 1)
            shown.photos[rows.start : rows.start] = listing.photos[rows.start : rows.stop]
            shown.file_ids[rows.start : rows.start] = listing.file_ids[rows.start : rows.stop]
            shown.id_set.update(listing.file_ids[rows.start : rows.stop])
            self.endInsertRows()
        self._listing, self._sections = listing, listing.sections
        self.in_batch = False
        self.batch_finished.emit()
        self.dataChanged.emit(self.index(0), self.index(len(listing.file_ids) - 1))

    def _tooltip(self, photo: Photo) -> str:
        lines = [formatting.display_path(photo.path)]
        if photo.missing:
            lines.append(tr("This file is missing; it comes back by itself when it is there again."))
        elif self.is_offline(photo):
            lines.append(tr("Its folder is offline; it can be opened when that is there again."))
        lines += [formatting.display_path(raw_file) for raw_file in photo.raw_files]
        if photo.copies > 1:
            count = formatting.format_number(photo.copies)
            lines.append(tr("There are {count} files with exactly this content.").format(count=count))
        if photo.facts.taken_at:
            lines.append(formatting.format_timestamp(photo.facts.taken_at))
        similarity = self._listing.similarities.get(photo.file_id)
        if similarity is not None:
            lines.append(
                f"{formatting.band_name(similarity_band(similarity))} · {formatting.format_similarity(similarity)}"
            )
        return formatting.plain_tooltip(*lines)
