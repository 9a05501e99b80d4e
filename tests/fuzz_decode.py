"""Decode thousands of damaged photos of every format, each for a reason or a picture and nothing else.

    python -m tests.fuzz_decode --inputs 20000 --seed 1

A child process does the decoding under a limit of memory; the parent notes what kills it or keeps it busy too long,
writes that input to `--keep`, and starts another behind it. The inputs follow from the seed. The exit status is 1
when anything but a picture or a reason came out.
"""

from __future__ import annotations

import argparse
import functools
import json
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import psutil

from tests.support.camera_files import VGA, camera_file
from tests.support.file_kinds import KINDS, encode_kind
from tests.support.images import make_exif, make_jpeg, make_scene, save
from tests.support.mutations import mutate
from tests.support.raw_files import make_dng

SIZE = (120, 90)
MAX_PIXELS = 4_000_000
"""The limit of pixels while fuzzing: with it the memory that the formats ask for is told from what a bug takes."""

MEMORY_BYTES = 1_500_000_000
"""Address space of the child; what asks for more gets a MemoryError, which is a reason too."""

TIMEOUT_S = 20.0
"""Longest decoding of one input, on a busy machine."""

EXIF = make_exif(orientation=6, taken_at="2024:07:01 18:03:11", model="X", lens="Y", gps=(1.5, -2.5))
_CARRY_EXIF = {"JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC", "JPEG XL"}


@functools.cache
def originals() -> dict[str, bytes]:
    """One true file of every kind that is read."""
    made = {kind: encode_kind(kind, SIZE, kind in _CARRY_EXIF) for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        made["DNG developed"] = make_dng(place / "a", 4, SIZE, preview=None).read_bytes()
        made["ARW"] = make_dng(place / "a", 4, SIZE, preview=SIZE[0], make="SONY").read_bytes()
        made["JPEG of a camera"] = make_jpeg(place / "a.jpg", SIZE, 4, exif=EXIF).read_bytes()
        from PIL import Image

        with Image.open(place / "a.jpg") as opened:
            made["JPEG XL of a JPEG"] = save(opened, place / "a.jxl", lossless_jpeg=True).read_bytes()
        photo, preview = (
            make_jpeg(place / "p.jpg", size, 4).read_bytes() for size in ((800, 600), (360, 270))
        )
        made["JPEG with a preview behind it"] = camera_file(photo, (VGA, preview))
        moving = {"save_all": True, "append_images": [make_scene(5, SIZE), make_scene(6, SIZE)]}
        for suffix in (".gif", ".webp", ".png", ".avif"):
            made[f"moving {suffix}"] = save(make_scene(4, SIZE), place / f"m{suffix}", **moving).read_bytes()
    return made


def input_of(seed: int, number: int) -> tuple[str, bytes]:
    """The kind and the bytes of one input."""
    chance = random.Random(f"{seed} {number}")
    kind = chance.choice(sorted(originals()))
    return kind, mutate(originals()[kind], chance)


def decode_all(seed: int, first: int, end: int, report: Path) -> None:
    """Decode inputs as the child; the report has a line for each, written before and after."""
    from PIL import Image

    from photosim.errors import UnreadablePhotoError
    from photosim.imaging import file_types
    from photosim.imaging.decode import read_photo
    from photosim.imaging.turbojpeg import encode_thumbnail

    file_types.MAX_PIXELS = MAX_PIXELS
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
    originals()
    _limit_memory()
    path = report.with_suffix(".input")
    with report.open("a", encoding="utf-8") as lines:
        for number in range(first, end):
            kind, content = input_of(seed, number)
            path.write_bytes(content)
            lines.write(json.dumps({"start": number, "kind": kind}) + "\n")
            lines.flush()
            try:
                decoded = read_photo(path)
                encode_thumbnail(decoded.image)
                sound = decoded.image.mode == "RGB" and max(decoded.image.size) < 640
                came = "picture" if sound else "a picture of the wrong kind"
            except UnreadablePhotoError as error:
                came = "reason" if str(error).endswith(".") else f"not a sentence: {error}"
            except BaseException:
                came = traceback.format_exc()
            lines.write(json.dumps({"end": number, "came": came}) + "\n")
            lines.flush()


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


class FuzzRun:
    """The parent: one child after another until every input was tried."""

    def __init__(self, seed: int, inputs: int, keep: Path) -> None:
        self.seed, self.inputs, self.keep = seed, inputs, keep
        self.counts: Counter[tuple[str, str]] = Counter()
        self.found: list[str] = []
        self.peak = 0
        self._kind = ""
        self._number = -1

    def run(self) -> None:
        first = 0
        with tempfile.TemporaryDirectory() as folder:
            while first < self.inputs:
                report = Path(folder, f"{first}.jsonl")
                report.touch()
                first = self._child(first, report)

    def _child(self, first: int, report: Path) -> int:
        words = ["--child", str(report), "--first", str(first), "--inputs", str(self.inputs)]
        command = [sys.executable, "-X", "faulthandler", "-m", "tests.fuzz_decode", *words]
        with report.with_suffix(".err").open("w") as errors:
            child = subprocess.Popen([*command, "--seed", str(self.seed)], stderr=errors)
        process, since = psutil.Process(child.pid), time.monotonic()
        with report.open(encoding="utf-8") as lines:
            while True:
                ended = child.poll() is not None
                while line := lines.readline():
                    self._note(json.loads(line))
                    since = time.monotonic()
                if ended:
                    break
                if time.monotonic() - since > TIMEOUT_S + 40 * (self._number < first):
                    child.kill()
                    child.wait()
                    return self._blame(f"took more than {TIMEOUT_S:.0f} s")
                try:
                    self.peak = max(self.peak, process.memory_info().rss)
                except psutil.Error:
                    continue
                time.sleep(0.2)
        if child.returncode == 0:
            return self.inputs
        told = report.with_suffix(".err").read_text()[-2000:]
        return self._blame(f"ended the process with {child.returncode}\n{told}")

    def _note(self, line: dict[str, object]) -> None:
        if "start" in line:
            self._number, self._kind = int(str(line["start"])), str(line["kind"])
            return
        came = str(line["came"])
        self.counts[self._kind, came if came in {"picture", "reason"} else "fault"] += 1
        if came not in {"picture", "reason"}:
            self._blame(came)

    def _blame(self, why: str) -> int:
        name = f"fuzz-{self.seed}-{self._number}"
        self.keep.mkdir(parents=True, exist_ok=True)
        (self.keep / name).write_bytes(input_of(self.seed, self._number)[1])
        self.found.append(f"{name} ({self._kind}): {why}")
        print(self.found[-1], flush=True)
        return self._number + 1


def main() -> int:
    """Fuzz, and tell what came out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir(), "photosim-fuzz"))
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child is not None:
        decode_all(arguments.seed, arguments.first, arguments.inputs, arguments.child)
        return 0
    watch, started = FuzzRun(arguments.seed, arguments.inputs, arguments.keep), time.monotonic()
    watch.run()
    for kind in sorted({kind for kind, _ in watch.counts}):
        row = {came: watch.counts[kind, came] for came in ("picture", "reason", "fault")}
        print(f"{kind:20} {row['picture']:6} pictures {row['reason']:6} reasons {row['fault']:3} faults")
    total = sum(watch.counts.values())
    print(
        f"{total} inputs in {time.monotonic() - started:.0f} s, at most {watch.peak / 1e6:.0f} MB, "
        f"{len(watch.found)} found"
    )
    return 1 if watch.found else 0


if __name__ == "__main__":
    sys.exit(main())
