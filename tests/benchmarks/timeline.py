"""Draw what each thread of an indexing does when, from the start of the command to its end, and which cores are idle.

python -m tests.benchmarks.timeline [--photos 120] [--folder FOLDER] [--picture timeline.png]
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from PIL import Image, ImageDraw, ImageFont

from photosim.runtime import trace
from tests.benchmarks.photos import LARGE, make_photos
from tests.benchmarks.processes import run

SAMPLE_S = 0.05  # between two samples of the processor time
DRAWN = 48  # photos that are rendered; the others are copies

WIDTH, LEFT, RIGHT, LANE, GAP, TOP = 1600, 190, 20, 24, 6, 64  # pixels
USED_HEIGHT = 60
BACKGROUND, TEXT, GRID, EMPTY = "#ffffff", "#202020", "#e2e2e2", "#f4f4f4"
COLORS = {
    "start process": "#9e9e9e",
    "import": "#8d6e63",
    "open library": "#bcaaa4",
    "scan": "#c0ca33",
    "decode": "#64b5f6",
    "import PyTorch": "#ef6c00",
    "load model": "#ffb300",
    "embed": "#43a047",
    "save": "#ab47bc",
    "find duplicates": "#e53935",
    "compare": "#ef9a9a",
    "lay out map": "#00acc1",
    "find clusters": "#5c6bc0",
}
OTHER = "#78909c"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a thread; times in seconds since the start of the command."""

    name: str
    process: int
    thread: str
    start: float
    end: float
    processor: float


@dataclass(frozen=True, slots=True)
class Recording:
    """A traced indexing: its steps, and how many cores it used, sampled as (seconds, cores)."""

    steps: Sequence[Step]
    used: Sequence[tuple[float, float]]
    seconds: float
    processor: float


def record(photos: Path) -> Recording:
    """Index a folder into a new library."""
    with tempfile.TemporaryDirectory(prefix="photosim-timeline-") as folder:
        file = Path(folder, "trace")
        os.environ[trace.VARIABLE] = str(file)
        started = time.monotonic()
        sampler = _Sampler(started)
        finished = run("photosim", "index", photos, "--library", Path(folder, "library"))
        used = sampler.stop()
        del os.environ[trace.VARIABLE]
        events = [json.loads(line) for line in file.read_text().splitlines()]
    steps = [
        Step(
            event["step"],
            event["process"],
            event["thread"],
            event["start"] - started,
            event["end"] - started,
            event["processor"],
        )
        for event in events
    ]
    return Recording(sorted(steps, key=lambda step: step.start), used, finished.seconds, finished.processor)


class _Sampler:
    """Samples how many cores the children of this process use."""

    def __init__(self, started: float) -> None:
        self._started, self._samples = started, list[tuple[float, float]]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> list[tuple[float, float]]:
        self._stop.set()
        self._thread.join()
        return self._samples

    def _watch(self) -> None:
        before, spent = time.monotonic(), dict[int, float]()
        while not self._stop.wait(SAMPLE_S):
            more = 0.0
            for child in psutil.Process().children(recursive=True):
                try:
                    times = child.cpu_times()
                except psutil.Error:
                    continue
                total = times.user + times.system
                more += total - spent.get(child.pid, 0.0)
                spent[child.pid] = total
            now = time.monotonic()  # reading the times may have taken long
            self._samples.append((now - self._started, more / (now - before)))
            before = now


