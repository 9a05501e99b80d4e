"""Back and Forward."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from photosim.gui.state.navigator import DEPTH, History


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


@given(st.lists(st.one_of(st.integers(), st.sampled_from(["back", "forward"])), max_size=3 * DEPTH))
def test_the_history_never_grows_beyond_its_depth(steps: list[int | str]) -> None:
    history: History[int] = History(0)
    for step in steps:
        if isinstance(step, int):
            history.push(step)
            assert history.current == step
        else:
            {"back": history.back, "forward": history.forward}[step]()
    for _ in range(DEPTH):
        history.back()
    assert not history.can_go_back
