"""The format of a file follows from its bytes."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from PIL import Image

from photosim.errors import UnreadablePhotoError
from photosim.imaging.file_types import (
    MAX_PIXELS,
    decode_error_message,
    detect_format,
    sniff,
    too_large_message,
)


def media(major: bytes, *compatible: bytes) -> bytes:
    """The first box of an ISO media file of these brands."""
    return (
        (16 + 4 * len(compatible)).to_bytes(4, "big") + b"ftyp" + major + b"\0\0\0\0" + b"".join(compatible)
    )


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"GIF89a", "GIF"),
        (b"GIF87a", "GIF"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"MM\0*\0\0\0\x08", "TIFF"),
        (b"II+\0\x08\0\0\0", "TIFF"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP"),
        (b"BM" + b"\0" * 12 + b"\x28\0\0\0", "BMP"),
        (media(b"avif", b"mif1", b"miaf"), "AVIF"),
        (media(b"mif1", b"miaf", b"avif"), "AVIF"),
        (media(b"avis", b"msf1"), "AVIF"),
        (media(b"heic", b"mif1"), "HEIC"),
        (media(b"heix", b"avif"), "HEIC"),
        (media(b"mif1", b"heic"), "HEIC"),
        (media(b"mif1"), "HEIC"),
        (media(b"isom", b"mp42"), None),
        (b"RIFF\x24\0\0\0AVI LIST", None),
        (b"\xff\x0a\xff\x07", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"II*\0\x10\0\0\0CR\2\0", "CR2"),
        (media(b"crx ", b"isom"), "CR3"),
        (b"FUJIFILMCCD-RAW 0201", "RAF"),
        (b"IIRO\x08\0\0\0", "ORF"),
        (b"IIU\0\x18\0\0\0", "RW2"),
        (b"FOVb\3\0\2\0", "X3F"),
        (b"BM" + b"text that starts with two letters", None),
        (b"", None),
        (b"\0", None),
        (b"\xff\xd8", None),
    ],
)
def test_a_format_is_known_by_its_first_bytes(head: bytes, name: str | None) -> None:
    assert sniff(head) == name


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a PostScript document"),
        (b"\xc5\xd0\xd3\xc6\x1e\0\0\0", "a PostScript document"),
        (b"PK\x03\x04\x14\0", "a ZIP archive or an office document"),
        (b"8BPS\0\x01", "a Photoshop document"),
        (b"#!/bin/sh\nrm -rf /\n", "a script"),
        (b'\n <svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>404</html>", "a web page"),
        (b"<HTML><body>", "a web page"),
        (media(b"isom", b"mp42"), "a video"),
        (b"Rar!\x1a\x07\x01\0", "an archive"),
        (b"BZh91AY&SY", "an archive"),
        (b"\xfd7zXZ\0", "an archive"),
        (b"PK\x05\x06" + bytes(18), "a ZIP archive or an office document"),
        (b"photo.jpg".ljust(257, b"\0") + b"ustar\x0000", "an archive"),
        (b"<?php system($_GET[0]);", "a script"),
        (b"@echo off\r\ndel *", "a script"),
        (b"<script>alert(1)</script>", "a web page"),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg width="9"/>', "an SVG drawing"),
        (b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN">', "an SVG drawing"),
        (b"<?xml version='1.0'?><plist/>", "an XML document"),
        (b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"\xff\xfe<\0s\0v\0g\0 \0", "an SVG drawing"),
        (b"\xca\xfe\xba\xbe\0\0\0\x02", "a program"),
        (b"RIFF\x24\0\0\0AVI LIST", "a video"),
        (b"\0\0\x01\xba\x44", "a video"),
        (b"\0\x05\x16\x07\0\x02\0\0Mac OS X", "a macOS metadata file without a picture"),
    ],
)
def test_files_of_other_kinds_are_named_and_never_opened(
    content: bytes, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a program was started")

    monkeypatch.setattr(subprocess, "Popen", never)
    monkeypatch.setattr(Image, "open", never)
    with pytest.raises(UnreadablePhotoError) as refusal:
        detect_format(io.BytesIO(content))
    assert str(refusal.value) == f"Not a supported photo format: this is {kind}."


@pytest.mark.parametrize(
    "content", [b"hello world", b"x", b"\x00\x01\x02\x03" * 40, b"P6 8 8 255\n", b"\0\0\0\x18ftyp"]
)
def test_a_file_of_no_known_kind_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(UnreadablePhotoError, match=r"^Not a supported photo format"):
        detect_format(io.BytesIO(content))


def test_a_file_of_zeros_is_called_so() -> None:
    with pytest.raises(UnreadablePhotoError, match=r"^The file contains only zeros"):
        detect_format(io.BytesIO(bytes(100_000)))


def test_the_limit_of_pixels_is_told_in_megapixels() -> None:
    assert MAX_PIXELS == 250_000_000
    assert too_large_message(400_200_000) == (
        "The photo is too large (400 megapixels). PhotoSim reads photos of up to 250 megapixels."
    )
    assert too_large_message() == "The photo is too large. PhotoSim reads photos of up to 250 megapixels."


def test_a_decoder_out_of_memory_is_not_a_damaged_file() -> None:
    assert decode_error_message(io.BytesIO(b"\xff\xd8\xff\xe0\xff\xd9"), MemoryError()) == (
        "Not enough memory to decode the photo."
    )


def test_reading_photos_loads_no_decoder_that_most_people_never_need() -> None:
    code = (
        "import sys, photosim.imaging.decode as d; "
        "print([m for m in ('pillow_heif', 'pillow_jxl', 'rawpy', 'PIL.EpsImagePlugin') if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "[]"
