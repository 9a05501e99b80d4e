"""Walks and uniqueness in a library, and the file of neighbours that both need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from photosim.clustering import mutual_graph
from photosim.indexing import index_builder
from photosim.library import Library
from photosim.records import Photo
from photosim.search.index_files import NEIGHBOURS_FILE, index_folder
from tests.support.images import make_photo
from tests.support.indexing import index, make_library, make_template, open_copy, use_fake_embedder
from tests.support.photo_folders import make_similar_photos


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("walk"), lambda folder: make_similar_photos(folder, 3, 5))


@pytest.fixture
def library(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """A copy of the library; its photos are to stay as they are."""
    with open_copy(template, tmp_path, monkeypatch) as opened:
        yield opened


@pytest.fixture
def changing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """A library whose photos change."""
    use_fake_embedder(monkeypatch)
    library = make_library(tmp_path / "library", make_similar_photos(tmp_path / "photos", 3, 5))
    yield library
    library.close()


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each search for neighbours."""
    made: list[int] = []
    search: Callable[..., object] = mutual_graph.find_neighbours

    def record(ids: np.ndarray, *arguments: object) -> object:
        made.append(len(ids))
        return search(ids, *arguments)

    for module in (mutual_graph, index_builder):
        monkeypatch.setattr(module, "find_neighbours", record)
    return made


def file_of(library: Library) -> Path:
    return index_folder(library.folder, library.model.id) / NEIGHBOURS_FILE


def ends(library: Library) -> tuple[Photo, Photo]:
    photos = library.photos()
    return photos[0], photos[-1]


def test_indexing_finds_the_neighbours_and_a_walk_uses_them(library: Library, searches: list[int]) -> None:
    assert file_of(library).exists()
    frames = library.walks.between(*ends(library))
    assert (frames[0].photo, frames[-1].photo) == ends(library)
    assert frames[0].cosine is None
    assert all(frame.cosine is not None for frame in frames[1:])
    assert frames == library.walks.between(*ends(library))
    assert not searches


@pytest.mark.parametrize("content", [None, b"", b"PhotoSim neighbours 1\n" + bytes(100)])
def test_neighbours_that_are_missing_or_damaged_are_found_again(
    library: Library, searches: list[int], content: bytes | None
) -> None:
    before = library.walks.between(*ends(library))
    file_of(library).unlink()
    if content is not None:
        file_of(library).write_bytes(content)
    assert library.walks.between(*ends(library)) == before
    assert library.walks.between(*ends(library)) == before
    assert searches == [len(library.photos())]


def test_neighbours_of_before_are_used_without_what_is_gone_and_not_for_what_is_new(
    changing: Library, searches: list[int], tmp_path: Path
) -> None:
    library, photos = changing, changing.photos()
    stored = file_of(library).read_bytes()
    Path(photos[8].path).unlink()
    make_photo(tmp_path / "photos" / "new.jpg", 99)
    index(library)
    file_of(library).write_bytes(stored)
    searches.clear()
    paths = {frame.photo.path for last in photos[9:] for frame in library.walks.between(photos[0], last)}
    assert photos[8].path not in paths
    new = library.find(tmp_path / "photos" / "new.jpg")
    assert new is not None
    assert new.file_id not in library.uniqueness.of_all().file_ids, "it is last until it is grouped"
    assert not searches
    assert library.walks.between(photos[0], new)[-1].photo == new
    assert searches == [len(library.photos())]


def test_a_walk_within_a_folder_leaves_it_only_at_its_ends(library: Library) -> None:
    from photosim.search.filters.criteria import PhotoFilter

    within = library.finder.apply(PhotoFilter(text="1-"))
    frames = library.walks.between(*ends(library), within)
    assert all(Path(frame.photo.path).name.startswith("1-") for frame in frames[1:-1])
    assert (frames[0].photo, frames[-1].photo) == ends(library)


def test_a_search_for_neighbours_can_be_cancelled(library: Library) -> None:
    file_of(library).unlink()

    def check() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        library.walks.between(*ends(library), None, check)
    assert not file_of(library).exists()


def test_a_photo_that_looks_like_no_other_is_the_first_loner_and_copies_are_equally_alone(
    changing: Library, tmp_path: Path
) -> None:
    library, first = changing, tmp_path / "photos" / "1-2.jpg"
    make_photo(tmp_path / "photos" / "loner.jpg", 99)
    (tmp_path / "photos" / "copy.jpg").write_bytes(first.read_bytes())
    index(library)
    loner = library.find(tmp_path / "photos" / "loner.jpg")
    assert loner is not None
    found = library.uniqueness.of_all()
    assert sorted(found.file_ids.tolist()) == sorted(photo.file_id for photo in library.photos())
    scores, hubs = found.scores(), found.scores(hubs=True)
    assert max(scores, key=scores.__getitem__) == loner.file_id
    assert scores[loner.file_id] == 1
    one, other = library.find(first), library.find(tmp_path / "photos" / "copy.jpg")
    assert one is not None
    assert other is not None
    cosines = dict(zip(found.file_ids.tolist(), found.cosines.tolist(), strict=True))
    assert cosines[one.file_id] == cosines[other.file_id]
    counts = dict(zip(found.file_ids.tolist(), found.occurrences.tolist(), strict=True))
    assert sorted(hubs, key=hubs.__getitem__, reverse=True)[0] in [
        file_id for file_id, count in counts.items() if count == max(counts.values())
    ]


def test_an_empty_library_has_no_loners(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "empty")
    assert library.uniqueness.of_all().scores() == {}
    library.close()


def test_what_a_deleted_model_has_found_is_deleted_too(library: Library) -> None:
    from photosim.search.index_files import delete_all_indexes

    delete_all_indexes(library.folder)
    assert not file_of(library).exists()
