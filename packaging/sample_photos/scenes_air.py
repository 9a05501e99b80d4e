"""In the air: hot-air balloons over the land, and party balloons."""

from __future__ import annotations

from functools import partial

import numpy as np
from canvas import RNG, drawn, mix, paste, ramp, rgb, smooth
from develop import Shot
from land import WHITE, View, heaps
from PIL import ImageDraw
from scenes_low import canyon, hills


def balloons_aloft(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Hot-air balloons over the hills in the morning."""
    picture = (canyon if rng.random() < 0.4 else hills)(rng, w, h, shot)
    veil = smooth(0.3, 0.5, np.arange(h) / h) * smooth(0.75, 0.5, np.arange(h) / h)
    picture = mix(picture, rgb("ffdcb8"), np.broadcast_to(0.45 * veil[:, None], (h, w)))
    for i in range(rng.integers(3, 9)):
        size = int(h * 0.42 / (1 + i * rng.uniform(0.7, 1.2)))
        x, y = rng.uniform(0.05, 0.9) + rng.normal(0, 0.04) * shot.t, rng.uniform(0.03, 0.4) - 0.03 * shot.t
        balloon(rng, picture, int(x * w), int(y * h), max(size, 14), 0.5 * i / 9)
    return picture


def balloon(rng: RNG, picture: np.ndarray, left: int, top: int, size: int, veil: float) -> None:
    """A hot-air balloon `size` pixels high, striped, with its basket."""
    width = int(size * 0.8)
    u, v = np.meshgrid(np.linspace(-1, 1, width), np.linspace(0, 1, size))
    half = np.where(
        v < 0.42,
        np.sqrt(np.clip(1 - ((v - 0.42) / 0.42) ** 2, 0, 1)),
        np.clip(1 - (np.clip(v - 0.42, 0, 1) / 0.46) ** 1.7, 0, 1) ** 0.9 * 0.88 + 0.12,
    )
    half = np.where(v < 0.86, half, 0)
    around = np.arcsin(np.clip(u / np.maximum(half, 1e-3), -1, 1))
    palette = [
        str(c)
        for c in rng.permutation(["c8202c", "f0b41e", "1d4fa0", "f4efe4", "2c8a5a", "e8641e", "6a2c80"])[:3]
    ]
    kind, turns = rng.integers(3), rng.integers(5, 9)
    stripe = (around * turns / np.pi * 2 + 40, v * turns * 2, around * turns / np.pi * 2 + 40 + v * 5)[
        kind
    ].astype(int)
    colours = np.stack([rgb(c) for c in palette])[stripe % (2 if kind else 3)]
    shade = (
        0.35
        + 0.75 * np.clip(np.cos(around - 0.7), 0, 1) * (1 - 0.45 * v)
        - 0.05 * (np.abs(np.sin(around * turns * 2)) < 0.15)
    )
    mask = smooth(0, 2.5 / width, half - np.abs(u)) * (v < 0.86)
    colours = colours * shade[..., None] * 1.15
    basket = (np.abs(u) < 0.11) & (v > 0.93)
    ropes = (np.abs(np.abs(u) - 0.11) < 0.012) & (v >= 0.86)
    colours = np.where((basket | ropes)[..., None], rgb("4a3018"), colours)
    mask = np.maximum(mask, basket + ropes * 0.6)
    glow_colour = colours + (rgb("e8dcd0") - colours) * veil
    paste(picture, glow_colour.astype(np.float32), mask.astype(np.float32), left, top)


def party(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Coloured balloons on strings, rising into the sky."""
    view = View(w, h, 1.15, 1.0)
    picture = np.repeat(
        ramp(np.arange(h) / h, [(0, "3c7cc4"), (0.6, "78b0e0"), (1, "b4d4ec")])[:, None], w, 1
    )
    heaps(view, rng, picture, rng.uniform(-0.1, 0.7), WHITE, rgb("a8b4c4"), drift=0.06 * shot.t)
    hues = [
        str(c)
        for c in rng.permutation(
            ["d8202c", "f0c020", "2868d0", "38a850", "e85c9c", "f07820", "8844b8", "f4f0ec"]
        )[: rng.integers(2, 7)]
    ]
    middle = np.array([rng.uniform(0.35, 0.65) * w, rng.uniform(0.36, 0.5) * h + 0.06 * h * (0.5 - shot.t)])
    size = rng.uniform(0.14, 0.24) * min(w, h)
    knot = (middle[0] + rng.normal(0, 0.1) * w, middle[1] + 0.75 * h)
    spots = rng.normal(0, 1, (rng.integers(5, 22), 2)) * size * (1.1, 1.0) + middle
    strings = drawn(w, h, partial(string, spots + np.array([0, 0.6 * size]), knot))
    picture = mix(picture, rgb("e8e4e0") * 0.8, strings * 0.7)
    for x, y in spots:
        radius = size * rng.uniform(0.44, 0.6)
        n = int(radius * 2.5)
        u, v = np.meshgrid(np.linspace(-1.15, 1.15, n), np.linspace(-1.25, 1.45, int(n * 1.17)))
        narrow = 1 - 0.13 * np.clip(v, 0, 2)
        r = np.hypot(u / narrow, np.where(v < 0, v / 1.05, v / 1.2))
        nz = np.sqrt(np.clip(1 - r * r, 0, 1))
        lit = 0.4 + 0.55 * np.clip(-0.5 * u - 0.6 * v + 0.55 * nz, 0, 1) + 0.3 * (1 - nz) ** 2
        tail = smooth(0.1, 0.02, np.abs(u) - 0.5 * np.clip(v - 1.15, 0, 0.2)) * (v > 1.1) * (v < 1.33)
        colour = rgb(hues[rng.integers(len(hues))]) * lit[..., None] * 1.25
        shine = np.exp(-(((u + 0.38) / 0.16) ** 2 + ((v + 0.45) / 0.24) ** 2)) * 0.9
        alpha = np.maximum(smooth(1.0, 0.975, r) * 0.95, tail)
        paste(
            picture,
            (colour + shine[..., None]).astype(np.float32),
            alpha.astype(np.float32),
            int(x - n / 2),
            int(y - n / 2),
        )
    return picture * 1.1


def string(ends: np.ndarray, knot: tuple[float, float], pencil: ImageDraw.ImageDraw, s: int) -> None:
    """Draws the strings of the balloons, from their ends (n, 2) to one knot."""
    for x, y in ends:
        pencil.line([(x * s, y * s), (knot[0] * s, knot[1] * s)], fill=180, width=2)
