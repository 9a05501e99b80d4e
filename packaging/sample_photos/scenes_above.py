"""From a drone: a shore and a road through a wood."""

from __future__ import annotations

import numpy as np
from canvas import RNG, blur, mix, paste, ramp, resize, rgb, sample, smooth, tile
from develop import Shot
from land import WHITE
from trees import crown


def shore(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """A beach from above: turquoise water, breaking waves, sand, trees."""
    turn = rng.uniform(0, 2 * np.pi)
    x, y = (np.arange(w)[None] - w / 2) / max(w, h), (np.arange(h)[:, None] - h / 2) / max(w, h)
    across = x * np.cos(turn) + y * np.sin(turn) + rng.uniform(-0.1, 0.1)
    along = y * np.cos(turn) - x * np.sin(turn) + 0.05 * shot.t
    coast, fine, swell = tile(rng, 512, 2, 0.42), tile(rng, 512, 6, 0.7), tile(rng, 512, 4, 0.55)
    d = across + 0.05 * sample(coast, along * 0.35, across * 0.2) + 0.01 * np.sin(shot.t * 3)
    deep = np.clip(-d * 2.4, 0, 1) + 0.06 * sample(coast, x * 1.3, y * 1.3)
    sea = ramp(deep, [(0, "cfe4cc"), (0.06, "8fd4c8"), (0.25, "35aab4"), (0.6, "12708f"), (1, "0c456c")])
    sea *= (1 + 0.05 * sample(fine, x * 3, y * 3) + 0.07 * sample(swell, d * 2.5, along * 0.9))[..., None]
    web = np.abs(sample(fine, along * 1.6, d * 2.5 + 0.2 * shot.t)) + 0.35 * np.abs(
        sample(fine, along * 5, d * 5)
    )
    foam = np.zeros_like(d)
    for i, at in enumerate((0.0, -0.06, -0.13, -0.21)):
        crest = (
            d
            - at * rng.uniform(0.8, 1.2)
            - 0.012 * sample(swell, along * 0.9 + i * 0.3, 0.1 * i + 0.2 * shot.t)
        )
        body = smooth(-0.004, 0.0, -crest) * np.exp(-np.clip(-crest, 0, 1) * -0 - np.clip(crest, -1, 0) * -55)
        foam = np.maximum(
            foam, body * smooth(1.25, 0.1, web * (0.5 + 14 * np.clip(-crest, 0, 0.2))) * (0.95 - 0.15 * i)
        )
    sand_tone = sample(fine, x * 6, y * 6)
    sand = ramp(d * 7 + 0.12 * sand_tone, [(0, "a8875e"), (0.25, "cdb083"), (0.5, "e6d2a8"), (1, "ecdcb8")])
    picture = mix(sea, sand * (1 + 0.03 * sand_tone)[..., None], smooth(-0.002, 0.003, d))
    picture = mix(picture, WHITE * 0.98, np.clip(foam, 0, 1) * smooth(0.006, -0.002, d))
    if rng.random() < 0.65:
        edge = d - rng.uniform(0.18, 0.3) + 0.03 * sample(fine, x * 1.2, y * 1.2)
        picture = canopy(rng, picture, smooth(0, 0.01, edge))
    return picture * 1.05


def forest_road(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """A road through a wood, from above."""
    u, v = (np.arange(w)[None] - w / 2) / max(w, h), (np.arange(h)[:, None] - h / 2) / max(w, h)
    turn = rng.uniform(-0.6, 0.6)
    across, along = u * np.cos(turn) + v * np.sin(turn), v * np.cos(turn) - u * np.sin(turn)
    fine = tile(rng, 512, 8, 0.7)
    d = (
        across
        + rng.uniform(0.05, 0.16) * np.sin(along * rng.uniform(3, 7) + rng.uniform(0, 6))
        + rng.uniform(-0.1, 0.1)
    )
    grass = ramp(sample(fine, u * 3, v * 3), [(-2, "33421e"), (2, "6f7a40")])
    asphalt = rgb("5c5c60") * (1 + 0.06 * sample(fine, u * 8, v * 8))[..., None]
    picture = mix(grass, asphalt, smooth(0.028, 0.026, np.abs(d)))
    line = (np.abs(np.abs(d) - 0.0235) < 0.0011) | ((np.abs(d) < 0.001) & ((along * 22) % 1 < 0.5))
    picture = mix(picture, rgb("e4e4dc"), line * 0.85)
    autumn = rng.random() < 0.4
    wood = canopy(rng, picture, smooth(0.036, 0.05, np.abs(d) + 0.006 * sample(fine, u * 2, v * 2)))
    return wood * (np.array([1.35, 1.0, 0.8], np.float32) if autumn else 1.0) * (1.15 + 0.2 * shot.t)


def canopy(rng: RNG, picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Tree tops from above over the part that the mask covers."""
    h, w = mask.shape
    tops = [crown(rng, False, -1, 90) for _ in range(4)]
    shadow = blur(mask, 0.01 * w)
    picture = mix(picture, picture * 0.45, np.roll(shadow, (int(0.012 * w), int(0.01 * w)), (0, 1)) * 0.8)
    picture = mix(picture, rgb("24361a") + np.zeros(3), mask * 0.9)
    size = int(0.045 * max(w, h))
    for _ in range(int(2.8 * w * h / size**2)):
        x, y = int(rng.uniform(0, w)), int(rng.uniform(0, h))
        if mask[y, x] > 0.5:
            top, tone = tops[rng.integers(4)]
            dims = int(size * rng.uniform(0.6, 1.2))
            part = slice(0, int(top.shape[0] * 0.72))
            shape, light = (np.clip(resize(p[part], dims, dims), 0, 1) for p in (top, tone))
            hue = ramp(rng.random(1), [(0, "3a5a24"), (1, "7a9444")])[0]
            paste(picture, np.zeros(3), shape * 0.35, x - dims // 2 + dims // 7, y - dims // 2 + dims // 6)
            paste(picture, hue * (0.15 + 1.1 * light)[..., None], shape, x - dims // 2, y - dims // 2)
    return picture
