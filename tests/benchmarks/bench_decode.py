"""What reading one photo costs by each way that a JPEG offers, in one run: `python -m tests.benchmarks.bench_decode`.

Everything ends in the picture that is embedded and in the thumbnail: 320 to 639 pixels on the longest side.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from photosim.imaging.decode import decode, load
from photosim.imaging.turbojpeg import encode_thumbnail
from tests.support.camera_files import FULL_HD, camera_file
from tests.support.images import make_camera_jpeg, make_exif, make_scene

EDGE = 320
ROUNDS = 5


def whole(data: bytes) -> Image.Image:
    """Pillow, every pixel."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image.reduce(8)


def draft(data: bytes) -> Image.Image:
    """Pillow, at an eighth while it decodes."""
    image = Image.open(io.BytesIO(data))
    image.draft("RGB", (EDGE, EDGE * 3 // 4))
    image.load()
    return image


def turbo(data: bytes) -> Image.Image:
    """Simplejpeg's libjpeg-turbo, at an eighth: what PhotoSim does."""
    import simplejpeg

    return Image.fromarray(
        simplejpeg.decode_jpeg(data, min_height=EDGE * 3 // 4, min_width=EDGE, min_factor=8)
    )


def turbo_quick(data: bytes) -> Image.Image:
    """The same by its quick options."""
    import simplejpeg

    quick = {"fastdct": True, "fastupsample": True}
    array = simplejpeg.decode_jpeg(data, min_height=EDGE * 3 // 4, min_width=EDGE, min_factor=8, **quick)
    return Image.fromarray(array)


def preview(data: bytes) -> Image.Image:
    """The thumbnail in the EXIF block (160 pixels, as cameras write it): too small for the embedding."""
    start = data.find(b"\xff\xd8", 2)
    shown = Image.open(io.BytesIO(data[start:]))
    shown.load()
    return shown


WAYS: dict[str, Callable[[bytes], Image.Image]] = {
    "Pillow, all pixels": whole,
    "Pillow, draft scale": draft,
    "simplejpeg, draft scale": turbo,
    "simplejpeg, quick options": turbo_quick,
    "EXIF preview of 160 pixels": preview,
}


def heic(path: Path, seed: int, preview: int | None) -> Path:
    """A HEIC of 12 megapixels, with the preview of 320 pixels that phones write, or without."""
    import pillow_heif

    pillow_heif.from_pillow(make_scene(seed, (4000, 3000))).save(path, quality=70, thumbnails=[preview or -1])
    return path


def with_preview(path: Path, seed: int) -> Path:
    """A camera's JPEG of 12 megapixels with the 160-pixel preview that EXIF prescribes."""
    make_camera_jpeg(path, seed)
    with Image.open(path) as image:
        small = io.BytesIO()
        image.resize((160, 120)).save(small, "JPEG")
        block = make_exif(taken_at="2024:07:01 18:03:11", model="X") + small.getvalue()
        copy = io.BytesIO()
        image.save(copy, "JPEG", quality=90, exif=block)
    path.write_bytes(copy.getvalue())
    return path


def with_large_preview(path: Path, seed: int) -> Path:
    """A camera's JPEG of 12 megapixels with a preview of 1,440 pixels behind it, as many cameras write it."""
    photo = make_camera_jpeg(path, seed).read_bytes()
    with Image.open(io.BytesIO(photo)) as image:
        small = io.BytesIO()
        image.resize((1440, 1080)).save(small, "JPEG", quality=85)
    path.write_bytes(camera_file(photo, (FULL_HD, small.getvalue())))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=4)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = [with_preview(Path(folder, f"{number}.jpg"), number) for number in range(arguments.photos)]
        files = [path.read_bytes() for path in paths]
        others = {
            "PhotoSim: JPEG, large preview": with_large_preview(Path(folder, "c.jpg"), 1),
            "PhotoSim: HEIC": heic(Path(folder, "a.heic"), 1, None),
            "PhotoSim: HEIC with preview": heic(Path(folder, "b.heic"), 1, EDGE),
        }
        names = [*WAYS, "PhotoSim: read", "PhotoSim: thumbnail", *others]
        spent: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(ROUNDS):
            for path, data in zip(paths, files, strict=True):
                for name, way in WAYS.items():
                    started = time.process_time()
                    way(data)
                    spent[name].append(time.process_time() - started)
                started = time.process_time()
                decoded = decode(load(path))
                spent["PhotoSim: read"].append(time.process_time() - started)
                started = time.process_time()
                encode_thumbnail(decoded.image)
                spent["PhotoSim: thumbnail"].append(time.process_time() - started)
            for name, path in others.items():
                started = time.process_time()
                decode(load(path))
                spent[name].append(time.process_time() - started)
    base = statistics.median(spent["Pillow, draft scale"])
    for name, times in spent.items():
        middle = statistics.median(times)
        print(f"{name:30} {middle * 1e3:7.1f} ms  {middle / base:5.2f}")


if __name__ == "__main__":
    main()
