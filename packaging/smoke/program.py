"""The packaged program as a smoke test drives it: its commands, and what they must not say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PROBLEM = re.compile(r"warn|error|traceback|fail|could not|cannot", re.IGNORECASE)
_PATIENCE = 600
"""Seconds that any command may take, on the slowest machine."""


class SmokeError(Exception):
    """The packaged program does not keep a promise."""


def check(holds: bool, sentence: str) -> None:
    """Raise SmokeError with the sentence unless it holds."""
    if not holds:
        raise SmokeError(sentence)


@dataclass(frozen=True)
class Program:
    """One way to start PhotoSim, and the surroundings it is started in."""

    words: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    user: int | None = None

    def run(self, *words: str | Path) -> str:
        """Run a command; gives what it answers. It must succeed and say nothing of a problem."""
        done = subprocess.run(
            [*self.words, *map(str, words)],
            env=self.environment,
            user=self.user,
            group=self.user,
            capture_output=True,
            encoding="utf-8",
            timeout=_PATIENCE,
            check=False,
        )
        said = f"{' '.join(map(str, words))} ended with {done.returncode} and said:\n{done.stderr}"
        check(done.returncode == 0, said)
        check(_PROBLEM.search(done.stderr) is None, said)
        return done.stdout

    def ask(self, *words: str | Path) -> Any:
        """Run a command that answers in JSON."""
        return json.loads(self.run(*words, "--json"))

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """Start the window."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [*self.words, *map(str, words)],
            env=self.environment,
            user=self.user,
            group=self.user,
            stdout=pipe,
            stderr=pipe,
            encoding="utf-8",
        )


def source(root: Path) -> Program:
    """The program as it runs from its source, with the Python that runs this."""
    return Program((sys.executable, str(root / "main.py")))
