"""Let another program find the similar photos of a folder; runs in an environment that has it, without PhotoSim.

PYTHON tests/benchmarks/peer.py czkawka|fastdup FOLDER WORK_FOLDER
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def czkawka(folder: Path, _work: Path) -> None:
    """Hash all photos and group them."""
    from czkawka import ImageSimilarity

    finder = ImageSimilarity()
    finder.set_directories([folder])
    finder.find_similar()


def fastdup(folder: Path, work: Path) -> None:
    """Embed all photos and find the nearest neighbours."""
    os.environ["SENTRY_OPT_OUT"] = "1"  # it reports its use otherwise
    import fastdup as program

    program.create(work_dir=str(work), input_dir=str(folder)).run(overwrite=True)


if __name__ == "__main__":
    {"czkawka": czkawka, "fastdup": fastdup}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
