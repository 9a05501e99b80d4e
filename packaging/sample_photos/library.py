"""What lies in the sample library: which scenes, in which folders, on which days, by which cameras."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scenes_above
import scenes_air
import scenes_city
import scenes_flowers
import scenes_fruit
import scenes_high
import scenes_low
import scenes_sea
import scenes_sky
import scenes_table
import scenes_woods
from canvas import RNG
from develop import MARGIN, SCALE, Shot, develop
from PIL import Image, ImageOps

LONG_SIDE, SHORT_SIDE = 1600, 1200  # pixels
SERIES = (3, 6)  # photos of one scene, fewest and most
DUPLICATES = 12  # one of so many photos also lies somewhere as a copy

Scene = Callable[[RNG, int, int, Shot], np.ndarray]


@dataclass(frozen=True)
class Camera:
    """A camera: what it writes into EXIF, and how it names its files."""

    make: str
    model: str
    lens: str
    name: str  # strftime pattern; {n} is the running number
    turns: bool = False  # writes portrait photos lying on their side, with an orientation mark


CAMERAS = {
    "phone": Camera(
        "Google", "Pixel 7", "Pixel 7 back camera 6.81mm f/1.85", "PXL_%Y%m%d_%H%M%S.jpg", turns=True
    ),
    "reflex": Camera("NIKON CORPORATION", "NIKON D7500", "18-140mm f/3.5-5.6", "DSC_{n:04d}.JPG"),
    "mirrorless": Camera("FUJIFILM", "X-T4", "XF16-55mmF2.8 R LM WR", "DSCF{n:04d}.JPG"),
    "drone": Camera("DJI", "FC3582", "24mm f/1.7", "DJI_{n:04d}.JPG"),
}


@dataclass(frozen=True)
class Event:
    """A kind of scene and the day it was seen: folder, camera, place (degrees) and grain of the film."""

    scene: Scene
    folder: str
    day: str
    camera: str = "reflex"
    place: tuple[float, float] | None = None
    grain: float = 3


EVENTS = (
    Event(scenes_sea.sunset, "2023/07 Italy", "2023-07-12T20:31", "mirrorless", (40.63, 14.60)),
    Event(scenes_high.mountains, "2023/08 Alps", "2023-08-19T10:12", "mirrorless", (46.54, 11.91)),
    Event(scenes_table.coffee, "Phone/Camera", "2023-07-14T08:41", "phone", (41.90, 12.48)),
    Event(scenes_woods.autumn_wood, "2023/10 Autumn walks", "2023-10-21T14:20", "reflex", (50.93, 10.59)),
    Event(scenes_city.skyline, "2024/09 City", "2024-09-06T19:48", "mirrorless", (41.88, -87.62), 4),
    Event(scenes_above.shore, "2024/05 Drone", "2024-05-22T11:02", "drone", (37.02, -8.99)),
    Event(scenes_air.balloons_aloft, "2024/06 Cappadocia", "2024-06-09T05:52", "reflex", (38.64, 34.83)),
    Event(scenes_flowers.macro_flower, "2024/04 Garden", "2024-04-28T15:10", "reflex"),
    Event(scenes_high.snow, "2024/02 Snow", "2024-02-11T11:26", "reflex", (47.42, 10.98)),
    Event(scenes_sky.milky_way, "2023/08 Alps", "2023-08-20T23:40", "mirrorless", (46.54, 11.91), 6),
    Event(scenes_fruit.fruit, "Phone/Camera", "2024-03-03T12:09", "phone"),
    Event(scenes_sea.underwater, "2024/05 Diving", "2024-05-25T10:33", "mirrorless", (27.25, 33.83)),
    Event(scenes_flowers.lavender, "2023/06 Provence", "2023-06-28T19:57", "reflex", (43.83, 5.98)),
    Event(scenes_city.fireworks, "Phone/Camera", "2024-01-01T00:02", "phone", None, 6),
    Event(scenes_low.dunes, "2022/11 Morocco", "2022-11-04T16:44", "reflex", (31.10, -4.01)),
    Event(scenes_woods.foggy_forest, "2023/10 Autumn walks", "2023-10-28T08:05", "reflex", (48.56, 8.22)),
    Event(scenes_table.books, "Phone/Camera", "2024-01-20T16:30", "phone", None, 4),
    Event(scenes_high.lake, "2023/08 Alps", "2023-08-21T09:15", "mirrorless", (46.69, 12.08)),
    Event(scenes_city.bokeh, "2024/09 City", "2024-09-06T21:22", "mirrorless", (41.88, -87.62), 4),
    Event(scenes_sea.lighthouse, "2022/08 Coast", "2022-08-16T18:20", "reflex", (48.33, -4.77)),
    Event(scenes_flowers.flower_field, "2024/04 Garden", "2024-04-20T13:48", "reflex"),
    Event(scenes_air.party, "Phone/Camera", "2024-06-15T15:33", "phone"),
    Event(scenes_low.canyon, "2022/10 Road trip", "2022-10-09T17:01", "reflex", (36.10, -112.10)),
    Event(scenes_sky.aurora, "2024/02 Snow", "2024-02-13T22:47", "mirrorless", (69.65, 18.96), 5),
    Event(scenes_fruit.market, "2023/07 Italy", "2023-07-13T10:26", "phone", (40.85, 14.27)),
    Event(scenes_high.cloud_sea, "Phone/Camera", "2024-06-08T07:15", "phone"),
    Event(scenes_low.hills, "2023/07 Italy", "2023-07-10T18:12", "mirrorless", (43.06, 11.60)),
    Event(scenes_city.traffic, "2024/09 City", "2024-09-07T20:10", "mirrorless", (41.88, -87.62), 3),
    Event(scenes_woods.leaf_litter, "2023/10 Autumn walks", "2023-10-21T15:02", "phone", (50.93, 10.59)),
    Event(scenes_above.forest_road, "2024/05 Drone", "2024-05-19T12:18", "drone", (46.21, 14.02)),
)


@dataclass(frozen=True)
class Job:
    """One photo to make: the `number`-th of `of` of a series, and how a copy of it is kept, if any."""

    event: int
    series: int
    number: int
    of: int
    seed: int
    path: Path
    taken: dt.datetime
    portrait: bool
    copy: str = ""


def plan(folder: Path, count: int, seed: int) -> list[Job]:
    """The photos of a library of `count` files, copies among them."""
    rng = np.random.default_rng(seed)
    jobs: list[Job] = []
    made, series = 0, 0
    while made < count:
        number = series % len(EVENTS)
        event, camera = EVENTS[number], CAMERAS[EVENTS[number].camera]
        days = int(rng.integers(0, 4)) * (series // len(EVENTS))
        taken = dt.datetime.fromisoformat(event.day) + dt.timedelta(
            days=days, minutes=int(rng.integers(0, 40))
        )
        portrait = bool(rng.random() < 0.28)
        of = min(int(rng.integers(SERIES[0], SERIES[1] + 1)), count - made)
        first = int(rng.integers(12, 9900))
        for i in range(of):
            taken += dt.timedelta(seconds=int(rng.integers(4, 150)))
            name = taken.strftime(camera.name).format(n=first + i)
            copy = (
                str(rng.choice(["message", "grey", "crop", "again"])) if rng.random() < 1 / DUPLICATES else ""
            )
            copy = copy if made + 1 < count else ""
            jobs.append(Job(number, series, i, of, seed, folder / event.folder / name, taken, portrait, copy))
            made += 2 if copy else 1
            if made >= count:
                break
        series += 1
    return jobs


def make(job: Job) -> list[Path]:
    """Takes one photo, and writes it and its copy."""
    event = EVENTS[job.event]
    camera = CAMERAS[event.camera]
    width, height = (SHORT_SIDE, LONG_SIDE) if job.portrait else (LONG_SIDE, SHORT_SIDE)
    chance = np.random.default_rng([job.seed, job.series, job.number])
    shot = Shot(job.number / max(1, job.of - 1), chance)
    larger = MARGIN * SCALE
    scene = event.scene(
        np.random.default_rng([job.seed, job.series]), int(width * larger), int(height * larger), shot
    )
    photo = develop(scene, chance, width, height, grain=event.grain)
    turned = camera.turns and job.portrait
    written = [write(photo, job.path, job.taken, exif(event, job, chance), turned=turned)]
    if job.copy:
        written.append(write_copy(photo, job, exif(event, job, chance)))
    return written


def exif(event: Event, job: Job, rng: RNG) -> Image.Exif:
    """What the camera notes about a photo."""
    camera, tags = CAMERAS[event.camera], Image.Exif()
    stamp = job.taken.strftime("%Y:%m:%d %H:%M:%S")
    tags[271], tags[272], tags[274], tags[306] = camera.make, camera.model, 1, stamp
    night = event.grain > 3
    tags.get_ifd(0x8769).update(
        {
            36867: stamp,
            36868: stamp,
            33434: 1 / (30 if night else 500),
            33437: 1.8 if night else 5.6,
            34855: 3200 if night else 200,
            42036: camera.lens,
        }
    )
    if event.place:
        gps: dict[int, object] = {}
        for i, (degrees, signs) in enumerate(zip(event.place, ("NS", "EW"), strict=True)):
            value = degrees + rng.normal(0, 0.002)
            whole = abs(value)
            gps[1 + 2 * i] = signs[value < 0]
            gps[2 + 2 * i] = (float(int(whole)), float(int(whole * 60 % 60)), round(whole * 3600 % 60, 2))
        tags.get_ifd(0x8825).update(gps)
    return tags


def write(
    photo: Image.Image,
    path: Path,
    taken: dt.datetime,
    tags: Image.Exif | None,
    quality: int = 88,
    turned: bool = False,
) -> Path:
    """Saves a photo with the file time of the moment it was taken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if turned and tags is not None:
        tags[274] = 6
        photo = photo.transpose(Image.Transpose.ROTATE_90)
    photo.save(path, quality=quality, exif=tags or b"")
    os.utime(path, (taken.timestamp(), taken.timestamp()))
    return path


def write_copy(photo: Image.Image, job: Job, tags: Image.Exif) -> Path:
    """The copy that a person makes: sent by message, in black and white, cropped, or saved again."""
    root = job.path.parents[len(Path(EVENTS[job.event].folder).parts)]
    stem, later = job.path.stem, job.taken + dt.timedelta(days=1)
    if job.copy == "message":
        name = f"IMG-{later:%Y%m%d}-WA{job.series * 10 + job.number:04d}.jpg"
        return write(ImageOps.contain(photo, (1280, 1280)), root / "Phone/Messages" / name, later, None, 62)
    if job.copy == "grey":
        grey = ImageOps.autocontrast(photo.convert("L"), 1)
        return write(grey, root / "Edited" / f"{stem} bw.jpg", later, tags)
    if job.copy == "crop":
        w, h = photo.size
        part = photo.crop((w // 8, h // 10, w - w // 12, h - h // 8))
        return write(part, root / "Edited" / f"{stem} crop.jpg", later, tags, 90)
    return write(photo, job.path.with_name(f"{stem} (1).jpg"), later, tags, 74)
