"""The map: places of photos, near those that look like them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosim.clustering import leiden
from photosim.clustering.layout import Layout, _principal_plane, lay_out
from photosim.clustering.mutual_graph import mutual_graph
from photosim.search.exact import Vectors, top_k
from tests.support.vectors import make_vectors

SAME = 0.95


def map_of(vectors: Vectors, before: Layout | None = None) -> Layout:
    graph = mutual_graph(np.arange(len(vectors)), vectors, None, leiden.NEIGHBOURS, SAME)
    return lay_out(graph, leiden.communities_of_levels(graph)[0], vectors, before)


def with_new(before: Layout, count: int) -> Layout:
    """Return the map of before, with `count` photos that it did not have behind the others."""
    new = np.full((count, 2), np.nan, np.float32)
    return Layout(np.concatenate([before.xy, new]), before.unit)


def assert_sound(found: Layout, count: int) -> None:
    assert found.xy.shape == (count, 2)
    assert found.xy.dtype == np.float32
    assert np.isfinite(found.xy).all()
    assert (found.xy >= 0).all()
    assert (found.xy <= 1).all()
    assert found.unit > 0


def nearest(xy: np.ndarray, k: int) -> np.ndarray:
    squared = ((xy[:, None] - xy[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    return np.argsort(squared, axis=1)[:, :k]


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return make_vectors(600)


@pytest.fixture(scope="module")
def found(vectors: Vectors) -> Layout:
    return map_of(vectors)


def test_photos_that_look_alike_are_near_each_other(vectors: Vectors, found: Layout) -> None:
    alike = top_k(vectors, np.arange(len(vectors)), vectors, 16)[0][:, 1:]
    near = nearest(found.xy, 15)
    kept = np.mean([np.isin(alike[row], near[row]).mean() for row in range(len(vectors))])
    by_chance = 15 / len(vectors)
    assert kept > 0.4 > 10 * by_chance


def test_a_map_is_in_the_unit_square_and_fills_it(found: Layout) -> None:
    assert_sound(found, 600)
    assert (found.xy.max(axis=0) - found.xy.min(axis=0)).max() > 0.9


def test_the_same_photos_have_the_same_map_in_any_order(vectors: Vectors, found: Layout) -> None:
    order = np.random.default_rng(1).permutation(len(vectors))
    np.testing.assert_array_equal(map_of(vectors[order]).xy, found.xy[order])


def test_photos_stay_where_they_are_when_others_come(vectors: Vectors) -> None:
    old = 570
    before = map_of(vectors[:old])
    after = map_of(vectors, with_new(before, len(vectors) - old))
    assert_sound(after, len(vectors))
    moved = np.linalg.norm(after.xy[:old] - before.xy, axis=1)
    assert np.median(moved) < 0.01
    assert np.quantile(moved, 0.95) < 0.05


def test_new_photos_come_to_those_that_look_like_them(vectors: Vectors) -> None:
    old = 570
    after = map_of(vectors, with_new(map_of(vectors[:old]), len(vectors) - old))
    alike = top_k(vectors[old:], np.arange(old), vectors[:old], 3)[0]
    to_alike = np.linalg.norm(after.xy[old:, None] - after.xy[alike], axis=2).mean()
    to_any = np.linalg.norm(after.xy[old:, None] - after.xy[None, :old], axis=2).mean()
    assert to_alike < to_any / 4


def test_photos_stay_exactly_where_they_are_when_others_leave(vectors: Vectors, found: Layout) -> None:
    left = np.arange(0, len(vectors), 2)
    after = map_of(vectors[left], Layout(found.xy[left], found.unit))
    np.testing.assert_allclose(after.xy, found.xy[left], atol=1e-5)


def test_a_map_of_few_of_the_photos_does_not_bind_the_new_one(vectors: Vectors, found: Layout) -> None:
    before = with_new(map_of(vectors[:60]), 540)
    after = map_of(vectors, before)
    assert_sound(after, len(vectors))
    fresh = map_of(vectors)
    distances = [
        np.linalg.norm(layout.xy[:, None] - layout.xy[None], axis=2) / layout.unit
        for layout in (after, fresh)
    ]
    np.testing.assert_allclose(distances[0], distances[1], atol=0.05)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 13])
def test_a_small_library_has_a_map(count: int) -> None:
    vectors = make_vectors(max(count, 1), seed=count)[:count]
    found = map_of(vectors)
    assert_sound(found, count)
    assert len(np.unique(found.xy, axis=0)) == count
    assert_sound(map_of(make_vectors(14, seed=count)[: count + 1], with_new(found, 1)), count + 1)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("count", [2, 5])
def test_photos_that_hardly_differ_have_a_map(count: int) -> None:
    vectors = np.repeat(make_vectors(1), count, axis=0) + np.float32(1e-7) * np.arange(count)[:, None]
    found = map_of(vectors.astype(np.float32))
    assert_sound(found, count)
    assert len(np.unique(np.rint(found.xy * 65_535), axis=0)) == count


@pytest.mark.parametrize("count", [20, 200])
def test_the_first_places_are_principal_components_of_few_and_of_many_photos(count: int) -> None:
    vectors = make_vectors(count, seed=3)
    centred = vectors - vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    expected = np.abs(centred @ directions[:2].T)
    assert np.allclose(np.abs(_principal_plane(vectors, np.arange(count))), expected, atol=1e-5)


def test_photos_with_equal_embeddings_lie_beside_each_other() -> None:
    found = map_of(np.repeat(make_vectors(1), 30, axis=0))
    assert_sound(found, 30)
    assert len(np.unique(np.rint(found.xy * 65_535), axis=0)) == 30
    np.testing.assert_allclose(found.xy, 0.5, atol=0.1)


def test_the_work_can_be_stopped(vectors: Vectors) -> None:
    graph = mutual_graph(np.arange(len(vectors)), vectors, None, leiden.NEIGHBOURS, SAME)
    reports: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        reports.append((done, total))
        if len(reports) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lay_out(graph, leiden.communities_of_levels(graph)[0], vectors, on_progress=stop)
    assert all(0 < done < total == 600 for done, total in reports)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 40), st.integers(0, 12), st.integers(1, 5), st.integers(0, 2**20), st.booleans())
def test_any_library_has_a_sound_map_and_keeps_it(
    count: int, new: int, copies: int, seed: int, zero: bool
) -> None:
    different = make_vectors(max(count + new, 1), seed)
    vectors = different[np.random.default_rng(seed).integers(0, -(-len(different) // copies), count + new)]
    if zero:
        vectors[: count // 2] = 0  # a damaged model can answer so
    before = map_of(vectors[:count])
    assert_sound(before, count)
    np.testing.assert_array_equal(map_of(vectors[:count]).xy, before.xy)
    assert_sound(map_of(vectors, with_new(before, new)), count + new)
