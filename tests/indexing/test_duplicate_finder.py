"""Copies and bursts are found at the end of every indexing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageEnhance, ImageOps

from photosim.duplicates.looks import Box
from photosim.duplicates.results import METHOD_VERSION, JudgedPair
from photosim.indexing import duplicate_finder, look_cache, pair_search
from photosim.library import Library
from photosim.records import EmbeddedObject, Phase, PhotoObject
from photosim.runtime.control import JobControl
from photosim.store.duplicates import DuplicateTable
from photosim.store.embeddings import DamagedEmbeddingsError
from tests.support.images import make_detailed_scene, make_exif, save
from tests.support.indexing import index, use_fake_embedder

EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "grey": lambda picture: picture.convert("L").convert("RGB"),
    "mirrored": ImageOps.mirror,
    "cropped": lambda picture: picture.crop((32, 24, 288, 216)),
    "bright": lambda picture: ImageEnhance.Brightness(picture).enhance(1.3),
}
COPIES = {tuple(sorted((one, other))) for one in ("0", *EDITS) for other in ("0", *EDITS) if one != other}
START = datetime(2024, 5, 1, 12)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_embedder(monkeypatch)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Four photos, and copies of the first one."""
    folder = tmp_path / "photos"
    for seed in range(4):
        save(make_detailed_scene(seed), folder / f"{seed}.jpg")
    for name, edit in EDITS.items():
        save(edit(make_detailed_scene(0)), folder / f"{name}.jpg")
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.open(tmp_path / "library")


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """An entry for every two photos whose pixels are compared from now on."""
    calls: list[None] = []
    align = pair_search.align

    def counted(one: pair_search.PhotoLook, other: pair_search.PhotoLook) -> pair_search.Alignment | None:
        calls.append(None)
        return align(one, other)

    monkeypatch.setattr(pair_search, "align", counted)
    return calls


def found(library: Library) -> dict[tuple[str, ...], JudgedPair]:
    """The confirmed pairs, by the names of both photos."""
    names = {photo.photo_id: Path(photo.path).stem for photo in library.photos()}
    pairs = DuplicateTable(library._catalog.database).pairs()
    return {tuple(sorted((names[pair.first], names[pair.second]))): pair for pair in pairs}


def confidences(library: Library) -> dict[tuple[str, ...], float]:
    return {names: round(pair.confidence, 6) for names, pair in found(library).items()}


def finder(library: Library) -> duplicate_finder.DuplicateFinder:
    return library._indexing._finder(library.models.active)


def test_every_two_copies_of_a_photo_are_found_and_no_others(library: Library, photos: Path) -> None:
    index(library, photos)
    assert found(library).keys() == COPIES


def test_a_pair_tells_how_the_second_photo_would_be_made_from_the_first(
    library: Library, photos: Path
) -> None:
    index(library, photos)
    pair = found(library)["0", "cropped"]
    names = {photo.photo_id: Path(photo.path).stem for photo in library.photos()}
    relation = pair.relation
    assert relation is not None
    if names[pair.first] == "cropped":
        relation = relation.inverse
    assert relation.covers == pytest.approx(0.64, abs=0.02)
    assert min(relation.turned, 360 - relation.turned) < 2
    assert not relation.is_mirrored
    mirrored = found(library)["0", "mirrored"].relation
    assert mirrored is not None
    assert mirrored.is_mirrored
    assert mirrored.covers == pytest.approx(1, abs=0.02)


def test_a_second_indexing_compares_nothing(library: Library, photos: Path, compared: list[None]) -> None:
    index(library, photos)
    before = confidences(library)
    compared.clear()
    index(library, photos)
    assert not compared
    assert confidences(library) == before


