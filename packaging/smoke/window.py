"""The window of the packaged program under a virtual screen: opened, dropped on, clicked, closed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from program import Program, check
from screen import Box, Screen, virtual_screen, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent

_SIDE, _PANEL = (
    240,
    372,
)  # logical pixels: the list of sources at the left, the panel of neighbours at the right
_TOP = 110  # the menu bar and the tool bar
_TILE = 50  # pixels of a square that lies wholly within one thumbnail
_FOUND_SHARE = 0.02
"""Share of the grid that photos cover when at least one was found."""

_PANEL_SHARE = 0.12
"""Share of the panel that photos cover when neighbours are shown under the photo itself."""


def drive(path: Path, folder: Path, photos: Path, artifacts: Path | None) -> dict[str, float]:
    """Do what a person does on the first day; gives the figures. `folder` is a folder to work in."""
    from tests.support.images import make_photo

    dropped = folder / "dropped"
    for scene in range(4):
        make_photo(dropped / f"dropped-{scene}.jpg", 100 + scene)
    library = folder / "library of the window"
    with virtual_screen() as screen:
        program = Program((str(path),), os.environ | {"DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"})
        _close(program.start("--library", library), screen)  # warms the system's cache of files
        seconds = _time_to_window(program, library, screen)
        process = program.start("--library", library, photos)
        _wait_for_window(process, screen)
        _wait_for_photos(program, library, 50)
        _drop(screen, dropped)
        _wait_for_photos(program, library, 54)
        wait_for(lambda: screen.photos(_grid(screen)).mean() > 0.2, "The thumbnails do not come.")
        _click_a_photo(screen)
        wait_for(lambda: screen.photos(_panel(screen)).mean() > _PANEL_SHARE, "A click shows no neighbours.")
        time.sleep(1)
        if artifacts is not None:
            screen.picture().save(artifacts / "window.png")
            (artifacts / "figures.json").write_text(
                json.dumps({"first_window_seconds": seconds}), encoding="utf-8"
            )
        _open_with(program, library, dropped / "dropped-0.jpg", screen)
        if artifacts is not None:
            screen.picture().save(artifacts / "opened-with.png")
        _close(process, screen)
    return {"first_window_seconds": seconds}


def _time_to_window(program: Program, library: Path, screen: Screen) -> float:
    started = time.monotonic()
    process = program.start("--library", library)
    _wait_for_window(process, screen)
    seconds = time.monotonic() - started
    _close(process, screen)
    return seconds


def _wait_for_window(process: subprocess.Popen[str], screen: Screen) -> None:
    wait_for(lambda: process.poll() is not None or screen.window(), "No window came.", pause=0.02)
    if process.returncode is not None:
        check(False, f"The window ended with {process.returncode}: {''.join(process.communicate())}")


def _open_with(program: Program, library: Path, photo: Path, screen: Screen) -> None:
    """Start the program once more with a photo: the window that is there searches by it."""
    said = program.run("--library", library, photo)
    check(said == "", f"The second start said: {said}")
    wait_for(lambda: photo.name in screen.title(), "The window does not search by the photo that was opened.")
    wait_for(lambda: screen.photos(_grid(screen)).mean() > _FOUND_SHARE, "It shows nothing that is similar.")


def _close(process: subprocess.Popen[str], screen: Screen) -> None:
    """Close the window with the keyboard: it must end well, and must not have said anything."""
    _wait_for_window(process, screen)
    time.sleep(1)
    screen.type("ctrl+q")
    out, err = process.communicate(timeout=60)
    check(process.returncode == 0, f"The window ended with {process.returncode}:\n{err}")
    check((out, err) == ("", ""), f"The window said on the console:\n{out}{err}")


def _wait_for_photos(program: Program, library: Path, count: int) -> None:
    def there() -> bool:
        return bool(program.ask("--library", library, "status")["embedded"] == count)

    wait_for((library / "library.db").exists, "The window makes no library.")
    wait_for(there, f"The window does not come to {count} photos.", pause=2)


def _drop(screen: Screen, folder: Path) -> None:
    """Drag a folder from another program onto the grid."""
    grid = _grid(screen)
    environment = os.environ | {"DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"}
    words = [sys.executable, Path(__file__).with_name("drag_source.py"), folder, "1530", "830"]
    source = subprocess.Popen([str(word) for word in words], env=environment)
    try:
        corner = Box(1530, 830, 60, 60)
        wait_for(
            lambda: np.asarray(screen.picture().crop((1532, 832, 1588, 888))).max() > 60,
            f"Nothing lies at {corner}.",
        )
        time.sleep(0.5)
        screen.drag((1560, 860), (grid.x + grid.width // 2, grid.y + grid.height // 2))
        check(source.wait(timeout=30) == 0, "The window does not take a folder that is dropped on it.")
    finally:
        source.kill()


def _click_a_photo(screen: Screen) -> None:
    grid = _grid(screen)
    found = screen.photos(grid)
    for y in range(0, found.shape[0] - _TILE, 10):
        for x in range(0, found.shape[1] - _TILE, 10):
            if found[y : y + _TILE, x : x + _TILE].mean() > 0.6:
                screen.click(grid.x + x + _TILE // 2, grid.y + y + _TILE // 2)
                return
    check(False, "There is no thumbnail to click.")


def _grid(screen: Screen) -> Box:
    window = screen.window()
    assert window is not None
    return Box(
        window.x + _SIDE, window.y + _TOP, window.width - _SIDE - _PANEL - 20, window.height - _TOP - 80
    )


def _panel(screen: Screen) -> Box:
    window = screen.window()
    assert window is not None
    top = window.y + window.height // 2
    return Box(window.x + window.width - _PANEL, top, _PANEL, window.height // 2)
