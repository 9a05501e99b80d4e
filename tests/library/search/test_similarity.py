"""Similarity searches by several photos, with feedback, and by regions."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photosim.errors import UnreadablePhotoError
from photosim.library import Library
from photosim.search.feedback import apply_feedback, smooth_max
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.query import Example, Region, SimilarityQuery
from tests.support.images import make_photo
from tests.support.matches import assert_well_ordered

SCENES, TAKES = 4, 3


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("querying")
    for scene in range(SCENES):
        for take in range(TAKES):
            make_photo(base / "photos" / f"{scene} {take}.jpg", scene, variant=take)
    library = Library.open(base / "library")
    list(library.index([base / "photos"]))
    library.close()
    return base


@pytest.fixture
def library(indexed: Path) -> Library:
    return Library.open(indexed / "library")


def example(library: Library, name: str, region: Region | None = None) -> Example:
    return Example(next(photo.path for photo in library.photos() if photo.path.endswith(name)), region)


def vectors(library: Library, tmp_path: Path) -> dict[str, np.ndarray]:
    library.exports.embeddings(tmp_path / "all.npz")
    with np.load(tmp_path / "all.npz") as file:
        return dict(zip(map(str, file["paths"]), file["embeddings"], strict=True))


def test_several_photos_with_more_and_less_get_the_exact_answer(library: Library, tmp_path: Path) -> None:
    like = (example(library, "0 0.jpg"), example(library, "1 0.jpg"))
    more, less = (example(library, "1 1.jpg"),), (example(library, "2 0.jpg"),)
    known = vectors(library, tmp_path)
    rows = [np.stack([known[one.path] for one in part]) for part in (like, more, less)]
    rest = [path for path in known if path not in {one.path for one in (*like, *more, *less)}]
    scores = smooth_max(
        apply_feedback(rows[0], rows[1], rows[2]) @ np.stack([known[path] for path in rest]).T
    )
    matches = library.similarity.search(SimilarityQuery(like, more, less), 50)
    expected = dict(zip(rest, scores, strict=True))
    assert {match.path for match in matches} == expected.keys()
    assert_well_ordered(matches)
    shift = matches[-1].similarity - expected[matches[-1].path]
    told = [match for match in matches if match.similarity < 1]
    assert np.allclose(
        [match.similarity for match in told], [expected[match.path] + shift for match in told], atol=1e-5
    )
    fewer = library.similarity.search(SimilarityQuery(like, more, less), 2)
    assert [match.path for match in fewer] == [match.path for match in matches[:2]]


def test_photos_of_two_scenes_find_both_scenes(library: Library) -> None:
    query = SimilarityQuery((example(library, "0 0.jpg"), example(library, "3 0.jpg")))
    found = {Path(match.path).name for match in library.similarity.search(query, 4)}
    assert found == {"0 1.jpg", "0 2.jpg", "3 1.jpg", "3 2.jpg"}


def test_similarity_bands_keep_their_meaning_when_a_query_is_refined(library: Library) -> None:
    """A twin of one photo asked about is as close to it among others as alone, and marking less keeps the rest."""
    like = tuple(example(library, f"{scene} 0.jpg") for scene in range(SCENES))
    alone = library.similarity.search(SimilarityQuery(like[:1]), 5)[0].similarity
    assert library.similarity.search(SimilarityQuery(like), 5)[0].similarity > alone - 0.05
    less = library.similarity.search(SimilarityQuery(like[:1], (), like[1:2]), 5)[0].similarity
    assert less > alone - 0.05


def test_less_like_a_scene_pushes_it_away(library: Library) -> None:
    like, less = (example(library, "0 0.jpg"),), (example(library, "1 0.jpg"),)

    def lead(query: SimilarityQuery) -> float:
        found = {Path(match.path).name: match.similarity for match in library.similarity.search(query, 50)}
        return found["0 2.jpg"] - found["1 2.jpg"]

    assert lead(SimilarityQuery(like, (), less)) > lead(SimilarityQuery(like)) + 0.01


def test_a_region_finds_the_photo_that_was_pasted_there(library: Library, tmp_path: Path) -> None:
    with Image.open(example(library, "2 0.jpg").path) as photo:
        width, height = photo.size
        wall = Image.new("RGB", (4 * width, 4 * height), (90, 120, 60))
        wall.paste(photo, (3 * width, 2 * height))
    wall.save(tmp_path / "wall.png")
    region = Region(0.75, 0.5, 0.25, 0.25)
    best = library.similarity.search(SimilarityQuery((Example(str(tmp_path / "wall.png"), region),)), 1)[0]
    assert Path(best.path).name == "2 0.jpg"
    assert best.similarity > 0.99, "the part is read in as many pixels as it has"


def test_an_image_outside_the_library_does_not_join_it(library: Library, tmp_path: Path) -> None:
    copy = shutil.copy(example(library, "1 0.jpg").path, tmp_path / "copy.jpg")
    before = library.status()
    best = library.similarity.search(SimilarityQuery((Example(str(copy)),)), 1)[0]
    assert Path(best.path).name == "1 0.jpg"
    assert library.status() == before
    (tmp_path / "note.jpg").write_text("no photo")
    with pytest.raises(UnreadablePhotoError, match=r"note\.jpg"):
        library.similarity.search(SimilarityQuery((Example(str(tmp_path / "note.jpg")),)), 1)


def test_the_caller_can_provide_missing_embeddings(library: Library, tmp_path: Path) -> None:
    known, part = example(library, "0 0.jpg"), example(library, "0 0.jpg", Region(0, 0, 0.5, 0.5))
    vector = library.similarity.known_vector(known)
    assert vector is not None
    assert library.similarity.known_vector(part) is None
    asked: list[Example] = []

    def embed(one: Example) -> np.ndarray:
        asked.append(one)
        return vector

    found = library.similarity.search(SimilarityQuery((part,)), 50, embed)
    expected = library.similarity.search(SimilarityQuery((known,)), 50)
    assert {(match.path, match.similarity) for match in found} == {
        (match.path, match.similarity) for match in expected
    }
    assert asked == [part]


@pytest.mark.parametrize("words", ["0", "twin", "jpg", "nothing has this name"])
def test_results_within_a_filter_are_the_filtered_results(library: Library, words: str) -> None:
    shutil.copy(
        example(library, "1 1.jpg").path, Path(example(library, "1 1.jpg").path).with_name("twin.jpg")
    )
    list(library.index())
    within = library.finder.apply(PhotoFilter(text=words))
    fitting = {photo.path for photo in library.photos() if words in Path(photo.path).name}
    assert {photo.path for photo in library.photos_by_id(within.file_ids.tolist())} == fitting
    one = SimilarityQuery((example(library, "0 0.jpg"),))
    several = SimilarityQuery((example(library, "0 0.jpg"), example(library, "3 0.jpg")))
    for query in (one, several):
        told = library.similarity.search(query, 100, within=within)
        assert {match.path for match in told} == {
            match.path for match in library.similarity.search(query, 100) if match.path in fitting
        }
        assert_well_ordered(told)
        for k in (1, 3):
            assert library.similarity.search(query, k, within=within) == told[:k]
