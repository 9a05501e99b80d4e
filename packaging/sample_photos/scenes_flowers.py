"""Flowers: a meadow, rows of lavender, a single blossom."""

from __future__ import annotations

import numpy as np
from canvas import RNG, blur, clouds, drawn, glow_disc, mix, paste, ramp, resize, rgb, sample, smooth, tile
from develop import Shot
from land import WHITE, View, heaps, sky
from PIL import Image, ImageDraw
from trees import crown, plant


def flower_field(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """A meadow full of flowers, sharp in the middle and soft before and behind."""
    view = View(w, h, rng.uniform(0.26, 0.42), 1.0)
    picture = sky(view, [(0, "dfe8ea"), (0.2, "9cc4e6"), (0.6, "4a86c6")], None, WHITE)
    heaps(view, rng, picture, rng.uniform(0, 0.8), WHITE, rgb("98a4b0"), drift=0.05 * shot.t)
    far = blur(clouds(rng, w, h, 5, 0.7), 1)
    hill = view.horizon - h * 0.05 * (1 + 0.4 * clouds(rng, w, 1, 1.0)[0])
    rows = np.arange(h)[:, None]
    green = ramp(far, [(-2, "26401a"), (0, "44642a"), (2, "7c9644")])
    picture = mix(
        blur(mix(picture, green * 0.6, smooth(0, 5, rows - hill[None])), 4),
        green,
        np.broadcast_to(smooth(0, 8, rows - view.horizon), (h, w)),
    )
    picture = blur(picture, 3)
    hue = [
        str(c)
        for c in rng.permutation(["d81e1e", "e84a9c", "f2c21c", "8a4ac8", "f4f0ea", "f07a1e", "5a6ae0"])[
            : rng.integers(1, 4)
        ]
    ]
    eye = str(rng.choice(["2a2a10", "d8a820", "6a4a14"]))
    focus = rng.uniform(1.6, 2.6)
    distances = np.sort(1 / rng.uniform(1 / 26, 1 / 0.9, 1700))[::-1]
    shapes = [poppy(rng, 120) for _ in range(8)]
    stems, done = [], 0
    for i, z in enumerate(distances):
        stems.append(z)
        size = 0.085 / z * view.focal
        x = rng.uniform(-0.1, 1.1) * w
        y = view.horizon + (0.42 + 0.1 * rng.normal() - 0.04) / z * view.focal * 0.55
        grass(rng, picture, x, y, size, z)
        mask, tone, heart = shapes[rng.integers(8)]
        dims = max(3, int(size * rng.uniform(0.7, 1.15)))
        flat = max(2, int(dims * rng.uniform(0.5, 0.95)))
        mask, tone, heart = (resize(plane, dims, flat, Image.Resampling.BOX) for plane in (mask, tone, heart))
        colour = rgb(hue[int(rng.integers(len(hue)))]) * (0.25 + 1.1 * np.clip(tone, 0, 1.2))[..., None]
        colour = mix(colour, rgb(eye), np.clip(heart, 0, 1))
        paste(
            picture,
            colour * rng.uniform(0.75, 1.15),
            np.clip(mask, 0, 1),
            int(x - dims / 2),
            int(y - flat / 2),
        )
        if i in (int(len(distances) * 0.25), int(len(distances) * 0.5), int(len(distances) * 0.7)):
            done += 1
            picture = mix(
                picture,
                blur(picture, (7, 5, 2.5)[done - 1]),
                np.broadcast_to(smooth(-0.1 * h, 0, rows - view.horizon), (h, w)),
            )
    near = smooth(view.horizon + view.focal * 0.25 / focus, h * 1.02, rows)
    picture = mix(picture, blur(picture, 7), np.broadcast_to(near, (h, w)))
    return picture * ramp(np.array([shot.t]), [(0, "ffffff"), (1, "fff0d4")])[0] * 1.15


def grass(rng: RNG, picture: np.ndarray, x: float, y: float, size: float, z: float) -> None:
    """A tuft of grass and a stem below a flower."""
    width, height = max(4, int(size * 1.6)), max(5, int(size * 2.6))
    blades = rng.uniform(0, 1, (9, 3))

    def strokes(pencil: ImageDraw.ImageDraw, s: int) -> None:
        for start, tip, tall in blades:
            pencil.line(
                [
                    (width * s * (0.3 + 0.4 * start), height * s),
                    (width * s * tip, height * s * (0.7 - 0.65 * tall)),
                ],
                fill=255,
                width=max(1, int(size * 0.035 * s)),
            )

    green = ramp(rng.random(1), [(0, "2c4416"), (0.5, "54722a"), (1, "8a9c48")])[0] * (
        0.6 + 0.4 * min(1, z / 5)
    )
    paste(picture, green, drawn(width, height, strokes), int(x - width / 2), int(y - height * 0.15))


def poppy(rng: RNG, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A simple flower seen from the front: mask, light and its dark heart."""
    u, v = np.meshgrid(np.linspace(-1, 1, size), np.linspace(-1, 1, size))
    r, a = np.hypot(u, v), np.arctan2(v, u) + rng.uniform(0, 6)
    petals = rng.choice([4, 5, 8])
    edge = 0.72 + 0.2 * np.abs(np.cos(a * petals / 2)) ** 0.5 + 0.02 * np.sin(a * 17)
    fold = 0.75 + 0.22 * np.cos(a * petals) + 0.1 * np.cos(a * 31) - 0.25 * v + 0.2 * r
    dark = 0.85 * smooth(0.26, 0.1, r)
    return smooth(0.04, -0.04, r - edge).astype(np.float32), fold.astype(np.float32), dark.astype(np.float32)


def lavender(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Rows of lavender or tulips that run to the horizon."""
    view = View(w, h, rng.uniform(0.28, 0.4), 0.9)
    warm = rng.random() < 0.5
    stops = (
        [(0, "f6cfa0"), (0.15, "dba9a8"), (0.6, "6a7cae")]
        if warm
        else [(0, "e2ebee"), (0.2, "a6c8e6"), (0.6, "4f8cca")]
    )
    picture = sky(
        view, stops, (rng.uniform(-0.3, 0.3), 0.08 - 0.04 * shot.t) if warm else None, rgb("ffb070")
    )
    heaps(view, rng, picture, rng.uniform(0.2, 0.9), WHITE * 0.95, rgb("9a98ac"), drift=0.03 * shot.t)
    hues = [["2a1c4a", "5a3c94", "9a7cd0"], ["7a1420", "d0283a", "f0706a"], ["8a6a10", "e8b81c", "f8e070"]][
        rng.integers(3) if not warm else 0
    ]
    depth = np.maximum(-view.e[view.horizon :], 0.004)
    z, side = 1.5 / depth, rng.uniform(-0.5, 0.5)
    x = view.a * z
    bush, fine = tile(rng, 512, 8, 0.6), tile(rng, 512, 16, 0.75)
    row = x - side * z
    wobble = 0.10 * sample(bush, x / 20, z / 20)
    crest = 0.5 + 0.5 * np.cos((row / 1.5 + wobble) * 2 * np.pi)
    detail = sample(fine, x / 5, z / 9) + 0.6 * sample(fine, x / 1.6, z / 3.1) * smooth(14, 3, z)
    tone = crest * 0.9 + 0.22 * detail * smooth(60, 6, z)
    plants = ramp(tone, [(0.35, "1c2410"), (0.55, hues[0]), (0.8, hues[1]), (1.25, hues[2])])
    soil = ramp(sample(fine, x / 3, z / 3), [(-2, "3a2c20"), (2, "8a6c50")])
    plants = mix(soil * (0.3 + crest)[..., None], plants, smooth(0.12, 0.34, crest + 0.1 * detail))
    mean = 0.5 * rgb(hues[1]) + 0.5 * rgb(hues[0])
    plants = mix(plants, mean, np.broadcast_to(smooth(30, 120, z), x.shape))
    light = 1.15 * (rgb("ffd0a0") if warm else rgb("fff6e4"))
    picture[view.horizon :] = mix(
        plants * light, rgb(stops[0][1]) * 0.8, np.broadcast_to(1 - np.exp(-z / 500), x.shape)
    )
    tree = [crown(rng, False, side) for _ in range(5)]
    for _ in range(30):
        column, tall = rng.normal(rng.choice([0.15, 0.6, 0.85]), 0.12) * w, rng.uniform(0.015, 0.05) * h
        plant(
            picture,
            tree[rng.integers(5)],
            (column, view.horizon + 2),
            tall,
            ("1c2814", "5c7034"),
            rgb(stops[0][1]),
            0.35,
        )
    return picture


def macro_flower(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """One blossom close by before a soft background."""
    back = blur(clouds(rng, w, h, 1.3, 0.6), 0.03 * w)
    greens = [["0c1a0a", "3c5c24", "b4c878"], ["14201c", "4c6a50", "c0d0b0"], ["241810", "6a5a30", "d8c890"]][
        rng.integers(3)
    ]
    picture = ramp(back / back.std(), [(-2, greens[0]), (0, greens[1]), (2.4, greens[2])])
    for _ in range(25):
        glow_disc(
            picture,
            rgb(greens[2]) * 1.2,
            rng.uniform(0, w),
            rng.uniform(0, h),
            rng.uniform(0.03, 0.09) * w,
            rng.uniform(0.03, 0.16),
        )
    picture = blur(picture, 0.012 * w)
    x, y = rng.uniform(0.36, 0.64) * w, rng.uniform(0.38, 0.58) * h
    size = rng.uniform(0.36, 0.56) * min(w, h)
    rows, columns = np.arange(h)[:, None], np.arange(w)[None]
    bend = 0.1 * size * np.sin((rows - y) / size * 0.9)
    stalk = smooth(0.05, 0.035, np.abs(columns - x - bend) / size) * (rows > y)
    picture = mix(
        picture,
        mix(
            rgb("2c4414") + np.zeros((h, w, 1), np.float32),
            rgb("8aa04a"),
            np.broadcast_to(smooth(0.04, -0.04, (columns - x - bend) / size), (h, w)),
        ),
        stalk,
    )
    hue = [
        ("f6f4f0", "c4c0cc"),
        ("f2b81c", "c8780c"),
        ("e0487c", "9a1c50"),
        ("a05ac8", "5c2a90"),
        ("f08a3c", "b8401c"),
    ][rng.integers(5)]
    tilt, turn = rng.uniform(0.72, 1), rng.uniform(0, 6)
    u, v = (columns - x) / size, (rows - y) / size / tilt
    r, a = np.hypot(u, v), np.arctan2(v, u)
    petals = int(rng.integers(9, 22))
    vein = tile(rng, 512, 8, 0.7)
    for ring in range(int(rng.integers(2, 4))):
        reach = 1 - 0.16 * ring
        b = (a + turn + ring * np.pi / petals) * petals / (2 * np.pi)
        which, across = np.floor(b), (b % 1 - 0.5) * 2
        chance = np.sin(which * 12.9898 + ring * 7.7) * 43758.547
        chance = chance - np.floor(chance)
        length = reach * (0.86 + 0.14 * chance)
        shape = (1 - np.clip(r / length, 0, 1) ** 7) ** 0.5 * np.clip(0.45 + r * 1.2, 0, 1.02)
        lit = (
            0.5
            + 0.35 * (chance - 0.4)
            - 0.4 * np.abs(across) ** 2
            + 0.12 * across
            + 0.3 * r
            + 0.1 * sample(vein, across * 0.4 + chance, r * 0.12)
        )
        lit = lit - 0.32 * smooth(0.55, 0.2, r) - 0.3 * v - 0.12 * (1 - ring)
        colour = (
            mix(rgb(hue[1]) + 0 * lit[..., None], rgb(hue[0]), np.clip(lit, 0, 1))
            * np.clip(lit + 0.3, 0.2, 1.3)[..., None]
        )
        edge = smooth(0, 0.05, shape - np.abs(across)) * (r < length)
        picture = mix(
            picture,
            picture * 0.5,
            0.6 * blur(np.roll(edge, (int(size * 0.04), int(size * 0.02)), (0, 1)), size * 0.02),
        )
        picture = mix(picture, colour, edge)
    return heart(picture, u, v, rng.uniform(0.24, 0.4)) * (1.1 + 0.2 * shot.t)


def heart(picture: np.ndarray, u: np.ndarray, v: np.ndarray, radius: float) -> np.ndarray:
    """The middle of a blossom: florets in the spiral of a sunflower (Vogel 1979)."""
    r = np.hypot(u, v) / radius
    disc = smooth(1.02, 0.96, r)
    n = np.arange(420)
    angle, at = n * 2.399963, np.sqrt(n / 420) * radius
    height, width = u.shape[0] if u.ndim == 2 else v.shape[0], u.shape[1]
    scale = width / (u.max() - u.min())
    bumps = np.zeros((height, width), np.float32)
    dot = int(max(3, radius * scale * 0.11))
    ball = np.clip(
        1 - np.hypot(*np.meshgrid(np.linspace(-1, 1, dot), np.linspace(-1, 1.2, dot))), 0, 1
    ).astype(np.float32)
    for px, py in zip(at * np.cos(angle), at * np.sin(angle), strict=True):
        column, row = (
            int((px - u.min()) * scale - dot / 2),
            int((py - v.min()) / (v.max() - v.min()) * height - dot / 2),
        )
        if 0 <= row < height - dot and 0 <= column < width - dot:
            part = bumps[row : row + dot, column : column + dot]
            np.maximum(part, ball, out=part)
    base = ramp(r, [(0, "7a5a10"), (0.5, "d89a1c"), (0.85, "e8b030"), (1, "8a5210")])
    lit = 0.25 + 1.3 * bumps - 0.2 * v
    picture = mix(picture, picture * 0.55, 0.7 * smooth(1.35, 1.0, r) * (1 - disc))
    return mix(picture, base * np.clip(lit, 0.1, 1.6)[..., None], disc)
