"""Decode thousands of damaged photos of every format: each must give a picture or an error message.

    python -m tests.fuzz_decode --inputs 20000 --seed 1

A child process decodes with limited memory. When an input crashes it or takes too long, the parent writes the input to
`--keep` and starts another child after it. The inputs depend only on the seed. The exit status is 1 if any input gave
something else.
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
"""Limit of pixels while fuzzing, so that large memory use can only be a bug."""

MEMORY_BYTES = 1_500_000_000
"""Address space of the child; above it decoders get a MemoryError, which gives an error message too."""

TIMEOUT_S = 20.0
"""Longest time for one input, on a busy machine."""

EXIF = make_exif(orientation=6, taken_at="2024:07:01 18:03:11", model="X", lens="Y", gps=(1.5, -2.5))
_CARRY_EXIF = {"JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC", "JPEG XL"}


@functools.cache
def originals() -> dict[str, bytes]:
    """Return an intact file of every supported kind."""
    files = {kind: encode_kind(kind, SIZE, kind in _CARRY_EXIF) for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        files["DNG developed"] = make_dng(path / "a", 4, SIZE, preview=None).read_bytes()
        files["ARW"] = make_dng(path / "a", 4, SIZE, preview=SIZE[0], make="SONY").read_bytes()
        files["JPEG from a camera"] = make_jpeg(path / "a.jpg", SIZE, 4, exif=EXIF).read_bytes()
        from PIL import Image

        with Image.open(path / "a.jpg") as opened:
            files["JPEG XL of a JPEG"] = save(opened, path / "a.jxl", lossless_jpeg=True).read_bytes()
        photo, preview = (
            make_jpeg(path / "p.jpg", size, 4).read_bytes() for size in ((800, 600), (360, 270))
        )
        files["JPEG with a preview"] = camera_file(photo, (VGA, preview))
        animation = {"save_all": True, "append_images": [make_scene(5, SIZE), make_scene(6, SIZE)]}
        for suffix in (".gif", ".webp", ".png", ".avif"):
            files[f"animated {suffix}"] = save(
                make_scene(4, SIZE), path / f"m{suffix}", **animation
            ).read_bytes()
    return files


def input_of(seed: int, number: int) -> tuple[str, bytes]:
    """Return the kind and the bytes of one input."""
    rng = random.Random(f"{seed} {number}")
    kind = rng.choice(sorted(originals()))
    return kind, mutate(originals()[kind], rng)


def decode_all(seed: int, first: int, end: int, report: Path) -> None:
    """Decode inputs in the child; write a line to the report before and after each."""
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
                is_valid = decoded.image.mode == "RGB" and max(decoded.image.size) < 640
                result = "picture" if is_valid else "an invalid picture"
            except UnreadablePhotoError as error:
                result = "message" if str(error).endswith(".") else f"not a sentence: {error}"
            except BaseException:
                result = traceback.format_exc()
            lines.write(json.dumps({"end": number, "result": result}) + "\n")
            lines.flush()


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


class FuzzRun:
    """The parent: runs one child after another until all inputs were tried."""

    def __init__(self, seed: int, inputs: int, keep: Path) -> None:
        self.seed, self.inputs, self.keep = seed, inputs, keep
        self.counts: Counter[tuple[str, str]] = Counter()
        self.faults: list[str] = []
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
        arguments = ["--child", str(report), "--first", str(first), "--inputs", str(self.inputs)]
        command = [sys.executable, "-X", "faulthandler", "-m", "tests.fuzz_decode", *arguments]
        with report.with_suffix(".err").open("w") as errors:
            child = subprocess.Popen([*command, "--seed", str(self.seed)], stderr=errors)
        process, since = psutil.Process(child.pid), time.monotonic()
        with report.open(encoding="utf-8") as lines:
            while True:
                ended = child.poll() is not None
                while line := lines.readline():
                    self._read_line(json.loads(line))
                    since = time.monotonic()
                if ended:
                    break
                if time.monotonic() - since > TIMEOUT_S + 40 * (self._number < first):
                    child.kill()
                    child.wait()
                    return self._record_fault(f"took more than {TIMEOUT_S:.0f} s")
                try:
                    self.peak = max(self.peak, process.memory_info().rss)
                except psutil.Error:
                    continue
                time.sleep(0.2)
        if child.returncode == 0:
            return self.inputs
        output = report.with_suffix(".err").read_text()[-2000:]
        return self._record_fault(f"ended the process with {child.returncode}\n{output}")

    def _read_line(self, line: dict[str, object]) -> None:
        if "start" in line:
            self._number, self._kind = int(str(line["start"])), str(line["kind"])
            return
        result = str(line["result"])
        is_expected = result in {"picture", "message"}
        self.counts[self._kind, result if is_expected else "fault"] += 1
        if not is_expected:
            self._record_fault(result)

    def _record_fault(self, why: str) -> int:
        name = f"fuzz-{self.seed}-{self._number}"
        self.keep.mkdir(parents=True, exist_ok=True)
        (self.keep / name).write_bytes(input_of(self.seed, self._number)[1])
        self.faults.append(f"{name} ({self._kind}): {why}")
        print(self.faults[-1], flush=True)
        return self._number + 1


def main() -> int:
    """Run the fuzzer and print a summary."""
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
    run, started = FuzzRun(arguments.seed, arguments.inputs, arguments.keep), time.monotonic()
    run.run()
    for kind in sorted({kind for kind, _ in run.counts}):
        row = {result: run.counts[kind, result] for result in ("picture", "message", "fault")}
        print(f"{kind:20} {row['picture']:6} pictures {row['message']:6} messages {row['fault']:3} faults")
    total = sum(run.counts.values())
    print(
        f"{total} inputs in {time.monotonic() - started:.0f} s, at most {run.peak / 1e6:.0f} MB, "
        f"{len(run.faults)} faults"
    )
    return 1 if run.faults else 0


if __name__ == "__main__":
    sys.exit(main())
