"""Camera RAW files: the preview where it serves, the sensor's data where it does not."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import rawpy
from PIL import Image, ImageDraw

from photosim.errors import UnreadablePhotoError
from photosim.imaging import decode as decode_module
from photosim.imaging import file_types
from photosim.imaging.decode import read_photo
from photosim.imaging.formats import tiff
from photosim.imaging.formats.raw import RawPhoto
from photosim.records import RAW_FORMATS, PhotoFacts
from tests.support.file_kinds import STORED_TRANSPOSE, mean_difference, write
from tests.support.images import make_photo, make_scene, save
from tests.support.raw_files import make_dng, make_raf

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of the files damaged here

SIZE = (720, 480)
MARK = (255, 0, 255)


def marked_preview(size: tuple[int, int]) -> Image.Image:
    """A preview that is not the picture of the sensor's data, so that a test sees which of the two was taken."""
    return Image.new("RGB", size, MARK)


def is_marked(image: Image.Image) -> bool:
    return mean_difference(image, Image.new("RGB", image.size, MARK)) < 3


def test_our_raw_files_are_real_ones(tmp_path: Path) -> None:
    with rawpy.imread(str(make_dng(tmp_path / "a.dng", size=SIZE))) as raw:
        assert (raw.sizes.width, raw.sizes.height) == SIZE
        assert raw.raw_image_visible.max() > 1000
        assert raw.color_desc == b"RGBG"


def test_a_large_preview_of_the_same_shape_stands_for_the_photo(tmp_path: Path) -> None:
    decoded = read_photo(make_dng(tmp_path / "a.dng", size=SIZE, preview=marked_preview((660, 440))))
    assert is_marked(decoded.image)
    assert (decoded.facts.width, decoded.facts.height) == SIZE
    assert decoded.facts.format == "DNG"


@pytest.mark.parametrize(
    "preview",
    [None, marked_preview((160, 107)), marked_preview((640, 480)), marked_preview((640, 640))],
    ids=["none", "small", "black bars above", "square"],
)
def test_otherwise_the_sensors_data_are_developed_at_half_the_size(
    tmp_path: Path, preview: Image.Image | None
) -> None:
    decoded = read_photo(make_dng(tmp_path / "a.dng", size=SIZE, preview=preview))
    assert not is_marked(decoded.image)
    assert decoded.image.size == (360, 240)
    shades = [picture.convert("L").resize((18, 12)) for picture in (decoded.image, make_scene(4, SIZE))]
    one, other = (list(picture.get_flattened_data()) for picture in shades)
    order = sorted(range(len(one)), key=one.__getitem__)
    dark, bright = order[: len(order) // 4], order[-len(order) // 4 :]
    assert sum(other[at] for at in dark) < sum(other[at] for at in bright)  # the exposure is the developer's
    assert (decoded.facts.width, decoded.facts.height) == SIZE


def test_a_preview_is_better_than_nothing_when_the_data_cannot_be_developed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unsupported(rawpy.RawPy):
        def postprocess(self, *_: Any, **__: Any) -> Any:
            raise rawpy.LibRawFileUnsupportedError("compressed in a new way")

    monkeypatch.setattr(rawpy, "RawPy", Unsupported)
    small = make_dng(tmp_path / "a.dng", size=SIZE, preview=marked_preview((160, 107)))
    assert is_marked(read_photo(small).image)
    with pytest.raises(UnreadablePhotoError, match=r"^The DNG data can't be decoded"):
        read_photo(make_dng(tmp_path / "b.dng", size=SIZE, preview=None))


@pytest.mark.parametrize("preview", [720, None])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_raw_photos_of_every_orientation_come_out_upright(
    tmp_path: Path, orientation: int, preview: int | None
) -> None:
    photo = read_photo(make_dng(tmp_path / "a.dng", size=SIZE, orientation=orientation, preview=preview))
    lying = read_photo(make_dng(tmp_path / "b.dng", size=SIZE, preview=preview)).image
    backward = {1: None, 3: 3, 6: 8, 8: 6}[orientation]
    turn = None if backward is None else STORED_TRANSPOSE[backward]
    expected = lying if turn is None else lying.transpose(turn)
    assert photo.image.size == expected.size
    assert mean_difference(photo.image, expected) < 6
    assert (photo.facts.width, photo.facts.height) == (SIZE if orientation in {1, 3} else SIZE[::-1])


def test_a_preview_that_stands_upright_already_is_not_turned_again(tmp_path: Path) -> None:
    upright = Image.new("RGB", (440, 660), (20, 90, 200))
    ImageDraw.Draw(upright).rectangle((0, 0, 440, 200), fill=(240, 240, 240))
    decoded = read_photo(make_dng(tmp_path / "a.dng", size=SIZE, orientation=6, preview=upright))
    assert decoded.image.size == (220, 330)
    assert decoded.image.getpixel((110, 25)) == pytest.approx((240, 240, 240), abs=4)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (None, "DNG"),
        ("NIKON CORPORATION", "NEF"),
        ("SONY", "ARW"),
        ("PENTAX", "PEF"),
        ("SAMSUNG", "SRW"),
        ("Epson", "RAW"),
    ],
)
def test_a_raw_file_tells_its_kind_and_its_facts_by_its_bytes(
    tmp_path: Path, make: str | None, name: str
) -> None:
    facts = read_photo(make_dng(tmp_path / "a.tif", size=SIZE, make=make)).facts
    assert facts == PhotoFacts(
        *SIZE,
        name,
        taken_at="2024-07-01T18:03:11",
        camera=f"{make or 'PhotoSim'} Test Camera",
        lens="35mm F2.8",
        latitude=10.5,
        longitude=-20.25,
        iso=400,
        aperture=2.8,
        exposure=0.004,
        focal_length=35.0,
        taken_from="exif",
    )
    assert facts.is_raw
    assert name in RAW_FORMATS


