"""Changing the photos of the grid in small steps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from photosim.gui.browser.incoming import IncomingPhotos
from photosim.gui.grid.photo_model import PhotoModel
from photosim.gui.state.grouping import GroupBy, make_grouper
from photosim.gui.state.listing import PhotoList, sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.gui.state.photo_table import aspect_ratios
from photosim.records import Photo
from tests.support.photo_records import make_photo_record

COUNT, FAR = 120, 3
"""Photos, and how far those that change lie from each other."""


def make_photo(number: int) -> Photo:
    return make_photo_record(number, f"{number:03}.jpg", taken_at=f"2024-05-{1 + number // 9:02}T12:00:00")


def list_of(photos: list[Photo]) -> PhotoList:
    return sorted_list(photos, SortOrder.NAME, grouper=make_grouper(GroupBy.DAY))


class Counts:
    """Records how many photos there are more or fewer after each step, and whether all are done."""

    def __init__(self, incoming: IncomingPhotos) -> None:
        self.steps: list[int] = []
        self.is_done = False
        incoming.changed.connect(self.steps.append)

    def finish(self) -> None:
        self.is_done = True


@pytest.fixture
def model() -> PhotoModel:
    model = PhotoModel(None)  # type: ignore[arg-type] - no thumbnail is shown
    model.set_photos(list_of([make_photo(number) for number in range(1, COUNT + 1)]))
    model.tester = QAbstractItemModelTester(  # type: ignore[attr-defined]
        model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    return model


@pytest.mark.parametrize("kind", ["removed", "inserted", "updated", "moved"])
def test_changes_far_from_each_other_are_made_in_steps(qtbot: QtBot, model: PhotoModel, kind: str) -> None:
    photos = {photo.file_id: photo for photo in model.photos}
    numbers = range(1, COUNT + 1, FAR)
    removed, new = set[int](), list[Photo]()
    if kind == "removed":
        removed = set(numbers)
    elif kind == "inserted":
        new = [
            replace(photos[number], file_id=1000 + number, path=f"/photos/{number:03} b.jpg")
            for number in numbers
        ]
    elif kind == "updated":
        new = [replace(photos[number], missing=True) for number in numbers]
    else:
        new = [replace(photos[number], path=f"/photos/{COUNT - number:03} b.jpg") for number in numbers]
    for photo in new:
        photos[photo.file_id] = photo
    expected = list_of([photo for file_id, photo in photos.items() if file_id not in removed])
    incoming = IncomingPhotos(model)
    counts = Counts(incoming)
    incoming.change(removed, new, counts.finish)
    assert not counts.is_done
    assert not model.in_batch
    qtbot.waitUntil(lambda: counts.is_done)
    assert max(map(abs, counts.steps)) < len(numbers)
    assert len(counts.steps) > 2
    assert COUNT + sum(counts.steps) == model.rowCount()
    assert list(model.photos) == list(expected.photos)
    assert model.sections == expected.sections
    assert (model.aspects == aspect_ratios(model.photos)).all()


def test_a_few_changes_are_made_at_once_and_in_one_batch(qtbot: QtBot, model: PhotoModel) -> None:
    incoming = IncomingPhotos(model)
    counts = Counts(incoming)
    with qtbot.waitSignals([model.batch_finished]):
        incoming.change(set(range(20, 110)), [make_photo(200), make_photo(300)], counts.finish)
        assert counts.is_done
    assert counts.steps == [-88]


def test_what_was_not_changed_yet_can_be_dropped(qtbot: QtBot, model: PhotoModel) -> None:
    incoming = IncomingPhotos(model)
    counts, others = Counts(incoming), Counts(incoming)
    incoming.change(set(range(1, COUNT, FAR)), (), counts.finish)
    incoming.clear()
    incoming.change({COUNT}, (), others.finish)
    assert others.is_done
    assert not counts.is_done
    assert model.rowCount() == COUNT + sum(counts.steps)
