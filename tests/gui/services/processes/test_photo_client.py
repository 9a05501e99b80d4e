"""Decoding and embedding photos in child processes of the window."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import CancelToken, Jobs, Priority
from photosim.gui.services.processes import photo_workers
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.services.processes.photo_workers import PhotoWorkerPool
from photosim.runtime.crash_journal import CRASHED, TOO_LONG
from photosim.search.query import Example, Region
from tests.support.images import make_exif, make_scene, save
from tests.support.photo_worker import new_process
from tests.support.timeouts import TIMEOUT_S

IMAGE = Example("/elsewhere/x.jpg")

RESPOND = """
def respond(request):
    if request["do"] == "embed":
        return {"vector": [0.6, 0.8]}
    if request["do"] == "explain":
        maps = [[[0.5]], [[0.25]]]
        return {"explanation": {"similarity": 0.5, "told": [1.0, 0.5], "maps": maps, "colors": ["blue"]}}
    with open(request["target"], "wb") as target:
        target.write(bytes(16))
    return {"view": {"width": 2, "height": 2, "photo_width": 20, "photo_height": 20}}
for line in sys.stdin:
    request = json.loads(line)
    with open(log, "a") as requests:
        requests.write(line)
    SPECIAL
    print(json.dumps({"id": request["id"], **respond(request)}), flush=True)
"""


def script(special: str = "pass") -> str:
    """A worker that runs this line for each request before it responds."""
    return RESPOND.replace("SPECIAL", special)


class Results:
    """Records what a callback is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, Exception | None]] = []

    def __call__(self, value: object, error: Exception | None) -> None:
        self.calls.append((value, error))


