"""An indexing of the window whose process is a script."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import pytest

from photosim.gui.services.processes.indexing import IndexProcess, IndexState
from photosim.records import Progress

PREAMBLE = """
    import json, os, sys, threading, time
    from pathlib import Path

    received = []

    def send(**event):
        print(json.dumps(event), flush=True)

    def progress(phase, **more):
        send(event="progress", phase=phase, **more)

    def listen():
        for line in sys.stdin:
            received.append(json.loads(line)["do"])
        received.append("closed")

    threading.Thread(target=listen, daemon=True).start()

    def wait_for(request):
        while request not in received:
            time.sleep(0.005)

    folder = Path(sys.argv[sys.argv.index("--library") + 1])
    starts = folder / "starts"
    starts.write_text((starts.read_text() if starts.exists() else "") + json.dumps(sys.argv[1:]) + "\\n")
    start = len(starts.read_text().splitlines())
"""
"""The beginning of a script that reports and takes requests as an indexing process does."""


class ScriptedIndexing:
    """An indexing whose process is a script, and all that it emits."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self.indexing = IndexProcess(folder, restart_ms=1)
        self.states: list[IndexState] = []
        self.added: list[tuple[int, ...]] = []
        self.progress: list[Progress] = []
        self.indexing.state_changed.connect(self.states.append)
        self.indexing.added.connect(self.added.append)
        self.indexing.progressed.connect(self.progress.append)

    def set_script(self, script: str) -> None:
        """Run this from the next start on."""
        path = self.folder / "script.py"
        path.write_text(textwrap.dedent(PREAMBLE) + textwrap.dedent(script))
        self._monkeypatch.setattr(
            "photosim.workers.protocol.program_command", lambda: [sys.executable, str(path)]
        )

    @property
    def starts(self) -> list[list[str]]:
        """The arguments of each start."""
        file = self.folder / "starts"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
