"""An indexing for the tests of processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.support.scripted_indexing import ScriptedIndexing


@pytest.fixture
def scripted(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedIndexing]:
    scripted = ScriptedIndexing(tmp_path, monkeypatch)
    yield scripted
    scripted.indexing.close()
