"""The program as a process with a real window on a virtual screen."""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photosim.library import Library
from tests.support.photo_folders import make_photos
from tests.support.timeouts import TIMEOUT_S

ROOT = Path(__file__).resolve().parents[2]
SIZE = (1280, 800)

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")


class Screen:
    """A virtual screen."""

    def __init__(self, display: str, dump: Path) -> None:
        self.display = display
        self._dump = dump

    def colors(self) -> int:
        """Return the number of different colors on the screen."""
        data = self._dump.read_bytes()  # an XWD file: a header, the color map, the pixels
        header = struct.unpack(">25I", data[:100])
        pixels = data[header[0] + header[19] * 12 :]
        return len({pixels[i : i + 4] for i in range(0, len(pixels) - 3, 4)})


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    reading, writing = os.pipe()
    geometry = f"{SIZE[0]}x{SIZE[1]}x24"
    (tmp_path / "screen").mkdir()
    words = ["Xvfb", "-displayfd", str(writing), "-screen", "0", geometry, "-fbdir", str(tmp_path / "screen")]
    process = subprocess.Popen(
        [*words, "-noreset", "-nolisten", "tcp"], pass_fds=[writing], stderr=subprocess.DEVNULL
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    yield Screen(f":{number}", tmp_path / "screen" / "Xvfb_screen0")
    process.terminate()
    process.wait()


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < until, "timed out"
        time.sleep(0.2)


def test_main_opens_a_window_on_a_folder_and_indexes_it(tmp_path: Path, screen: Screen) -> None:
    make_photos(tmp_path / "photos", 6)
    environment = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    process = subprocess.Popen(
        [sys.executable, ROOT / "main.py", tmp_path / "photos", "--library", tmp_path / "library"],
        env={**environment, "DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for((tmp_path / "library" / "library.db").exists)
        library = Library.open(tmp_path / "library")
        wait_for(lambda: library.status().embedded == 6)
        wait_for(lambda: screen.colors() > 1000)  # the thumbnails are on the screen
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, err
    assert (out, err) == ("", "")
