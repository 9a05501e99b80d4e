"""The wheel: what `pip install .` gives works from any folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

from tests.support.photo_folders import make_photos

ROOT = Path(__file__).resolve().parents[2]
_LEFT_OUT = {"screenshots"}
"""Folders of `resources` that only the pages of the project show."""

_OPEN_WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from photosim.gui import app
from photosim.gui.main_window import MainWindow
shown = MainWindow.showEvent
def close_when_shown(self, event):
    shown(self, event)
    QTimer.singleShot(0, self.close)
MainWindow.showEvent = close_when_shown
sys.exit(app.run(Path(sys.argv[1]), []))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the build backend that is installed beside the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", code, folder], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return folder / built.stdout.split()[-1]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into a fresh environment beside the packages of the present one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = run(python, folder, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel)
    assert install.returncode == 0, install.stderr
    packages = run(python, folder, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    beside = Path(packages.stdout.strip(), "present.pth")
    beside.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def run(python: Path, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the installed interpreter in a folder that holds nothing of the project."""
    folder.mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [python, *map(str, arguments)],
        cwd=folder,
        env=environment | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_holds_every_resource_of_the_source(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("photosim/resources/")}
    source = {
        f"photosim/resources/{path.relative_to(ROOT / 'resources').as_posix()}"
        for path in (ROOT / "resources").rglob("*")
        if path.is_file() and path.relative_to(ROOT / "resources").parts[0] not in _LEFT_OUT
    }
    assert packed == source | {"photosim/resources/licences/LICENSE"}


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        described = next(name for name in names if name.endswith(".dist-info/METADATA"))
        scripts = next(name for name in names if name.endswith(".dist-info/entry_points.txt"))
        metadata = HeaderParser().parsestr(archive.read(described).decode())
        entry_points = archive.read(scripts).decode()
    assert "photosim/py.typed" in names
    assert metadata.get_all("Classifier")
    assert metadata.get_all("Project-URL")
    assert "[console_scripts]" in entry_points
    assert "[gui_scripts]" in entry_points
    for requirement in metadata.get_all("Requires-Dist") or ():
        if "extra" not in requirement:
            assert ">=" in requirement
            assert "<" in requirement, f"{requirement} has no cap"


def test_the_installed_program_indexes_searches_and_opens_its_window(installed: Path, tmp_path: Path) -> None:
    library, elsewhere = tmp_path / "library", tmp_path / "elsewhere"
    photos = make_photos(tmp_path / "photos", 4)
    indexed = run(installed, elsewhere, "-m", "photosim", "--library", library, "index", tmp_path / "photos")
    assert indexed.returncode == 0, indexed.stderr

    found = run(installed, elsewhere, "-m", "photosim", "--library", library, "similar", photos[0], "--json")
    assert found.returncode == 0, found.stderr
    matches = json.loads(found.stdout)["matches"]
    assert {match["path"] for match in matches} == {str(path) for path in photos[1:]}

    window = run(installed, elsewhere, "-c", _OPEN_WINDOW, library)
    assert window.returncode == 0, window.stderr

    where = run(installed, elsewhere, "-c", "import photosim; print(photosim.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(installed.parents[1]), "the source was used"
