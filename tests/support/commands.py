"""Commands of the command line, run on a library in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from photosim.cli.main import main


class CommandRunner:
    """Runs one command, and keeps its exit status and what it printed."""

    def __init__(self, command: str, library: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._command, self._library, self._capsys = command, library, capsys
        self.status = 0
        self.out = self.err = ""

    def __call__(self, *arguments: object) -> CommandRunner:
        self._capsys.readouterr()
        self.status = main([self._command, *map(str, arguments), "--library", str(self._library)])
        self.out, self.err = self._capsys.readouterr()
        return self

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)
