"""Places and their history."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from photosim.gui.state.navigator import MAX_ENTRIES, History, Navigator
from photosim.gui.state.places import Place, Query, QueryImage, View
from photosim.records import SimilarityBand
from tests.support.photo_records import make_cluster, make_event, make_photo_record, make_photo_records


def test_back_and_forward_retrace_the_visits() -> None:
    history = History("a")
    history.push("b")
    history.push("c")
    assert (history.back(), history.back(), history.back()) == ("b", "a", "a")
    assert not history.can_go_back
    assert (history.forward(), history.forward(), history.forward()) == ("b", "c", "c")
    assert not history.can_go_forward


def test_a_new_visit_forgets_what_lay_ahead() -> None:
    history = History("a")
    history.push("b")
    history.back()
    history.push("c")
    assert not history.can_go_forward
    assert history.back() == "a"


def test_the_same_place_again_is_no_visit() -> None:
    history = History("a")
    history.push("b")
    history.push("b")
    assert history.back() == "a"


def test_a_replaced_place_was_never_visited() -> None:
    history = History("a")
    history.push("b")
    history.replace("c")
    assert history.current == "c"
    assert history.back() == "a"
    assert history.forward() == "c"


@given(st.lists(st.one_of(st.integers(), st.sampled_from(["back", "forward"])), max_size=3 * MAX_ENTRIES))
def test_the_history_never_grows_beyond_its_depth(steps: list[int | str]) -> None:
    history: History[int] = History(0)
    for step in steps:
        if isinstance(step, int):
            history.push(step)
            assert history.current == step
        else:
            {"back": history.back, "forward": history.forward}[step]()
    for _ in range(MAX_ENTRIES):
        history.back()
    assert not history.can_go_back


def test_titles_tell_where_one_is(qtbot: QtBot) -> None:
    navigator = Navigator()
    photo = make_photo_record(1, "sea.jpg")
    cluster = make_cluster(4, make_photo_records(3))
    seen = []
    for place in (
        Place(),
        Place(View.FOLDER, folder="/photos/summer"),
        Place(View.CLUSTERS),
        Place(View.CLUSTER, cluster=cluster),
        Place(View.SIMILAR, search=Query.of_photos(photo)),
        Place(View.DUPLICATES),
        Place(View.UNREADABLE),
    ):
        navigator.go(place)
        seen.append(navigator.title())
    assert seen == [
        ("All photos", ""),
        ("summer", ""),
        ("Clusters", ""),
        ("Cluster 4", "Clusters"),
        ("Similar to sea.jpg", ""),
        ("Duplicates", ""),
        ("Unreadable files", ""),
    ]


def test_an_event_is_a_place_of_its_own_and_no_cluster_that_may_change(qtbot: QtBot) -> None:
    navigator, photos = Navigator(), make_photo_records(4)
    cluster, event = make_cluster(1, photos), make_event(1, photos)
    navigator.open_cluster(cluster)
    navigator.open_cluster(event)
    assert navigator.current == Place(View.EVENT, cluster=event)
    assert navigator.title() == ("Event 1", "Events")
    assert navigator.visited_clusters == {cluster}
    assert not navigator.replace_clusters({cluster: None})
    assert navigator.current.cluster == event


def test_another_place_has_no_selection_and_back_brings_the_earlier_one(qtbot: QtBot) -> None:
    navigator, photo = Navigator(), make_photo_record(1)
    navigator.select(photo)
    navigator.go(Place(View.CLUSTERS))
    assert navigator.current == Place(View.CLUSTERS)
    navigator.back()
    assert navigator.current == Place(selected=Query.of_photos(photo))
    navigator.go(Place())
    assert navigator.current.selected == Query.of_photos(photo), "it is the same place"
    navigator.clear_selection()
    assert navigator.current == Place()


def test_photos_that_were_looked_at_are_no_steps_of_the_history_and_queries_are(qtbot: QtBot) -> None:
    navigator = Navigator()
    photos = make_photo_records(5)
    for photo in photos[:3]:
        navigator.select(photo)
    assert not navigator.can_go_back
    navigator.select_similar(photos[3])
    refined = Query.of_photos(photos[3]).with_feedback(QueryImage.of_photo(photos[4]), more=True)
    navigator.replace_query(navigator.current.selected, refined)
    navigator.find_similar(refined)
    navigator.select(photos[0])
    visited = []
    while navigator.can_go_back:
        navigator.back()
        visited.append(navigator.current)
    assert visited == [
        Place(selected=refined),
        Place(selected=Query.of_photos(photos[3])),
        Place(selected=Query.of_photos(photos[2])),
    ]


def test_a_stricter_search_is_no_step_of_the_history(qtbot: QtBot) -> None:
    navigator, query = Navigator(), Query.of_photos(make_photo_record(1))
    strict = replace(query, least=SimilarityBand.SIMILAR)
    navigator.find_similar(query)
    navigator.restrict_query(query, strict)
    assert navigator.current == Place(View.SIMILAR, search=strict, selected=strict)
    navigator.select(make_photo_record(2))
    navigator.restrict_query(strict, query)
    assert navigator.current.search == query
    assert navigator.current.selected == Query.of_photos(make_photo_record(2))
    navigator.clear_selection()
    assert navigator.current.selected == query, "the search is what its results are about"
    navigator.back()
    assert navigator.current == Place()
