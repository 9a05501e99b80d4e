"""Embedding images in a child process of the window."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from photosim.gui.services.embed_client import EmbedClient
from photosim.library.model_view import Vector
from photosim.search.query import Example, Region

IMAGE = Example("/elsewhere/x.jpg")

RESPOND = """
for line in sys.stdin:
    request = json.loads(line)
    with open(log, "a") as requests:
        requests.write(line)
    print(json.dumps({"id": request["id"], "vector": [0.6, 0.8]}), flush=True)
"""


class Results:
    """Records what a callback is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Vector | None, Exception | None]] = []

    def __call__(self, vector: Vector | None, error: Exception | None) -> None:
        self.calls.append((vector, error))


class ScriptedClient(EmbedClient):
    """A client whose process is a script."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder)
        self._script, self._log = folder / "script.py", folder / "requests"
        command = [sys.executable, str(self._script)]
        monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: command)

    def set_script(self, script: str) -> None:
        self._script.write_text(f"import json, os, sys, time\nlog = {str(self._log)!r}\n{script}")

    @property
    def requests(self) -> list[dict[str, object]]:
        """What the process was sent."""
        return [json.loads(line) for line in self._log.read_text().splitlines()] if self._log.exists() else []


@pytest.fixture
def client(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedClient]:
    client = ScriptedClient(tmp_path, monkeypatch)
    yield client
    client.close()


def test_equal_requests_are_sent_once(qtbot: QtBot, client: ScriptedClient) -> None:
    client.set_script(RESPOND)
    first, second, part = Results(), Results(), Results()
    client.embed("model", IMAGE, first)
    client.embed("model", IMAGE, second)
    client.embed("model", Example(IMAGE.path, Region(0, 0, 0.5, 0.25)), part)
    qtbot.waitUntil(lambda: bool(first.calls and second.calls and part.calls))
    [(vector, error)] = first.calls
    assert error is None
    assert vector is not None
    np.testing.assert_allclose(vector, [0.6, 0.8])
    assert [(request["path"], request["region"]) for request in client.requests] == [
        (IMAGE.path, None),
        (IMAGE.path, [0, 0, 0.5, 0.25]),
    ]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (RESPOND.replace('"vector": [0.6, 0.8]', '"error": "Not a photo."'), "Not a photo."),
        ("print('noise', file=sys.stderr); sys.exit('It broke.')", "It broke."),
        ("sys.exit(3)", "The search stopped unexpectedly."),
        ("print('{}'); time.sleep(600)", "The search returned an invalid result."),
        ("print('what?'); time.sleep(600)", "The search returned an invalid result."),
        (RESPOND.replace('request["id"]', "99"), "The search returned an invalid result."),
    ],
)
def test_a_failure_says_why_and_the_next_request_starts_a_new_process(
    qtbot: QtBot, client: ScriptedClient, script: str, message: str
) -> None:
    client.set_script(script)
    for results in (Results(), Results()):
        client.embed("model", IMAGE, results)
        qtbot.waitUntil(lambda results=results: bool(results.calls))
        [(vector, error)] = results.calls
        assert vector is None
        assert str(error) == message


def test_a_program_that_does_not_exist_is_an_error(
    qtbot: QtBot, client: ScriptedClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosim.workers.protocol.program_command", lambda: [str(tmp_path / "nothing")])
    results = Results()
    client.embed("model", IMAGE, results)
    qtbot.waitUntil(lambda: bool(results.calls))
    assert str(results.calls[0][1]) == "Couldn't start the background process."


def test_an_idle_process_ends_and_the_next_request_starts_another(
    qtbot: QtBot, client: ScriptedClient
) -> None:
    client.set_script(RESPOND)
    client._idle.setInterval(1)
    for expected in (1, 2):
        results = Results()
        client.embed("model", IMAGE, results)
        qtbot.waitUntil(lambda results=results: bool(results.calls))
        assert results.calls[0][1] is None
        qtbot.waitUntil(lambda: not client.children()[1:])
        assert len(client.requests) == expected


def test_closing_ends_the_process_and_calls_nobody_back(
    qtbot: QtBot, client: ScriptedClient, tmp_path: Path
) -> None:
    client.set_script("open(log, 'w').close(); time.sleep(600)")
    results = Results()
    client.embed("model", IMAGE, results)
    qtbot.waitUntil((tmp_path / "requests").exists)
    client.close()
    qtbot.wait(20)
    assert results.calls == []
