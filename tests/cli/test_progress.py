"""Progress on a terminal and in a log file."""

import io

import pytest

from photosim.cli.progress import draw, draw_bytes
from photosim.records import Phase, Progress


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_phase_share_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photosim.cli.progress._REDRAW_S", 0.0)
    monkeypatch.setenv("COLUMNS", "200")
    stream = Terminal()
    draw([Progress(Phase.SCANNING, 7), Progress(Phase.ANALYZING, 50, 200, seconds_left=3725.0)], stream)
    assert "Scanning: 7 photos found" in stream.getvalue()
    assert "25%  50 of 200, 1 h 2 min left" in stream.getvalue()


def test_the_summary_names_only_what_happened() -> None:
    stream = io.StringIO()
    last = draw([Progress(Phase.DONE, indexed=3, unchanged=2, unreadable=1)], stream)
    assert stream.getvalue() == "3 photos indexed, 2 unchanged, 1 unreadable.\n"
    assert last.indexed == 3


def test_the_summary_counts_in_the_singular() -> None:
    stream = io.StringIO()
    draw([Progress(Phase.DONE, indexed=1, videos=1)], stream)
    assert stream.getvalue() == "1 photo indexed, 0 unchanged, 1 video skipped.\n"


def test_a_log_file_gets_no_line_for_every_photo() -> None:
    stream = io.StringIO()
    draw([*(Progress(Phase.ANALYZING, done, 1000) for done in range(1000)), Progress(Phase.DONE)], stream)
    assert stream.getvalue().count("\n") == 1


def test_a_download_shows_its_share_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photosim.cli.progress._REDRAW_S", 0.0)
    monkeypatch.setenv("COLUMNS", "200")
    stream = Terminal()
    draw_bytes("YOLO11n", [(500_000, 2_000_000), (700_000, 0)], stream)
    assert "YOLO11n ████████······················  25%  0.5 MB of 2.0 MB" in stream.getvalue()
    assert "YOLO11n 0.7 MB " in stream.getvalue()


def test_a_quick_download_writes_nothing_to_a_log_file() -> None:
    stream = io.StringIO()
    draw_bytes("YOLO11n", [(done, 1000) for done in range(1000)], stream)
    assert stream.getvalue() == ""
