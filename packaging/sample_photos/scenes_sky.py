"""Night skies: the milky way and the northern lights."""

from __future__ import annotations

import numpy as np
from canvas import RNG, clouds, glow, mix, ramp, rgb, sample, smooth, tile
from develop import Shot
from trees import fir, plant


def milky_way(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """A starry sky with the milky way above dark hills."""
    rows, columns = np.arange(h)[:, None], np.arange(w)[None]
    hue = [("0a1228", "22304c"), ("0c1820", "2c4448"), ("100c24", "40304c")][rng.integers(3)]
    picture = mix(
        rgb(hue[0]) + np.zeros((h, w, 1), np.float32),
        rgb(hue[1]) * 1.6,
        np.broadcast_to((rows / h) ** 2.5, (h, w)),
    )
    turn = rng.uniform(-0.6, 0.6) + 0.25 * shot.t
    noise, dust = clouds(rng, w, h, 1.5, 0.6), clouds(rng, w, h, 2.5, 0.62)
    u = (columns - w * rng.uniform(0.35, 0.65)) / max(w, h)
    v = (rows - h * 0.5) / max(w, h)
    d = u * np.cos(turn) + v * np.sin(turn)
    band = 0.7 * np.exp(-((d + 0.02 * noise) ** 2) / 0.02) * (1 + 0.22 * noise)
    lane = smooth(-0.4, 1.7, dust + 1.3 - 16 * np.abs(d + 0.015 * noise))
    core = ramp(np.clip(band, 0, 1.2), [(0, "000000"), (0.4, "3a3e58"), (1, "bca898")])
    picture += core * (np.clip(1 - 0.75 * lane, 0.1, 1) * 0.65)[..., None]
    cloud = np.zeros_like(picture)
    stars(rng, cloud, int(w * h * 0.03), 0.5)
    picture += cloud * (0.25 + 1.2 * np.clip(band, 0, 1) * (1 - 0.6 * lane))[..., None]
    stars(rng, picture, int(w * h * 0.0012), 1.6)
    town = rng.uniform(0, 1) * w
    glow(picture, rgb("ffb46c"), town, h * 0.85, 0.22 * w, 0.4)
    for at, dark in ((0.78, 0.5), (0.86, 0.2)):
        line = hill_line(rng, w, h, at + 0.04, 0.035)
        picture = mix(
            picture, rgb("0a0e14") * dark + rgb(hue[1]) * 0.25 * dark, smooth(-1.5, 1.5, rows - line[None])
        )
        tree = [fir(rng) for _ in range(4)]
        for x in rng.uniform(0, w, int(rng.integers(0, 70))) if dark < 0.3 else []:
            plant(
                picture,
                tree[rng.integers(4)],
                (x, line[int(x)] + 3),
                h * rng.uniform(0.03, 0.09),
                ("020304", "04060a"),
                rgb("000000"),
                0,
            )
    return picture * 1.25


def aurora(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Northern lights over snow."""
    rows, columns = np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)[None]
    picture = ramp(rows[:, 0] / h, [(0, "060c1e"), (0.7, "14304a"), (1, "1c3c4c")])[:, None].repeat(w, 1)
    stars(rng, picture, int(w * h * 0.0016), 1.0)
    fold, ray = tile(rng, 512, 2, 0.5), tile(rng, 512, 16, 0.7)
    for i in range(int(rng.integers(3, 6))):
        x = columns / w
        bottom = h * (rng.uniform(0.35, 0.62) + 0.09 * sample(fold, x * 0.5 + 0.15 * shot.t, i * 0.23))
        strength = np.clip(0.7 + 0.7 * sample(fold, x * 0.8 + i * 0.4, 0.1 * shot.t + 0.5), 0, 2)
        lean = x + 0.00016 * (rows - bottom) * (x - 0.5)
        fine = 0.75 + 0.35 * sample(ray, lean * 0.7 + 0.02 * sample(fold, x, 0.7), i * 0.31 + 0.0 * rows)
        above = (bottom - rows) / h
        body = (
            np.where(above > 0, np.exp(-above / rng.uniform(0.1, 0.22)), np.exp(above / 0.014))
            * fine
            * strength
        )
        tint = ramp(
            np.clip(above, 0, 0.5), [(0, "4cf0a0"), (0.12, "2cc88c"), (0.3, "6c50b8"), (0.5, "581c70")]
        )
        picture += tint * body[..., None] * 0.55
    lamp = picture[: int(h * 0.6)].mean((0, 1))
    line = hill_line(rng, w, h, 0.82, 0.02)
    snow_tone = 0.6 + 0.12 * clouds(rng, w, h, 1.4, 0.5) + 0.06 * clouds(rng, w, h, 6, 0.7)
    ground = (lamp * 0.9 + 0.01) * snow_tone[..., None]
    far = hill_line(rng, w, h, 0.74, 0.03)
    picture = mix(picture, lamp * 0.25, smooth(-1, 1, rows - far[None]))
    picture = mix(picture, ground, smooth(-1.5, 1.5, rows - line[None]))
    trees = [fir(rng) for _ in range(5)]
    for x in np.sort(rng.uniform(0, w, int(rng.integers(8, 60)))):
        plant(
            picture,
            trees[rng.integers(5)],
            (x, line[int(x)] + h * rng.uniform(0, 0.03)),
            h * rng.uniform(0.05, 0.2),
            ("05090c", "1c3038"),
            lamp,
            0.1,
        )
    return picture * 1.4


def stars(rng: RNG, picture: np.ndarray, count: int, bright: float = 1) -> None:
    """Adds stars of many magnitudes and a few colours."""
    h, w = picture.shape[:2]
    x, y = rng.integers(1, w - 1, count), rng.integers(1, h - 1, count)
    power = np.minimum(0.03 / rng.random(count) ** 0.7, 2.5).astype(np.float32) * bright
    hue = ramp(rng.random(count), [(0, "a8c4ff"), (0.5, "ffffff"), (1, "ffd8a8")])
    np.add.at(picture, (y, x), hue * power[:, None])
    for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        np.add.at(picture, (y + dy, x + dx), hue * (power[:, None] * 0.35))


def hill_line(rng: RNG, w: int, h: int, at: float, rough: float) -> np.ndarray:
    """The outline of hills: a row for each column."""
    return h * (at - rough * clouds(rng, w, 1, rng.uniform(0.8, 1.8), 0.45)[0])
