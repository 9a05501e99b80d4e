"""What of a place can be kept as a search."""

from __future__ import annotations

from dataclasses import replace

import pytest

from photosim.gui.state.kept_queries import can_keep
from photosim.gui.state.places import Place, Query, QueryImage, View
from photosim.library.collections import Collection
from photosim.records import Cluster, SimilarityBand
from photosim.search.filters.criteria import PhotoFilter
from photosim.search.kept_search import KeptExample, KeptSearch
from tests.support.photo_records import make_event, make_photo_record, make_photo_records

NONE, DOGS = PhotoFilter(), PhotoFilter(labels=frozenset({"dog"}))
CANON, NIKON = (PhotoFilter(cameras=frozenset({name})) for name in ("Canon", "Nikon"))
QUERY = Query.of_photos(make_photo_record(1))
PHOTOS, KEPT = Collection(1, "Trip"), Collection(2, "Canon", KeptSearch(criteria=CANON))
BY_PHOTO = Collection(3, "Like this", KeptSearch(like=(KeptExample("/photos/photo 1.jpg"),)))
AT_SEARCH = Place(View.COLLECTION, collection=BY_PHOTO, search=QUERY)


@pytest.mark.parametrize(
    ("place", "photo_filter", "expected"),
    [
        (Place(), NONE, False),
        (Place(), DOGS, True),
        (Place(View.FOLDER, folder="/photos"), DOGS, True),
        (Place(View.FOLDER, folder="/photos"), PhotoFilter(folders=frozenset({"/photos/b"})), False),
        (Place(View.SIMILAR, search=QUERY), NONE, True),
        (Place(View.SIMILAR, search=Query((QueryImage("/pasted.png", pasted=True),))), NONE, False),
        (Place(View.CLUSTER, cluster=Cluster(1, (1,), ("/a",), name="Dogs")), CANON, True),
        (Place(View.CLUSTER, cluster=Cluster(1, (1,), ("/a",))), CANON, False),
        (Place(View.UNGROUPED), DOGS, False),
        (Place(View.STACK, file_ids=(1,)), DOGS, False),
        (Place(View.EVENT, cluster=make_event(1, make_photo_records(4))), DOGS, False),
        (Place(View.EVENTS), DOGS, True),
        (Place(View.COLLECTION, collection=PHOTOS), DOGS, False),
        (Place(View.COLLECTION, collection=KEPT), NONE, False),
        (Place(View.COLLECTION, collection=KEPT), DOGS, True),
        (Place(View.COLLECTION, collection=KEPT), NIKON, False),
        (Place(View.COLLECTION, collection=replace(KEPT, is_damaged=True)), DOGS, False),
        (AT_SEARCH, NONE, False),
        (AT_SEARCH, DOGS, True),
        (replace(AT_SEARCH, search=replace(QUERY, least=SimilarityBand.SIMILAR)), NONE, True),
    ],
)
def test_what_a_search_can_find_again_can_be_kept(
    place: Place, photo_filter: PhotoFilter, expected: bool
) -> None:
    assert can_keep(place, photo_filter) is expected
