"""Queries: their images, what they find, and what is left of them."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.base.boxes import FoundObject
from photosim.gui.state.navigator import Navigator
from photosim.gui.state.places import Query, QueryImage, SearchScope, View, image_name, search_name
from photosim.search.query import Example, Region, SimilarityQuery
from tests.support.photo_records import make_photo_record, make_photo_records

DOG = FoundObject((0.5, 0.25, 0.25, 0.5), "dog")
CHAIR = FoundObject((0.1, 0.1, 0.3, 0.3), "chair")


def test_an_object_is_searched_for_among_objects_and_a_rectangle_everywhere() -> None:
    photo = make_photo_record(1)
    whole, part = QueryImage(photo.path, photo), QueryImage(photo.path, photo, Region(0, 0, 0.5, 0.5))
    assert Query.of_photos(photo).scope is SearchScope.PHOTOS
    assert Query.of_object(photo, None) == Query.of_photos(photo)
    assert Query((part,)).scope is SearchScope.PHOTOS_AND_OBJECTS
    query = Query.of_object(photo, DOG)
    assert query.scope is SearchScope.OBJECTS
    assert not query.is_simple
    assert query.to_library_query() == SimilarityQuery(
        (Example(photo.path, Region(*DOG.box), is_object=True),)
    )
    assert query.images[0].whole() == part.whole() == whole
    assert part.with_object(DOG) == query.images[0]


def test_an_object_that_is_removed_leaves_its_photo() -> None:
    first, second = make_photo_records(2)
    query = Query.of_object(first, DOG)
    assert query.without(query.images[0]) == Query.of_photos(first)
    other = QueryImage.of_photo(second, CHAIR)
    refined = query.with_feedback(other, more=True)
    assert refined.more == (other,)
    assert refined.scope is SearchScope.OBJECTS
    assert refined.with_feedback(other, more=False).less == (other,)
    assert refined.with_feedback(other, more=False).more == ()
    assert refined.without(other) == query
    assert refined.without(query.images[0]) == Query((other,)), "there is another object"


@pytest.mark.parametrize(
    ("label", "name", "title"),
    [
        ("dog", "Dog in photo 1.jpg", "Objects like this dog"),
        ("cell phone", "Cell phone in photo 1.jpg", "Objects like this cell phone"),
        ("", "Object in photo 1.jpg", "Objects like this object"),
    ],
)
def test_an_object_is_named(qtbot: QtBot, label: str, name: str, title: str) -> None:
    query = Query.of_object(make_photo_record(1), FoundObject(DOG.box, label))
    assert image_name(query.images[0]) == name
    assert search_name(query) == title
    others = (QueryImage.of_photo(photo) for photo in make_photo_records(3)[1:])
    for other in others:
        query = query.with_feedback(other, more=False)
    assert search_name(query) == f"{title} and 2 others"


def test_back_leads_through_objects_and_their_results(qtbot: QtBot) -> None:
    navigator = Navigator()
    first, second = make_photo_records(2)
    by_dog = Query.of_object(first, DOG)
    navigator.find_similar(by_dog)
    navigator.select(second, CHAIR)
    assert navigator.current.search == by_dog
    assert navigator.current.selected == Query.of_object(second, CHAIR)
    navigator.find_similar(Query.of_object(second, CHAIR))
    assert navigator.title()[0] == "Objects like this chair"
    navigator.back()
    assert navigator.current.search == by_dog
    navigator.back()
    assert navigator.current.view is View.ALL
