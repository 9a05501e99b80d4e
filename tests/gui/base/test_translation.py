"""Texts of the window: plurals in English, and extraction for other languages."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from photosim.gui.base.translation import tr

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def american() -> Iterator[None]:
    """Numbers with commas, whatever the locale of the computer."""
    before = QLocale()
    QLocale.setDefault(QLocale("en_US"))
    yield
    QLocale.setDefault(before)


@pytest.mark.usefixtures("american")
@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 photos are missing"), (1, "1 photo is missing"), (1234, "1,234 photos are missing")],
)
def test_a_count_chooses_the_english_form(count: int, text: str) -> None:
    assert tr("%Ln photo(s) (is|are) missing", "", count) == text
    assert tr("%Ln match(es)", "", count).endswith("match" if count == 1 else "matches")


def test_a_text_without_a_count_stays_as_it_is() -> None:
    assert tr("Photo(s) of {name}") == "Photo(s) of {name}"


def test_lupdate_extracts_every_text_without_a_warning(tmp_path: Path) -> None:
    sources = sorted(str(path) for path in (ROOT / "photosim" / "gui").rglob("*.py"))
    found = tmp_path / "photosim_de.ts"
    tool = [sys.executable, "-c", "from PySide6.scripts.pyside_tool import lupdate; lupdate()"]
    done = subprocess.run([*tool, *sources, "-ts", found], capture_output=True, text=True, check=True)
    assert "warning" not in (done.stdout + done.stderr).lower()
    assert found.read_text("utf-8").count("<source>") > 300