class ScriptedClient(PhotoClient):
    """A client whose processes are a script."""

    def __init__(self, folder: Path, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, jobs)
        self._script, self._log = folder / "script.py", folder / "requests"
        command = [sys.executable, str(self._script)]
        monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: command)

    def set_script(self, script: str) -> None:
        self._script.write_text(
            f"import faulthandler, json, os, sys, time\nlog = {str(self._log)!r}\n{script}"
        )

    def view(self, path: str, done: Results, priority: Priority = Priority.NORMAL) -> int:
        return self.load(path, 900, build, done, priority)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What the processes were sent."""
        if not self._log.exists():
            return []
        return [json.loads(line) for line in self._log.read_text().splitlines(keepends=True) if "\n" in line]

    @property
    def paths(self) -> list[str]:
        return [request["path"] for request in self.requests]


def build(image: QImage, size: QSize, _: CancelToken) -> tuple[QImage, tuple[int, int]]:
    return image, (size.width(), size.height())


@pytest.fixture
def client(
    qtbot: QtBot, jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ScriptedClient]:
    monkeypatch.setattr(PhotoWorkerPool, "_new_process", new_process)
    client = ScriptedClient(tmp_path, jobs, monkeypatch)
    client.set_script(script())
    yield client
    client.close()
    assert client._folder is None or not client._folder.path.exists()


def wait_for(qtbot: QtBot, *results: Results) -> None:
    qtbot.waitUntil(lambda: all(one.calls for one in results))


def test_equal_embeddings_are_requested_once(qtbot: QtBot, client: ScriptedClient) -> None:
    first, second, part = Results(), Results(), Results()
    client.embed("model", IMAGE, first)
    client.embed("model", IMAGE, second)
    client.embed("model", Example(IMAGE.path, Region(0, 0, 0.5, 0.25)), part)
    wait_for(qtbot, first, second, part)
    [(vector, error)] = first.calls
    assert error is None
    np.testing.assert_allclose(vector, [0.6, 0.8])
    assert sorted(str(request["region"]) for request in client.requests) == ["None", "[0, 0, 0.5, 0.25]"]
    assert not client.is_busy


def test_an_explanation_arrives_from_the_process_that_has_the_model(
    qtbot: QtBot, client: ScriptedClient
) -> None:
    embedded, explained = Results(), Results()
    client.embed("model", IMAGE, embedded)
    wait_for(qtbot, embedded)
    client.explain("model", "/a.jpg", "/b.jpg", explained)
    wait_for(qtbot, explained)
    [(explanation, error)] = explained.calls
    assert error is None
    assert (explanation.similarity, explanation.told, explanation.colors) == (0.5, (1.0, 0.5), ("blue",))
    assert [request["other"] for request in client.requests if request["do"] == "explain"] == ["/b.jpg"]
    assert len(client._pool._workers) == 1
    assert not client.is_busy


def test_the_pixels_of_a_photo_arrive_and_their_file_is_removed(
    qtbot: QtBot, jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PhotoWorkerPool, "_new_process", new_process)
    client, results = PhotoClient(tmp_path / "library", jobs), Results()
    path = save(make_scene(1, (303, 200)), tmp_path / "turned \udce4.png", exif=make_exif(orientation=6))
    client.load(str(path), 0, build, results)
    assert client.is_busy
    wait_for(qtbot, results)
    [(value, error)] = results.calls
    assert error is None
    image, size = value
    assert size == (image.width(), image.height()) == (200, 303)
    red, green, blue = make_scene(1, (303, 200)).getpixel((10, 190))
    seen = image.pixelColor(10, 10)
    assert (seen.red(), seen.green(), seen.blue()) == (red, green, blue)
    assert client._folder is not None
    assert list(client._folder.path.iterdir()) == []
    client.close()
    assert not client._folder.path.exists()


CRASH = "faulthandler.enable(); os.abort()"
HANG = "faulthandler.dump_traceback_later(0.01, exit=True); time.sleep(600)"
INVALID = "The background process returned an invalid result."
STOPPED = "The background process stopped unexpectedly."


@pytest.mark.parametrize(
    ("special", "message"),
    [
        ("respond = lambda _: {'error': 'Not a photo.'}", "Not a photo."),
        ("respond = lambda _: {'error': 'Too slow.', 'last': True}", "Too slow."),
        ("print('noise', file=sys.stderr); sys.exit('It broke.')", "It broke."),
        ("sys.exit(3)", STOPPED),
        ("print('{}', flush=True); time.sleep(600)", INVALID),
        ("print('what?', flush=True); time.sleep(600)", INVALID),
        ("request['id'] = 99", INVALID),
        (CRASH, CRASHED),
        (HANG, TOO_LONG),
    ],
)
@pytest.mark.parametrize("kind", ["embed", "view", "explain"])
def test_a_failure_says_why_and_the_next_request_is_answered(
    qtbot: QtBot, client: ScriptedClient, special: str, message: str, kind: str
) -> None:
    client.set_script(script(f"if 'bad' in request['path']: {special}"))
    bad, good = Results(), Results()
    for path, results in (("/bad.jpg", bad), ("/good.jpg", good)):
        if kind == "embed":
            client.embed("model", Example(path), results)
        elif kind == "explain":
            client.explain("model", path, "/other.jpg", results)
        else:
            client.view(path, results)
        wait_for(qtbot, results)
    [(value, error)] = bad.calls
    assert value is None
    assert str(error) == message
    if "lambda _" not in special or "last" in special:
        assert good.calls[0][1] is None


def test_a_program_that_does_not_exist_is_an_error(
    qtbot: QtBot, client: ScriptedClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [str(tmp_path / "nothing")])
    results = [Results() for _ in range(5)]
    for number, one in enumerate(results):
        client.view(f"/{number}.jpg", one)
    wait_for(qtbot, *results)
    assert {str(one.calls[0][1]) for one in results} == {"Couldn't start the background process."}


def test_a_process_that_is_killed_costs_a_photo_one_more_attempt(
    qtbot: QtBot, client: ScriptedClient, tmp_path: Path
) -> None:
    mark = tmp_path / "killed"
    client.set_script(
        script(f"if not os.path.exists({str(mark)!r}): open({str(mark)!r}, 'w'); os.kill(os.getpid(), 9)")
    )
    results = Results()
    client.view("/a.jpg", results)
    wait_for(qtbot, results)
    assert results.calls[0][1] is None
    assert client.paths == ["/a.jpg", "/a.jpg"]


def test_a_slow_photo_holds_no_other_up(qtbot: QtBot, client: ScriptedClient) -> None:
    client.set_script(script("if 'slow' in request['path']: time.sleep(600)"))
    slow, quick, embedded = Results(), Results(), Results()
    client.view("/slow.jpg", slow)
    client.view("/a.jpg", quick)
    client.embed("model", IMAGE, embedded)
    wait_for(qtbot, quick, embedded)
    assert slow.calls == []


def test_a_process_that_hangs_in_a_cancelled_request_is_killed(
    qtbot: QtBot, client: ScriptedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_workers, "_CANCEL_MS", 1)
    monkeypatch.setattr(photo_workers, "_MAX_PROCESSES", 1)
    client.set_script(script("if 'slow' in request['path']: time.sleep(600)"))
    slow, quick = Results(), Results()
    request = client.view("/slow.jpg", slow)
    qtbot.waitUntil(lambda: bool(client.requests))
    client.cancel(request)
    assert not client.is_busy
    client.view("/a.jpg", quick)
    wait_for(qtbot, quick)
    assert quick.calls[0][1] is None
    assert slow.calls == []


def test_an_embedding_goes_on_until_the_last_of_its_callers_cancels_it(
    qtbot: QtBot, client: ScriptedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_workers, "_CANCEL_MODEL_MS", 1)
    monkeypatch.setattr(photo_workers, "_MAX_PROCESSES", 1)
    client.set_script(script("if 'slow' in request['path']: time.sleep(600)"))
    slow, kept, queued, quick = Results(), Results(), Results(), Results()
    running = [client.embed("model", Example("/slow.jpg"), slow) for _ in range(2)]
    waiting = [client.embed("model", IMAGE, results) for results in (queued, kept)]
    unsent = client.embed("model", Example("/unsent.jpg"), queued)
    qtbot.waitUntil(lambda: bool(client.requests))
    client.cancel(waiting[0])
    client.cancel(unsent)
    client.cancel(running[0])
    assert [worker.timer.isActive() for worker in client._pool._workers] == [False]
    client.cancel(running[1])
    client.embed("model", Example("/slow.jpg"), Results())
    again = client.embed("model", Example("/b.jpg"), quick)
    wait_for(qtbot, kept)
    assert kept.calls[0][1] is None
    client.cancel(again)
    client.cancel(again)
    assert slow.calls == queued.calls == quick.calls == []
    assert "/unsent.jpg" not in client.paths


def test_a_request_that_is_cancelled_before_its_turn_is_not_sent_and_urgent_ones_come_first(
    qtbot: QtBot, client: ScriptedClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_workers, "_MAX_PROCESSES", 1)
    gate = tmp_path / "gate"
    client.set_script(script(f"while not os.path.exists({str(gate)!r}): time.sleep(0.01)"))
    results = [Results() for _ in range(6)]
    requests = [
        client.view(f"/{number}.jpg", results[number], priority)
        for number, priority in enumerate(
            (Priority.NORMAL, Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.NORMAL, Priority.LOW)
        )
    ]
    client.cancel(requests[2])
    client.prioritize(requests[5], Priority.HIGH)
    gate.touch()
    wait_for(qtbot, *(results[number] for number in (0, 1, 3, 4, 5)))
    assert client.paths == ["/0.jpg", "/3.jpg", "/5.jpg", "/4.jpg", "/1.jpg"]
    assert results[2].calls == []


def test_a_view_that_is_cancelled_while_it_is_decoded_leaves_no_file(
    qtbot: QtBot, client: ScriptedClient, jobs: Jobs, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    client.set_script(script(f"while not os.path.exists({str(gate)!r}): time.sleep(0.01)"))
    dropped, kept = Results(), Results()
    client.cancel(client.view("/a.jpg", dropped))
    gate.touch()
    client.view("/b.jpg", kept)
    wait_for(qtbot, kept)
    qtbot.waitUntil(
        lambda: all(worker.request is None for worker in client._pool._workers) and not jobs.is_busy
    )
    assert jobs._pool.wait(TIMEOUT_S)
    assert client._folder is not None
    assert list(client._folder.path.iterdir()) == []
    assert dropped.calls == []


@pytest.mark.parametrize("size", [0, 15, 17])
def test_pixels_of_another_size_are_refused(qtbot: QtBot, client: ScriptedClient, size: int) -> None:
    client.set_script(script().replace("bytes(16)", f"bytes({size})"))
    results = Results()
    client.view("/a.jpg", results)
    wait_for(qtbot, results)
    assert "background process" in str(results.calls[0][1])


def test_a_process_with_the_model_ends_when_it_is_idle_and_one_for_views_stays(
    qtbot: QtBot, client: ScriptedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_workers, "_IDLE_MS", 1)
    for _ in range(2):
        viewed, embedded = Results(), Results()
        client.view("/a.jpg", viewed)
        wait_for(qtbot, viewed)
        client.embed("model", IMAGE, embedded)
        wait_for(qtbot, embedded)
        qtbot.waitUntil(lambda: [worker.has_model for worker in client._pool._workers] == [False])


def test_photos_are_shown_after_an_idle_process_has_ended(
    qtbot: QtBot, client: ScriptedClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_workers, "_IDLE_MS", 1)
    clean_up = """
