"""Fruit on a table and on a market stall."""

from __future__ import annotations

import numpy as np
from balls import WOODS, Ball, Eye, planks, skin, table
from canvas import RNG, clouds, mix, rgb
from develop import Shot


def wall(rng: RNG, w: int, h: int) -> np.ndarray:
    """A soft background: a wall with the light of a window, or a dark room."""
    hue = [("2a2624", "8c8478"), ("14181c", "3c444c"), ("c8c0b4", "f0ece4"), ("5a6a64", "b4c0b4")][
        rng.integers(4)
    ]
    u, v = np.arange(w)[None] / w, np.arange(h)[:, None] / h
    shine = np.exp(-(((u - rng.uniform(0, 1)) / 0.5) ** 2 + ((v - 0.1) / 0.5) ** 2))
    picture = mix(rgb(hue[0]) + np.zeros((h, w, 1), np.float32), rgb(hue[1]), shine)
    return picture * (1 + 0.05 * clouds(rng, w, h, 1))[..., None]


def sunlight(side: float, high: float) -> np.ndarray:
    """The unit vector to the light, from the side and a little from behind."""
    sun = np.array([side, high, 0.35], np.float32)
    return sun / np.linalg.norm(sun)


def fruit(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Fruit on a wooden table."""
    eye = Eye(rng.uniform(3.6, 5.5), rng.uniform(0.36, 0.55), rng.uniform(1.1, 1.3))
    kinds = [
        str(k)
        for k in rng.permutation(
            ["orange", "lemon", "apple", "green apple", "plum", "tomato", "peach", "lime"]
        )[: rng.integers(1, 4)]
    ]
    size = {"orange": 0.95, "lemon": 0.68, "plum": 0.55, "tomato": 0.8, "lime": 0.58}
    balls: list[Ball] = []
    wanted = int(rng.integers(4, 12))
    middle = eye.height / np.tan(eye.pitch + 0.02)
    looks = {kind: [skin(rng, kind) for _ in range(3)] for kind in kinds}
    for _ in range(400):
        kind = kinds[rng.integers(len(kinds))]
        r = size.get(kind, 0.88) * rng.uniform(0.92, 1.06)
        spot = np.array([rng.normal(0, 1.5), r, middle + rng.normal(0, 1.1)])
        if all(np.hypot(spot[0] - b.centre[0], spot[2] - b.centre[2]) > (r + b.radius) * 0.99 for b in balls):
            look, gloss = looks[kind][rng.integers(3)]
            balls.append(Ball(tuple(spot), r, look, gloss, tuple(rng.normal((0, 1, -0.3), 0.5))))
        if len(balls) >= wanted:
            break
    sun = sunlight(rng.choice([-1, 1]) * (1 - 0.25 * shot.t), rng.uniform(0.7, 1.1))
    return table(
        eye,
        w,
        h,
        wall(rng, w, h),
        balls,
        sun,
        rgb("fff0d8") * 1.7,
        rgb("c8d4e4") * 0.4,
        planks(rng, WOODS[rng.integers(4)]),
    )


def market(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """A stall full of fruit or berries."""
    kind = str(
        rng.choice(["orange", "lemon", "apple", "green apple", "tomato", "lime", "blueberry", "peach"])
    )
    eye = Eye(9, rng.uniform(0.9, 1.2), rng.uniform(1.0, 1.3))
    looks = [skin(rng, kind) for _ in range(5)]
    balls = []
    r = rng.uniform(0.5, 0.8)
    for layer in range(2):
        for i in range(-12, 13):
            for j in range(-9, 12):
                x, z = (
                    (i + 0.5 * (j % 2) + 0.5 * layer) * 2 * r,
                    eye.height / np.tan(eye.pitch) + (j + 0.6 * layer) * 1.74 * r,
                )
                if layer and rng.random() < 0.35:
                    continue
                column, row, scale = eye.pixel((x, r, z), w, h)
                if -r * scale < column < w + r * scale and -r * scale < row < h + r * scale:
                    spot = (
                        x + rng.normal(0, 0.12) * r,
                        r * (1 + 1.5 * layer) + rng.normal(0, 0.1) * r,
                        z + rng.normal(0, 0.12) * r,
                    )
                    look, gloss = looks[rng.integers(5)]
                    balls.append(
                        Ball(spot, r * rng.uniform(0.93, 1.04), look, gloss, tuple(rng.normal(0, 1, 3)))
                    )
    sun = sunlight(rng.choice([-0.7, 0.7]) + 0.3 * shot.t, 1.5)
    crate = planks(rng, WOODS[2])
    return table(
        eye,
        w,
        h,
        np.zeros((h, w, 3), np.float32) + 0.4,
        near_first(balls),
        sun,
        rgb("fff4e0") * 1.6,
        rgb("c8d4e4") * 0.45,
        lambda x, z: crate(x, z) * 0.25,
    )


def near_first(balls: list[Ball]) -> list[Ball]:
    """At most 220 balls, so that a stall of small berries stays quick to paint."""
    return sorted(balls, key=lambda b: abs(b.centre[0]) + abs(b.centre[2] - 5))[:220]
