"""Find events: runs of photos in time, cut where the camera rested for long and what it saw has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosim.search.exact import round_similarities
from photosim.search.id_sets import distinct

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Vectors = npt.NDArray[np.float32]

VectorsOf = Callable[[Ids], Vectors]
"""Returns the unit-length embeddings (n, D) of photo ids (n,), in any number; zeros for one that has none."""

NO_EVENT, NO_FOLDER = -1, -1

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400

MAX_SPAN = 14 * _DAY
"""Seconds from the first to the last photo of an event at most."""

MIN_GAP = 20 * _MINUTE
"""Seconds without a photo that never end an event."""

_FOLDER_GAP = 3 * _DAY
"""Seconds without a photo that do not end an event whose folder goes on."""

_USUAL_GAP = 8 * _HOUR
"""Seconds without a photo that end an event, however slow its rhythm, if the photos on both sides are neither alike nor
different."""

_GAP_SPREAD = 4.0
"""By how much that time is longer between photos that are alike, and shorter between those that are not."""

_RHYTHM_RATIO, _RATIO_SPREAD = 180.0, 8.0
"""How many times as long as the gaps around it a gap is that ends an event, and by how much likeness changes that."""

_RHYTHM_GAPS = 10
"""Gaps on each side of a gap that it is compared with."""

_SHORTEST, _LONGEST = _MINUTE, 6 * _HOUR
"""Seconds that shorter and longer gaps count as in the rhythm: a burst is no rhythm, and neither are holidays."""

_COMPARED, _COMPARED_TIME = 5, 2 * _HOUR
"""Photos on each side of a gap that are compared, and their greatest distance from it in seconds."""

_MOMENTS_GAP = 2 * _HOUR
"""Seconds between moments that are of one event more often than not."""

_SAMPLES, _MIN_SAMPLES = 256, 8
"""Pairs of moments that tell how alike those far apart are, and least number of those of one event."""

_MIN_DEVIATION = 0.02
"""Least standard deviation of cosines."""

_CERTAIN = 3.0
"""Log odds from which likeness is as good as certain."""

_TIMED_OF_DAY = 256
"""Photos of a day that those without a time are compared with at most."""

_ROWS = 1024
"""Gaps or photos compared at once: 20 MB at 512 dimensions."""


@dataclass(frozen=True, slots=True, eq=False)
class Shots:
    """The photos to group: unique ids, times in seconds, and whether the time, or only the day, is known, (N,) each.

    `folders` are codes of folders whose names tell of what they hold, NO_FOLDER for the others.
    """

    ids: Ids
    seconds: Ids
    is_dated: Mask
    is_whole_day: Mask
    folders: Ids


def find_events(shots: Shots, vectors_of: VectorsOf) -> Ids:
    """Return the number (N,) of each photo's event, from 0 in their order in time, NO_EVENT for undated photos.

    A gap ends an event if it is long for the rhythm of the photos around it, as in Platt, Czerwinski and Field,
    PhotoTOC: Automatic Clustering for Browsing Personal Photographs (2003), equation 1. How long it may be depends on
    how much the photos before and after it look alike. Folders that hold few days hold an event together, and no event
    lasts longer than MAX_SPAN. The order of the photos makes no difference.
    """
    numbers = np.full(len(shots.ids), NO_EVENT, np.int64)
    rows = np.flatnonzero(shots.is_dated)
    if not len(rows):
        return numbers
    seconds = _with_times(shots, rows, vectors_of)
    order = np.lexsort((shots.ids[rows], seconds))
    rows, times = rows[order], seconds[order]
    gaps = np.diff(times)
    is_cut = gaps > _limits(times, shots.ids[rows], _short_folders(times, shots.folders[rows]), vectors_of)
    _split_long(times, is_cut)
    numbers[rows] = np.append(0, is_cut.cumsum())
    return numbers


def _with_times(shots: Shots, rows: Ids, vectors_of: VectorsOf) -> Ids:
    """Return the times (n,) of dated photos; where only the day is known, that of the most similar photo of it, or noon."""
    seconds, is_whole_day = shots.seconds[rows], shots.is_whole_day[rows]
    if not is_whole_day.any():
        return seconds
    days, ids = seconds // _DAY, shots.ids[rows]
    placed = np.where(is_whole_day, days * _DAY + _DAY // 2, seconds)
    batch: list[tuple[Ids, Ids]] = []
    for untimed, timed in _days_with_both(days, seconds, ids, is_whole_day):
        batch.append((untimed, timed))
        if sum(len(rows) for pair in batch for rows in pair) >= _ROWS:
            _place_like(placed, seconds, ids, batch, vectors_of)
            batch = []
    _place_like(placed, seconds, ids, batch, vectors_of)
    return placed


def _days_with_both(days: Ids, seconds: Ids, ids: Ids, is_whole_day: Mask) -> Iterator[tuple[Ids, Ids]]:
    """Yield the rows of photos without a time, at most _ROWS, and some with one, for each day that has both."""
    by_day = np.lexsort((ids, seconds, days))
    for group in np.split(by_day, np.flatnonzero(np.diff(days[by_day])) + 1):
        untimed, timed = group[is_whole_day[group]], group[~is_whole_day[group]]
        if len(untimed) and len(timed):
            for start in range(0, len(untimed), _ROWS):
                yield untimed[start : start + _ROWS], evenly(timed, _TIMED_OF_DAY)


def _place_like(
    placed: Ids, seconds: Ids, ids: Ids, pairs: Sequence[tuple[Ids, Ids]], vectors_of: VectorsOf
) -> None:
    """Set the times `placed` (n,) of the first rows of each pair to those of the most similar of the second ones."""
    if not pairs:
        return
    vectors = vectors_of(ids[np.concatenate([rows for pair in pairs for rows in pair])])
    start = 0
    for untimed, timed in pairs:
        middle = start + len(untimed)
        end = middle + len(timed)
        cosines = round_similarities(vectors[start:middle] @ vectors[middle:end].T)
        placed[untimed] = seconds[timed[cosines.argmax(axis=1)]]
        start = end


def _short_folders(times: Ids, folders: Ids) -> Ids:
    """Return the folders (N,) of photos sorted by time, NO_FOLDER for those that hold more days than an event can have.

    A tenth of their photos, the first and the last, do not count: they may have wrong dates.
    """
    by_folder = np.argsort(folders, kind="stable")
    found = folders.copy()
    for group in np.split(by_folder, np.flatnonzero(np.diff(folders[by_folder])) + 1):
        last = len(group) - 1
        if times[group[last - last // 20]] - times[group[last // 20]] > MAX_SPAN:
            found[group] = NO_FOLDER
    return found


def _limits(times: Ids, ids: Ids, folders: Ids, vectors_of: VectorsOf) -> Floats:
    """Return how long each gap (N - 1,) between photos sorted by time may be without ending an event, in seconds."""
    gaps = np.diff(times)
    likeness = np.zeros(len(gaps))
    compared = np.flatnonzero((gaps > MIN_GAP) & (gaps <= _USUAL_GAP * _GAP_SPREAD))
    if len(compared):
        likeness[compared] = _likeness(times, ids, compared, vectors_of)
    before, after = folders[:-1], folders[1:]
    differ = (before != after) & (before != NO_FOLDER) & (after != NO_FOLDER)
    likeness[differ] = np.minimum(likeness[differ], 0)
    limits = np.minimum(
        _rhythm(gaps) * _RHYTHM_RATIO * _RATIO_SPREAD**likeness, _USUAL_GAP * _GAP_SPREAD**likeness
    ).clip(MIN_GAP)
    limits[(before == after) & (before != NO_FOLDER)] = _FOLDER_GAP
    return limits


def _rhythm(gaps: Ids) -> Floats:
    """Return the geometric mean of the gaps around each gap (N,), in seconds."""
    logs = np.append(0.0, np.log(np.clip(gaps, _SHORTEST, _LONGEST)).cumsum())
    positions = np.arange(len(gaps))
    first = np.maximum(positions - _RHYTHM_GAPS, 0)
    end = np.minimum(positions + _RHYTHM_GAPS + 1, len(gaps))
    rhythm: Floats = np.exp((logs[end] - logs[first]) / (end - first))
    return rhythm


def _likeness(times: Ids, ids: Ids, gaps: Ids, vectors_of: VectorsOf) -> Floats:
    """Return how likely the looks before and after each of these gaps make one event, (n,) from -1 to 1.

    It is the logarithm of how much more often moments of one event, mostly those on both sides of a short gap, look
    that much alike than moments far apart do, if the cosines of both have normal distributions.
    """

    def means(rows: Ids, step: int) -> Vectors:
        """Return the directions (n, D) of the mean embeddings of the photos from each row on, in the direction of `step`."""
        offsets = rows[:, None] + step * np.arange(_COMPARED)
        is_inside = (offsets >= 0) & (offsets < len(times))
        offsets = offsets.clip(0, len(times) - 1)
        is_inside &= np.abs(times[offsets] - times[rows, None]) <= _COMPARED_TIME
        used, codes = distinct(offsets.reshape(-1))
        vectors = vectors_of(ids[used])[codes].reshape(*offsets.shape, -1)
        sums = np.einsum("nkd,nk->nd", vectors, is_inside.astype(np.float32))
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        directions: Vectors = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
        return directions

    def cosines(some: Ids) -> Vectors:
        return round_similarities(np.einsum("nd,nd->n", means(some, -1), means(some + 1, 1)))

    found = np.concatenate([cosines(gaps[start : start + _ROWS]) for start in range(0, len(gaps), _ROWS)])
    near = found[np.diff(times)[gaps] <= _MOMENTS_GAP]
    if len(near) < _MIN_SAMPLES:
        return np.zeros(len(gaps))
    anywhere = means(evenly(np.arange(len(times)), _SAMPLES), -1)
    apart = round_similarities(np.einsum("nd,nd->n", anywhere, np.roll(anywhere, len(anywhere) // 2, axis=0)))
    low, high = float(np.median(apart)), float(np.median(near))
    deviation = max(_deviation(apart), _deviation(near), _MIN_DEVIATION)
    log_odds = (high - low) / deviation**2 * (found.astype(np.float64) - (high + low) / 2)
    return (log_odds / _CERTAIN).clip(-1, 1) if high > low else np.zeros(len(gaps))


def _deviation(values: Vectors) -> float:
    """Return the standard deviation of values (n,), estimated by the median absolute deviation."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _split_long(times: Ids, is_cut: Mask) -> None:
    """Cut events that last longer than MAX_SPAN, at gaps that are long and leave something on both sides."""
    starts = np.append(0, np.flatnonzero(is_cut) + 1)
    ends = np.append(starts[1:], len(times))
    pending = list(zip(starts.tolist(), ends.tolist(), strict=True))
    while pending:
        start, end = pending.pop()
        inside = times[start:end]
        if inside[-1] - inside[0] <= MAX_SPAN:
            continue
        smaller_side = np.minimum(inside[:-1] - inside[0], inside[-1] - inside[1:])
        cut = start + int((np.diff(inside) * np.sqrt(smaller_side + _DAY)).argmax())
        is_cut[cut] = True
        pending += [(start, cut + 1), (cut + 1, end)]


def evenly(rows: Ids, count: int) -> Ids:
    """Return at most `count` of the rows, at equal distances."""
    return rows if len(rows) <= count else rows[np.arange(count) * len(rows) // count]
