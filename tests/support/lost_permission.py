"""Index a folder of which a part is closed in the middle of the scan; run as a user whom permissions concern."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from photosim.library import Library
from photosim.records import Phase
from tests.support.indexing import index, use_fake_embedder


def main() -> None:
    """Print how many photos there are after each indexing: before, when a folder closes meanwhile, and after."""
    use_fake_embedder(pytest.MonkeyPatch())
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an empty folder")
    place: Path = parser.parse_args().folder
    closed = place / "photos" / "b"
    library = Library.open(place / "library")
    index(library, place / "photos")
    told = [len(library.photos())]
    for number in range(
        4
    ):  # new ones, which are found while the folder is open and read when it no longer is
        (closed / f"new {number}.jpg").write_bytes((closed / "photo-000.jpg").read_bytes() + bytes([number]))
    try:
        for progress in library.index([place / "photos"]):
            if progress.phase is Phase.SCANNING:
                closed.chmod(0)
        told += [len(library.photos()), progress.unreadable, progress.removed, progress.missing]
        index(library)
        told.append(len(library.photos()))
    finally:
        closed.chmod(0o755)
    last = index(library)
    print(*told, len(library.photos()), last.unreadable)
    library.close()


if __name__ == "__main__":
    main()
