"""Contact sheets of photos."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import IO

from photosim.files.operations.operation_log import OperationLog
from photosim.files.operations.output import write_output
from photosim.records import Photo

Thumbnails = Callable[[Sequence[int]], Mapping[int, bytes]]
"""Returns JPEG bytes by photo id."""

RenderSheet = Callable[[IO[bytes], str, Sequence[Photo], Thumbnails], None]
"""Writes a title and photos to a stream."""

_AT_ONCE = 256
"""Thumbnails in memory while a contact sheet is written."""

_MARK = '<meta name="generator" content="PhotoSim contact sheet">'


def write_contact_sheet(
    file: Path,
    title: str,
    photos: Sequence[Photo],
    thumbnails: Thumbnails,
    *,
    render: RenderSheet | None = None,
    force: bool = False,
    log: OperationLog | None = None,
) -> None:
    """Write a contact sheet by `render`, or as one self-contained HTML page with thumbnails, names and days.

    Raises PhotoSimError, also for a file that exists and is no such page unless `force` is set.
    """

    def save(stream: IO[bytes]) -> None:
        (render or _write_page)(stream, title, photos, thumbnails)

    write_output(file, save, is_replaceable=_is_contact_sheet, force=force, log=log)


def _write_page(stream: IO[bytes], title: str, photos: Sequence[Photo], thumbnails: Thumbnails) -> None:
    stream.write(_HEAD.format(mark=_MARK, title=html.escape(title)).encode("utf-8", "replace"))
    for start in range(0, len(photos), _AT_ONCE):
        some = photos[start : start + _AT_ONCE]
        jpegs = thumbnails([photo.photo_id for photo in some])
        for photo in some:
            stream.write(_figure(photo, jpegs.get(photo.photo_id)).encode("utf-8", "replace"))
    stream.write(b"</main>\n</html>\n")


_HEAD = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
{mark}
<title>{title}</title>
<style>
body {{ font: 14px system-ui, sans-serif; margin: 24px; color: #222; background: #fff }}
main {{ display: flex; flex-wrap: wrap; gap: 16px }}
figure {{ margin: 0; width: 200px; break-inside: avoid }}
img, .none {{ width: 200px; height: 200px; object-fit: contain; background: #f3f3f3 }}
figcaption {{ overflow-wrap: anywhere; font-size: 12px }}
time {{ color: #666; display: block }}
</style>
<h1>{title}</h1>
<main>
"""


def _figure(photo: Photo, jpeg: bytes | None) -> str:
    name = html.escape(PurePath(photo.path).name)
    picture = f'<div class="none" role="img" aria-label="{name}"></div>'
    if jpeg is not None:
        picture = f'<img src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}" alt="{name}">'
    day = html.escape((photo.facts.taken_at or "")[:10])
    return f"<figure>{picture}<figcaption>{name}<time>{day}</time></figcaption></figure>\n"


def _is_contact_sheet(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return _MARK.encode() in stream.read(400)
    except OSError:
        return False
