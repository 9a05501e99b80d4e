"""Woods: firs in the fog, bright leaves on the trees and on the ground."""

from __future__ import annotations

import numpy as np
from canvas import RNG, blur, clouds, drawn, glow, mix, paste, ramp, rgb, sample, smooth, tile
from develop import Shot
from PIL import Image, ImageDraw
from trees import fir, plant


def foggy_forest(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Fir forest on a slope, row behind row in the fog."""
    fog = rgb(rng.choice(["c4ced4", "d8d2c4", "a8b8c0"]))
    dark = rng.choice(["0e1814", "182018", "101a20"])
    picture = np.broadcast_to(fog * 1.05, (h, w, 3)).copy()
    mist = clouds(rng, w, h, 1.2)
    picture *= 1 + 0.06 * mist[..., None]
    shapes = [fir(rng) for _ in range(7)]
    hill = tile(rng, 512, 2, 0.35)
    rows = int(rng.integers(6, 9))
    for i in range(rows):
        near = (i / (rows - 1)) ** 1.3
        line = h * (0.3 + 0.62 * i / rows) + h * 0.06 * sample(
            hill, np.arange(w) / w * 0.6 + i * 0.37, i * 0.21
        )
        veil = float(np.clip(0.93 - 0.93 * near + 0.06 * shot.t, 0, 1))
        tall = h * (0.07 + 0.38 * near)
        below = smooth(0, h * 0.03, np.arange(h)[:, None] - line[None])
        picture = mix(picture, rgb(dark) * 1.3 + (fog - rgb(dark) * 1.3) * veil, below)
        for x in rng.uniform(-0.05, 1.05, int(w / tall * 7)):
            foot = line[int(np.clip(x * w, 0, w - 1))] + tall * 0.12
            size = tall * rng.uniform(0.55, 1.1)
            plant(picture, shapes[rng.integers(7)], (x * w, foot), size, (dark, "3c4a3c"), fog, veil)
        drift = smooth(
            -0.3,
            1.6,
            sample(
                hill, np.arange(w)[None] / w * 0.8 + i * 0.3 + 0.1 * shot.t, np.arange(h)[:, None] / h * 1.6
            ),
        )
        picture = mix(
            picture,
            fog,
            0.75 * (1 - near) * drift * smooth(-h * 0.02, h * 0.1, np.arange(h)[:, None] - line[None]),
        )
    return picture


def autumn_wood(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Trunks and bright leaves with a carpet below."""
    hues = [["7a3c10", "d8861c", "f2c04a"], ["5e3a14", "c4621a", "e8a840"], ["2c4a14", "7c9a2c", "c8d070"]][
        rng.integers(3)
    ]
    horizon = rng.uniform(0.55, 0.68) * h
    rows = np.arange(h)[:, None]
    leaf, depth = tile(rng, 512, 8, 0.75), tile(rng, 512, 3, 0.5)
    u, v = np.arange(w)[None] / w, rows / w
    picture = np.broadcast_to(rgb("f4eeda") * 1.1, (h, w, 3)).copy()
    ground = np.maximum(rows - horizon, 1) / h
    floor = sample(leaf, (u - 0.5) * 0.35 / ground, 0.3 / ground) * np.clip(ground * 6, 0.1, 1)
    carpet = ramp(floor, [(-2.2, "20140a"), (-0.6, hues[0]), (0.7, hues[1]), (2, hues[2])])
    dapple = 0.35 + 1.1 * smooth(
        0.1, 0.9, sample(depth, (u - 0.5) * 0.12 / ground + 0.1 * shot.t, 0.1 / ground)
    )
    picture = mix(picture, carpet * dapple[..., None], np.broadcast_to(smooth(0, 6, rows - horizon), (h, w)))
    for layer in range(6):
        near = layer / 5
        cells = 1.6 - 1.1 * near
        noise = sample(leaf, u * cells + layer * 0.31, v * cells) + 0.8 * sample(
            depth, u * 1.5 + layer * 0.4, v * 1.5
        )
        top = smooth(0.72 - 0.22 * near, 0.1 - 0.2 * near, rows / h)
        tone = np.clip(
            0.5 + 0.28 * sample(leaf, u * cells * 2.3, v * cells * 2.3 + layer * 0.2) + 0.5 * (0.4 - near),
            0,
            1,
        )
        colour = ramp(tone, [(0, hues[0]), (0.55, hues[1]), (1, hues[2])]) * (1.5 - 0.7 * near)
        for _ in range(int(12 - 8 * near)):
            x, thick = rng.uniform(0, 1) * w, w * (0.005 + 0.026 * near**1.5) * rng.uniform(0.7, 1.3)
            foot = horizon + h * 0.25 * near**2 * rng.uniform(0.6, 1.2)
            trunk(rng, picture, leaf, x, foot, thick, near, rgb(hues[2]) * 0.7)
        picture = mix(picture, colour, smooth(0.1, 0.5, noise - 1.9 + 2.9 * top) * (0.95 - 0.3 * near))
    glow(picture, rgb("ffe8b0"), rng.uniform(0.2, 0.8) * w, 0.25 * h, 0.22 * w, 0.9 + 0.4 * shot.t)
    return picture


def trunk(
    rng: RNG,
    picture: np.ndarray,
    bark: np.ndarray,
    x: float,
    foot: float,
    thick: float,
    near: float,
    air: np.ndarray,
) -> None:
    """A trunk from its foot to above the frame, lit from one side, in the colour of the air far away."""
    left, right, bottom = int(x - thick * 2), int(x + thick * 2) + 2, int(foot)
    v = np.arange(bottom)[:, None] / bottom
    middle = (
        x - left + rng.normal(0, 0.12) * thick * 8 * (1 - v) + thick * 0.3 * np.sin(v * 5 + rng.uniform(0, 6))
    )
    across = (np.arange(right - left)[None] - middle) / (thick * (0.5 + 0.28 * v + 0.5 * smooth(0.94, 1, v)))
    rough = sample(bark, across * 0.05 + rng.random(), v * 0.5)
    lit = np.clip(0.5 - 0.5 * across + 0.28 * rough, 0.05, 1.2)
    colour = mix(rgb("17110c") + 0 * lit[..., None], rgb("75604a"), lit)
    colour = colour + (air - colour) * 0.8 * (1 - near) ** 1.2
    paste(picture, colour, smooth(1.06, 0.94, np.abs(across)), left, 0)


def leaf_litter(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Fallen leaves from above."""
    picture = np.broadcast_to(rgb("1c130c"), (h, w, 3)).copy()
    picture *= 1 + 0.3 * clouds(rng, w, h, 8, 0.8)[..., None]
    hues = rng.permutation(["b8541a", "d48a1e", "8a2a14", "a87434", "e0b040", "6a4a20", "c43a18", "8c8a30"])[
        :5
    ]
    blades = [blade(rng, 220) for _ in range(7)]
    size = rng.uniform(0.13, 0.22) * max(w, h)
    for i in range(int(8 * w * h / size**2)):
        mask, tone = blades[rng.integers(7)]
        dims = int(size * rng.uniform(0.6, 1.1))
        turn = rng.uniform(0, 360)
        mask, tone = (
            np.asarray(
                Image.fromarray(p)
                .rotate(turn, Image.Resampling.BILINEAR)
                .resize((dims, dims), Image.Resampling.BOX)
            )
            for p in (mask, tone)
        )
        hue = rgb(str(hues[rng.integers(5)])) * rng.uniform(0.55, 1.25)
        u, v = np.meshgrid(np.linspace(-1, 1, dims), np.linspace(-1, 1, dims))
        bend = 1 + 0.35 * (u * rng.normal() + v * rng.normal()) + 0.2 * rng.normal() * u * v
        x, y = int(rng.uniform(-0.1, 1) * w), int(rng.uniform(-0.1, 1) * h)
        shadow = np.asarray(Image.fromarray(mask).resize((dims, dims)))
        paste(picture, np.zeros(3), 0.5 * blur(shadow, dims * 0.02), x + dims // 40 + 2, y + dims // 30 + 3)
        paste(
            picture,
            hue * np.clip(bend * tone, 0.15, 1.7)[..., None] * (0.6 + 0.5 * i / (8 * w * h / size**2)),
            mask,
            x,
            y,
        )
    light = 1.25 + 0.35 * clouds(rng, w, h, 0.6) + 0.2 * shot.t
    return picture * np.clip(light, 0.3, 2)[..., None]


def blade(rng: RNG, size: int) -> tuple[np.ndarray, np.ndarray]:
    """A maple or beech leaf, tip up: its mask and the relief of its veins."""
    maple = rng.random() < 0.55
    a = np.linspace(0, 2 * np.pi, 240)
    if maple:
        lobes = np.abs(np.cos(2.5 * (a - np.pi / 2))) ** 0.8
        r = (
            0.22
            + 0.24 * lobes * (0.75 + 0.25 * np.cos(a - np.pi / 2))
            + 0.02 * np.sin(a * 31)
            + 0.008 * rng.normal(size=240)
        )
    else:
        r = 0.46 + 0.008 * np.sin(a * 41)
    slim = 1 if maple else 0.55 * (1 - 0.35 * np.sin(a))
    xs, ys = 0.5 + r * slim * np.cos(a), 0.5 - r * np.sin(a)

    def shape(pencil: ImageDraw.ImageDraw, s: int) -> None:
        pencil.polygon([(x * size * s, y * size * s) for x, y in zip(xs, ys, strict=True)], fill=255)
        pencil.line([(size * s / 2, size * s / 2), (size * s * 0.53, size * s * 0.99)], fill=255, width=3 * s)

    def veins(pencil: ImageDraw.ImageDraw, s: int) -> None:
        for turn in np.pi / 2 + 2 * np.pi / 5 * np.arange(5) if maple else [np.pi / 2]:
            end = (size * s * (0.5 + 0.44 * np.cos(turn)), size * s * (0.5 - 0.44 * np.sin(turn)))
            pencil.line([(size * s / 2, size * s * (0.5 if maple else 0.95)), end], fill=255, width=2 * s)
        for i in range(9):
            y = size * s * (0.15 + 0.085 * i)
            for side in (-1, 1):
                pencil.line(
                    [(size * s / 2, y), (size * s * (0.5 + 0.3 * side), y - 0.14 * size * s)],
                    fill=150,
                    width=s,
                )

    crinkle = tile(rng, 256, 6, 0.7)[:size, :size]
    return drawn(size, size, shape), (0.85 + 0.14 * crinkle + 0.4 * drawn(size, size, veins, 0.8)).astype(
        np.float32
    )
