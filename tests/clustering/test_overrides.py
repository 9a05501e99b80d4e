from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from photosim.clustering.overrides import apply_overrides
from photosim.records import UserCluster

COMPUTED = [[1, 2, 3, 4, 5], [10, 11, 12], [20, 21, 22]]


def shown(groups: list[list[int]], *kept: UserCluster) -> list[set[int]]:
    return [set(one.photo_ids) for one in apply_overrides(groups, kept)]


def test_without_the_person_everything_is_as_computed() -> None:
    assert [one.photo_ids for one in apply_overrides(COMPUTED, [])] == [tuple(group) for group in COMPUTED]


def test_a_cluster_that_becomes_the_persons_stays_in_its_place() -> None:
    groups = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    kept = UserCluster(1, name="Dog", members=frozenset({4, 5, 6}))
    assert [one.photo_ids for one in apply_overrides(groups, [kept])] == [(1, 2, 3), (4, 5, 6), (7, 8, 9)]


def test_a_merged_cluster_stays_one_when_its_parts_are_computed_apart() -> None:
    merged = UserCluster(1, members=frozenset({1, 2, 3, 4, 5, 10, 11, 12}))
    assert shown(COMPUTED, merged) == [{1, 2, 3, 4, 5, 10, 11, 12}, {20, 21, 22}]
    assert shown([[1, 2], [3, 4, 5, 10], [11, 12]], merged) == [{1, 2, 3, 4, 5, 10, 11, 12}]


def test_a_new_photo_joins_the_cluster_that_looks_like_it() -> None:
    named = UserCluster(1, name="Holiday", members=frozenset({1, 2, 3, 4, 5}))
    first, *_ = apply_overrides([[1, 2, 3, 4, 5, 6]], [named])
    assert (set(first.photo_ids), first.user_cluster) == ({1, 2, 3, 4, 5, 6}, named)


def test_a_large_computed_cluster_is_not_swallowed_by_a_small_kept_one() -> None:
    kept = UserCluster(1, members=frozenset({1, 2, 3}))
    assert shown([list(range(1, 20))], kept) == [set(range(4, 20)), {1, 2, 3}]


def test_a_photo_pulled_out_does_not_come_back() -> None:
    kept = UserCluster(1, members=frozenset({1, 2, 3, 4}), excluded=frozenset({5}))
    assert shown(COMPUTED, kept) == [{1, 2, 3, 4}, {10, 11, 12}, {20, 21, 22}]


def test_a_photo_pulled_out_may_be_in_another_cluster() -> None:
    kept = UserCluster(1, members=frozenset({1, 2, 3, 4}), excluded=frozenset({5}))
    assert shown([[1, 2, 3, 4], [5, 10, 11, 12]], kept) == [{1, 2, 3, 4}, {5, 10, 11, 12}]


def test_a_kept_cluster_that_computing_scatters_is_shown_whole() -> None:
    kept = UserCluster(1, members=frozenset({1, 10, 20, 99}))
    assert shown(COMPUTED, kept) == [{2, 3, 4, 5}, {1, 10, 20, 99}]


def test_the_order_is_settled_only_when_one_computed_cluster_is_it() -> None:
    whole, part = (
        UserCluster(1, members=frozenset({1, 2, 3, 4, 5})),
        UserCluster(2, members=frozenset({10, 99})),
    )
    by_kept = {
        one.user_cluster.id: one.is_unchanged
        for one in apply_overrides(COMPUTED, [whole, part])
        if one.user_cluster
    }
    assert by_kept == {1: True, 2: False}


photos = st.frozensets(st.integers(0, 30), max_size=12)


@given(st.lists(photos, max_size=6), st.lists(photos, max_size=4), st.lists(photos, max_size=4))
def test_a_photo_is_in_one_cluster_at_most_and_members_stay(
    groups: list[frozenset[int]], members: list[frozenset[int]], out: list[frozenset[int]]
) -> None:
    computed, seen = [], set[int]()
    for group in groups:
        computed.append(sorted(group - seen))
        seen |= group
    kept, owned = [], set[int]()
    for number, some in enumerate(members):
        pulled = (out[number] if number < len(out) else frozenset()) - some
        kept.append(UserCluster(number, members=some - owned, excluded=pulled))
        owned |= some
    found = apply_overrides(computed, kept)
    placed = [photo for one in found for photo in one.photo_ids]
    assert len(placed) == len(set(placed))
    for one in found:
        if one.user_cluster is not None:
            assert one.user_cluster.members <= set(one.photo_ids)
            assert not one.user_cluster.excluded & set(one.photo_ids)
