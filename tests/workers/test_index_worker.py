"""The indexing as a child process: JSON lines out, commands in."""

import io
import json
import subprocess
import sys
import threading
from pathlib import Path

from photosim.workers import index_worker
from tests.support.photo_folders import make_photos
from tests.support.timeouts import PATIENCE_S


class Commands(io.StringIO):
    """A standard input that stays open, as the window's does."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.heard, self.closing = threading.Event(), threading.Event()

    def readline(self, *_: object) -> str:
        line = super().readline()
        if not line:
            self.heard.set()
            self.closing.wait(PATIENCE_S)
        return line

    def __next__(self) -> str:
        line = self.readline()
        if not line:
            raise StopIteration
        return line


class Events(io.StringIO):
    """A standard output whose reader listens when all commands were heard."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands

    def write(self, text: str) -> int:
        assert self._commands.heard.wait(PATIENCE_S)
        return super().write(text)


def events_of(output: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_the_worker_reports_the_phases_in_order_and_the_photos_that_came(tmp_path: Path) -> None:
    photos = make_photos(tmp_path / "photos", 5)
    output, commands = io.StringIO(), Commands()
    assert index_worker.run(tmp_path / "library", [tmp_path / "photos"], commands, output) == 0
    commands.closing.set()
    events = events_of(output)
    phases = list(dict.fromkeys(event["phase"] for event in events))
    assert phases == ["scanning", "analyzing", "grouping", "done"]
    added = [file_id for event in events for file_id in event["added"]]  # type: ignore[attr-defined]
    assert len(set(added)) == len(photos)
    assert events[-1]["indexed"] == len(photos)


def test_a_cancelled_worker_says_so_and_keeps_the_library_whole(tmp_path: Path) -> None:
    make_photos(tmp_path / "photos", 5)
    commands = Commands('not json\n{"do": "cancel"}\n')
    output = Events(commands)
    assert index_worker.run(tmp_path / "library", [tmp_path / "photos"], commands, output) == 0
    commands.closing.set()
    assert events_of(output)[-1]["cancelled"] is True
    output, commands = io.StringIO(), Commands()
    assert index_worker.run(tmp_path / "library", [], commands, output) == 0
    commands.closing.set()
    last = events_of(output)[-1]
    assert last["indexed"] + last["unchanged"] == 5  # type: ignore[operator]


def test_a_folder_that_is_not_there_is_an_error_event_with_a_sentence(tmp_path: Path) -> None:
    output = io.StringIO()
    assert index_worker.run(tmp_path / "library", [tmp_path / "nowhere"], io.StringIO(), output) == 1
    [event] = events_of(output)
    assert event["event"] == "error"
    assert "does not exist" in str(event["message"])


def test_the_worker_ends_by_itself_when_the_window_is_gone(tmp_path: Path) -> None:
    make_photos(tmp_path / "photos", 30)
    command = [sys.executable, "-m", "photosim", "worker", "--library", str(tmp_path / "library")]
    done = subprocess.run(
        [*command, str(tmp_path / "photos")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    assert json.loads(done.stdout.splitlines()[-1])["phase"] == "done"
