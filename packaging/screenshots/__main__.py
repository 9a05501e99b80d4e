"""Make pictures of the real window: `python packaging/screenshots [PHOTOS] [--every FOLDER]`.

Without --every the README's picture is made; with it every view, or those of --only, light and dark, at two
sizes. Without PHOTOS the photos are made by `packaging/sample_photos`, which takes some minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

import scenes_clusters
import scenes_duplicates
import scenes_objects
import scenes_photos
import scenes_search
import scenes_settings
import scenes_viewer
from PySide6.QtWidgets import QApplication
from window import SIZE, SMALL, Scene, open_window, save

from photosim.library import Library

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "resources" / "screenshots" / "window.jpg"

SCENES: dict[str, Scene] = {
    **scenes_photos.SCENES,
    **scenes_clusters.SCENES,
    **scenes_search.SCENES,
    **scenes_viewer.SCENES,
    **scenes_objects.SCENES,
    **scenes_duplicates.SCENES,
    **scenes_settings.SCENES,
}


def main() -> None:
    """Index the photos and save the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", metavar="PHOTOS", nargs="?", type=Path)
    parser.add_argument("--every", metavar="FOLDER", type=Path, help="where every view is saved")
    parser.add_argument(
        "--only", metavar="VIEW", nargs="+", default=[], help="names of the views to save there"
    )
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as place:
        # In the window the photos lie in ~/Pictures, wherever they were taken from.
        os.environ["HOME"] = place
        photos = Path(place, "Pictures")
        if arguments.photos is None:
            subprocess.run([sys.executable, ROOT / "packaging" / "sample_photos", photos], check=True)
        else:
            shutil.copytree(arguments.photos, photos)
        library = Library.open(Path(place, "library"))
        for _ in library.index([photos]):
            pass
        if arguments.every is None:
            _readme(app, library)
        else:
            _every(app, library, Path(place, "nothing"), arguments.every, arguments.only)
        library.close()


def _readme(app: QApplication, library: Library) -> None:
    with open_window(app, library, False, SIZE) as window:
        save(SCENES["photos"](window, library) or window, window, PICTURE)


def _every(app: QApplication, library: Library, nothing: Path, out: Path, only: Collection[str]) -> None:
    empty = Library.open(nothing)
    for look, dark in (("light", False), ("dark", True)):
        for size, pixels in (("large", SIZE), ("small", SMALL)):
            if not only or "start" in only:
                with open_window(app, empty, dark, pixels) as window:
                    save(window, window, out / f"start-{look}-{size}.png")
            for name, scene in SCENES.items():
                if only and name not in only:
                    continue
                with open_window(app, library, dark, pixels) as window:
                    save(scene(window, library) or window, window, out / f"{name}-{look}-{size}.png")
    empty.close()


if __name__ == "__main__":
    main()
