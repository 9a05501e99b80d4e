"""The photos of the library that are kept in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from photosim.gui.services.photo_source import PhotoSource
from photosim.gui.state.listing import sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.view_filter import ViewFilter
from photosim.library import Library
from photosim.search.filters.criteria import PhotoFilter

EVERYTHING = ViewFilter()


@pytest.fixture
def reads(library: Library, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the methods that have read photos from the library."""
    called: list[str] = []
    for name in ("photos", "photos_by_id"):
        read = getattr(library, name)
        monkeypatch.setattr(library, name, lambda *args, _n=name, _r=read: called.append(_n) or _r(*args))
    return called


def test_photos_are_read_once_for_all_orders_folders_and_filters(library: Library, reads: list[str]) -> None:
    source, expected = PhotoSource(library), library.photos()
    folder = str(Path(expected[0].path).parent)
    by_name = ViewFilter(PhotoFilter(text=Path(expected[3].path).stem))
    in_folder = library.photos(folder)
    reads.clear()
    everything, total = source.of_folder(EVERYTHING, None)
    assert (list(everything), total) == (expected, len(expected))
    for order in (SortOrder.NAME, SortOrder.SIZE):
        assert len(sorted_list(source.of_folder(EVERYTHING, None)[0], order).photos) == total
    photos, count = source.of_folder(EVERYTHING, folder)
    assert (list(photos), count) == (in_folder, len(in_folder))
    photos, count = source.of_folder(by_name, None)
    assert expected[3] in list(photos)
    assert len(photos) < count == total
    ids = [expected[4].file_id, 10**9, expected[1].file_id]
    assert source.by_id(EVERYTHING, ids) == [expected[4], expected[1]]
    assert source.by_id(by_name, [photo.file_id for photo in expected]) == list(photos)
    assert reads == ["photos"]


def test_what_is_kept_is_read_again_after_a_change_of_the_library(library: Library, reads: list[str]) -> None:
    source = PhotoSource(library)
    photos, _ = source.of_folder(EVERYTHING, None)
    gone = photos[0]
    with library._catalog.database.transaction() as db:
        db.execute("DELETE FROM files WHERE id = ?", (gone.file_id,))
    assert source.by_id(EVERYTHING, [gone.file_id]) == []
    remaining, total = source.of_folder(EVERYTHING, None)
    assert total == len(photos) - 1
    assert gone not in list(remaining)
    assert reads == ["photos", "photos_by_id", "photos"]


def test_a_few_photos_are_read_without_all_others(library: Library, reads: list[str]) -> None:
    source, photo = PhotoSource(library), library.photos()[2]
    reads.clear()
    folder = str(Path(photo.path).parent)
    by_name = ViewFilter(PhotoFilter(text=Path(photo.path).stem))
    assert photo in list(source.of_folder(by_name, folder)[0])
    assert source.by_id(EVERYTHING, [photo.file_id]) == [photo]
    assert reads == ["photos_by_id", "photos_by_id"]