def test_a_plain_tiff_of_a_camera_is_no_raw_file(tmp_path: Path) -> None:
    path = save(make_scene(1), tmp_path / "a.tif", tiffinfo={271: "NIKON CORPORATION"})
    assert read_photo(path).facts.format == "TIFF"
    assert not read_photo(path).facts.is_raw


def test_without_a_directory_of_its_own_the_preview_tells_the_facts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_dng(tmp_path / "a.dng", size=SIZE)
    monkeypatch.setattr("photosim.imaging.formats.raw._read_exif", lambda _: {})
    facts = read_photo(path).facts
    assert facts.camera == "PhotoSim Test Camera"
    assert facts.taken_at == "2024-07-01T18:03:11"
    assert (facts.iso, facts.aperture, facts.exposure, facts.focal_length) == (400, 2.8, 0.004, 35.0)
    assert facts.lens == "35mm F2.8"


def test_the_viewer_gets_the_larger_of_preview_and_half_the_photo(tmp_path: Path) -> None:
    small = make_dng(tmp_path / "a.dng", size=SIZE, preview=marked_preview((300, 200)))
    assert read_photo(small, edge=2**20).image.size == (360, 240)
    large = make_dng(tmp_path / "b.dng", size=SIZE, preview=marked_preview(SIZE))
    assert read_photo(large, edge=2**20).image.size == SIZE


def test_a_raw_file_above_the_limit_of_pixels_is_refused_before_it_is_developed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_types, "MAX_PIXELS", 100_000)
    monkeypatch.setattr(RawPhoto, "picture", lambda *_: pytest.fail("it was developed"))
    with pytest.raises(UnreadablePhotoError, match=r"^The photo is too large"):
        read_photo(make_dng(tmp_path / "a.dng", size=SIZE))


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("make", [None, "NIKON CORPORATION"])
def test_a_raw_file_that_was_cut_off_says_so_though_its_preview_is_whole(
    tmp_path: Path, make: str | None, part: float
) -> None:
    whole = make_dng(tmp_path / "a.dng", size=SIZE, make=make).read_bytes()
    with pytest.raises(UnreadablePhotoError, match=r"^The file is incomplete"):
        read_photo(write(tmp_path / "b.dng", whole[: int(len(whole) * part)]))


