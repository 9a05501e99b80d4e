"""Draw progress on a terminal, or write it as a few plain lines where there is none."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from typing import TextIO

from photosim.cli.common import plural
from photosim.paths import printable
from photosim.records import Phase, Progress

_REDRAW_S = 0.1
_PLAIN_S = 10.0  # between two lines of a log file
_BAR = 30  # characters
_NAMES = {
    Phase.ANALYZING: "Analyzing photos",
    Phase.GROUPING: "Grouping",
    Phase.COMPARING: "Comparing",
    Phase.DETECTING: "Finding objects",
}


def draw(
    reports: Iterable[Progress], stream: TextIO, summary: Callable[[Progress], str] | None = None
) -> Progress:
    """Draw each report as it comes, and a summary of it all at the end; returns the last report."""
    live = stream.isatty()
    last = Progress(Phase.SCANNING)
    drawn = time.monotonic() if not live else 0.0
    for last in reports:
        now = time.monotonic()
        if last.phase is not Phase.DONE and now - drawn >= (_REDRAW_S if live else _PLAIN_S):
            drawn = now
            _write(stream, _format(last), live)
    if live:
        _write(stream, "", live)
    _write(stream, (summary or _summary)(last), live=False)
    return last


def draw_bytes(title: str, reports: Iterable[tuple[int, int]], stream: TextIO) -> None:
    """Draw a download from reports of (bytes so far, bytes in all or 0)."""
    live = stream.isatty()
    drawn = time.monotonic() if not live else 0.0
    for done, total in reports:
        now = time.monotonic()
        if now - drawn >= (_REDRAW_S if live else _PLAIN_S):
            drawn = now
            total_text = f" of {megabytes(total)}" if total else ""
            bar = f"{_bar(done, total)}  " if total else ""
            _write(stream, f"{title} {bar}{megabytes(done)}{total_text}", live)
    if live:
        _write(stream, "", live)


def megabytes(size: int) -> str:
    """Format a size in bytes."""
    return f"{size / 1e6:.1f} MB"


def _write(stream: TextIO, text: str, live: bool) -> None:
    text = printable(text)
    if live:
        width = shutil.get_terminal_size().columns - 1
        text = "\r" + text[:width].ljust(width) + ("\r" if not text else "")
    else:
        text += "\n"
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError:
        pass  # the work goes on where its progress can't be written


def _format(progress: Progress) -> str:
    if progress.phase is Phase.SCANNING:
        return f"Scanning: {plural(progress.done, 'photo')} found"
    name = _NAMES[progress.phase]
    if progress.next_model:
        name = f"{name} with {progress.next_model}"
    if not progress.total:
        return f"{name}..."
    left = "" if progress.seconds_left is None else f", {_duration(progress.seconds_left)} left"
    return f"{name} {_bar(progress.done, progress.total)}  {progress.done} of {progress.total}{left}"


def _bar(done: int, total: int) -> str:
    share = done / total
    return f"{('█' * round(share * _BAR)).ljust(_BAR, '·')} {share:4.0%}"


def _summary(progress: Progress) -> str:
    parts = [f"{plural(progress.indexed, 'photo')} indexed", f"{progress.unchanged} unchanged"]
    if progress.unreadable:
        parts.append(f"{progress.unreadable} unreadable")
    if progress.moved:
        parts.append(f"{progress.moved} moved")
    if progress.removed > progress.moved:
        parts.append(f"{progress.removed - progress.moved} removed")
    if progress.excluded:
        parts.append(f"{progress.excluded} removed because excluded")
    if progress.missing:
        parts.append(f"{progress.missing} missing")
    if progress.still_changing:
        parts.append(f"{progress.still_changing} being written")
    if progress.videos:
        parts.append(f"{plural(progress.videos, 'video')} skipped")
    summary = ", ".join(parts) + "."
    return f"{summary} Now using {progress.next_model}." if progress.model_switched else summary


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
