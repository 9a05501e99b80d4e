"""The model of a grid of photos."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QModelIndex, QObject, Qt

from photosim.gui.base import formatting
from photosim.gui.base.boxes import Box, FoundObject, box_in_part, part_around
from photosim.gui.base.images import TileStyle
from photosim.gui.base.translation import tr
from photosim.gui.grid.tile_model import COMMON_ROLES, Index, Role, TileContent, TileModel
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.state.grouping import insert_sections
from photosim.gui.state.list_diff import ListDiff, to_ranges
from photosim.gui.state.listing import PhotoList
from photosim.gui.state.photo_facts import describe_date
from photosim.gui.state.photo_rows import PhotoRows
from photosim.gui.state.photo_table import aspect_ratios
from photosim.gui.state.sections import Sections
from photosim.imaging.turbojpeg import thumbnail_size
from photosim.records import Photo

_BADGE, _MISSING, _OFFLINE, _STACK, _BOX = map(
    int, (Role.BADGE, Role.MISSING, Role.OFFLINE, Role.STACK, Role.BOX)
)
"""Roles that painting asks for; plain integers, as looking up a member of an enumeration is slow."""


_RUNS_IN_STEP = 8
"""Runs of rows that are changed at once; if each needs a section of its own, this takes a few milliseconds."""


class PhotoModel(TileModel):
    """A row for each photo file. Shows lists prepared in background jobs, and inserts photos while indexing runs."""

    def __init__(self, thumbnails: ThumbnailLoader, parent: QObject | None = None) -> None:
        super().__init__(thumbnails, parent)
        self._list = PhotoList()
        self._sections = Sections()
        self._aspects = self._list.aspects
        self._removed: list[range] = []  # see `_update_columns`
        self._inserted: list[tuple[int, list[Photo]]] = []
        self._is_reshaped = False

    @property
    def photo_list(self) -> PhotoList:
        """The photos that are shown; read-only."""
        return self._list

    @property
    def photos(self) -> PhotoRows:
        """The photos in the order of the rows; read-only. They change with the model: keep a copy."""
        return self._list.photos

    @property
    def aspects(self) -> npt.NDArray[np.float32]:
        return self._aspects

    @property
    def is_in_columns(self) -> bool:
        return self._list.is_in_columns

    @property
    def sections(self) -> Sections:
        return self._sections

    def set_photos(self, photo_list: PhotoList, diff: ListDiff | None = None) -> PhotoList:
        """Show a list and return the previous one.

        The same photos in the same order only update the tiles. If `diff` leads from the previous list to the new
        one, it is applied row by row, so that the other rows keep their selection and position.
        """
        previous = self._list
        if self._is_showing(photo_list):
            has_same_sections = photo_list.sections == self._sections
            is_reshaped = not np.array_equal(self._aspects, photo_list.aspects)
            self._list, self._sections, self._aspects = photo_list, photo_list.sections, photo_list.aspects
            if not has_same_sections:
                self.sections_changed.emit()
            if photo_list.photos:
                self.dataChanged.emit(self.index(0), self.index(len(photo_list.photos) - 1))
            if is_reshaped:
                self.aspects_changed.emit()
            return previous
        if diff is not None and diff.base_order == previous.order_hash:
            self._apply_diff(photo_list, diff)
            return previous
        self.beginResetModel()
        self._list, self._sections, self._aspects = photo_list, photo_list.sections, photo_list.aspects
        self.endResetModel()
        return previous

    def add(self, photos: Sequence[Photo]) -> None:
        """Insert photos at their positions in the current order; update those that are shown already."""
        self.apply_changes((), photos)

    def apply_changes(self, removed: Collection[int], photos: Sequence[Photo]) -> None:
        """Remove photos by file id, then insert and update others; all the rest keep selection and position."""
        for _ in self.change_in_steps(removed, photos):
            pass

    def change_in_steps(self, removed: Collection[int], photos: Sequence[Photo]) -> Iterator[None]:
        """Do what `apply_changes` does; yield between two steps, each a batch of a few runs of rows.

        Nothing else may change the rows before the last step.
        """
        changes = self._change_runs(removed, photos)
        while True:
            self.in_batch = True
            runs = sum(1 for _ in islice(changes, _RUNS_IN_STEP))
            self._update_columns()
            self.in_batch = False
            self.batch_finished.emit()
            if self._is_reshaped:
                self._is_reshaped = False
                self.aspects_changed.emit()
            if runs < _RUNS_IN_STEP:
                return
            yield

    def photo(self, row: int) -> Photo:
        """The photo in a row."""
        return self._list.photos[row]

    def stack_size(self, photo: Photo) -> int:
        """The number of photos that the tile of a photo stands for; 0 where it is only this one."""
        return len(self._list.stacks.get(photo.file_id, ()))

    def found(self, photo: Photo) -> FoundObject | None:
        """The object that a search has found in a photo."""
        return self._list.found.get(photo.file_id)

    def photo_id(self, row: int) -> int:
        return self._list.photos[row].photo_id

    def file_paths(self, row: int) -> tuple[str, ...]:
        """The photo's file and its RAW files; none while the file is missing."""
        photo = self._list.photos[row]
        return () if photo.missing else (photo.path, *photo.raw_files)

    def row_of(self, file_id: int) -> int | None:
        return self._list.photos.row_of(file_id)

    def next_remaining(self, file_id: int, removed: Collection[int]) -> Photo | None:
        """The first photo after this one that is not removed, or else the last one before it."""
        row = self.row_of(file_id)
        if row is None:
            return None
        candidates = (self.photo(at) for at in chain(range(row + 1, self.rowCount()), range(row - 1, -1, -1)))
        return next((photo for photo in candidates if photo.file_id not in removed), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._list.photos)

    def tile_contents(self, rows: Iterable[int]) -> list[TileContent]:
        photos, rows = self._list.photos, list(rows)
        shown = [photos[row] for row in rows]
        if not (self._list.stacks or self._list.found or self._list.is_in_columns):
            return self.photo_contents(self.styles_of(rows), shown, formatting.photo_badge)
        styles = list(islice(self.styles_of(rows), len(rows)))
        contents = self.photo_contents(styles, shown, self._badge)
        return [
            content._replace(stack=self.stack_size(photo), box=self._box_in_tile(photo, style))
            for photo, content, style in zip(shown, contents, styles, strict=True)
        ]

    def styles_of(self, rows: Iterable[int]) -> Iterable[TileStyle]:
        return map(self.style_of, rows) if self._list.found else super().styles_of(rows)

    def style_of(self, row: int) -> TileStyle:
        style, found = super().style_of(row), self.found(self._list.photos[row])
        return style if found is None else style._replace(box=found.box)

    def value(self, row: int, role: int) -> Any:
        if role in COMMON_ROLES:
            return super().value(row, role)
        photo = self._list.photos[row]
        if role == _BADGE:
            return self._badge(photo)
        if role == _STACK:
            return self.stack_size(photo)
        if role == _BOX:
            return self._box_in_tile(photo, self.style_of(row))
        if role == _MISSING:
            return photo.missing
        if role == _OFFLINE:
            return self.is_offline(photo)
        if role == Qt.ItemDataRole.DisplayRole:
            return formatting.display_name(photo.path)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._text_in_column(row) if self.is_in_columns else self._accessible_text(photo)
        if role == Role.PHOTO:
            return photo
        if role == Role.FILE_ID:
            return photo.file_id
        if role == Role.SIMILARITY:
            return self._list.similarities.get(photo.file_id)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(photo)
        return None

    def _is_showing(self, photo_list: PhotoList) -> bool:
        """Whether these photos are shown in this order; by hash where possible, as comparing all ids takes long."""
        shown = self._list
        if shown.order_hash is None or photo_list.order_hash is None:
            return np.array_equal(photo_list.photos.ids, shown.photos.ids)
        same_length = len(photo_list.photos) == len(shown.photos)
        return same_length and photo_list.order_hash == shown.order_hash

    def _change_runs(self, removed: Collection[int], photos: Sequence[Photo]) -> Iterator[None]:
        """Change one run of rows after the other: update, remove from the last to the first, then insert."""
        shown, sort_key = self._list.photos, self._list.sort_key
        new = {photo.file_id: photo for photo in photos}
        gone, updated = list[int](), list[int]()
        for row in shown.rows_of({*removed, *new}):
            old = shown[row]
            stays = old.file_id not in removed and sort_key(old) == sort_key(new[old.file_id])
            (updated if stays else gone).append(row)
        for rows in to_ranges(updated):
            self._update(rows, [new.pop(photo.file_id) for photo in shown[rows.start : rows.stop]])
            yield
        if gone or new:
            self._list = replace(self._list, order_hash=None)
        for rows in reversed(to_ranges(gone)):
            self.beginRemoveRows(QModelIndex(), rows.start, rows.stop - 1)
            shown.splice(rows, [])
            self.endRemoveRows()
            self._removed.append(rows)
            yield
        self._update_columns()
        waiting = sorted(new.values(), key=sort_key)
        while waiting:
            row = bisect_right(shown, sort_key(waiting[0]), key=sort_key)
            end = len(waiting)
            if row < len(shown):
                end = bisect_right(waiting, sort_key(shown[row]), key=sort_key)
            inserted = waiting[: max(end, 1)]
            self._insert(row, inserted)
            del waiting[: len(inserted)]
            yield

    def _update_columns(self) -> None:
        """Bring sections and aspect ratios up to date with rows that were removed or inserted; each copies all."""
        aspects, parts, end = self._aspects, list[npt.NDArray[np.float32]](), 0
        # In slices: np.delete and np.insert take several times as long.
        for rows in reversed(self._removed):
            parts.append(aspects[end : rows.start])
            end = rows.stop
        if self._removed:
            removed = list(chain.from_iterable(self._removed))
            self._sections = self._sections.without_rows(removed, len(self._list.photos) + len(removed))
        count = 0
        for row, photos in self._inserted:
            parts += (aspects[end : row - count], aspect_ratios(photos))
            end, count = row - count, count + len(photos)
        if parts:
            self._aspects = np.concatenate([*parts, aspects[end:]])
        self._removed, self._inserted = [], []

    def _update(self, rows: range, photos: list[Photo]) -> None:
        self._list.photos.splice(rows, photos)
        ratios = aspect_ratios(photos)
        self.dataChanged.emit(self.index(rows.start), self.index(rows.stop - 1))
        if not np.array_equal(self._aspects[rows.start : rows.stop], ratios):
            self._aspects = self._aspects.copy()  # layouts tell by the array whether photos have changed
            self._aspects[rows.start : rows.stop] = ratios
            self._is_reshaped = True

    def _insert(self, row: int, photos: list[Photo]) -> None:
        self.beginInsertRows(QModelIndex(), row, row + len(photos) - 1)
        if self._list.grouper is not None:
            self._sections = insert_sections(self._sections, row, photos, self._list.grouper)
        self._list.photos.splice(range(row, row), photos)
        self.endInsertRows()
        self._inserted.append((row, photos))

    def _apply_diff(self, photo_list: PhotoList, diff: ListDiff) -> None:
        shown, root = self._list, QModelIndex()
        self.in_batch = True
        for rows in diff.removed:
            self.beginRemoveRows(root, rows.start, rows.stop - 1)
            shown.photos.splice(rows, [])
            self.endRemoveRows()
        for rows in diff.inserted:
            self.beginInsertRows(root, rows.start, rows.stop - 1)
            shown.photos.splice(range(rows.start, rows.start), photo_list.photos[rows.start : rows.stop])
            self.endInsertRows()
        self._list, self._sections, self._aspects = photo_list, photo_list.sections, photo_list.aspects
        self.in_batch = False
        self.batch_finished.emit()
        self.dataChanged.emit(self.index(0), self.index(len(photo_list.photos) - 1))

    def _badge(self, photo: Photo) -> str:
        """The badge of a photo: in columns its similarity; identical copies are counted with its stack."""
        if self._list.is_in_columns:
            similarity = self._list.similarities.get(photo.file_id)
            return "" if similarity is None else formatting.format_percent(similarity)
        return (formatting.cover_badge if self.stack_size(photo) else formatting.photo_badge)(photo)

    def _box_in_tile(self, photo: Photo, style: TileStyle) -> Box | None:
        found = self.found(photo)
        if found is None:
            return None
        size = thumbnail_size((photo.facts.width, photo.facts.height))
        return box_in_part(found.box, part_around(found.box, size, (style.width, style.height)))

    def _accessible_text(self, photo: Photo) -> str:
        name = formatting.display_name(photo.path)
        if size := self.stack_size(photo):
            name = tr("{name}, stack of %Ln photo(s)", "", size).format(name=name)
        found = self.found(photo)
        if found is not None:
            name = tr("{label} in {name}").format(label=formatting.object_name(found.label), name=name)
        if photo.missing:
            return tr("{name}, missing").format(name=name)
        return tr("{name}, offline").format(name=name) if self.is_offline(photo) else name

    def _text_in_column(self, row: int) -> str:
        """The accessible text of a photo, with the heading of its column and its similarity."""
        photo = self._list.photos[row]
        section = self._sections[int(np.searchsorted(self._sections.firsts, row, "right")) - 1]
        parts = [section.title, section.detail, self._accessible_text(photo)]
        if (similarity := self._list.similarities.get(photo.file_id)) is not None:
            parts.append(formatting.format_similarity(similarity))
        return ", ".join(filter(None, parts))

    def _tooltip(self, photo: Photo) -> str:
        lines = [formatting.display_path(photo.path)]
        if photo.missing:
            lines.append(tr("This file is missing. It reappears when it is found again."))
        elif self.is_offline(photo):
            lines.append(tr("This folder is offline. Reconnect it to open the photo."))
        lines += [formatting.display_path(raw_file) for raw_file in photo.raw_files]
        if size := self.stack_size(photo):
            lines.append(tr("Stack of %Ln photo(s). What you do applies to the one on top.", "", size))
        found = self.found(photo)
        if found is not None:
            lines.append(formatting.object_name(found.label))
        if photo.copies > 1:
            lines.append(tr("%Ln identical file(s)", "", photo.copies))
        if photo.facts.taken_at:
            lines.append(describe_date(photo.facts))
        similarity = self._list.similarities.get(photo.file_id)
        if similarity is not None:
            lines.append(formatting.format_similarity(similarity))
        return formatting.plain_tooltip(*lines)
