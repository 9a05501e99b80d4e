"""Baseline: decode every photo of a folder with Pillow's draft mode, in as many processes as there are cores.

python -m tests.benchmarks.decode_alone FOLDER
"""

from __future__ import annotations

import os
import sys
from multiprocessing import Pool
from pathlib import Path

from PIL import Image

LONGEST_SIDE = 320  # pixels; the JPEG decoder uses the next larger size that it supports
CHUNK = 4  # photos per task


def decode(path: Path) -> tuple[int, int]:
    """Decode one photo to about LONGEST_SIDE pixels, and return its size."""
    with Image.open(path) as image:
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        return image.size


if __name__ == "__main__":
    photos = sorted(path for path in Path(sys.argv[1]).rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    with Pool(os.cpu_count()) as pool:
        print(len(list(pool.imap_unordered(decode, photos, CHUNK))))
