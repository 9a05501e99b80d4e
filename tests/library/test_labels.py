"""Labels: made while indexing, searched, added later, disabled."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from photosim import settings
from photosim.errors import LabelError
from photosim.library import Library
from photosim.ml.models.catalog import MAX_POOLED
from photosim.ml.models.registry import ModelRegistry
from photosim.records import LabelCount, Phase, Photo, Progress
from photosim.runtime.control import JobControl
from photosim.search.query import Example, Region, SimilarityQuery
from photosim.search.words.terms import TermKind
from photosim.store.labels import LabelTable
from tests.support.checkpoints import make_model, save_checkpoint
from tests.support.images import make_scene
from tests.support.images import save as save_photo
from tests.support.stop_signs import SIGN, make_sign, make_signs


def index(library: Library, *folders: Path) -> Progress:
    *_, last = library.index(folders)
    return last


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of four stop signs and eight other photos, with its photos."""
    torch.set_num_threads(1)
    place = tmp_path_factory.mktemp("labelling")
    make_signs(place / "photos", 4, others=8)
    library = Library(place / "library", MAX_POOLED)
    index(library, place / "photos")
    library.close()
    return place


@pytest.fixture
def photos(original: Path) -> Path:
    return original / "photos"


@pytest.fixture
def library(original: Path, tmp_path: Path) -> Library:
    shutil.copytree(original / "library", tmp_path / "library")
    return Library(tmp_path / "library", MAX_POOLED)


@pytest.fixture
def unlabelled(photos: Path, tmp_path: Path) -> Library:
    """The same library as it is when labels were off while it was indexed, and are on again."""
    library = Library(tmp_path / "unlabelled", MAX_POOLED)
    library.labels.set_enabled(False)
    index(library, photos)
    library.labels.set_enabled(True)
    return library


def found(library: Library) -> list[Photo]:
    """The photos with a stop sign, best match first."""
    return [photo for photo, _ in library.search.find(SIGN).photos]


def test_photos_are_labelled_while_they_are_indexed(library: Library, photos: Path) -> None:
    for photo in library.photos():
        named = {label.name for label in library.labels.labels_of(photo.photo_id)}
        assert (SIGN in named) == Path(photo.path).name.startswith("sign"), photo.path
    assert LabelCount(SIGN, 4) in library.labels.counts()
    assert library.labels.unlabelled() == 0
    assert len(list(photos.iterdir())) == 12


def test_disabled_labels_are_neither_made_nor_returned(
    library: Library, photos: Path, tmp_path: Path
) -> None:
    before = library.labels.counts()
    library.labels.set_enabled(False)
    more = tmp_path / "more"
    save_photo(make_sign(9), more / "sign.jpg")
    index(library, more)
    assert len(library.photos()) == 13
    labels = library.labels
    assert not labels.enabled
    assert (labels.counts(), labels.unlabelled()) == ([], 1)
    assert [labels.labels_of(photo.photo_id) for photo in library.photos()] == [()] * 13
    assert all(SIGN not in (cluster.title or "").lower() for cluster in library.clusters().clusters)
    assert library.search.understand(SIGN).terms[0].kind is not TermKind.OBJECT
    with pytest.raises(LabelError, match="labels on"):
        list(labels.label_missing(JobControl()))
    labels.set_enabled(True)
    assert labels.counts() == before


def test_the_switch_is_a_setting_of_the_library(library: Library) -> None:
    assert settings.load(library.folder).labels
    library.labels.set_enabled(False)
    assert not settings.load(library.folder).labels
    assert not Library(library.folder, MAX_POOLED).labels.enabled


