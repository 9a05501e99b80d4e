"""A virtual screen: somebody who looks, clicks, types and drags. Needs Xvfb and xdotool."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

_SIZE = (1600, 900)  # pixels
_COLOURFUL = 40
"""Difference of the strongest and the weakest channel (0..255) of a pixel that belongs to a photo: the window is grey."""
_STEPS = 12
"""Places at which the mouse stops on a way, for a drag to be seen as one."""


@dataclass(frozen=True)
class Box:
    """A rectangle on the screen."""

    x: int
    y: int
    width: int
    height: int


class Screen:
    """What is on the screen, and a hand for it."""

    def __init__(self, display: str, dump: Path) -> None:
        self.display = display
        self._dump = dump

    def picture(self) -> Image.Image:
        """The whole screen."""
        data = self._dump.read_bytes()  # an XWD file: a header, the colour map, the pixels
        header = struct.unpack(">25I", data[:100])
        width, height, line = header[4], header[5], header[12]
        pixels = data[header[0] + header[19] * 12 :][: line * height]
        return Image.frombytes("RGB", (width, height), pixels, "raw", "BGRX", line)

    def photos(self, box: Box) -> npt.NDArray[np.bool_]:
        """Which pixels of a rectangle belong to photos: (height, width)."""
        part = self.picture().crop((box.x, box.y, box.x + box.width, box.y + box.height))
        pixels = np.asarray(part).astype(np.int16)
        found: npt.NDArray[np.bool_] = pixels.max(axis=2) - pixels.min(axis=2) > _COLOURFUL
        return found

    def window(self) -> Box | None:
        """The window of PhotoSim, once it is there."""
        identity = self._window_id()
        if identity is None:
            return None
        text = self._hand("getwindowgeometry", "--shell", identity)
        facts = {
            name: int(number)
            for name, number in re.findall(r"^(X|Y|WIDTH|HEIGHT)=(-?\d+)$", text, re.MULTILINE)
        }
        return Box(facts["X"], facts["Y"], facts["WIDTH"], facts["HEIGHT"])

    def title(self) -> str:
        """What the window of PhotoSim is called now."""
        identity = self._window_id()
        return "" if identity is None else self._hand("getwindowname", identity).strip()

    def click(self, x: int, y: int) -> None:
        """Click there."""
        self._hand("mousemove", str(x), str(y), "sleep", "0.2", "click", "1")

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press the mouse at the start, and let it go at the end."""
        self._hand("mousemove", *map(str, start), "sleep", "0.2", "mousedown", "1")
        for step in range(1, _STEPS + 1):
            x, y = (a + (b - a) * step // _STEPS for a, b in zip(start, end, strict=True))
            self._hand("mousemove", str(x), str(y), "sleep", "0.1")
        self._hand("sleep", "0.5", "mouseup", "1")

    def type(self, keys: str) -> None:
        """Press keys in the window of PhotoSim."""
        identity = self._window_id()
        assert identity is not None
        self._hand("windowfocus", identity, "sleep", "0.3", "key", keys)

    def _window_id(self) -> str | None:
        found = self._hand("search", "--onlyvisible", "--name", "PhotoSim$").split()
        return found[0] if found else None

    def _hand(self, *words: str) -> str:
        environment = os.environ | {"DISPLAY": self.display}
        done = subprocess.run(
            ["xdotool", *words], env=environment, capture_output=True, text=True, check=False
        )
        return done.stdout


@contextmanager
def virtual_screen() -> Iterator[Screen]:
    """A screen as long as the `with` block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        reading, writing = os.pipe()
        words = [
            "Xvfb",
            "-displayfd",
            str(writing),
            "-screen",
            "0",
            f"{_SIZE[0]}x{_SIZE[1]}x24",
            "-fbdir",
            folder,
        ]
        process: Any = subprocess.Popen(
            [*words, "-noreset", "-nolisten", "tcp"], pass_fds=[writing], stderr=subprocess.DEVNULL
        )
        os.close(writing)
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        try:
            yield Screen(f":{number}", Path(folder, "Xvfb_screen0"))
        finally:
            process.terminate()
            process.wait()


def wait_for(what: Callable[[], object], sentence: str, seconds: float = 180, pause: float = 0.3) -> None:
    """Wait until `what` gives something true; RuntimeError with the sentence when it never does."""
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            raise RuntimeError(sentence)
        time.sleep(pause)
