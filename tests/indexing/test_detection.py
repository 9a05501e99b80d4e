"""Objects of photos that are indexed already: those they lack, and small ones."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from photosim import settings
from photosim.errors import LabelError
from photosim.imaging import decode
from photosim.indexing import detection
from photosim.library import Library
from photosim.library.models.view import ModelView
from photosim.ml.models.catalog import DEFAULT
from photosim.records import EmbeddedObject, Label, Phase, PhotoObject, Progress
from photosim.runtime.control import JobControl
from photosim.store.objects import ObjectTable
from tests.support.images import make_scene, save
from tests.support.indexing import FakeEmbedder, Pixels, index

PHOTOS = 7


class FindingEmbedder(FakeEmbedder):
    """Finds one object in every input, and two in a closer look, which it counts."""

    def __init__(self, dimensions: int) -> None:
        super().__init__(dimensions)
        self.looks = 0

    def embed_label_and_detect(
        self, inputs: Pixels, sizes: Sequence[tuple[int, int]]
    ) -> tuple[np.ndarray, list[tuple[Label, ...]], list[tuple[EmbeddedObject, ...]]]:  # type: ignore[type-arg]
        return self.embed(inputs), [(Label("thing", 0.5),)] * len(sizes), [(found("thing"),)] * len(sizes)

    def look_closer(self, picture: Pixels) -> tuple[EmbeddedObject, ...]:
        self.looks += 1
        assert max(picture.shape) >= 200
        return found("thing"), found("small thing")


def found(label: str) -> EmbeddedObject:
    return EmbeddedObject(
        PhotoObject(label, 0.5, (0.1, 0.1, 0.5, 0.5)), np.eye(DEFAULT.object_dimensions, dtype=np.float16)[0]
    )


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> FindingEmbedder:
    original, embedder = ModelView.__init__, FindingEmbedder(960)

    def init_with_fake(self: ModelView, *arguments: object) -> None:
        original(self, *arguments)  # type: ignore[arg-type]
        embedder._dimensions = self.model.dimensions
        self.embedder = embedder  # type: ignore[assignment]

    monkeypatch.setattr(ModelView, "__init__", init_with_fake)
    monkeypatch.setattr(detection, "BATCH", 3)
    return embedder


@pytest.fixture
def library(tmp_path: Path, embedder: FindingEmbedder) -> Library:
    """A library that was indexed before there were objects."""
    for number in range(PHOTOS):
        save(make_scene(number), tmp_path / "photos" / f"{number}.jpg")
    library = Library.open(tmp_path / "library")
    library.labels.set_enabled(False)
    index(library, tmp_path / "photos")
    library.labels.set_enabled(True)
    return library


def table(library: Library) -> ObjectTable:
    return ObjectTable(library._catalog.database, library.model.id, library.model.object_dimensions)


def labels(library: Library) -> set[tuple[str, ...]]:
    found = library.objects.of_photos([photo.photo_id for photo in library.photos()])
    return {tuple(one.object.label for one in found.get(photo.photo_id, ())) for photo in library.photos()}


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("a photo was read")


def test_photos_without_objects_get_them_after_indexing_without_being_read(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode, "decode", refuse)
    reports = list(library.index())
    assert labels(library) == {("thing",)}
    assert library.labels.unlabelled() == 0
    phases = [progress.phase for progress in reports]
    assert phases.index(Phase.DETECTING) > len(phases) - phases[::-1].index(Phase.GROUPING) - 1
    detecting = [progress for progress in reports if progress.phase is Phase.DETECTING]
    assert [progress.done for progress in detecting] == [0, 3, 6, 7]
    assert {progress.total for progress in detecting} == {PHOTOS}
    last = reports[-1]
    assert (last.phase, last.unchanged, last.indexed, last.cancelled) == (Phase.DONE, PHOTOS, 0, False)
    assert Phase.DETECTING not in {progress.phase for progress in library.index()}, "once is enough"


def test_new_photos_are_searched_while_they_are_indexed(library: Library, tmp_path: Path) -> None:
    list(library.index())
    save(make_scene(50), tmp_path / "photos" / "new.jpg")
    assert Phase.DETECTING not in {progress.phase for progress in library.index()}
    assert labels(library) == {("thing",)}
    assert table(library).counts() == (PHOTOS + 1, 0)


def test_what_was_found_before_a_cancellation_stays(library: Library) -> None:
    control = JobControl()
    for progress in library.index(control=control):
        if progress.phase is Phase.DETECTING and progress.done:
            control.cancel()
    assert progress.cancelled
    assert table(library).counts() == (3, 0)
    detecting = [progress for progress in library.index() if progress.phase is Phase.DETECTING]
    assert detecting[-1].total == PHOTOS - 3
    assert table(library).counts() == (PHOTOS, 0)


def test_without_labels_no_objects_are_searched_for(library: Library) -> None:
    library.labels.set_enabled(False)
    assert Phase.DETECTING not in {progress.phase for progress in library.index()}
    assert table(library).counts() == (0, 0)
    with pytest.raises(LabelError, match="labels on"):
        list(library.look_closer())


def look_closer(library: Library, control: JobControl | None = None) -> Progress:
    *_, last = library.look_closer(control)
    return last


def test_a_closer_look_finds_small_objects_and_looks_at_each_photo_once(
    library: Library, embedder: FindingEmbedder
) -> None:
    list(library.index())
    last = look_closer(library)
    assert (last.phase, last.indexed, last.cancelled) == (Phase.DONE, PHOTOS, False)
    assert labels(library) == {("thing", "small thing")}
    assert table(library).counts() == (PHOTOS, PHOTOS)
    assert look_closer(library).total == 0
    list(library.index())
    assert embedder.looks == PHOTOS
    assert labels(library) == {("thing", "small thing")}, "indexing does not replace it by less"


def test_a_closer_look_goes_on_where_it_was_stopped(library: Library, embedder: FindingEmbedder) -> None:
    control = JobControl()
    for progress in library.look_closer(control):
        if progress.done:
            control.cancel()
    assert progress.cancelled
    assert table(library).counts() == (3, 3)
    assert look_closer(library).total == PHOTOS - 3
    assert embedder.looks == PHOTOS


def test_a_closer_look_waits_while_it_is_paused(library: Library) -> None:
    control = JobControl()
    reports = library.look_closer(control)
    next(reports)
    control.pause()
    control.cancel()  # ends the wait
    assert next(reports).cancelled
    assert table(library).counts() == (0, 0)


def test_a_changed_or_lost_or_unreadable_photo_costs_only_itself(library: Library, tmp_path: Path) -> None:
    photos = [Path(photo.path) for photo in library.photos()]
    save(make_scene(70), photos[0])
    photos[1].unlink()
    stamp = photos[2].stat()
    content = photos[2].read_bytes()
    photos[2].write_bytes(content[:100] + bytes(len(content) - 100))
    os.utime(photos[2], ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    last = look_closer(library)
    assert (last.indexed, last.total) == (PHOTOS - 3, PHOTOS)
    assert look_closer(library).total == 3, "they are tried again"


def test_photos_of_an_offline_folder_wait_until_it_is_back(
    library: Library, tmp_path: Path, embedder: FindingEmbedder
) -> None:
    save(make_scene(50), tmp_path / "other" / "new.jpg")
    list(library.index([tmp_path / "other"]))
    (tmp_path / "photos").rename(tmp_path / "away")
    assert (look_closer(library).total, embedder.looks) == (1, 1)
    (tmp_path / "away").rename(tmp_path / "photos")
    assert look_closer(library).indexed == PHOTOS


def test_a_photo_that_may_have_ended_the_process_comes_last_and_alone(
    library: Library, embedder: FindingEmbedder
) -> None:
    first = library.photos()[0]
    (library.folder / "reading.json").write_text(f'{{"reading": ["{first.path}"], "alone": false}}')
    seen: list[int] = []
    for progress in library.look_closer():
        seen.append(table(library).counts()[1])
        if progress.done == 3:
            assert first.photo_id in table(library).undetected_photo_ids(closer=True)
    assert seen[-1] == PHOTOS
    assert embedder.looks == PHOTOS


def test_a_library_that_looks_closer_does_so_after_indexing(library: Library, tmp_path: Path) -> None:
    settings.update(library.folder, look_closer=True)
    reports = list(library.index())
    assert reports[-1].phase is Phase.DONE
    assert labels(library) == {("thing", "small thing")}
    save(make_scene(50), tmp_path / "photos" / "new.jpg")
    list(library.index())
    assert labels(library) == {("thing", "small thing")}
    assert table(library).counts() == (PHOTOS + 1, PHOTOS + 1)
