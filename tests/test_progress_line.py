"""Progress in words."""

import io

import pytest

from photosim.core.records import Phase, Progress
from photosim.progress_line import draw


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_phase_share_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photosim.progress_line._REDRAW_S", 0.0)
    monkeypatch.setenv("COLUMNS", "200")
    stream = Terminal()
    draw([Progress(Phase.FINDING, 7), Progress(Phase.READING, 50, 200, seconds_left=3725.0)], stream)
    assert "Finding photos: 7" in stream.getvalue()
    assert "25%  50 of 200, 1 h 2 min left" in stream.getvalue()


def test_the_summary_names_only_what_happened() -> None:
    stream = io.StringIO()
    last = draw([Progress(Phase.DONE, indexed=3, unchanged=2, unreadable=1)], stream)
    assert stream.getvalue() == "3 photos indexed, 2 unchanged, 1 unreadable.\n"
    assert last.indexed == 3


def test_a_log_file_gets_no_line_for_every_photo() -> None:
    stream = io.StringIO()
    draw([*(Progress(Phase.READING, done, 1000) for done in range(1000)), Progress(Phase.DONE)], stream)
    assert stream.getvalue().count("\n") == 1
