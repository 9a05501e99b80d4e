"""The report of a benchmark: a plain table of results with baselines and targets."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass

HEADINGS = ("what", "PhotoSim", "baseline", "ratio", "target", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One result: PhotoSim's figure, the baseline's, their ratio, the target, and whether it is met (None: no target)."""

    what: str
    ours: str
    baseline: str = ""
    ratio: str = ""
    bar: str = ""
    met: bool | None = None


def at_least(what: str, ours: float, baseline: float, bar: float, *, unit: str, against: str) -> Row:
    """Return a row whose ratio to the baseline must reach the target."""
    ratio = ours / baseline
    return Row(
        what, f"{ours:.1f} {unit}", f"{baseline:.1f} {against}", f"{ratio:.2f}", f"≥ {bar:g}", ratio >= bar
    )


def machine() -> str:
    """Describe the machine and its load in one line."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores{load}, Python {platform.python_version()}"


def table(rows: Iterable[Row]) -> str:
    """Format the rows with aligned columns; the last one says whether the target is met."""
    verdict = {True: "met", False: "MISSED", None: ""}
    lines: list[tuple[str, ...]] = [HEADINGS]
    lines += [(r.what, r.ours, r.baseline, r.ratio, r.bar, verdict[r.met]) for r in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADINGS))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
