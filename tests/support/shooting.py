"""Photos as families take them: days with known events, their times, folders and embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosim.clustering.events import NO_FOLDER, Shots

HOUR, DAY = 3600, 86_400

Integers = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]


@dataclass
class Shooting:
    """Photos in any order with the numbers (N,) of the events that they are of, and embeddings (N, D)."""

    shots: Shots
    events: Integers
    vectors: Vectors

    def vectors_of(self, ids: Integers) -> Vectors:
        return self.vectors[ids - 1]


def shots(seconds: object, folders: object = None, *, ids: object = None) -> Shots:
    times = np.array(seconds, np.int64)
    return Shots(
        np.arange(1, len(times) + 1) if ids is None else np.array(ids, np.int64),
        times,
        np.ones(len(times), bool),
        np.zeros(len(times), bool),
        np.full(len(times), NO_FOLDER) if folders is None else np.array(folders, np.int64),
    )


def family_photos(
    years: int = 2, seed: int = 0, *, in_folders: float = 0.5, weight: float = 0.65, dimensions: int = 64
) -> Shooting:
    """Make years of holidays, parties, walks and snapshots; a share of the holidays has a folder of its own.

    Photos of one moment have a cosine of about 0.9, of one event 0.7 and of different events 0.5.
    """
    random = np.random.default_rng(seed)

    def direction() -> Vectors:
        found = random.normal(size=dimensions).astype(np.float32)
        return np.asarray(found / np.linalg.norm(found), np.float32)

    common = direction()
    times: list[int] = []
    folders: list[int] = []
    events: list[int] = []
    vectors: list[Vectors] = []
    event, day = 0, 5

    def shoot(start: float, hours: float, count: int, look: Vectors, folder: int) -> None:
        moments = np.sort(start + random.random(max(count // 8, 1)) * hours * HOUR)
        for moment in moments:
            scene = direction()
            for second in moment + np.sort(random.exponential(150, 8 if count >= 8 else count)):
                times.append(int(second))
                folders.append(folder)
                events.append(event)
                vectors.append(1.0 * common + weight * look + 0.6 * scene + 0.45 * direction())

    while day < years * 365:
        kind, look = random.random(), direction()
        start = day * DAY
        if kind < 0.15:  # a holiday
            folder = event if random.random() < in_folders else NO_FOLDER
            days = int(random.integers(2, 11))
            for number in range(days):
                shoot(start + number * DAY + 9.5 * HOUR, 10.5, int(random.integers(20, 90)), look, folder)
            day += days
        elif kind < 0.4:  # a party
            shoot(start + 15 * HOUR, random.uniform(2, 6), int(random.integers(16, 80)), look, NO_FOLDER)
        elif kind < 0.6:  # a walk in the morning and a dinner
            shoot(start + 9 * HOUR, 2.5, int(random.integers(10, 40)), look, NO_FOLDER)
            event += 1
            shoot(start + 18.5 * HOUR, 2, int(random.integers(10, 40)), direction(), NO_FOLDER)
        else:  # some snapshots
            shoot(start + random.uniform(8, 20) * HOUR, 0.5, int(random.integers(1, 6)), look, NO_FOLDER)
        event += 1
        day += int(random.integers(1, 9))
    stacked = np.stack(vectors)
    stacked /= np.linalg.norm(stacked, axis=1, keepdims=True)
    order = random.permutation(len(times))
    shuffled = shots(np.array(times)[order], np.array(folders)[order])
    return Shooting(shuffled, np.array(events)[order], stacked[order].astype(np.float32))


def boundary_scores(seconds: Integers, found: Integers, expected: Integers) -> tuple[float, float]:
    """Return precision and recall of the ends of events, of photos in any order."""
    order = np.argsort(seconds, kind="stable")
    cuts, wanted = np.diff(found[order]) != 0, np.diff(expected[order]) != 0
    right = np.count_nonzero(cuts & wanted)
    return right / max(np.count_nonzero(cuts), 1), right / max(np.count_nonzero(wanted), 1)
