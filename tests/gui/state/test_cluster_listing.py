"""Which clusters are shown, and in which order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.gui.state.cluster_listing import ClusterKeys, ClusterListing, ClusterOrder
from photosim.gui.state.places import CoveredClusters
from tests.support.photo_records import make_cluster, make_cover, make_photo_record

ROWS = (
    ("Trip 10", "2024-05-01"),
    (None, "2024-06-01"),
    ("Trip 2", None),
    ("beach", "2023-01-01"),
    (None, None),
)


def clusters(*rows: tuple[str | None, str | None], gone: int = 0) -> CoveredClusters:
    """Clusters with these titles and dates, the largest first; `gone` is the id of one that has no cover."""
    found = []
    for number, (title, date) in enumerate(rows, 1):
        cover = make_photo_record(number, taken_at=date and f"{date}T10:00:00")
        cluster = make_cluster(number, [cover] * (len(rows) + 2 - number))
        found.append((replace(cluster, automatic_name=title), make_cover(cover)))
    return tuple(row for row in found if row[0].id != gone)


def arranged(listing: ClusterListing, rows: CoveredClusters) -> list[int]:
    return [cluster.id for cluster, _ in listing.arrange(rows, ClusterKeys.of(rows))]


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (ClusterListing(), [1, 2, 3, 4, 5]),
        (ClusterListing(reverse=True), [5, 4, 3, 2, 1]),
        (ClusterListing(ClusterOrder.DATE), [2, 1, 4, 3, 5]),
        (ClusterListing(ClusterOrder.DATE, reverse=True), [4, 1, 2, 3, 5]),
        (ClusterListing(ClusterOrder.NAME), [4, 3, 1, 2, 5]),
        (ClusterListing(ClusterOrder.NAME, reverse=True), [1, 3, 4, 2, 5]),
        (ClusterListing(words="trip"), [1, 3]),
        (ClusterListing(ClusterOrder.NAME, words="TRIP 1"), [1]),
        (ClusterListing(words="  "), [1, 2, 3, 4, 5]),
        (ClusterListing(words="sea"), []),
    ],
)
def test_clusters_are_sorted_and_searched(listing: ClusterListing, expected: list[int]) -> None:
    assert arranged(listing, clusters(*ROWS)) == expected
    without_third = clusters(*ROWS, gone=3)
    assert arranged(listing, without_third) == [number for number in expected if number != 3]


def test_of_clusters_that_match_a_filter_the_order_is_the_same() -> None:
    rows = clusters(*ROWS)
    listing = ClusterListing(ClusterOrder.DATE)
    assert [cluster.id for cluster, _ in listing.arrange(rows[1:4], ClusterKeys.of(rows))] == [2, 4, 3]


@given(st.sampled_from(ClusterOrder), st.booleans())
def test_an_order_is_stored_as_text(order: ClusterOrder, reverse: bool) -> None:
    listing = ClusterListing(order, reverse, "words are not stored")
    assert ClusterListing.from_text(listing.to_text()) == replace(listing, words="")


@pytest.mark.parametrize("text", ["", "-", "color", "--size"])
def test_a_stored_order_that_is_unknown_is_the_default(text: str) -> None:
    assert ClusterListing.from_text(text) == ClusterListing()


def test_no_clusters_can_be_arranged() -> None:
    assert arranged(ClusterListing(ClusterOrder.DATE, words="x"), ()) == []
