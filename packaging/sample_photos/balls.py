"""Round things on a table, traced ray by ray: spheres with skins, soft shadows and a plane below them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from canvas import RNG, mix, ramp, rgb, sample, smooth, tile

Skin = Callable[
    [np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]
]  # normal parts: colour, bump


WOODS = [
    ("3c2414", "6c4426", "946840"),
    ("8a7460", "b09a80", "cbb89c"),
    ("20140e", "3a261a", "5a3e2a"),
    ("a87848", "c89a64", "deb884"),
]
CROWD = 30  # more balls than these are a heap


@dataclass(frozen=True)
class Ball:
    """A sphere with its skin; `gloss` is how sharply it mirrors the light, `axis` where its pole points."""

    centre: tuple[float, float, float]
    radius: float
    skin: Skin
    gloss: float = 0.5
    axis: tuple[float, float, float] = (0, 1, 0)


@dataclass(frozen=True)
class Eye:
    """A camera above the table: looks down by `pitch` radians from `height`, `focal` of the long side."""

    height: float
    pitch: float
    focal: float

    def rays(self, width: int, height: int) -> np.ndarray:
        """The direction of each pixel, unit length, (H, W, 3); y is up and z is ahead."""
        scale = self.focal * max(width, height)
        x = np.broadcast_to(((np.arange(width) - width / 2) / scale)[None], (height, width))
        y = np.broadcast_to(((height / 2 - np.arange(height)) / scale)[:, None], (height, width))
        c, s = np.cos(self.pitch), np.sin(self.pitch)
        rays = np.stack([x, y * c - s, y * s + c], -1).astype(np.float32)
        return rays / np.linalg.norm(rays, axis=-1, keepdims=True)

    def pixel(self, point: tuple[float, float, float], width: int, height: int) -> tuple[float, float, float]:
        """Column, row and pixels per unit of length of a point."""
        c, s = np.cos(self.pitch), np.sin(self.pitch)
        y = point[1] - self.height
        up, ahead = y * c + point[2] * s, point[2] * c - y * s
        scale = self.focal * max(width, height) / ahead
        return width / 2 + point[0] * scale, height / 2 - up * scale, scale


def light_at(
    points: np.ndarray, normal: np.ndarray, sun: np.ndarray, balls: list[Ball]
) -> tuple[np.ndarray, np.ndarray]:
    """Sun and open sky that reach points past the balls, 0..1 each (after Quilez, sphere shadow and occlusion)."""
    lit, open_sky = np.ones(points.shape[:-1], np.float32), np.ones(points.shape[:-1], np.float32)
    for ball in balls:
        away = points - np.array(ball.centre, np.float32)
        along = away @ sun
        distance2 = (away * away).sum(-1)
        beside = np.sqrt(np.maximum(distance2 - along * along, 0))
        soft = 0.12 * np.maximum(-along, 0.05) + 0.02 * ball.radius
        lit *= np.where(along < 0, smooth(-1, 1, (beside - ball.radius) / soft), 1)
        distance = np.sqrt(distance2)
        facing = np.clip(-(away * normal).sum(-1) / distance, 0, 1)
        open_sky *= 1 - facing * np.clip(ball.radius**2 / distance2, 0, 1)
    return lit, open_sky


def table(
    eye: Eye,
    width: int,
    height: int,
    top: np.ndarray,
    balls: list[Ball],
    sun: np.ndarray,
    light: np.ndarray,
    ambient: np.ndarray,
    wood: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> np.ndarray:
    """A picture of balls on a plane of `wood`, before the background `top` (H, W, 3)."""
    rays = eye.rays(width, height)
    down = rays[..., 1] < -0.02
    first = int(np.argmax(down.any(1))) if down.any() else height
    ground = rays[first:]
    t = eye.height / np.maximum(-ground[..., 1], 0.02)
    points = ground * t[..., None] + np.array([0, eye.height, 0], np.float32)
    near = balls if len(balls) <= CROWD else []  # a heap hides the table below it
    lit, open_sky = light_at(points, np.array([0, 1, 0], np.float32), sun, near)
    colour = wood(points[..., 0], points[..., 2])
    picture = top.copy()
    shade = colour * (light * (lit * sun[1])[..., None] + ambient * (open_sky**1.3)[..., None])
    picture[first:] = mix(picture[first:], shade, down[first:].astype(np.float32))
    for ball in sorted(
        balls, key=lambda b: -(b.centre[2] * np.cos(eye.pitch) - b.centre[1] * np.sin(eye.pitch))
    ):
        paint(eye, picture, rays, ball, balls, sun, light, ambient, top)
    return picture


def paint(
    eye: Eye,
    picture: np.ndarray,
    rays: np.ndarray,
    ball: Ball,
    balls: list[Ball],
    sun: np.ndarray,
    light: np.ndarray,
    ambient: np.ndarray,
    room: np.ndarray,
) -> None:
    """Paints one ball where it is in the picture."""
    height, width = picture.shape[:2]
    column, row, scale = eye.pixel(ball.centre, width, height)
    reach = ball.radius * scale * 1.12 + 2
    y0, y1, x0, x1 = (
        int(v)
        for v in (
            max(row - reach, 0),
            min(row + reach, height),
            max(column - reach, 0),
            min(column + reach, width),
        )
    )
    if y1 - y0 < 2 or x1 - x0 < 2:
        return
    part = rays[y0:y1, x0:x1]
    centre = np.array(ball.centre, np.float32) - np.array([0, eye.height, 0], np.float32)
    b = part @ centre
    c = centre @ centre - ball.radius**2
    inside = b * b - c
    mask = smooth(-1.0, 1.0, (ball.radius - np.sqrt(np.maximum(centre @ centre - b * b, 0))) * scale)
    t = b - np.sqrt(np.maximum(inside, 0))
    points = part * t[..., None] + np.array([0, eye.height, 0], np.float32)
    normal = (points - np.array(ball.centre, np.float32)) / ball.radius
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    axis = np.array(ball.axis, np.float32) / np.linalg.norm(ball.axis)
    side = np.cross(axis, [0.3, 0.1, 1.0])
    side /= np.linalg.norm(side)
    local = (normal @ side, normal @ axis, normal @ np.cross(side, axis))
    albedo, bump = ball.skin(*local)
    slope = (
        np.stack([np.gradient(bump, axis=1), -np.gradient(bump, axis=0), 0 * bump], -1) * scale * ball.radius
    )
    normal = normal - slope.astype(np.float32)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    others = sorted(
        (o for o in balls if o is not ball),
        key=lambda o: sum((p - q) ** 2 for p, q in zip(o.centre, ball.centre, strict=True)),
    )[:6]
    lit, open_sky = light_at(points, normal, sun, others)
    wrap = np.clip((normal @ sun + 0.12) / 1.12, 0, 1) * lit
    up = 0.5 + 0.5 * normal[..., 1]
    contact = smooth(0, 0.8, points[..., 1] / ball.radius)
    colour = albedo * (
        light * wrap[..., None]
        + ambient * (open_sky * (0.35 + 0.65 * up) * (0.35 + 0.65 * contact))[..., None]
    )
    mirror = part - 2 * (part * normal).sum(-1, keepdims=True) * normal
    shine = np.clip(mirror @ sun, 0, 1) ** (12 + 400 * ball.gloss**2) * (0.25 + 2.2 * ball.gloss) * lit
    fresnel = 0.03 + 0.5 * (1 - np.clip(-(part * normal).sum(-1), 0, 1)) ** 5
    seen = room[
        np.clip(((0.45 - 0.5 * mirror[..., 1]) * height).astype(int), 0, height - 1),
        np.clip(((0.5 + 0.4 * mirror[..., 0]) * width).astype(int), 0, width - 1),
    ]
    metal = 0.75 if ball.gloss > 0.95 else 0.0
    colour = (
        colour * (1 - 0.6 * metal)
        + seen * (fresnel * ball.gloss * 1.4 + metal * 1.5)[..., None] * (albedo if metal else 1)
        + light * shine[..., None] * 0.5
    )
    picture[y0:y1, x0:x1] = mix(picture[y0:y1, x0:x1], colour.astype(np.float32), mask)


def skin(rng: RNG, kind: str) -> tuple[Skin, float]:
    """The skin of a fruit and its gloss."""
    noise, fine = tile(rng, 256, 4, 0.6), tile(rng, 256, 16, 0.75)
    hue = {
        "orange": ("d8600c", "f08a1c"),
        "lemon": ("d8a80c", "f4d83c"),
        "apple": ("8c1014", "d83424"),
        "green apple": ("6c9014", "b4cc4c"),
        "plum": ("1c1034", "54305c"),
        "tomato": ("a8140c", "d8301c"),
        "peach": ("c03c28", "f09850"),
        "lime": ("2c6410", "84ac2c"),
        "blueberry": ("181c3c", "5c6890"),
    }[kind]
    turn = rng.uniform(0, 6)

    def look(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        around = np.arctan2(z, x) / (2 * np.pi) + turn
        patch = sample(noise, around * 1.0, y * 0.35)
        grain = sample(fine, around * 2, y * 0.6) * np.sqrt(np.clip(1 - y * y, 0, 1))
        colour = mix(
            rgb(hue[0]) + 0 * patch[..., None], rgb(hue[1]), np.clip(0.55 + 0.3 * patch + 0.1 * grain, 0, 1)
        )
        bump = 0.0 * grain
        if kind in ("orange", "lemon", "lime"):
            bump = 0.0022 * grain
        if "apple" in kind or kind == "peach":
            streak = sample(fine, around * 3, y * 0.08)
            blush = smooth(-0.5, 1.1, x + 0.4 * patch)
            other = rgb("e8b84c" if kind == "apple" else hue[1])
            colour = mix(colour, other, np.clip((1 - blush) * 0.2 + 0.09 * streak, 0, 0.7))
            colour = mix(colour, rgb("b8b058"), smooth(0.86, 1.0, y) * 0.7)
            colour = colour * (1 - 0.45 * smooth(0.9, 0.99, y))[..., None]
        if kind in ("plum", "blueberry"):
            colour = mix(colour, rgb("8c94b4"), np.clip(0.25 + 0.25 * patch + 0.2 * y, 0, 0.6))
        return colour * (1 - 0.75 * smooth(0.975, 1.0, y))[..., None], bump

    return look, {
        "tomato": 0.85,
        "apple": 0.6,
        "green apple": 0.6,
        "plum": 0.25,
        "blueberry": 0.15,
        "peach": 0.12,
    }.get(kind, 0.4)


def planks(
    rng: RNG, tone: tuple[str, str, str], wide: float = 1.4
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """A table top of boards along x."""
    grain, fine = tile(rng, 512, 2, 0.6), tile(rng, 512, 8, 0.75)

    def wood(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        board = np.floor(z / wide)
        shift = np.sin(board * 91.7) * 7
        rings = np.sin((sample(grain, x / 30 + shift, z / 9 + shift) * 3 + z * 2) * 4)
        fibre = sample(fine, x / 14 + shift, z / 1.3 + shift)
        colour = ramp(
            0.25 * rings + 0.4 * fibre + 0.5 * np.sin(board * 37.1),
            [(-1.4, tone[0]), (0, tone[1]), (1.4, tone[2])],
        )
        gap = np.abs(z / wide - board - 0.5) > 0.49
        return colour * np.where(gap, 0.35, 1.0)[..., None]

    return wood
