"""Places and their history."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from photosim.gui.state.navigator import MAX_ENTRIES, History, Navigator
from photosim.gui.state.places import Place, Query, View
from tests.support.photo_records import make_cluster, make_photo_record, make_photo_records


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
        ("Unreadable files", ""),
    ]


def test_the_photo_in_question_stays_from_view_to_view(qtbot: QtBot) -> None:
    navigator, photo = Navigator(), make_photo_record(1)
    navigator.select(photo, by_keyboard=False)
    navigator.go(Place(View.CLUSTERS))
    assert navigator.current.selected == Query.of_photos(photo)
    navigator.clear_selection()
    assert navigator.current == Place(View.CLUSTERS)
