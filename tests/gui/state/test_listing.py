"""What a grid is given to show."""

from __future__ import annotations

from photosim.gui.state.listing import ranked_list, sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.ml.closeness import BAND_THRESHOLDS
from photosim.records import SimilarityBand
from tests.support.photo_records import make_photo_records


def test_matches_stand_under_the_names_of_their_closeness() -> None:
    photos = make_photo_records(4)
    scene = BAND_THRESHOLDS[SimilarityBand.VERY_SIMILAR]
    matches = list(zip(photos, [0.999, scene + 0.01, scene, 0.2], strict=True))
    listing = ranked_list(matches, BAND_THRESHOLDS[SimilarityBand.LESS_SIMILAR])
    assert listing.file_ids == [1, 2, 3]
    assert [(section.first, section.title) for section in listing.sections] == [
        (0, "Same photo"),
        (1, "Very similar"),
    ]
    assert listing.similarities[3] == scene


def test_a_listing_by_order_has_no_headings() -> None:
    listing = sorted_list(make_photo_records(3)[::-1], SortOrder.NAME)
    assert listing.file_ids == [1, 2, 3]
    assert listing.id_set == {1, 2, 3}
    assert listing.sections == ()
