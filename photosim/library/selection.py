"""A few photos that stand for many, and contact sheets of photos."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import IO

import numpy as np
import numpy.typing as npt

from photosim.clustering.selection import select_spread, sharpest_of_runs
from photosim.errors import PhotoSimError
from photosim.files.operation_log import OperationLog
from photosim.files.output import write_output
from photosim.library.models.view import ModelView
from photosim.library.search.filters import PhotoFinder
from photosim.records import Photo
from photosim.store.catalog import Catalog
from photosim.store.duplicates import DuplicateTable
from photosim.store.embeddings import without_damaged

Ids = npt.NDArray[np.int64]

Thumbnails = Callable[[Sequence[int]], Mapping[int, bytes]]
"""Returns JPEG bytes by photo id."""

RenderSheet = Callable[[IO[bytes], str, Sequence[Photo], Thumbnails], None]
"""Writes a title and photos to a stream."""

_AT_ONCE = 256
"""Thumbnails in memory while a contact sheet is written."""

_MARK = '<meta name="generator" content="PhotoSim contact sheet">'


class PhotoSelector:
    """Selects few of many photos, from any thread."""

    def __init__(self, catalog: Catalog, finder: PhotoFinder, view: Callable[[], ModelView]) -> None:
        """`view` returns that of the active model."""
        self._catalog, self._finder, self._view = catalog, finder, view
        self._duplicates = DuplicateTable(catalog.database)

    def select(self, count: int, file_ids: Sequence[int] | None = None) -> list[Photo]:
        """Return `count` of these files, or of all, that cover them, the earliest first; see `select_spread`.

        Of files with the same content, one is considered. Photos without an embedding are left out. Raises
        PhotoSimError when there are none.
        """
        photo_and_file_ids = self._catalog.photo_and_file_ids()
        if not len(photo_and_file_ids):
            raise PhotoSimError("There are no photos to pick from.")
        if file_ids is not None:
            photo_and_file_ids = photo_and_file_ids[
                np.isin(photo_and_file_ids[:, 1], np.array(file_ids, np.int64))
            ]
        _, first = np.unique(photo_and_file_ids[:, 0], return_index=True)
        selected = without_damaged(partial(self._select, count, photo_and_file_ids[first]))
        if not len(selected):
            raise PhotoSimError(
                "None of these photos has been analyzed yet. Rescan their folder to analyze them."
            )
        table = self._finder.table()
        days = np.append(table.days, 0)[table.rows_of(selected)]
        return self._catalog.photos_by_id(selected[np.lexsort((selected, days))].tolist())

    def _select(self, count: int, ids: Ids) -> Ids:
        """Return the file ids of `count` of these photos, photo and file ids (N, 2)."""
        view = self._view()
        ids = ids[np.isin(ids[:, 0], view.embeddings.photo_ids_unordered())]
        table = self._finder.table()
        days = np.append(table.days, 0)[table.rows_of(ids[:, 1])].astype(np.int64)
        known = self._duplicates.sharpness(ids[:, 0].tolist())
        sharpness = np.array([known.get(photo_id, np.nan) for photo_id in ids[:, 0].tolist()], np.float32)
        rows = sharpest_of_runs(np.lexsort((ids[:, 1], days)), sharpness)
        vectors = view.embeddings.vectors_of(ids[rows, 0])
        return np.asarray(ids[rows[select_spread(vectors, count, days[rows], sharpness[rows])], 1])


def write_contact_sheet(
    file: Path,
    title: str,
    photos: Sequence[Photo],
    thumbnails: Thumbnails,
    *,
    render: RenderSheet | None = None,
    force: bool = False,
    log: OperationLog | None = None,
) -> None:
    """Write a contact sheet by `render`, or as one self-contained HTML page with thumbnails, names and days.

    Raises PhotoSimError, also for a file that exists and is no such page unless `force` is set.
    """

    def save(stream: IO[bytes]) -> None:
        (render or _write_page)(stream, title, photos, thumbnails)

    write_output(file, save, is_replaceable=_is_contact_sheet, force=force, log=log)


def _write_page(stream: IO[bytes], title: str, photos: Sequence[Photo], thumbnails: Thumbnails) -> None:
    stream.write(_HEAD.format(mark=_MARK, title=html.escape(title)).encode("utf-8", "replace"))
    for start in range(0, len(photos), _AT_ONCE):
        some = photos[start : start + _AT_ONCE]
        jpegs = thumbnails([photo.photo_id for photo in some])
        for photo in some:
            stream.write(_figure(photo, jpegs.get(photo.photo_id)).encode("utf-8", "replace"))
    stream.write(b"</main>\n</html>\n")


_HEAD = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
{mark}
<title>{title}</title>
<style>
body {{ font: 14px system-ui, sans-serif; margin: 24px; color: #222; background: #fff }}
main {{ display: flex; flex-wrap: wrap; gap: 16px }}
figure {{ margin: 0; width: 200px; break-inside: avoid }}
img, .none {{ width: 200px; height: 200px; object-fit: contain; background: #f3f3f3 }}
figcaption {{ overflow-wrap: anywhere; font-size: 12px }}
time {{ color: #666; display: block }}
</style>
<h1>{title}</h1>
<main>
"""


def _figure(photo: Photo, jpeg: bytes | None) -> str:
    name = html.escape(PurePath(photo.path).name)
    picture = f'<div class="none" role="img" aria-label="{name}"></div>'
    if jpeg is not None:
        picture = f'<img src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}" alt="{name}">'
    day = html.escape((photo.facts.taken_at or "")[:10])
    return f"<figure>{picture}<figcaption>{name}<time>{day}</time></figcaption></figure>\n"


def _is_contact_sheet(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return _MARK.encode() in stream.read(400)
    except OSError:
        return False