@pytest.mark.parametrize(
    "head",
    [
        b"FUJIFILMCCD-RAW 0201",
        b"IIRO\x08\0\0\0",
        b"IIU\0\x18\0\0\0",
        b"FOVb\3\0\2\0",
        b"\0MRM",
        b"II*\0\x10\0\0\0CR\2\0",
    ],
)
def test_the_start_of_a_raw_file_with_nothing_behind_it_is_refused_with_a_sentence(
    tmp_path: Path, head: bytes
) -> None:
    for rest in (b"", bytes(300), b"\xff" * 300, bytes(range(256)) * 40):
        with pytest.raises(UnreadablePhotoError) as refusal:
            read_photo(write(tmp_path / "a.raw", head + rest))
        assert str(refusal.value).endswith(".")


def test_a_large_raw_file_is_read_from_its_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_dng(tmp_path / "ä 写.dng", size=SIZE)
    held = read_photo(path)
    monkeypatch.setattr(decode_module, "_MAX_BUFFERED_BYTES", 100)

    class FromPath(rawpy.RawPy):
        def open_buffer(self, *_: object) -> None:
            pytest.fail("it was held in memory")

    monkeypatch.setattr(rawpy, "RawPy", FromPath)
    assert read_photo(path).image.tobytes() == held.image.tobytes()


def test_directories_that_lead_in_a_circle_or_lie_about_their_length_end(tmp_path: Path) -> None:
    circle = bytearray(make_dng(tmp_path / "a.dng", size=(64, 48)).read_bytes())
    first = int.from_bytes(circle[4:8], "little")
    count = int.from_bytes(circle[first : first + 2], "little")
    circle[first + 2 + 12 * count : first + 6 + 12 * count] = first.to_bytes(4, "little")
    assert tiff.raw_format(io.BytesIO(bytes(circle))) == "DNG"
    circle[first : first + 2] = b"\xff\xff"
    assert tiff.raw_format(io.BytesIO(bytes(circle))) == "DNG"
    assert tiff.raw_format(io.BytesIO(b"II*\0\xff\xff\xff\xff")) is None
    assert tiff.raw_format(io.BytesIO(b"MM\0*")) is None


def test_pictures_of_other_kinds_are_untouched_by_the_look_for_raw_data(tmp_path: Path) -> None:
    path = make_photo(tmp_path / "a.tif")
    with path.open("rb") as stream:
        assert file_types.detect_format(stream) == "TIFF"


@pytest.mark.parametrize(
    ("make", "magic", "name"), [("OLYMPUS", b"RO", "ORF"), ("Panasonic", b"U\0", "RW2")], ids=["ORF", "RW2"]
)
def test_makers_that_write_their_own_letters_for_tiff_are_read(
    tmp_path: Path, make: str, magic: bytes, name: str
) -> None:
    content = make_dng(tmp_path / "a.dng", size=SIZE, make=make, preview=660).read_bytes()
    decoded = read_photo(write(tmp_path / "a.bin", content[:2] + magic + content[4:]))
    assert (decoded.facts.format, decoded.facts.iso, decoded.facts.lens) == (name, 400, "35mm F2.8")
    assert mean_difference(decoded.image, make_scene(4, SIZE).resize((330, 220))) < 8


def test_a_fujifilm_file_is_read_and_a_cut_one_says_so(tmp_path: Path) -> None:
    path = make_raf(tmp_path / "a.raf", size=SIZE, preview=660)
    decoded = read_photo(path)
    assert (decoded.facts.format, decoded.facts.camera) == ("RAF", "X-T4")
    assert mean_difference(decoded.image, make_scene(4, SIZE).resize((330, 220))) < 8
    with pytest.raises(UnreadablePhotoError, match=r"^The file is incomplete"):
        read_photo(write(tmp_path / "b.raf", path.read_bytes()[:-1000]))
