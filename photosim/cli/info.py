"""The command `info`: what is known of single files."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from photosim.cli.common import (
    EXIT_FAILED,
    EXIT_OK,
    add_command,
    json_option,
    open_library,
    output_argument,
    path_argument,
)
from photosim.cli.output import print_json_line, print_line
from photosim.errors import PhotoSimError
from photosim.files.fspaths import same_file
from photosim.paths import absolute_path
from photosim.records import PhotoFacts, PhotoInfo

if TYPE_CHECKING:
    from photosim.cli.common import Subparsers

_PICTURES = (
    ("thumbnail", "also write the thumbnail, as the grid shows it; for one FILE only"),
    ("view", "also write the photo at full size, as the viewer shows it; for one FILE only"),
)


def add_to(commands: Subparsers) -> None:
    """Add the command."""
    text = "Show what is known of photo files, in the library or not."
    info = add_command(commands, "info", _info, text, json_option())
    info.add_argument("files", type=path_argument, nargs="+", metavar="FILE", help="a photo file")
    for name, help_text in _PICTURES:
        info.add_argument(f"--{name}", type=output_argument(".png"), metavar="FILE.png", help=help_text)
    info.add_argument("--force", action="store_true", help="replace FILE.png, whatever it is")
    info.set_defaults(usage_error=info.error)


def _info(arguments: argparse.Namespace) -> int:
    from photosim.workers.photo_process import PhotoProcess

    _check_targets(arguments)
    status = EXIT_OK
    with open_library(arguments.library) as library, PhotoProcess(library.folder) as process:
        inspector, force = library.inspector, arguments.force
        for file in arguments.files:
            info = inspector.info(file, process.read)
            _print(info, as_json=arguments.json)
            if info.unreadable is not None:
                status = EXIT_FAILED
                continue
            if arguments.thumbnail is not None:
                inspector.write_thumbnail(file, arguments.thumbnail, process.picture, force=force)
            if arguments.view is not None:
                inspector.write_view(file, arguments.view, process.picture, force=force)
    return status


def _check_targets(arguments: argparse.Namespace) -> None:
    """Refuse targets that are the photo itself, or one for several photos, before anything is written."""
    targets = [path for path in (arguments.thumbnail, arguments.view) if path is not None]
    if targets and len(arguments.files) > 1:
        arguments.usage_error("--thumbnail and --view are for one FILE only")
    if len(targets) == 2 and absolute_path(targets[0]) == absolute_path(targets[1]):
        arguments.usage_error("--thumbnail and --view need different files")
    for target in targets:
        if same_file(str(absolute_path(target)), str(absolute_path(arguments.files[0]))):
            raise PhotoSimError(f"{target} is the photo itself. Name another file.")


def _print(info: PhotoInfo, *, as_json: bool) -> None:
    if as_json:
        print_json_line(_to_json(info))
        return
    for line in _to_lines(info):
        print_line(line)


def _to_json(info: PhotoInfo) -> dict[str, Any]:
    facts = info.facts
    return {
        "path": info.path,
        "format": facts and facts.format,
        "width": facts and facts.width,
        "height": facts and facts.height,
        "orientation": info.orientation,
        "taken": facts and facts.taken_at,
        "taken_from": facts and facts.taken_from,
        "camera": facts and facts.camera,
        "lens": facts and facts.lens,
        "iso": facts and facts.iso,
        "aperture": facts and facts.aperture,
        "exposure": facts and facts.exposure,
        "focal_length": facts and facts.focal_length,
        "latitude": facts and facts.latitude,
        "longitude": facts and facts.longitude,
        "digest": info.digest,
        "labels": None if info.labels is None else {label.name: label.score for label in info.labels},
        "in_library": info.in_library,
        "unreadable": info.unreadable,
    }


def _to_lines(info: PhotoInfo) -> list[str]:
    lines = [info.path]
    if info.unreadable is not None:
        lines.append(f"  Unreadable: {info.unreadable}")
    if info.facts is not None:
        lines += _fact_lines(info.facts)
    if info.labels is not None:
        labels = ", ".join(f"{label.name} ({label.score:.2f})" for label in info.labels)
        lines.append(f"  Labels: {labels or 'none'}")
    if info.digest is not None:
        lines.append(f"  Digest: {info.digest}")
    return [*lines, f"  In the library: {'yes' if info.in_library else 'no'}"]


def _fact_lines(facts: PhotoFacts) -> list[str]:
    lines = [f"  Format: {facts.format}, {facts.width} × {facts.height}"]
    if facts.taken_at is not None:
        origin = "" if facts.taken_from is None else f" (from {facts.taken_from})"
        lines.append(f"  Taken: {facts.taken_at.replace('T', ' ')}{origin}")
    lines += [
        f"  {name}: {text}"
        for name, text in (("Camera", facts.camera), ("Lens", facts.lens))
        if text is not None
    ]
    values = (
        ("{:g} s", facts.exposure),
        ("f/{:g}", facts.aperture),
        ("ISO {}", facts.iso),
        ("{:g} mm", facts.focal_length),
    )
    exposure = ", ".join(text.format(value) for text, value in values if value is not None)
    if exposure:
        lines.append(f"  Exposure: {exposure}")
    if facts.latitude is not None and facts.longitude is not None:
        lines.append(f"  Location: {facts.latitude:.6f}, {facts.longitude:.6f}")
    return lines
