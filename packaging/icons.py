"""Draws resources/icons/photosim.svg as PNGs from 16 to 512 pixels, an .ico for Windows and an .icns for macOS.

python packaging/icons.py
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PIL import Image
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).resolve().parents[1] / "resources" / "icons"
SOURCE = ICONS / "photosim.svg"
PNG_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)  # pixels; what Linux desktops look for
ICO_SIZES = (16, 24, 32, 48, 64, 256)  # pixels; what Windows shows
ICNS_LARGEST = 1024  # pixels: 512 points on a screen of double density
OVERSAMPLING = 4  # the small sizes are drawn larger and averaged: smoother than the painter's own edges


def main() -> int:
    """Draw every size and write the files beside the SVG."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication(sys.argv[:1])
    renderer = QSvgRenderer(str(SOURCE))
    if not renderer.isValid():
        print(f"icons: {SOURCE} is not an SVG that Qt can draw", file=sys.stderr)
        return 1
    pictures = {size: drawn(renderer, size) for size in PNG_SIZES}
    for size, picture in pictures.items():
        picture.save(ICONS / f"photosim-{size}.png", optimize=True)
    ico = [pictures[size] for size in ICO_SIZES]
    ico[-1].save(ICONS / "photosim.ico", sizes=[(size, size) for size in ICO_SIZES], append_images=ico[:-1])
    drawn(renderer, ICNS_LARGEST).save(ICONS / "photosim.icns", append_images=list(pictures.values()))
    for path in sorted(ICONS.glob("photosim*")):
        print(f"{path.stat().st_size:8d} {path.name}")
    del application
    return 0


def drawn(renderer: QSvgRenderer, size: int) -> Image.Image:
    """The icon, `size` pixels wide and high, with a transparent background."""
    large = size * (OVERSAMPLING if size < 256 else 1)
    image = QImage(large, large, QImage.Format.Format_RGBA8888)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    picture = Image.frombytes("RGBA", (large, large), bytes(image.constBits()))
    return picture.resize((size, size), Image.Resampling.BOX)


if __name__ == "__main__":
    sys.exit(main())
