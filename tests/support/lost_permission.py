"""Index a folder that loses permissions for a subfolder during the scan; run as a user to whom permissions apply."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from photosim.library import Library
from photosim.records import Phase
from tests.support.indexing import index, use_fake_embedder


def main() -> None:
    """Print the number of photos after each indexing: before, during and after the loss of permission."""
    use_fake_embedder(pytest.MonkeyPatch())
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an empty folder")
    folder: Path = parser.parse_args().folder
    closed = folder / "photos" / "b"
    library = Library.open(folder / "library")
    index(library, folder / "photos")
    counts = [len(library.photos())]
    # New photos: found while the folder is readable, and read when it no longer is.
    for number in range(4):
        (closed / f"new {number}.jpg").write_bytes((closed / "photo-000.jpg").read_bytes() + bytes([number]))
    try:
        for progress in library.index([folder / "photos"]):
            if progress.phase is Phase.SCANNING:
                closed.chmod(0)
        counts += [len(library.photos()), progress.unreadable, progress.removed, progress.missing]
        index(library)
        counts.append(len(library.photos()))
    finally:
        closed.chmod(0o755)
    last = index(library)
    print(*counts, len(library.photos()), last.unreadable)
    library.close()


if __name__ == "__main__":
    main()
