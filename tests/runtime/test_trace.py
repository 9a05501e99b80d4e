"""A trace has the steps of all threads, and costs nothing unless it is asked for."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from photosim.runtime import trace


def test_nothing_is_recorded_unless_a_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trace, "_FILE", None)
    monkeypatch.chdir(tmp_path)
    with trace.span("decode"), trace.span("embed"):
        pass
    assert trace.span("decode") is trace.span("embed")
    assert not list(tmp_path.iterdir())


def test_a_trace_has_the_steps_of_each_thread(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "trace"
    monkeypatch.setattr(trace, "_FILE", str(file))

    def work() -> None:
        with trace.span("decode", 3):
            pass

    with trace.span("all"):
        thread = threading.Thread(target=work, name="reading_0")
        thread.start()
        thread.join()
    inner, outer = map(json.loads, file.read_text().splitlines())
    assert (inner["step"], inner["photos"], inner["thread"]) == ("decode", 3, "reading_0")
    assert (outer["step"], outer["photos"]) == ("all", 0)
    assert outer["start"] <= inner["start"] <= inner["end"] <= outer["end"]
    assert 0 <= inner["processor"] <= 1


def test_a_step_that_fails_is_recorded_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "trace"
    monkeypatch.setattr(trace, "_FILE", str(file))
    with pytest.raises(ValueError, match="damaged"), trace.span("decode"):
        raise ValueError("damaged")
    assert json.loads(file.read_text())["step"] == "decode"


def test_a_trace_that_cannot_be_written_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(trace, "_FILE", str(tmp_path / "missing" / "trace"))
    with trace.span("decode"):
        pass