def draw(recording: Recording, title: str) -> Image.Image:
    """Draw a lane for each thread, and below them the cores that are used."""
    lanes = list(dict.fromkeys((step.process, step.thread) for step in recording.steps))
    processes = list(dict.fromkeys(process for process, _ in lanes))
    lanes.sort(key=lambda lane: (processes.index(lane[0]), lane[1] != "MainThread"))
    height = TOP + len(lanes) * (LANE + GAP) + USED_HEIGHT + 90
    picture = Image.new("RGB", (WIDTH, height), BACKGROUND)
    canvas = ImageDraw.Draw(picture)
    font, small = ImageFont.load_default(15), ImageFont.load_default(12)
    scale = (WIDTH - LEFT - RIGHT) / recording.seconds
    bottom = TOP + len(lanes) * (LANE + GAP)
    canvas.text((10, 10), title, TEXT, font)
    for x, seconds in _ticks(recording.seconds, scale):
        canvas.line((x, TOP - 8, x, bottom + USED_HEIGHT), GRID)
        canvas.text((x, TOP - 10), f"{seconds:g} s", TEXT, small, anchor="ms")
    for row, lane in enumerate(lanes):
        y = TOP + row * (LANE + GAP)
        name = "command" if processes.index(lane[0]) == 0 else "index process"
        thread = lane[1].removesuffix("Thread").lower().replace("_", " ")
        canvas.text((LEFT - 8, y + LANE / 2), f"{name}: {thread}", TEXT, small, anchor="rm")
        canvas.rectangle((LEFT, y, WIDTH - RIGHT, y + LANE), EMPTY)
        for step in (step for step in recording.steps if (step.process, step.thread) == lane):
            left, right = LEFT + step.start * scale, LEFT + step.end * scale
            right = max(right - 1, left + 1)
            canvas.rectangle((left, y, right, y + LANE), COLORS.get(step.name, OTHER))
            if canvas.textlength(step.name, small) < right - left - 6:
                canvas.text((left + 4, y + LANE / 2), step.name, TEXT, small, anchor="lm")
    _draw_used(canvas, recording.used, bottom, scale, small)
    _draw_legend(canvas, recording.steps, bottom + USED_HEIGHT + 20, small)
    return picture


def _ticks(seconds: float, scale: float) -> Iterator[tuple[float, float]]:
    step = next(step for step in (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 60.0) if seconds / step < 20)
    for number in range(int(seconds / step) + 1):
        yield LEFT + number * step * scale, number * step


def _draw_used(
    canvas: ImageDraw.ImageDraw,
    used: Sequence[tuple[float, float]],
    top: float,
    scale: float,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    cores = os.cpu_count() or 1
    canvas.text((LEFT - 8, top + USED_HEIGHT / 2), f"cores used, of {cores}", TEXT, font, anchor="rm")
    canvas.rectangle((LEFT, top, WIDTH - RIGHT, top + USED_HEIGHT), EMPTY)
    before = 0.0
    for seconds, busy in used:
        left, right = (min(LEFT + end * scale, WIDTH - RIGHT) for end in (before, seconds))
        full = USED_HEIGHT * min(busy / cores, 1)
        canvas.rectangle((left, top + USED_HEIGHT - full, right, top + USED_HEIGHT), "#90a4ae")
        before = seconds


def _draw_legend(
    canvas: ImageDraw.ImageDraw,
    steps: Sequence[Step],
    top: float,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> None:
    x, y = float(LEFT), top
    for name, spent in processor_times(steps).most_common():
        text = f"{name} {spent:.2f} s"
        length = canvas.textlength(text, font) + 40
        if x + length > WIDTH - RIGHT:
            x, y = float(LEFT), y + 20
        canvas.rectangle((x, y, x + 12, y + 12), COLORS.get(name, OTHER))
        canvas.text((x + 18, y + 6), text, TEXT, font, anchor="lm")
        x += length


def processor_times(steps: Sequence[Step]) -> Counter[str]:
    """Return the processor time in seconds that was spent in each step."""
    spent = Counter[str]()
    for step in steps:
        spent[step.name] += step.processor  # type: ignore[assignment]
    return spent


def main() -> None:
    """Record, draw, and print the times."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.timeline", description=__doc__)
    parser.add_argument("--photos", type=int, default=120, help="photos of 12 megapixels (%(default)s)")
    parser.add_argument("--folder", type=Path, help="these photos instead of generated ones")
    parser.add_argument(
        "--picture", type=Path, default=Path(__file__).with_name("timeline.png"), help="default: %(default)s"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="photosim-timeline-") as folder:
        photos = arguments.folder or make_photos(Path(folder, "photos"), arguments.photos, LARGE, DRAWN)
        run("tests.benchmarks.decode_alone", photos)  # the files are in memory from here on
        record(photos)
        recording, alone = record(photos), run("tests.benchmarks.decode_alone", photos)
    cores = os.cpu_count() or 1
    title = (
        f"{alone.answer} photos of 12 megapixels: {recording.seconds:.1f} s, {recording.processor:.1f} s of processor "
        f"time, {1 - recording.processor / recording.seconds / cores:.0%} idle; decoding alone {alone.seconds:.1f} s, "
        f"{alone.processor:.1f} s"
    )
    print(title)
    for name, spent in processor_times(recording.steps).most_common():
        print(f"{spent:8.3f} s  {name}")
    print(f"{recording.processor - sum(processor_times(recording.steps).values()):8.3f} s  all else")
    draw(recording, title).save(arguments.picture)


if __name__ == "__main__":
    main()
