"""The indexing process: events out, requests in."""

import io
import subprocess
import threading
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from photosim.library import Library
from photosim.records import Phase, Progress
from photosim.workers import index_worker
from photosim.workers.protocol import (
    IndexAction,
    IndexFailure,
    IndexRequest,
    index_command,
    parse_index_event,
    start_line,
    waiting_command,
)
from tests.support.photo_folders import make_photos
from tests.support.timeouts import TIMEOUT_S


class Requests(io.StringIO):
    """A standard input that stays open behind these lines until `close_input` is set."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.exhausted, self.close_input = threading.Event(), threading.Event()

    def readline(self, *_: object) -> str:
        line = super().readline()
        if not line:
            self.exhausted.set()
            self.close_input.wait(TIMEOUT_S)
        return line

    def __next__(self) -> str:
        line = self.readline()
        if not line:
            raise StopIteration
        return line


class Events(io.StringIO):
    """A standard output that blocks until all requests have been read."""

    def __init__(self, requests: Requests) -> None:
        super().__init__()
        self._requests = requests

    def write(self, text: str) -> int:
        assert self._requests.exhausted.wait(TIMEOUT_S)
        return super().write(text)


def events_of(output: io.StringIO) -> list[Progress | IndexFailure]:
    return [parse_index_event(line) for line in output.getvalue().splitlines()]


def reports_of(output: io.StringIO) -> list[Progress]:
    events = events_of(output)
    reports = [event for event in events if isinstance(event, Progress)]
    assert reports == events
    return reports


def test_the_phases_are_reported_in_order_with_the_added_photos(tmp_path: Path) -> None:
    photos = make_photos(tmp_path / "photos", 5)
    output, requests = io.StringIO(), Requests()
    assert index_worker.run(tmp_path / "library", [tmp_path / "photos"], requests, output) == 0
    requests.close_input.set()
    reports = reports_of(output)
    phases = list(dict.fromkeys(report.phase for report in reports))
    assert phases == [Phase.SCANNING, Phase.ANALYZING, Phase.GROUPING, Phase.DONE]
    assert len({file_id for report in reports for file_id in report.added}) == len(photos)
    assert reports[-1].indexed == len(photos)


def test_a_comparison_reports_as_an_indexing_does_and_adds_nothing(tmp_path: Path) -> None:
    make_photos(tmp_path / "card", 3)
    output, requests = io.StringIO(), Requests()
    assert index_worker.run(tmp_path / "library", [tmp_path / "card"], requests, output, compare=True) == 0
    requests.close_input.set()
    reports = reports_of(output)
    phases = list(dict.fromkeys(report.phase for report in reports))
    assert phases == [Phase.ANALYZING, Phase.COMPARING, Phase.DONE]
    assert reports[-1].indexed == 3
    with closing(Library.open(tmp_path / "library")) as library:
        assert not library.photos()
        result = library.comparisons.result(tmp_path / "card")
        assert result is not None
        assert len(result.photos) == 3


def test_a_cancelled_indexing_is_reported_and_can_be_continued(tmp_path: Path) -> None:
    make_photos(tmp_path / "photos", 5)
    requests = Requests(f"not json\n{IndexRequest(IndexAction.CANCEL).encode()}")
    output = Events(requests)
    assert index_worker.run(tmp_path / "library", [tmp_path / "photos"], requests, output) == 0
    requests.close_input.set()
    assert reports_of(output)[-1].cancelled
    output, requests = io.StringIO(), Requests()
    assert index_worker.run(tmp_path / "library", [], requests, output) == 0
    requests.close_input.set()
    last = reports_of(output)[-1]
    assert last.indexed + last.unchanged == 5


def test_a_folder_that_does_not_exist_is_a_failure_with_a_sentence(tmp_path: Path) -> None:
    output = io.StringIO()
    assert index_worker.run(tmp_path / "library", [tmp_path / "nowhere"], io.StringIO(), output) == 1
    [failure] = events_of(output)
    assert isinstance(failure, IndexFailure)
    assert "does not exist" in failure.message
    assert not failure.locked
    assert not failure.damaged


def test_a_library_that_another_process_writes_is_a_failure_that_says_so(tmp_path: Path) -> None:
    make_photos(tmp_path / "photos", 1)
    (tmp_path / "library").mkdir()
    output = io.StringIO()
    with FileLock(tmp_path / "library" / "lock"):
        assert index_worker.run(tmp_path / "library", [tmp_path / "photos"], Requests(), output) == 1
    [failure] = events_of(output)
    assert isinstance(failure, IndexFailure)
    assert failure.locked


def test_the_process_ends_by_itself_when_its_input_is_closed(tmp_path: Path) -> None:
    make_photos(tmp_path / "photos", 30)
    done = subprocess.run(
        index_command(tmp_path / "library", [tmp_path / "photos"]),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT_S,
    )
    last = parse_index_event(done.stdout.splitlines()[-1])
    assert isinstance(last, Progress)
    assert last.phase is Phase.DONE


def test_a_waiting_process_indexes_when_it_is_told_to(tmp_path: Path) -> None:
    make_photos(tmp_path / "photos", 3)
    library, start = (
        tmp_path / "library",
        start_line(index_command(tmp_path / "library", [tmp_path / "photos"])),
    )
    with subprocess.Popen(
        waiting_command(library), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(start)
        process.stdin.flush()
        *_, line = process.stdout  # while its input is open: closing it would end the indexing
    assert process.returncode == 0
    last = parse_index_event(line)
    assert isinstance(last, Progress)
    assert (last.phase, last.indexed) == (Phase.DONE, 3)


@pytest.mark.parametrize("line", ["", "no message\n", '{"do": "start", "arguments": [1]}\n'])
def test_a_waiting_process_that_is_not_needed_ends_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr(index_worker, "_load_model", lambda _: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert index_worker.wait_for_start(tmp_path, io.StringIO(line)) is None


def test_a_cancelled_process_reports_again_and_again_until_it_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_worker, "HEARTBEAT_S", 0.001)
    output, repeated = io.StringIO(), threading.Event()

    class Output(io.StringIO):
        def write(self, text: str) -> int:
            written = output.write(text)
            if output.getvalue().count("\n") > 3:
                repeated.set()
            return written

    reporter = index_worker._Reporter(Output())
    reporter.send(Progress(Phase.ANALYZING, 1, 2, added=(7,)))
    thread = threading.Thread(target=reporter.repeat)
    thread.start()
    assert repeated.wait(TIMEOUT_S)
    reporter.send(Progress(Phase.DONE, cancelled=True))
    thread.join(TIMEOUT_S)
    first, *repetitions, last = reports_of(output)
    assert first.added == (7,)
    assert set(repetitions) == {Progress(Phase.ANALYZING, 1, 2)}
    assert last == Progress(Phase.DONE, cancelled=True)


def test_an_unexpected_error_is_a_failure_with_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Library, "index", lambda *_, **__: 1 // 0)
    output = io.StringIO()
    assert index_worker.run(tmp_path / "library", [], Requests(), output) == 1
    [failure] = events_of(output)
    assert isinstance(failure, IndexFailure)
    assert "Traceback" not in failure.message
    report = Path(failure.message.split("A report was saved: ")[1])
    assert "ZeroDivisionError" in report.read_text(encoding="utf-8")


def test_nobody_who_reads_the_events_ends_the_indexing(tmp_path: Path) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    make_photos(tmp_path / "photos", 1)
    assert index_worker.run(tmp_path / "library", [tmp_path / "photos"], Requests(), Full()) == 1
