"""Indoors: coffee from above and shelves of books."""

from __future__ import annotations

import numpy as np
from balls import WOODS, planks
from canvas import RNG, blur, drawn, mix, paste, ramp, rgb, sample, smooth, tile
from develop import Shot
from PIL import ImageDraw


def coffee(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """A cup of coffee from above."""
    size = rng.uniform(0.24, 0.33) * min(w, h)
    x, y = rng.uniform(0.38, 0.62) * w, rng.uniform(0.4, 0.6) * h
    rows, columns = (
        (np.arange(h, dtype=np.float32)[:, None] - y) / size,
        (np.arange(w, dtype=np.float32)[None] - x) / size,
    )
    top = planks(rng, WOODS[rng.integers(4)], rng.uniform(1.6, 2.6))
    turn = rng.choice([0.0, np.pi / 2, 0.4])
    picture = (
        top(
            columns * np.cos(turn) * 2 + rows * np.sin(turn) * 2,
            rows * np.cos(turn) * 2 - columns * np.sin(turn) * 2,
        )
        * 1.05
    )
    lx, ly = rng.choice([-1, 1]) * 0.75, -0.65
    light = 1.1 + 0.1 * shot.t - 0.22 * (columns * -lx + rows * -ly) / 2
    r, a = np.hypot(columns, rows), np.arctan2(rows, columns)
    china = rgb(str(rng.choice(["f4f2ee", "f4f2ee", "4c6470", "2a2a2c", "c8b49c"])))
    for radius, drop, dark in ((1.62, 0.1, 0.55), (1.0, 0.22, 0.5)):
        shade = smooth(radius * 1.12, radius * 0.9, np.hypot(columns + lx * drop, rows + ly * drop))
        plate = np.clip((lx * columns + ly * rows) / np.maximum(r, 0.01), -1, 1)
        picture = picture * (1 - dark * shade)[..., None]
        if radius > 1.5:
            tilt = (
                0.85
                + 0.10 * plate * np.sin((r - 0.7) * 3.3)
                + 0.16 * plate * (smooth(1.5, 1.58, r) - smooth(1.2, 1.0, r))
            )
            shade2 = 1 - 0.5 * smooth(1.5, 1.0, np.hypot(columns + lx * 0.3, rows + ly * 0.3))
            picture = mix(picture, china * (tilt * shade2)[..., None], smooth(1.63, 1.6, r))
    handle_at = rng.uniform(-0.5, 0.5) if lx < 0 else np.pi + rng.uniform(-0.5, 0.5)
    hx, hy = (
        columns * np.cos(handle_at) + rows * np.sin(handle_at),
        rows * np.cos(handle_at) - columns * np.sin(handle_at),
    )
    ear = smooth(0.03, -0.01, np.abs(np.hypot((hx - 1.12) / 1.15, hy) - 0.27) - 0.07) * (r > 0.95)
    picture = mix(picture, china * (0.8 + 0.25 * np.sign(ly) * -hy)[..., None], ear)
    plate = (lx * columns + ly * rows) / np.maximum(r, 0.01)
    picture = mix(picture, china * (0.92 + 0.16 * plate)[..., None], smooth(1.01, 0.99, r))
    picture = mix(picture, china * (0.55 - 0.32 * plate)[..., None], smooth(0.945, 0.93, r))
    picture = mix(
        picture,
        brew(rng, columns, rows, r, a)
        * (1 - 0.55 * smooth(0.72, 0.98, np.hypot(columns - lx * 0.13, rows - ly * 0.13)))[..., None],
        smooth(0.87, 0.855, r),
    )
    spoon(picture, x + size * 1.28, y, size)
    for _ in range(int(rng.integers(0, 16))):
        bx, by = (
            int(x + rng.choice([-1, 1]) * rng.uniform(1.7, 2.6) * size),
            int(y + rng.uniform(-1.8, 1.8) * size),
        )
        bean(rng, picture, bx, by, size * 0.13)
    return picture * np.clip(light, 0.4, 1.6)[..., None]


def brew(rng: RNG, x: np.ndarray, y: np.ndarray, r: np.ndarray, a: np.ndarray) -> np.ndarray:
    """The surface of the coffee: black, with crema, or with a leaf of milk poured on it."""
    swirl, fine = tile(rng, 512, 3, 0.5), tile(rng, 512, 16, 0.75)
    n = sample(swirl, x * 0.3 + 0.05 * np.sin(a * 2), y * 0.3 + 0.1 * r)
    crema = ramp(n + 0.3 * sample(fine, x, y), [(-2, "4a2410"), (0, "8a5224"), (2, "b8803c")])
    kind = rng.integers(3)
    if kind == 0:
        return mix(rgb("1a0d06") + 0 * crema, crema, smooth(0.72, 0.85, r + 0.03 * n))
    u, v = x / 0.7, y / 0.7 + 0.02 * n
    if kind == 1:
        leaf = smooth(0.03, -0.03, np.abs(u) - 0.62 * np.sqrt(np.clip(1 - v * v, 0, 1)) * (0.75 - 0.35 * v))
        stripes = smooth(-0.25, 0.25, np.sin((v + 0.75 * np.abs(u)) * 21) + 0.25)
        milk = leaf * stripes
    else:
        heart = (u * u + v * v - 0.42) ** 3 - u * u * -(v**3) * 1.6
        milk = smooth(0.012, -0.012, heart)
    return mix(crema, rgb("f2e2c8"), np.clip(milk, 0, 1) * 0.95)


def spoon(picture: np.ndarray, x: float, y: float, size: float) -> None:
    """A spoon on the saucer."""
    width, height = int(size * 0.36), int(size * 2.1)

    def shape(pencil: ImageDraw.ImageDraw, s: int) -> None:
        pencil.ellipse([(0.08 * width * s, 0), (0.92 * width * s, 0.27 * height * s)], fill=255)
        pencil.polygon(
            [
                (px * width * s, py * height * s)
                for px, py in [(0.42, 0.24), (0.58, 0.24), (0.62, 0.97), (0.5, 1), (0.38, 0.97)]
            ],
            fill=255,
        )

    mask = drawn(width, height, shape)
    u, v = np.linspace(-1, 1, width)[None], np.linspace(0, 1, height)[:, None]
    shine = 0.5 + 0.4 * np.cos((u + 0.5) * 4 + v * 3) + 0.25 * smooth(0.2, 0, np.abs(u + 0.3))
    paste(picture, np.zeros(3), blur(mask, 4) * 0.5, int(x - width / 2 + 6), int(y - height / 2 + 8))
    paste(
        picture,
        (rgb("d8d8dc") * shine[..., None]).astype(np.float32),
        mask,
        int(x - width / 2),
        int(y - height / 2),
    )


def bean(rng: RNG, picture: np.ndarray, x: int, y: int, size: float) -> None:
    """A roasted coffee bean."""
    n, turn = max(6, int(size * 2.4)), rng.uniform(0, 3)
    u, v = np.meshgrid(np.linspace(-1.2, 1.2, n), np.linspace(-1.2, 1.2, n))
    u, v = u * np.cos(turn) + v * np.sin(turn), (v * np.cos(turn) - u * np.sin(turn)) * 1.5
    r = np.hypot(u, v)
    lit = np.clip(0.9 - 0.5 * r**2 - 0.3 * v, 0.1, 1) * (
        1 - 0.75 * smooth(0.12, 0.04, np.abs(v - 0.18 * np.sin(u * 3)))
    )
    paste(
        picture,
        np.zeros(3),
        (0.6 * smooth(1.25, 0.8, r)).astype(np.float32),
        x - n // 2 + n // 8,
        y - n // 2 + n // 8,
    )
    paste(
        picture,
        (rgb("54301a") * lit[..., None]).astype(np.float32),
        smooth(1.0, 0.9, r).astype(np.float32),
        x - n // 2,
        y - n // 2,
    )


def books(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Shelves full of books."""
    shelves = int(rng.integers(2, 4)) + (h > w)
    oak = planks(rng, WOODS[rng.integers(4)], 0.5)
    picture = np.zeros((h, w, 3), np.float32) + rgb("18100a") * 0.5
    step = h / shelves
    board = int(step * 0.07)
    hues = [
        "7a1c1c",
        "1c3454",
        "2c4a34",
        "c8b078",
        "3a2a22",
        "d8d0c0",
        "b86a2c",
        "4c2c4c",
        "20242a",
        "8a8c84",
        "c03a2c",
        "2a6a78",
    ]
    for shelf in range(shelves + 1):
        floor, x = int(shelf * step + step * 0.9), -10.0
        while x < w:
            wide, tall = int(w * rng.uniform(0.016, 0.05)), int((step - board) * rng.uniform(0.6, 0.92))
            if rng.random() < 0.04:
                x += w * rng.uniform(0.02, 0.07)
                continue
            spine = book(rng, wide, tall, rgb(str(rng.choice(hues))) * rng.uniform(0.6, 1.1))
            paste(picture, spine, np.ones((tall, wide), np.float32), int(x), floor - tall)
            x += wide + rng.uniform(0.5, 2.5)
        above = np.clip(1 - (np.arange(h)[:, None] - (floor - step + board)) / (step * 0.3), 0, 1) * (
            np.arange(h)[:, None] > floor - step + board
        )
        picture *= (1 - 0.55 * above)[..., None]
        edge = slice(max(floor, 0), max(min(floor + board, h), 0))
        rows = np.arange(h)[edge]
        if rows.size:
            shade = np.where(rows < floor + 2, 1.3, 0.95 - 0.3 * (rows - floor) / board)
            picture[edge] = (
                oak(np.arange(w)[None] / w * 14 + shelf * 5, rows[:, None] / h * 14 + 0.0)
                * shade[:, None, None]
            )
    u = np.arange(w)[None] / w - rng.uniform(0.1, 0.9) - 0.2 * shot.t
    v = np.arange(h)[:, None] / h - 0.3
    return (
        picture
        * (0.55 + 1.1 * np.exp(-(u**2 / 0.35 + v**2 / 0.6)))[..., None]
        * ramp(np.array([0.5]), [(0, "fff0d8"), (1, "fff0d8")])[0]
        * 1.3
    )


def book(rng: RNG, wide: int, tall: int, hue: np.ndarray) -> np.ndarray:
    """The spine of a book, with bands and a title."""
    u = np.linspace(-1, 1, wide)[None]
    spine = np.broadcast_to(hue, (tall, wide, 3)).copy()
    ink = rgb("d8b868") if hue.mean() < 0.25 else rgb("2a2420")
    for at in rng.choice([0.06, 0.12, 0.2, 0.8, 0.88, 0.94], rng.integers(0, 4), replace=False):
        spine[int(at * tall) : int(at * tall) + max(1, tall // 70)] = ink
    if rng.random() < 0.3:
        spine[int(0.25 * tall) : int(0.5 * tall), 1:-1] = rgb(str(rng.choice(["e4dcc8", "1c1814", "8c1c1c"])))
    row, side = int(0.26 * tall), max(1, wide // 4)
    while row < rng.uniform(0.5, 0.75) * tall:
        letter = max(2, int(wide * rng.uniform(0.1, 0.22)))
        if rng.random() < 0.85:
            spine[row : row + letter, side : wide - side] = ink * 0.85
        row += letter + max(1, wide // 12)
    worn = tile(rng, 256, 8, 0.7)[:tall, :wide] if tall <= 256 else np.zeros((tall, wide), np.float32)
    lit = (1.05 - 0.55 * u**2) * (1 + 0.04 * worn)
    return (spine * lit[..., None]).astype(np.float32)
