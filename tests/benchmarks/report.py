"""What a benchmark says: rows of a plain table, each beside its baseline and its bar."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass

HEADINGS = ("what", "PhotoSim", "baseline", "ratio", "bar", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: ours, what it is held against, their ratio, the bar, and whether it is met (None: no bar)."""

    what: str
    ours: str
    baseline: str = ""
    ratio: str = ""
    bar: str = ""
    met: bool | None = None


def at_least(what: str, ours: float, baseline: float, bar: float, *, unit: str, against: str) -> Row:
    """A row whose ratio to the baseline is better the higher it is."""
    ratio = ours / baseline
    return Row(
        what, f"{ours:.1f} {unit}", f"{baseline:.1f} {against}", f"{ratio:.2f}", f"≥ {bar:g}", ratio >= bar
    )


def machine() -> str:
    """One line on what the figures were taken on, with the load of others on it."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores{load}, Python {platform.python_version()}"


def table(rows: Iterable[Row]) -> str:
    """The rows as text, columns aligned; the last column says whether the bar is met."""
    verdict = {True: "met", False: "MISSED", None: ""}
    lines: list[tuple[str, ...]] = [HEADINGS]
    lines += [(r.what, r.ours, r.baseline, r.ratio, r.bar, verdict[r.met]) for r in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADINGS))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
