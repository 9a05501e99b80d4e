"""The user's edits over computed clusters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from photosim.clustering.overrides import apply_overrides
from photosim.records import UserCluster

COMPUTED = [[1, 2, 3, 4, 5], [10, 11, 12], [20, 21, 22]]


def shown(groups: list[list[int]], *user_clusters: UserCluster) -> list[set[int]]:
    return [set(cluster.photo_ids) for cluster in apply_overrides(groups, user_clusters)]


def test_without_edits_everything_is_as_computed() -> None:
    assert [cluster.photo_ids for cluster in apply_overrides(COMPUTED, [])] == [
        tuple(group) for group in COMPUTED
    ]


def test_a_cluster_that_is_edited_keeps_its_position() -> None:
    groups = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    edited = UserCluster(1, name="Dog", members=frozenset({4, 5, 6}))
    assert [cluster.photo_ids for cluster in apply_overrides(groups, [edited])] == [
        (1, 2, 3),
        (4, 5, 6),
        (7, 8, 9),
    ]


def test_a_merged_cluster_stays_one_when_its_parts_are_computed_apart() -> None:
    merged = UserCluster(1, members=frozenset({1, 2, 3, 4, 5, 10, 11, 12}))
    assert shown(COMPUTED, merged) == [{1, 2, 3, 4, 5, 10, 11, 12}, {20, 21, 22}]
    assert shown([[1, 2], [3, 4, 5, 10], [11, 12]], merged) == [{1, 2, 3, 4, 5, 10, 11, 12}]


def test_a_new_photo_joins_the_user_cluster_of_similar_photos() -> None:
    named = UserCluster(1, name="Holiday", members=frozenset({1, 2, 3, 4, 5}))
    first, *_ = apply_overrides([[1, 2, 3, 4, 5, 6]], [named])
    assert (set(first.photo_ids), first.user_cluster) == ({1, 2, 3, 4, 5, 6}, named)


def test_a_large_computed_cluster_does_not_join_a_small_user_cluster() -> None:
    edited = UserCluster(1, members=frozenset({1, 2, 3}))
    assert shown([list(range(1, 20))], edited) == [set(range(4, 20)), {1, 2, 3}]


def test_a_removed_photo_does_not_come_back() -> None:
    edited = UserCluster(1, members=frozenset({1, 2, 3, 4}), excluded=frozenset({5}))
    assert shown(COMPUTED, edited) == [{1, 2, 3, 4}, {10, 11, 12}, {20, 21, 22}]


def test_a_removed_photo_may_be_in_another_cluster() -> None:
    edited = UserCluster(1, members=frozenset({1, 2, 3, 4}), excluded=frozenset({5}))
    assert shown([[1, 2, 3, 4], [5, 10, 11, 12]], edited) == [{1, 2, 3, 4}, {5, 10, 11, 12}]


def test_a_user_cluster_is_shown_whole_when_its_photos_are_computed_apart() -> None:
    edited = UserCluster(1, members=frozenset({1, 10, 20, 99}))
    assert shown(COMPUTED, edited) == [{2, 3, 4, 5}, {1, 10, 20, 99}, {11, 12}, {21, 22}]


def test_the_medoid_comes_first_only_in_an_unsplit_computed_cluster() -> None:
    whole, part = (
        UserCluster(1, members=frozenset({1, 2, 3, 4, 5})),
        UserCluster(2, members=frozenset({10, 99})),
    )
    is_medoid_first = {
        cluster.user_cluster.id: cluster.is_medoid_first
        for cluster in apply_overrides(COMPUTED, [whole, part])
        if cluster.user_cluster
    }
    assert is_medoid_first == {1: True, 2: False}


photo_sets = st.frozensets(st.integers(0, 30), max_size=12)


@given(st.lists(photo_sets, max_size=6), st.lists(photo_sets, max_size=4), st.lists(photo_sets, max_size=4))
def test_a_photo_is_in_one_cluster_at_most_and_members_stay(
    groups: list[frozenset[int]], members: list[frozenset[int]], out: list[frozenset[int]]
) -> None:
    computed, seen = [], set[int]()
    for group in groups:
        computed.append(sorted(group - seen))
        seen |= group
    user_clusters, owned = [], set[int]()
    for number, some in enumerate(members):
        excluded = (out[number] if number < len(out) else frozenset()) - some
        user_clusters.append(UserCluster(number, members=some - owned, excluded=excluded))
        owned |= some
    found = apply_overrides(computed, user_clusters)
    changed = {position for position, cluster in enumerate(computed) if not owned.isdisjoint(cluster)}
    as_tuples = [tuple(cluster) for cluster in computed]
    assert apply_overrides(as_tuples, user_clusters, changed) == found
    placed = [photo for cluster in found for photo in cluster.photo_ids]
    assert len(placed) == len(set(placed))
    for cluster in found:
        if cluster.user_cluster is not None:
            assert cluster.user_cluster.members <= set(cluster.photo_ids)
            assert not cluster.user_cluster.excluded & set(cluster.photo_ids)
