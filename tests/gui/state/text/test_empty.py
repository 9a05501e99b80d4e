"""Messages of empty views."""

from __future__ import annotations

import pytest

from photosim.gui.state.places import Overview, View
from photosim.gui.state.text.empty import (
    EmptyAction,
    LibrarySummary,
    empty_message,
    is_first_run,
    no_results_message,
)
from photosim.records import Source

_WITHOUT_BUTTONS = (View.UNREADABLE, View.HIDDEN, View.UNGROUPED, View.DUPLICATES, View.SIMILAR)
FULL = Overview((Source("/photos", 0, True),), unreadable=2)


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize(
    "library", [LibrarySummary(), LibrarySummary(FULL), LibrarySummary(FULL, indexing=True)]
)
def test_every_empty_place_says_what_it_is_and_what_to_do(view: View, library: LibrarySummary) -> None:
    message = empty_message(view, library)
    assert message.title
    assert message.text
    assert message.buttons or library.indexing or view in _WITHOUT_BUTTONS


def test_only_a_library_without_folders_welcomes_the_user() -> None:
    assert is_first_run(View.ALL, LibrarySummary())
    assert is_first_run(View.CLUSTERS, LibrarySummary())
    assert not is_first_run(View.UNREADABLE, LibrarySummary())
    assert not is_first_run(View.ALL, LibrarySummary(indexing=True))
    assert not is_first_run(View.ALL, LibrarySummary(FULL))
    assert (empty_message(View.ALL, LibrarySummary(FULL)).buttons[0])[1] is EmptyAction.SHOW_UNREADABLE


def test_a_search_without_results_says_what_is_in_the_way() -> None:
    assert no_results_message(restricted=True).buttons[0][1] is EmptyAction.SHOW_ALL_RESULTS
    assert no_results_message(restricted=False).buttons[0][1] is EmptyAction.CLEAR_FILTER
