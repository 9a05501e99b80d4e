"""Index the same folder with PhotoSim, czkawka and fastdup, in turn; each in whole processes, with an empty library.

python -m tests.benchmarks.bench_peers --python PYTHON [--photos 120] [--rounds 3] [--folder FOLDER]

PYTHON has both programs (`make bench-peers` installs them in an environment of their own). czkawka only compares
hashes; fastdup embeds photos.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.photos import LARGE, make_photos
from tests.benchmarks.processes import Run, run, run_command
from tests.benchmarks.report import Row, machine, table
from tests.benchmarks.setting import FEW_COUNT, say

PEERS = ("czkawka", "fastdup")
_PEER = Path(__file__).with_name("peer.py")


def measure(python: str, photos: Path, rounds: int) -> Iterator[Row]:
    """Yield rows of each program's photos per second, processor time and memory, with PhotoSim's as the baseline."""
    runs: dict[str, list[Run]] = {"PhotoSim": [], **{peer: [] for peer in PEERS}}
    for number in range(rounds):
        say(f"peers: round {number + 1} of {rounds}")
        for name, found in runs.items():
            with tempfile.TemporaryDirectory(prefix="photosim-bench-") as work:
                if name == "PhotoSim":
                    found.append(run("photosim", "index", photos, "--library", work))
                else:
                    found.append(run_command([python, str(_PEER), name, str(photos), work]))
    count = sum(1 for _ in photos.rglob("*.jpg"))
    ours, *others = (_Figures(name, found, count) for name, found in runs.items())
    for other in others:
        yield Row(
            f"{count} photos, photos/s",
            f"{ours.rate:.1f}",
            f"{other.rate:.1f} {other.name}",
            f"{ours.rate / other.rate:.2f}",
        )
        yield Row(
            f"{count} photos, processor time each",
            f"{ours.processor:.1f} ms",
            f"{other.processor:.1f} ms {other.name}",
            f"{ours.processor / other.processor:.2f}",
        )
        yield Row(f"{count} photos, peak memory", f"{ours.peak:.0f} MB", f"{other.peak:.0f} MB {other.name}")


class _Figures:
    """Medians of the runs of one program."""

    def __init__(self, name: str, runs: list[Run], count: int) -> None:
        self.name = name
        self.rate = count / statistics.median(each.seconds for each in runs)
        self.processor = 1000 * statistics.median(each.processor for each in runs) / count
        self.peak = max(each.peak for each in runs) / 1e6


def main() -> int:
    """Run all programs, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_peers", description=__doc__)
    parser.add_argument("--python", required=True, help="the Python that has czkawka and fastdup")
    parser.add_argument("--photos", type=int, default=FEW_COUNT, help="photos of 12 megapixels (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="these photos instead of generated ones")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="photosim-bench-") as folder:
        photos = arguments.folder or make_photos(Path(folder, "photos"), arguments.photos, LARGE)
        rows = list(measure(arguments.python, photos, arguments.rounds))
    print(machine())
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