def test_a_moved_photo_keeps_its_labels(library: Library, photos: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(photos, moved)
    library.remove_source(str(photos.resolve()))
    index(library, moved)
    assert len(found(library)) == 4


def test_a_moved_photo_is_not_looked_at_again(library: Library, photos: Path, tmp_path: Path) -> None:
    """The labels of a photo that is known come with it, even where the model would now say something else."""
    photo = found(library)[0]
    LabelTable(library._catalog.database, MAX_POOLED.id).save({photo.photo_id: []})
    copies = tmp_path / "copies"
    copies.mkdir()
    shutil.copy(photo.path, copies / "copy.jpg")
    index(library, copies)
    copy = library.find(copies / "copy.jpg")
    assert copy is not None
    assert library.labels.labels_of(copy.photo_id) == ()


def test_filling_in_gives_the_labels_that_indexing_gives(library: Library, unlabelled: Library) -> None:
    assert unlabelled.labels.unlabelled() == 12
    *_, last = unlabelled.labels.label_missing(JobControl())
    assert (last.phase, last.indexed, last.total, last.cancelled) == (Phase.DONE, 12, 12, False)
    assert unlabelled.labels.unlabelled() == 0
    paths = [photo.path for photo in found(unlabelled)]
    assert sorted(paths) == sorted(photo.path for photo in found(library))
    *_, last = unlabelled.labels.label_missing(JobControl())
    assert last.total == 0


def test_signs_are_found_with_their_places_and_find_each_other(library: Library, unlabelled: Library) -> None:
    list(unlabelled.labels.label_missing(JobControl()))
    for one in (library, unlabelled):
        photos = found(one)
        objects = one.objects.of_photos([photo.photo_id for photo in photos])
        assert len(objects) == 4
        first = next(found for found in objects[photos[0].photo_id] if found.object.label == SIGN)
        x, y, width, height = first.object.box
        assert x + width / 2 == pytest.approx(0.5, abs=0.1)
        assert y + height / 2 == pytest.approx(0.42, abs=0.1)
        example = Example(photos[0].path, Region(*first.object.box), is_object=True)
        matches = one.objects.search(SimilarityQuery((example,)), 3)
        assert {match.path for match in matches} == {photo.path for photo in photos[1:]}
        assert {match.label for match in matches} == {SIGN}
        elsewhere = Example(photos[0].path, Region(x, y, width, height / 2), is_object=True)
        [match, *_] = one.objects.search(SimilarityQuery((elsewhere,)), 3)
        assert match.label == SIGN


def test_filling_in_reads_no_photo(
    unlabelled: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a photo was read")

    monkeypatch.setattr("photosim.imaging.decode.decode", refuse)
    monkeypatch.setattr("photosim.imaging.decode.load", refuse)
    *_, last = unlabelled.labels.label_missing(JobControl())
    assert last.indexed == 12


def test_filling_in_goes_on_where_it_was_stopped(
    unlabelled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.indexing.detection.BATCH", 5)
    control = JobControl()
    for progress in unlabelled.labels.label_missing(control):
        if progress.done:
            control.cancel()
    assert progress.cancelled
    assert unlabelled.labels.unlabelled() == 7
    *_, last = unlabelled.labels.label_missing(JobControl())
    assert (last.total, unlabelled.labels.unlabelled()) == (7, 0)


def test_a_lost_or_damaged_thumbnail_costs_its_photo_only(unlabelled: Library) -> None:
    first, second, *_ = unlabelled.photos()
    lost, damaged = (unlabelled._catalog.digest(photo.photo_id) for photo in (first, second))
    assert lost is not None
    assert damaged is not None
    unlabelled._thumbnails.remove([lost])
    unlabelled._thumbnails.add({damaged: b"no image"})
    *_, last = unlabelled.labels.label_missing(JobControl())
    assert (last.indexed, unlabelled.labels.unlabelled()) == (10, 2)
    assert index(unlabelled).indexed == 1
    assert unlabelled.labels.unlabelled() == 1


def test_clusters_are_named_by_what_tells_them_apart(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", MAX_POOLED)
    signs = make_signs(tmp_path / "photos", 6, others=12)
    index(library, tmp_path / "photos")
    files = {photo.path: photo.file_id for photo in library.photos()}
    of_signs = [files[str(path)] for path in signs]
    others = [file_id for file_id in files.values() if file_id not in of_signs]
    words = library.labels.assignments()
    labels_of_clusters = words.distinctive([of_signs, others[:6]])
    assert labels_of_clusters[0] == (SIGN,)
    assert SIGN not in labels_of_clusters.get(1, ())
    assert words.distinctive([of_signs]) == {0: labels_of_clusters[0]}, (
        "the labels of a cluster do not depend on the others"
    )


def test_another_model_names_photos_in_its_own_words(library: Library, tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "best.pt", make_model(tmp_path), train_args={"imgsz": 64})
    entry = ModelRegistry().add(path)
    library.use_model(entry.name)
    assert LabelCount(SIGN, 4) in library.labels.counts()
    index(library)
    assert library.model == entry
    assert {one.name for one in library.labels.counts()} <= {"cat", "dog", "bird"}
    assert library.labels.counts()
    library.use_model(MAX_POOLED.id)
    assert LabelCount(SIGN, 4) in library.labels.counts()


def test_labels_change_no_embedding(library: Library, unlabelled: Library) -> None:
    one, other = ({photo.path: photo for photo in each.photos()} for each in (library, unlabelled))
    for path, photo in one.items():
        mine = library.models.active.vector_of(photo.photo_id)
        theirs = unlabelled.models.active.vector_of(other[path].photo_id)
        assert mine is not None
        assert mine == pytest.approx(theirs, abs=2e-3)


def test_a_photo_that_the_model_sees_nothing_in_has_no_labels(tmp_path: Path) -> None:
    library = Library(tmp_path / "library", MAX_POOLED)
    save_photo(make_scene(0).point(lambda _: 90), tmp_path / "photos" / "grey.jpg")
    index(library, tmp_path / "photos")
    assert (library.labels.counts(), library.labels.unlabelled()) == ([], 0)
