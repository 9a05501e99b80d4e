"""By the sea: sunsets, a lighthouse, and below the surface."""

from __future__ import annotations

import numpy as np
from canvas import RNG, blur, clouds, drawn, glow, mix, paste, ramp, rgb, sample, smooth, tile
from develop import Shot
from land import WHITE, View, cloud_layer, heaps, render, sky, sun_from, water
from PIL import ImageDraw

EVENINGS = [
    [(0, "ff9a4c"), (0.08, "f07a4a"), (0.25, "a85a6c"), (0.6, "3c3c6c"), (1, "1c2450")],
    [(0, "ffc878"), (0.1, "f8a868"), (0.3, "b88c94"), (0.6, "5c749c"), (1, "34507c")],
    [(0, "f0a48c"), (0.1, "d0868c"), (0.3, "80648c"), (0.7, "343a64")],
    [(0, "ffe0a0"), (0.1, "f4c088"), (0.3, "9ca8b0"), (0.7, "4c78a4")],
]


def sunset(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """The sun over the sea, mirrored in waves and wet sand."""
    view = View(w, h, rng.uniform(0.42, 0.58), 1.1)
    stops = EVENINGS[rng.integers(len(EVENINGS))]
    place = (rng.uniform(-0.28, 0.28), rng.uniform(0.05, 0.13) - 0.06 * shot.t)
    light = rgb("ff9848") * (1.3 - 0.3 * shot.t)
    picture = sky(view, stops, place, light * 0.75) * 0.72
    cloud_layer(
        view,
        rng,
        picture,
        rng.uniform(0.0, 0.9),
        rgb(stops[0][1]) * 1.1,
        rgb(stops[2][1]) * 0.45,
        sun=place[0],
        drift=0.06 * shot.t,
        stretch=0.5,
    )
    if rng.random() < 0.6:
        shape = (clouds(rng, w, 1, rng.uniform(0.7, 1.6), 0.4)[0] * 0.018 + rng.uniform(0.0, 0.02)) * h
        land = smooth(-1.5, 1.5, np.arange(h)[:, None] - (view.horizon - shape[None]))
        picture = mix(picture, rgb(stops[2][1]) * 0.28, land * (np.arange(h)[:, None] < view.horizon))
    water(
        view, rng, picture, rgb(stops[3][1]) * 0.25, waves=rng.uniform(1.4, 3.2), eye=2.2, drift=0.7 * shot.t
    )
    if rng.random() < 0.5:
        picture = wet_sand(rng, view, picture, rgb(stops[1][1]), shot)
    return picture


def wet_sand(rng: RNG, view: View, picture: np.ndarray, light: np.ndarray, shot: Shot) -> np.ndarray:
    """Sand in front of the water, with a line of foam where they meet."""
    h, w = picture.shape[:2]
    rows, columns = np.arange(h)[:, None], np.arange(w)[None]
    edge = h * rng.uniform(0.76, 0.84) + h * rng.normal(0, 0.08) * (columns / w - 0.5)
    line = edge + h * 0.035 * sample(tile(rng, 256, 2, 0.42), columns / w * 0.7 + 0.1 * shot.t, 0)
    grain = clouds(rng, w, h, 9, 0.85)
    sand = rgb("6a5038") * (1 + 0.10 * grain)[..., None] * (0.5 + 0.7 * light)
    below = (rows - line) / h
    mirror = np.clip(2 * view.horizon - rows * 1.0, 0, view.horizon - 1).astype(int)[:, 0]
    sand = mix(sand, blur(picture[mirror], 5) * 0.75, smooth(0.13, 0.0, below + 0.012 * grain) * 0.85)
    picture = mix(picture, sand, smooth(0, 0.004, below))
    lace = np.abs(sample(tile(rng, 512, 6, 0.6), columns / w * 2, rows / h * 7))
    foam = (
        smooth(0.016, 0.0, np.abs(below + 0.006)) * smooth(1.3, 0.3, lace)
        + smooth(0.09, 0, np.abs(below + 0.07)) * smooth(0.16, 0.02, lace) * 0.6
    )
    return mix(picture, light * 0.9 + 0.08, np.clip(foam, 0, 0.9))


def lighthouse(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """A lighthouse on a headland, by day or at dusk."""
    view = View(w, h, rng.uniform(0.5, 0.6), 1.2)
    dusk = rng.random() < 0.5
    stops = EVENINGS[rng.integers(4)] if dusk else [(0, "dfeaf0"), (0.15, "a4c6e4"), (0.6, "4c84c0")]
    side = rng.choice([-1, 1])
    picture = sky(view, stops, (-side * 0.3, 0.08 - 0.04 * shot.t) if dusk else None, rgb("ff9c54"))
    (cloud_layer if dusk else heaps)(
        view,
        rng,
        picture,
        0.5,
        rgb(stops[0][1]) if dusk else WHITE,
        rgb(stops[2][1]) * 0.6,
        drift=0.05 * shot.t,
    )
    water(view, rng, picture, rgb("123c50") * (0.5 if dusk else 1), waves=1.8, eye=9, drift=0.4 * shot.t)
    rock, rough = tile(rng, 512, 2, 0.55, "ridged"), tile(rng, 512, 3, 0.62)
    sun = sun_from(-side * (0.9 if dusk else 1.3), 0.3)

    def height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        reach = (
            smooth(-30, 70, side * x - 6 - 0.05 * z + 14 * sample(rough, x / 300, z / 300))
            * smooth(300, 200, z)
            * smooth(60, 110, z)
        )
        top = 19 * np.minimum(reach * 1.6, 1) + reach * 4 * sample(rock, x / 130, z / 130)
        return np.where(reach > 0.02, top + 1.2 * sample(rough, x / 30, z / 30) - 2.0, -3)

    def paint(x: np.ndarray, z: np.ndarray, y: np.ndarray, up: np.ndarray) -> np.ndarray:
        speckle = sample(rough, x / 25, z / 25)
        stone = ramp(speckle, [(-2, "4a4038"), (2, "a49484")])
        green = ramp(speckle, [(-2, "34451e"), (2, "7c8848")])
        wet = mix(rgb("1c1a18") + 0 * stone, stone, smooth(0, 2.5, y))
        return mix(wet, green, smooth(0.72, 0.86, up) * smooth(9, 13, y))

    light = rgb("ffb070") * 1.3 if dusk else rgb("fff0d8") * 1.6
    before = picture.copy()
    distance = render(
        view,
        picture,
        height,
        paint,
        eye=9,
        near=20,
        far=600,
        sun=sun,
        light=light,
        ambient=rgb(stops[2][1]) * 0.6,
        air=rgb(stops[1][1]),
        reach=2500,
        shadow=40,
    )
    flat = ~np.isfinite(distance) | (np.minimum(distance, 900) * -view.e > 8.9 + 0.4)
    picture = np.where(flat[..., None], before, picture)
    z = 165
    x = side * rng.uniform(40, 60)
    foot = view.horizon - (float(height(np.array([x]), np.array([float(z)]))[0]) - 9) / z * view.focal
    beacon(
        picture,
        view.width / 2 + x / z * view.focal,
        foot + 3,
        0.36 * h,
        rng.random() < 0.5,
        light,
        dusk,
        side,
    )
    return picture


def beacon(
    picture: np.ndarray,
    x: float,
    foot: float,
    tall: float,
    striped: bool,
    light: np.ndarray,
    lit: bool,
    side: int,
) -> None:
    """A round white tower with its lantern."""
    height, width = int(tall), int(tall * 0.26)
    u, v = np.meshgrid(np.linspace(-1, 1, width), np.linspace(0, 1, height))
    half = np.where(
        v > 0.2,
        0.46 + 0.36 * (v - 0.2) / 0.8,
        np.where(v > 0.17, 0.62, np.where(v > 0.07, 0.3, 0.36 * v / 0.07)),
    )
    round_ = np.clip(u / np.maximum(half, 0.01), -1, 1)
    shade = 0.3 + 0.7 * np.clip(np.cos(np.arcsin(round_) + side * 0.8), 0, 1)
    red = (
        (v < 0.07) | ((v > 0.17) & (v < 0.2)) | (striped & (((v - 0.2) * 5).astype(int) % 2 == 1) & (v > 0.2))
    )
    colour = np.where(red[..., None], rgb("b42820"), rgb("f0ece4")) * shade[..., None] * (0.25 + 0.6 * light)
    glass = (v > 0.07) & (v < 0.17)
    colour = np.where(glass[..., None], rgb("ffe8a0") * (2.2 if lit else 0.5), colour)
    for y in (0.36, 0.56, 0.76):
        pane = (np.abs(u) < 0.07) & (np.abs(v - y) < 0.018)
        colour = np.where(pane[..., None], rgb("20242c"), colour)
    left, top = int(x - width / 2), int(foot - height)
    paste(
        picture,
        colour.astype(np.float32),
        smooth(0, 3 / width, half - np.abs(u)).astype(np.float32),
        left,
        top,
    )
    if lit:
        glow(picture, rgb("ffdf90"), x, top + 0.12 * height, 0.1 * height, 1.6)


def underwater(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Blue water with rays of light, a shoal of fish and the sea floor."""
    rows, columns = np.arange(h)[:, None] / h, np.arange(w)[None] / w
    hue = [["c8f4f0", "3fb4cc", "0c6498", "04284c"], ["d8f8dc", "4cc0b0", "107a84", "063848"]][
        rng.integers(2)
    ]
    source = rng.uniform(0.25, 0.75)
    picture = ramp(
        np.hypot(columns - source, rows * 0.9 + 0.05),
        [(0, hue[0]), (0.22, hue[1]), (0.6, hue[2]), (1.1, hue[3])],
    )
    beams = tile(rng, 512, 8, 0.6)
    angle = np.arctan2(columns - source, rows + 0.35)
    picture += (
        rgb(hue[1])
        * (np.clip(sample(beams, angle * 0.5 + 0.02 * shot.t, 0.13), 0, 3) * np.exp(-rows * 2) * 0.35)[
            ..., None
        ]
    )
    floor, fine = tile(rng, 512, 2, 0.4), tile(rng, 512, 8, 0.7)
    line = rng.uniform(0.68, 0.8) - 0.05 * sample(floor, columns, 0.3)
    depth = np.maximum(rows - line + 0.05, 0.02)
    x, z = (columns - 0.5) / depth * 0.12, 0.08 / depth
    caustic = smooth(0.3, 0.0, np.abs(sample(beams, x * 0.6 + 0.1 * shot.t, z * 0.6))) + 0.4
    sand = mix(
        rgb("b8a884") * caustic[..., None] * (1 + 0.12 * sample(fine, x, z))[..., None] * rgb(hue[0]),
        rgb(hue[2]),
        np.clip(0.35 + 0.08 / depth * 0.28, 0, 0.97),
    )
    picture = mix(picture, sand, smooth(0, 0.03, rows - line))
    for _ in range(rng.integers(5, 12)):
        size = int(rng.uniform(0.06, 0.2) * h)
        ridge = tile(rng, 256, 6, 0.75)
        u, v = np.meshgrid(np.linspace(-1, 1, 2 * size), np.linspace(-1, 1, size))
        bump = sample(ridge, u * 0.3, v * 0.2)
        shape = smooth(0.9, 0.8, np.hypot(u, v) + 0.16 * bump)
        hue2 = rgb(str(rng.choice(["b85a5c", "c88a4c", "7a5a8c", "4c5a4c", "a8a060"])))
        body = hue2 * (0.25 + 0.45 * np.clip(-v + 0.5 + 0.4 * bump, 0, 2))[..., None] * (0.4 + rgb(hue[1]))
        paste(
            picture,
            mix(body, rgb(hue[2]), np.full(body.shape[:2], 0.35, np.float32)).astype(np.float32),
            shape.astype(np.float32),
            int(rng.uniform(-0.1, 1) * w),
            int((0.93 + 0.05 * rng.random()) * h - size * 0.7),
        )
    middle, spread = rng.uniform(0.3, 0.6, 2), rng.uniform(0.08, 0.16)
    fishes(rng, shot, picture, middle * (w, h), spread * w, 0.006 * w + 0.02 * w * rng.random(), rgb(hue[3]))
    return picture


def fishes(
    rng: RNG,
    shot: Shot,
    picture: np.ndarray,
    middle: np.ndarray,
    spread: float,
    size: float,
    dark: np.ndarray,
) -> None:
    """A shoal, all heading one way."""
    heading = rng.choice([-1, 1])
    count = int(rng.integers(14, 90))
    for x, y in rng.normal(0, 1, (count, 2)) * (spread, spread * 0.5) + middle:
        length = int(size * rng.uniform(0.8, 1.4) * 2)
        high = max(3, int(length * 0.46))

        def body(pencil: ImageDraw.ImageDraw, s: int, length: int = length, high: int = high) -> None:
            pencil.ellipse([(0, high * 0.18 * s), (length * 0.8 * s, high * 0.82 * s)], fill=255)
            pencil.polygon(
                [
                    (length * 0.68 * s, high * 0.5 * s),
                    (length * s, high * 0.08 * s),
                    (length * 0.9 * s, high * 0.5 * s),
                    (length * s, high * 0.92 * s),
                ],
                fill=255,
            )

        mask = drawn(length, high, body)[:, ::heading]
        shade = np.linspace(0.35, 2.4, high)[:, None, None] * (dark + 0.1 * rng.random())
        left, top = x + heading * -40 * shot.t + shot.rng.normal(0, 5), y + shot.rng.normal(0, 5)
        paste(
            picture, np.broadcast_to(shade, (high, length, 3)).astype(np.float32), mask, int(left), int(top)
        )
