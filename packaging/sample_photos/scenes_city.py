"""A city after dark: its skyline, fireworks, traffic, and its lights out of focus."""

from __future__ import annotations

import numpy as np
from canvas import RNG, blur, clouds, glow, glow_disc, mix, paste, ramp, resize, rgb, sample, smooth, tile
from develop import Shot
from land import View, cloud_layer, sky, water
from PIL import Image
from scenes_sea import EVENINGS


def skyline(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """A city at dusk with lit windows, mirrored in a river."""
    view = View(w, h, rng.uniform(0.62, 0.72), 1.2)
    stops = EVENINGS[rng.integers(len(EVENINGS))]
    night = rng.uniform(0.0, 0.5) + 0.5 * shot.t
    picture = sky(view, stops, None, rgb("ffffff"))
    cloud_layer(
        view, rng, picture, rng.uniform(0, 0.8), rgb(stops[0][1]), rgb(stops[2][1]) * 0.6, drift=0.05 * shot.t
    )
    picture *= 0.85 - 0.7 * night
    city(rng, view, picture, rgb(stops[1][1]) * (0.5 - 0.4 * night), night)
    water(view, rng, picture, rgb("0a1420"), waves=rng.uniform(1.2, 2.4), eye=6, drift=0.5 * shot.t)
    return picture * 1.2


def fireworks(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Fireworks above a city by the water."""
    view = View(w, h, 0.8, 1.2)
    picture = np.broadcast_to(
        ramp(np.arange(h) / h, [(0, "04060e"), (0.8, "181c30"), (1, "0c1018")])[:, None], (h, w, 3)
    ).copy()
    smoke = np.clip(clouds(rng, w, h, 1.2), 0, 3)
    now = shot.rng
    hues = ["ffd070", "ff5040", "60c8ff", "a0ff80", "ff70d0", "fff0d8"]
    for _ in range(int(now.integers(3, 7))):
        x, y = now.uniform(0.12, 0.88) * w, now.uniform(0.1, 0.5) * h
        hue = rgb(str(rng.choice(hues[:4])))
        burst(now, picture, x, y, now.uniform(0.12, 0.3) * min(w, h), hue)
        glow(picture, hue, x, y, 0.18 * w, 0.12)
        picture += (
            hue
            * (
                smoke
                * np.exp(
                    -(
                        ((np.arange(w)[None] - x) / (0.15 * w)) ** 2
                        + ((np.arange(h)[:, None] - y) / (0.2 * h)) ** 2
                    )
                )
                * 0.06
            )[..., None]
        )
    city(rng, view, picture, rgb("1c2030"), 0.75)
    water(view, rng, picture, rgb("060810"), waves=1.6, eye=6, drift=shot.t)
    return picture * 1.25


def bokeh(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """City lights out of focus, through a window with rain on it or without."""
    rows = np.arange(h)[:, None]
    picture = ramp(rows[:, 0] / h, [(0, "06080e"), (0.5, "1c1c28"), (1, "0a0a10")])[:, None].repeat(w, 1)
    picture += (
        rgb("403028")
        * (np.clip(clouds(rng, w, h, 1), 0, 2) * np.exp(-(((rows / h - 0.55) / 0.25) ** 2)) * 0.25)[..., None]
    )
    hues = [
        ["ffb050", "ff7030", "ffe0a0", "ff3828", "fff4e0"],
        ["ffb050", "50a0ff", "ff5090", "60ffd0", "fff4e0"],
        ["ff3020", "30d060", "ffc030", "4080ff", "fff0d0"],
    ][rng.integers(3)]
    size = rng.uniform(0.018, 0.045) * max(w, h)
    for _ in range(int(rng.integers(45, 110))):
        x, y = rng.uniform(0, 1) * w + 18 * shot.t, (0.52 + rng.normal(0, 0.16)) * h
        glow_disc(
            picture, rgb(str(rng.choice(hues))), x, y, size * rng.uniform(0.6, 1.25), rng.uniform(0.1, 0.75)
        )
    picture = blur(picture, 1.5)
    return drops(rng, picture, int(rng.integers(250, 600)), shot) if rng.random() < 0.65 else picture * 1.2


def traffic(rng: RNG, w: int, h: int, shot: Shot) -> np.ndarray:
    """Light trails of cars on a road at blue hour, long exposure."""
    view = View(w, h, rng.uniform(0.42, 0.52), 1.1)
    picture = (
        sky(view, [(0, "e0906c"), (0.08, "8c6c84"), (0.3, "34487c"), (0.8, "141c44")], None, rgb("ffffff"))
        * 0.5
    )
    cloud_layer(view, rng, picture, 0.5, rgb("6c587c") * 0.7, rgb("1c2444") * 0.7, drift=0.1 * shot.t)
    city(rng, view, picture, rgb("54506c") * 0.5, 0.6)
    rows = np.arange(view.horizon, h)
    depth = np.maximum((rows - view.horizon) / view.focal, 0.002)
    z = 1.4 / depth
    bend = rng.normal(0, 0.004) * z**2 / (1 + z / 40)
    columns = np.arange(w)[None]
    x = view.a * z[:, None] - bend[:, None] - rng.uniform(-1, 1)
    fine = tile(rng, 512, 8, 0.75)
    asphalt = rgb("2c2e38") * (0.4 + 0.06 * sample(fine, x / 4, z[:, None] / 4))[..., None]
    verge = rgb("10160e") * (1 + 0.3 * sample(fine, x / 3, z[:, None] / 3))[..., None]
    road = mix(asphalt, verge, smooth(8.2, 8.8, np.abs(x)))
    dash = (
        (np.abs(np.abs(x) - 4) < 0.07) & ((z[:, None] / 6) % 1 < 0.45)
        | (np.abs(np.abs(x) - 7.8) < 0.08)
        | (np.abs(x) < 0.1)
    )
    road = mix(road, rgb("b8b4a8") * 0.5, dash.astype(np.float32))
    for side, hues in ((-1, ["fff0d0", "ffe4b0", "e8f0ff"]), (1, ["ff2818", "ff3c20", "ff1c10"])):
        for _ in range(int(shot.rng.integers(12, 26))):
            lane = side * (rng.choice([2, 6]) + shot.rng.normal(0, 0.5))
            high = shot.rng.uniform(0.3, 0.9)
            y = view.horizon + (1.4 - high) / z * view.focal
            at = view.width / 2 + (lane + bend + 0.0) / z * view.focal
            core, hue = 0.035 / z * view.focal + 0.6, rgb(str(rng.choice(hues)))
            for row, middle, thick in zip(y, at, core, strict=True):
                r = int(row)
                if view.horizon <= r < h and -50 < middle < w + 50:
                    a, b = max(int(middle - 4 * thick), 0), min(int(middle + 4 * thick) + 1, w)
                    if a < b:
                        road[r - view.horizon, a:b] += (
                            hue * (0.5 * np.exp(-(((columns[0, a:b] - middle) / thick) ** 2)))[:, None]
                        )
    picture[view.horizon :] = road + blur(road, 8) * 0.25
    return picture * 1.5


def city(rng: RNG, view: View, picture: np.ndarray, air: np.ndarray, night: float) -> None:
    """Rows of towers up to the horizon line, the far ones in the haze."""
    h, w = picture.shape[:2]
    bulge = rng.uniform(0.25, 0.75)
    for layer in range(4):
        x, near = -0.02 * w, layer / 3
        while x < w:
            wide = int(w * rng.uniform(0.018, 0.05) * (0.7 + 0.6 * near))
            centre = np.exp(-(((x / w - bulge) / 0.22) ** 2))
            tall = int(h * (0.04 + (0.05 + 0.36 * centre) * rng.random() ** 1.3) * (1.15 - 0.5 * near))
            body = tower(rng, wide, max(tall, 6), night, air, near)
            top = view.horizon - body.shape[0]
            paste(picture, body, np.ones(body.shape[:2], np.float32), int(x), top)
            if rng.random() < 0.15 and tall > 0.2 * h:
                mast = max(1, wide // 14)
                picture[
                    max(top - tall // 5, 0) : max(top, 0), int(x + wide / 2) : int(x + wide / 2) + mast
                ] = air * 0.4
                glow(picture, rgb("ff3020"), x + wide / 2, top - tall // 5, 3, 1.5 * night)
            x += wide * rng.uniform(0.75, 1.5)
    for lamp in rng.uniform(0, w, 60):
        glow(
            picture,
            rgb(rng.choice(["ffb060", "ffd8a0", "ff8040"])),
            lamp,
            view.horizon - h * 0.008,
            0.003 * w,
            (0.4 + night) * 2,
        )


def tower(rng: RNG, wide: int, tall: int, night: float, air: np.ndarray, near: float) -> np.ndarray:
    """One building: a wall with a darker side, windows, and light in some of them, (tall, wide, 3)."""
    base = rgb(str(rng.choice(["2c3440", "3c3834", "4a4c54", "20262e", "54483e"]))) * (0.9 - 0.6 * night)
    wall = np.empty((tall, wide, 3), np.float32)
    wall[:] = base + air * 0.35 * np.linspace(1, 0.3, tall)[:, None, None]
    side = int(wide * rng.uniform(0.55, 0.8))
    wall[:, side:] *= 0.6
    cell_w, cell_h = max(3, int(wide / rng.integers(5, 12))), max(4, int(7 + 5 * near))
    across, down = wide // cell_w + 1, tall // cell_h + 1
    dark = rng.random((down, across))
    rows = np.repeat(rng.random((down, 1)) < 0.15, across, 1)
    share = (0.12 + 0.5 * night) * rng.uniform(0.4, 1.3)
    lit = ((dark < share) | (rows & (dark < share * 2.5)))[..., None]
    warm = ramp(rng.random((down, across)), [(0, "ff9c40"), (0.5, "ffd490"), (0.85, "fff2d8"), (1, "b8d8ff")])
    pane = np.where(lit, warm * rng.uniform(0.4, 2.0, (down, across, 1)), base * 0.55 + air * 0.25)
    panes = pane.repeat(cell_h, 0).repeat(cell_w, 1)[:tall, :wide]
    inside = ((np.arange(tall) % cell_h) >= max(1, cell_h // 3))[:, None] & ((np.arange(wide) % cell_w) >= 1)[
        None
    ]
    wall = np.where(inside[..., None], panes, wall)
    veil = 0.55 * (1 - near) ** 1.2
    return (wall + (air - wall) * veil).astype(np.float32)


def burst(rng: RNG, picture: np.ndarray, x: float, y: float, radius: float, hue: np.ndarray) -> None:
    """One shell: sparks that fly out, slow down and fall, as the streaks of a long exposure."""
    count, steps = int(rng.integers(90, 220)), 70
    direction = rng.normal(size=(count, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    t = np.linspace(0.1, 1, steps)[None]
    reach = (1 - np.exp(-2.2 * t)) * radius * rng.uniform(0.85, 1.1, (count, 1))
    px = (x + direction[:, :1] * reach).astype(int)
    py = (y + direction[:, 1:2] * reach + 0.35 * radius * t**2).astype(int)
    power = (0.1 + t**1.5 * smooth(1, 0.85, t)) * rng.uniform(0.4, 1, (count, 1)) * 0.9
    power = power * (rng.random((count, steps)) < 0.9)
    inside = (px > 0) & (px < picture.shape[1] - 1) & (py > 0) & (py < picture.shape[0] - 1)
    white = smooth(0.5, 0.0, t)[..., None] * 0.6
    colour = (hue * (1 - white) + white) * power[..., None] * 1.3
    spark = np.zeros_like(picture)
    np.add.at(spark, (py[inside], px[inside]), colour[inside])
    picture += spark + np.roll(spark, 1, 0) * 0.7 + np.roll(spark, 1, 1) * 0.7 + blur(spark, 4) * 6
    glow(picture, hue * 0.5 + 0.5, x, y, radius * 0.12, 1.2)


def drops(rng: RNG, picture: np.ndarray, count: int, shot: Shot) -> np.ndarray:
    """Rain on the glass: each drop shows what lies behind it upside down."""
    h, w = picture.shape[:2]
    clear, out = picture, blur(picture, 3) * 0.85
    small = resize(np.ascontiguousarray(clear[::-1, ::-1]), w // 6, h // 6, Image.Resampling.BOX)
    for i in range(count):
        r = int(np.clip(0.0024 / (1 - i / count + 0.03) ** 0.8, 0.002, 0.022) * max(w, h)) + 2
        x, y = int(rng.uniform(0, w)), int((rng.uniform(0, 1) + 0.05 * shot.t * (r > 10)) * h) % h
        side = 2 * r
        u, v = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side))
        d = np.hypot(u * rng.uniform(1, 1.25), v) + 0.08 * np.sin(3 * np.arctan2(v, u) + i)
        rows = np.clip(
            small.shape[0] * (1 - y / h) + v * small.shape[0] * 0.22 * d, 0, small.shape[0] - 1
        ).astype(int)
        columns = np.clip(
            small.shape[1] * (1 - x / w) + u * small.shape[1] * 0.22 * d, 0, small.shape[1] - 1
        ).astype(int)
        lens = (
            small[rows, columns] * (1.35 - 0.9 * smooth(0.6, 1.0, d))[..., None]
            + 0.5 * np.exp(-((u + 0.35) ** 2 + (v + 0.45) ** 2) * 26)[..., None] * picture.max() * 0.12
        )
        paste(out, lens.astype(np.float32), smooth(1.0, 0.88, d).astype(np.float32), x - r, y - r)
    return out * 1.3