from pathlib import Path
from photosim.workers import pixels
with open(log) as requests:
    targets = [json.loads(line).get("target") for line in requests]
pixels.remove_with_folder([Path(target) for target in targets if target])  # as a photo worker at its end
"""
    client.set_script(script(f"open({str(tmp_path)!r} + f'/pid {{os.getpid()}}', 'w').close()") + clean_up)
    first, embedded, second = Results(), Results(), Results()
    client.view("/a.jpg", first)
    wait_for(qtbot, first)
    client.embed("model", IMAGE, embedded)
    wait_for(qtbot, embedded)
    pids = [int(file.name.split()[1]) for file in tmp_path.glob("pid *")]
    assert len(pids) == 2
    qtbot.waitUntil(lambda: sum(map(psutil.pid_exists, pids)) == 1)
    client.view("/b.jpg", second)
    wait_for(qtbot, second)
    assert second.calls[0][1] is None


def test_closing_ends_the_processes_and_calls_nobody_back(
    qtbot: QtBot, client: ScriptedClient, tmp_path: Path
) -> None:
    client.set_script("open(log, 'w').close(); time.sleep(600)")
    results = Results()
    client.view("/a.jpg", results)
    client.embed("model", IMAGE, results)
    qtbot.waitUntil((tmp_path / "requests").exists)
    client.close()
    client.view("/b.jpg", results)
    qtbot.wait(20)
    assert results.calls == []
    assert not client.is_busy


def test_a_process_is_started_ahead_once(qtbot: QtBot, client: ScriptedClient) -> None:
    client.start()
    client.start()
    assert len(client._pool._workers) == 1
    results = Results()
    client.view("/a.jpg", results)
    assert len(client._pool._workers) == 1
    wait_for(qtbot, results)
