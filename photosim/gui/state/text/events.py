"""What is said of events: their days, and the years that they are listed by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.sections import Section
from photosim.gui.state.text.filters import format_day_range
from photosim.records import Cluster, Event
from photosim.search.filters.criteria import day_of

_YEAR = len("2024")


def count_events(count: int) -> str:
    """Format a number of events."""
    return tr("%Ln event(s)", "", count)


def event_days(cluster: Cluster) -> str:
    """Format the first and the last day of an event; empty for another cluster."""
    return format_day_range(day_of(cluster.start), day_of(cluster.end)) if isinstance(cluster, Event) else ""


def describe(cluster: Cluster, matching: int | None = None) -> str:
    """The title of a cluster or event, its days, and its number of photos, or how many of them match a filter."""
    days, text = event_days(cluster), formatting.describe_cluster(cluster, matching)
    return f"{text} · {days}" if days else text


def year_sections(clusters: Iterable[Cluster]) -> Iterator[Section]:
    """Yield a section for each year of events in order; none for other clusters."""
    previous = ""
    for row, cluster in enumerate(clusters):
        if isinstance(cluster, Event) and (year := cluster.start[:_YEAR]) != previous:
            yield Section(row, year, group=year)
            previous = year
