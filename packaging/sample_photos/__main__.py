"""Makes a library of photos that look real, from noise and light alone: python packaging/sample_photos FOLDER."""

from __future__ import annotations

import argparse
import os
import sys
from multiprocessing import Pool
from pathlib import Path

from library import make, plan


def main() -> int:
    """Reads the command line and makes the photos in as many processes as there are cores."""
    parser = argparse.ArgumentParser(prog="sample_photos", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the photos go; made when it is not there")
    parser.add_argument("--count", type=int, default=240, help="how many files (default: 240)")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other photos (default: 1)")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="how many processes (default: all cores)"
    )
    options = parser.parse_args()
    jobs = plan(options.folder, options.count, options.seed)
    made = 0
    with Pool(options.jobs) as pool:
        for paths in pool.imap_unordered(make, jobs):
            made += len(paths)
            print(f"\r{made} of {options.count} photos", end="", file=sys.stderr, flush=True)
    print(f"\n{options.folder}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
