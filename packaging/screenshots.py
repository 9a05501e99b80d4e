"""Make the README's pictures of the real window: `python packaging/screenshots.py [FOLDER_OF_PHOTOS]`.

Without a folder the photos are made by `packaging/sample_photos`, which takes some minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from photosim.gui import theme
from photosim.gui.main_window import MainWindow
from photosim.gui.places import Place, View
from photosim.library import Library

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "resources" / "screenshots"
SIZE = (1360, 850)
TILE = 150  # pixels: small enough for several series in one picture
_QUIET_MS = 1500  # nothing moves any more after that long without a job


def main(photos: Path | None = None) -> None:
    """Index the photos and save two pictures: a photo with its likenesses, light, and the clusters, dark."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as place:
        if photos is None:
            photos = Path(place, "Photos")
            subprocess.run([sys.executable, ROOT / "packaging" / "sample_photos", photos], check=True)
        library = Library.open(Path(place, "library"))
        for _ in library.index([photos]):
            pass
        for look, dark in (("", False), ("-dark", True)):
            app.setStyle("Fusion")
            theme.dress(app, dark)
            _show_views(library, look)
        library.close()


def _show_views(library: Library, look: str) -> None:
    window = MainWindow(library)
    window.resize(*SIZE)
    window.browser.set_edge(TILE)
    window.start()
    window.show()
    _settle(window)
    cluster = library.clusters().clusters[0]
    [photo] = library.photos_by_id([cluster.medoid_id])
    window.navigator.look_at(photo, False)
    _settle(window)
    window.browser.go_to(photo)
    if not look:
        _save(window, "window")
    else:
        window.navigator.go(Place(View.CLUSTERS))
        _save(window, f"clusters{look}")
    window.close()


def _save(window: MainWindow, name: str) -> None:
    _settle(window)
    window.grab().save(str(PICTURES / f"{name}.png"))
    print(PICTURES / f"{name}.png")


def _settle(window: MainWindow) -> None:
    """Let the window work until it has been quiet for a moment."""
    loop = QEventLoop()
    quiet = QTimer(interval=_QUIET_MS)
    quiet.timeout.connect(lambda: None if window.jobs.busy else loop.quit())
    quiet.start()
    loop.exec()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
