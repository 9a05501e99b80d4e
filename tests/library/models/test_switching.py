"""Switching to another model and back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from photosim.errors import LibraryError, ModelError
from photosim.indexing.reader import WORKERS
from photosim.library import Library
from photosim.ml.models import catalog
from photosim.ml.models.catalog import DEFAULT
from photosim.ml.models.registry import ModelRegistry
from photosim.records import Phase
from photosim.runtime.control import JobControl
from tests.library.models.steps import answers, change_to
from tests.support.images import make_photo, make_scene
from tests.support.indexing import index
from tests.support.photo_folders import make_photos


def test_the_choice_is_saved_with_the_library(
    library: Library, other: catalog.ModelSpec, tmp_path: Path
) -> None:
    assert library.use_model(other.name) == other
    index(library)
    assert library.model == other
    assert Library.open(library.folder).model == other
    assert Library.open(tmp_path / "another").model == DEFAULT


def test_the_old_model_stays_active_until_the_new_one_has_embedded_all_photos(
    library: Library, other: catalog.ModelSpec
) -> None:
    before = answers(library)
    library.use_model(other.name)
    status = library.status()
    assert (status.model, status.dimensions, status.embedded) == (DEFAULT.id, DEFAULT.dimensions, 6)
    assert (status.next_model, status.next_embedded) == (other.id, 0)
    for report in library.index():
        if report.phase is not Phase.DONE:
            assert library.model == Library.open(library.folder).model == DEFAULT
            assert answers(library) == before
    assert (report.model_switched, report.next_model) == (True, other.title)
    status = library.status()
    assert (status.model, status.dimensions, status.embedded) == (other.id, 1280, 6)
    assert (status.next_model, status.next_embedded) == (None, 0)
    assert answers(library) != before


def test_switching_back_is_immediate_and_reads_no_photo(
    library: Library, other: catalog.ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answers(library)
    change_to(library, other)
    with_other = answers(library)
    monkeypatch.setattr("photosim.imaging.decode.load", pytest.fail)
    for entry, expected in ((DEFAULT, before), (other, with_other)):
        library.use_model(entry.id)
        assert library.model == entry
        assert answers(library) == expected
        assert index(library).unchanged == 6


def test_a_stopped_switch_resumes_where_it_was(
    library: Library, other: catalog.ModelSpec, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.indexing.reader.BATCH", 2)
    count = 2 * (WORKERS + 7)  # more than are being read when the first are kept
    make_photos(photos, count)
    index(library)
    library.use_model(other.name)
    control = JobControl()
    for report in library.index(control=control):
        if report.next_model and report.done:
            control.cancel()
    assert (report.cancelled, report.model_switched) == (True, False)
    seen = library.status().next_embedded
    assert 0 < seen < count
    assert library.model == DEFAULT
    shown = [report.total for report in Library.open(library.folder).index() if report.next_model]
    assert shown[1] == count - seen
    assert library.models.reload_choice()
    assert library.model == other


def test_a_switch_can_be_cancelled_by_another_choice(library: Library, other: catalog.ModelSpec) -> None:
    before = answers(library)
    library.use_model(other.name)
    elsewhere = Library.open(library.folder)
    for report in library.index():
        if report.next_model and report.done:
            elsewhere.use_model(DEFAULT.name)
    assert not report.model_switched
    assert library.model == DEFAULT
    assert library.status().next_model is None
    assert answers(library) == before


def test_an_open_library_follows_a_switch_of_another_process(
    library: Library, other: catalog.ModelSpec
) -> None:
    elsewhere = Library.open(library.folder)
    change_to(elsewhere, other)
    assert library.model == DEFAULT
    assert library.models.reload_choice()
    assert answers(library) == answers(elsewhere)
    assert not library.models.reload_choice()


def test_a_model_that_cannot_be_loaded_is_discarded_with_a_message(
    library: Library, other: catalog.ModelSpec
) -> None:
    before = answers(library)
    library.use_model(other.name)
    ModelRegistry().weights_path(other).write_bytes(b"no longer a model")
    with pytest.raises(ModelError, match=r"can.t be used; YOLO11n .* stays active.* damaged"):
        index(library)
    assert library.status().next_model is None
    assert answers(library) == before
    assert index(library).unchanged == 6


def test_offline_photos_do_not_block_a_switch(
    library: Library, other: catalog.ModelSpec, photos: Path, tmp_path: Path
) -> None:
    for number in range(3):
        make_photo(tmp_path / "drive" / f"{number}.jpg", 70 + number)
    index(library, tmp_path / "drive")
    (tmp_path / "drive").rename(tmp_path / "unplugged")
    library.use_model(other.name)
    index(library)
    assert library.model == other
    assert (library.status().photos, library.status().embedded) == (9, 6)
    away = next(photo for photo in library.photos() if "drive" in photo.path)
    with pytest.raises(LibraryError, match="has not analyzed this photo yet"):
        library.similar(away.file_id)
    (tmp_path / "unplugged").rename(tmp_path / "drive")
    assert index(library).indexed == 3
    assert len(library.similar(away.file_id)) == 8


def test_an_unreadable_photo_does_not_block_a_switch(library: Library, other: catalog.ModelSpec) -> None:
    broken = Path(library.photos()[0].path)
    stat, data = broken.stat(), broken.read_bytes()
    library.use_model(other.name)
    broken.write_bytes(b"x" * len(data))
    os.utime(broken, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    index(library)
    assert library.model == other
    assert library.status().embedded == 5


def test_a_photo_indexed_during_a_switch_is_embedded_by_both_models(
    library: Library, other: catalog.ModelSpec, photos: Path
) -> None:
    library.use_model(other.name)
    make_scene(50).save(photos / "new.jpg")
    index(library)
    assert (library.model, library.status().embedded) == (other, 7)
    library.use_model(DEFAULT.name)
    assert (library.model, library.status().embedded) == (DEFAULT, 7)


def test_in_an_empty_library_a_switch_is_immediate(other: catalog.ModelSpec, tmp_path: Path) -> None:
    library = Library.open(tmp_path / "empty")
    library.use_model(other.name)
    assert library.model == other


def test_clusters_belong_to_their_model_and_come_back_with_it(
    library: Library, other: catalog.ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = library.clusters()
    change_to(library, other)
    library.clusters()
    monkeypatch.setattr("photosim.indexing.index_builder.mutual_graph", pytest.fail)
    library.use_model(DEFAULT.name)
    assert library.clusters() == before


def test_the_duration_of_a_switch_is_estimated_from_the_last_indexing(
    library: Library, other: catalog.ModelSpec, photos: Path
) -> None:
    assert {state.seconds_left for state in library.models.states()} == {None}
    make_photos(photos, 40)
    index(library)
    seconds = {state.id: state.seconds_left for state in library.models.states()}
    assert seconds[DEFAULT.id] == 0
    assert 0 < (seconds["yolo11n-cls-10-mean-224"] or 0) < (seconds["yolo11x-cls-10-mean-224"] or 0)