def test_each_thumbnail_is_decoded_once(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[bytes] = []
    decode = look_cache.decode_grey_thumbnail

    def counted(jpeg: bytes) -> look_cache.GreyPicture | None:
        decoded.append(jpeg)
        return decode(jpeg)

    monkeypatch.setattr(look_cache, "decode_grey_thumbnail", counted)
    index(library, photos)
    assert len(decoded) == len(set(decoded)) == len(list(photos.iterdir()))


def test_groups_of_similar_photos_are_compared_after_the_one_that_is_most_like_them() -> None:
    """So that their looks are still in memory: here each is a point on an arc, in no order."""
    places = [3, 0, 6, 1, 5, 2, 7, 4]
    angles = np.array(places) / 4
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    order = [places[row] for row in duplicate_finder._chained(vectors)]
    assert [abs(one - other) for one, other in pairwise(order)].count(1) >= len(places) - 2


@pytest.mark.parametrize("misses", [1, 3])
def test_a_photo_is_compared_with_few_that_are_not_the_same(
    tmp_path: Path, library: Library, compared: list[None], misses: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them are candidates for the fake embedder, to which any two photos are alike."""
    monkeypatch.setattr(pair_search, "MAX_MISSES", misses)
    for seed in range(12):
        save(make_detailed_scene(seed), tmp_path / "photos" / f"{seed}.jpg")
    index(library, tmp_path / "photos")
    assert 12 * misses // 2 <= len(compared) <= 12 * misses


@pytest.mark.parametrize("misses", [1, 2])
def test_copies_are_found_however_few_misses_end_the_search(
    library: Library, photos: Path, misses: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pair_search, "MAX_MISSES", misses)
    index(library, photos)
    assert found(library).keys() == COPIES


def test_photos_that_come_later_are_compared_with_those_that_are_there(
    tmp_path: Path, library: Library, photos: Path
) -> None:
    later = tmp_path / "later"
    later.mkdir()
    for name in ("0", "cropped"):
        shutil.move(photos / f"{name}.jpg", later)
    index(library, photos)
    assert found(library).keys() == {pair for pair in COPIES if not {"0", "cropped"} & set(pair)}
    index(library, later)
    assert found(library).keys() == COPIES


@pytest.mark.parametrize("size", [1, 3])
def test_the_result_depends_neither_on_the_order_nor_on_how_many_are_compared_at_once(
    tmp_path: Path, library: Library, photos: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(library, photos)
    monkeypatch.setattr(duplicate_finder, "_SAVED_PHOTOS", size)
    monkeypatch.setattr(pair_search, "_ALIGNED_PAIRS", size)
    other = Library.open(tmp_path / "other")
    renamed = tmp_path / "renamed"
    renamed.mkdir()
    for number, path in enumerate(sorted(photos.iterdir(), reverse=True)):
        (renamed / str(number)).mkdir()
        shutil.copy(path, renamed / str(number))
    index(other, renamed)
    assert confidences(other) == confidences(library)


def test_a_cancelled_run_is_continued(
    library: Library, photos: Path, compared: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicate_finder, "_SAVED_PHOTOS", 1)
    control = JobControl()
    for progress in library.index([photos], control):
        if progress.phase is Phase.GROUPING and compared:
            control.cancel()
    first = len(compared)
    assert first > 0
    assert len(DuplicateTable(library._catalog.database).sharpness(range(20))) < 8
    index(library, photos)
    assert found(library).keys() == COPIES
    assert len(compared) > first


def test_copies_of_copies_are_compared_though_nothing_proposes_them(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pair_search, "NEIGHBOURS", 2)
    index(library, photos)
    pairs = found(library).keys()
    for one, other in pairs:
        for third, fourth in pairs:
            if one == third and other != fourth:
                assert tuple(sorted((other, fourth))) in pairs


def test_a_photo_that_leaves_the_library_takes_its_pairs_with_it(library: Library, photos: Path) -> None:
    index(library, photos)
    (photos / "grey.jpg").unlink()
    index(library, photos, ask=False)
    assert found(library).keys() == {pair for pair in COPIES if "grey" not in pair}


def test_photos_without_a_thumbnail_or_with_a_damaged_one_stop_nothing(
    library: Library, photos: Path
) -> None:
    index(library, photos)
    database = library._catalog.database
    digests = {
        Path(photo.path).stem: library._catalog.digest(photo.photo_id) or b"" for photo in library.photos()
    }
    with database.transaction() as db:
        db.execute("DELETE FROM duplicate_checks")
        db.execute("DELETE FROM duplicate_pairs")
    library._thumbnails.remove([digests["grey"]])
    library._thumbnails.add({digests["bright"]: b"not a picture"})
    *_, last = finder(library).find(library.models.active.index.get(), JobControl())
    assert last == (8, 8)
    assert found(library).keys() == {pair for pair in COPIES if not {"grey", "bright"} & set(pair)}


def test_a_new_version_of_the_method_compares_all_photos_anew(
    library: Library, photos: Path, compared: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    index(library, photos)
    table = DuplicateTable(library._catalog.database)
    outdated = [photo.photo_id for photo in library.photos() if Path(photo.path).stem in {"1", "2"}]
    table.save({}, METHOD_VERSION, [JudgedPair(min(outdated), max(outdated), 0.9)])
    monkeypatch.setattr(duplicate_finder, "METHOD_VERSION", METHOD_VERSION + 1)
    compared.clear()
    index(library, photos)
    assert compared
    assert found(library).keys() == COPIES


def test_the_sharpness_of_every_photo_is_known(library: Library, photos: Path) -> None:
    index(library, photos)
    ids = [photo.photo_id for photo in library.photos()]
    assert DuplicateTable(library._catalog.database).sharpness(ids).keys() == set(ids)


def shot(path: Path, seed: int, seconds: float, model: str | None = "R6") -> Path:
    taken_at = f"{START + timedelta(seconds=seconds):%Y:%m:%d %H:%M:%S}"
    return save(make_detailed_scene(seed), path, exif=make_exif(taken_at=taken_at, model=model))


def test_shots_of_one_camera_in_a_row_are_linked(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    for number in range(3):
        shot(folder / f"{number}.jpg", 1, number)
    shot(folder / "an hour later.jpg", 1, 3600)
    shot(folder / "another camera.jpg", 1, 1, model="Z9")
    shot(folder / "no camera.jpg", 1, 1, model=None)
    index(library, folder)
    names = {photo.photo_id: Path(photo.path).stem for photo in library.photos()}
    links = DuplicateTable(library._catalog.database).burst_links()
    assert {(names[one], names[other]) for one, other in links} == {("0", "1"), ("1", "2")}


def test_a_burst_from_which_a_shot_was_removed_stays_one_burst(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    for number in range(4):
        shot(folder / f"{number}.jpg", 1, number)
    index(library, folder)
    (folder / "1.jpg").unlink()
    index(library, folder, ask=False)
    names = {photo.photo_id: Path(photo.path).stem for photo in library.photos()}
    links = DuplicateTable(library._catalog.database).burst_links()
    assert {(names[one], names[other]) for one, other in links} == {("0", "2"), ("2", "3")}


def test_a_new_model_finds_bursts_anew_and_compares_no_photo(
    library: Library, tmp_path: Path, compared: list[None]
) -> None:
    folder = tmp_path / "photos"
    shot(folder / "1.jpg", 1, 0)
    shot(folder / "2.jpg", 1, 1)
    index(library, folder)
    table = DuplicateTable(library._catalog.database)
    links = table.burst_links()
    assert len(links) == 1
    table.replace_burst_links([])
    compared.clear()
    list(finder(library).find(library.models.active.index.get(), JobControl(), is_new_model=True))
    assert table.burst_links() == links
    assert not compared


def test_the_sharpness_of_the_subject_is_measured_once_where_all_shots_show_it(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bursts of shots by three cameras, in one of which a shot shows no object."""
    folder = tmp_path / "photos"
    for model in ("R5", "R6", "Z9"):
        for number in range(3):
            shot(folder / f"{model}-{number}.jpg", 1, number, model=model)
    shot(folder / "alone.jpg", 2, 0, model="Q2")
    index(library, folder)
    measured: list[int] = []
    sharpness = look_cache.LookCache.sharpness

    def record(
        self: look_cache.LookCache, photo_ids: Sequence[int], boxes: Mapping[int, Box] = MappingProxyType({})
    ) -> dict[int, float]:
        measured.extend(boxes)
        return sharpness(self, photo_ids, boxes)

    monkeypatch.setattr(look_cache.LookCache, "sharpness", record)
    names = {photo.photo_id: Path(photo.path).stem for photo in library.photos()}
    vector = np.eye(library.model.object_dimensions, dtype=np.float16)[0]
    dog = EmbeddedObject(PhotoObject("dog", 0.5, (0.2, 0.2, 0.5, 0.5)), vector)
    library.objects.table.save({photo_id: [dog] for photo_id, name in names.items() if name != "Z9-1"})

    def measure() -> dict[str, float]:
        measured.clear()
        library.models.active.index.get()
        index(library, folder)
        found = DuplicateTable(library._catalog.database).subject_sharpness()
        return {name: found[photo_id] for photo_id, name in names.items() if photo_id in found}

    table = DuplicateTable(library._catalog.database)
    links = table.burst_links()
    table.replace_burst_links([])
    shot(folder / "new.jpg", 3, 0, model="Q3")
    found = measure()
    assert found.keys() == {f"{model}-{number}" for model in ("R5", "R6") for number in range(3)}
    assert all(value > 0 for value in found.values())
    assert table.burst_links() == links
    shot(folder / "another.jpg", 4, 0, model="Q3")
    assert measure() == found
    assert not measured, "no burst has changed"
    shot(folder / "R6-3.jpg", 1, 3, model="R6")
    assert measure().keys() == {f"R5-{number}" for number in range(3)}, "the new shot shows no dog"


def test_a_damaged_embedding_leaves_photos_to_the_next_run(
    library: Library, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> None:
        raise DamagedEmbeddingsError("damaged")

    with monkeypatch.context() as patch:
        patch.setattr(pair_search.PairSearch, "compare", damaged)
        assert not index(library, photos).cancelled
    assert not found(library)
    index(library, photos)
    assert found(library).keys() == COPIES


def test_new_shots_are_linked_without_comparing_those_that_are(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shot between two of a burst takes the place of their link; the rest of the burst is not looked at again."""
    folder = tmp_path / "photos"
    for number in (0, 1, 3, 4):
        shot(folder / f"{number}.jpg", 1, number)
    index(library, folder)
    asked: list[tuple[int, int]] = []
    cosines = duplicate_finder.DuplicateFinder._cosines

    def record(
        self: duplicate_finder.DuplicateFinder, first: Sequence[int], second: Sequence[int]
    ) -> npt.NDArray[np.float32]:
        asked.extend(zip(first, second, strict=True))
        return cosines(self, first, second)

    monkeypatch.setattr(duplicate_finder.DuplicateFinder, "_cosines", record)
    shot(folder / "2.jpg", 1, 2)
    index(library, folder)
    names = {photo.photo_id: Path(photo.path).stem for photo in library.photos()}
    links = DuplicateTable(library._catalog.database).burst_links()
    assert {(names[one], names[other]) for one, other in asked} == {("1", "2"), ("2", "3")}
    assert {(names[one], names[other]) for one, other in links} == {
        ("0", "1"),
        ("1", "2"),
        ("2", "3"),
        ("3", "4"),
    }
