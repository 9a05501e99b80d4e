"""Trees as small pictures: firs, round crowns and cypresses, and how they stand on a height field."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from canvas import RNG, drawn, mix, paste, resize, rgb, sample, tile
from land import Height, View
from PIL import Image, ImageDraw

Sprite = tuple[np.ndarray, np.ndarray]  # mask and tone (how much light lies there), both (height, width)


SPRITE = 150  # pixels, the height that trees are drawn at before they are made smaller


def fir(rng: RNG, size: int = SPRITE) -> Sprite:
    """A fir tree, light on the upper side of its branches."""
    width, levels = size // 2, 17

    def tree(pencil: ImageDraw.ImageDraw, s: int) -> None:
        trunk = [(width / 2 - size * 0.012) * s, size * 0.85 * s, (width / 2 + size * 0.012) * s, size * s]
        pencil.rectangle(trunk, fill=255)
        for i in range(levels):
            y, drop = size * (0.02 + 0.9 * i / levels), size * 0.075
            reach = width * 0.5 * ((i + 1) / levels) ** 0.85
            points = [(width / 2, y - drop * 0.6)]
            for side in (1, -1):
                end = side * reach * rng.uniform(0.6, 1)
                sag = drop * rng.uniform(0.6, 1.2)
                edge = [(end, sag), (end * 0.7, sag * 0.7), (end * 0.62, sag * 1.25), (end * 0.3, drop * 0.9)]
                edge = [(width / 2 + dx, y + dy) for dx, dy in edge]
                points += edge if side > 0 else edge[::-1]
            pencil.polygon([(x * s, y * s) for x, y in points], fill=255)

    mask = drawn(width, size, tree)
    leaf = tile(rng, 256, 16, 0.7)[:size, :width]
    rows = (np.arange(size)[:, None] / size * levels) % 1
    return mask, (np.clip(0.35 + 0.4 * leaf + 0.4 * (0.6 - rows), 0, 1) * mask).astype(np.float32)


def crown(rng: RNG, slim: bool, side: float, size: int = SPRITE) -> Sprite:
    """A leafy tree or, slim, a cypress, with the light from one side."""
    width = size // 4 if slim else int(size * 1.05)

    def leaves(pencil: ImageDraw.ImageDraw, s: int) -> None:
        pencil.rectangle([(width / 2 - 2) * s, size * 0.6 * s, (width / 2 + 2) * s, size * s], fill=255)
        for _ in range(420):
            y = rng.uniform(0.05, 0.95) if slim else 0.4 + np.clip(rng.normal(0, 0.17), -0.36, 0.36)
            spread = (
                np.sin(np.pi * min(y * 0.75 + 0.2, 1)) * 0.28
                if slim
                else 0.4 * np.sqrt(1 - ((y - 0.4) / 0.42) ** 2)
            )
            x, r = width / 2 + rng.uniform(-1, 1) * spread * width, rng.uniform(0.012, 0.035) * size
            pencil.ellipse([(x - r) * s, (y * size - r) * s, (x + r) * s, (y * size + r) * s], fill=255)

    mask = drawn(width, size, leaves)
    clump = tile(rng, 256, 6, 0.75)[:size, :width]
    x, y = (np.arange(width) / width - 0.5)[None], (np.arange(size) / size)[:, None]
    return mask, np.clip(0.4 + 0.9 * np.sign(side) * x - 0.7 * (y - 0.4) + 0.28 * clump, 0, 1).astype(
        np.float32
    )


def plant(
    picture: np.ndarray,
    sprite: Sprite,
    at: tuple[float, float],
    tall: float,
    colours: tuple[str, str],
    air: np.ndarray,
    reach: float,
) -> None:
    """Pastes a tree with its foot at `at` (column, row), `tall` pixels high, `reach` of the way into the air."""
    mask, tone = sprite
    dims = (max(2, round(tall * mask.shape[1] / mask.shape[0])), max(2, round(tall)))
    mask, tone = (
        np.clip(
            resize(plane, *dims, Image.Resampling.BOX if tall < SPRITE else Image.Resampling.BICUBIC), 0, 1
        )
        for plane in sprite
    )
    colour = mix(rgb(colours[0]), rgb(colours[1]), tone)
    paste(
        picture,
        colour + (air - colour) * reach,
        mask,
        round(at[0] - dims[0] / 2),
        round(at[1] - dims[1] * 0.97),
    )


def stand(
    view: View,
    picture: np.ndarray,
    height: Height,
    eye: float,
    distance: np.ndarray,
    spots: np.ndarray,
    tall: Callable[[], float],
    sprite: Callable[[], Sprite],
    colours: tuple[str, str],
    air: np.ndarray,
    reach: float,
) -> None:
    """Plants trees at spots (x, z) (n, 2) of a height field, far ones first, where nothing hides their foot."""
    for x, z in spots[np.argsort(-spots[:, 1])]:
        column = view.width / 2 + x / z * view.focal
        foot = view.horizon - (float(height(np.array([x]), np.array([z]))[0]) - eye) / z * view.focal
        size, tree = tall() / z * view.focal, sprite()
        row = int(np.clip(foot, 0, view.height - 1))
        if size >= 2 and 0 <= column < view.width and distance[row, int(column)] > z * 0.82:
            plant(picture, tree, (column, foot), size, colours, air, float(1 - np.exp(-z / reach)))


def clumps(rng: RNG, count: int, near: float, far: float, size: float, cover: float) -> np.ndarray:
    """Spots (x, z) in clumps `size` metres across, (n, 2)."""
    noise = tile(rng, 256, 4, 0.6)
    z = np.exp(rng.uniform(np.log(near), np.log(far), count))
    spots = np.stack([rng.uniform(-0.62, 0.62, count) * z, z], 1)
    return spots[sample(noise, spots[:, 0] / size, spots[:, 1] / size) > cover]
