"""Facts about a photo, as the details panel, the viewer and the comparison show them."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QDate, Qt

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.records import Photo, PhotoFacts

_MIDNIGHT = "T00:00:00"


class Fact(StrEnum):
    """Facts that can be shown about a photo."""

    NAME = "name"
    FOLDER = "folder"
    TAKEN = "taken"
    CAMERA = "camera"
    LENS = "lens"
    EXPOSURE = "exposure"
    LOCATION = "location"
    DIMENSIONS = "dimensions"
    FORMAT = "format"
    SIZE = "size"
    RAW_FILE = "raw"
    DUPLICATES = "duplicates"
    LABELS = "labels"
    CLUSTER = "cluster"


def fact_title(fact: Fact) -> str:
    """Return the title of a fact."""
    return {
        Fact.NAME: tr("Name"),
        Fact.FOLDER: tr("Folder"),
        Fact.TAKEN: tr("Date taken"),
        Fact.CAMERA: tr("Camera"),
        Fact.LENS: tr("Lens"),
        Fact.EXPOSURE: tr("Exposure"),
        Fact.LOCATION: tr("Location"),
        Fact.DIMENSIONS: tr("Dimensions"),
        Fact.FORMAT: tr("Format"),
        Fact.SIZE: tr("Size"),
        Fact.RAW_FILE: tr("RAW file"),
        Fact.DUPLICATES: tr("Duplicates"),
        Fact.LABELS: tr("Objects"),
        Fact.CLUSTER: tr("Cluster"),
    }[fact]


def photo_facts(photo: Photo) -> dict[Fact, str]:
    """Return the facts in a photo's record; unknown ones are empty.

    Duplicates, labels and cluster are not part of the record.
    """
    facts = photo.facts
    location = ""
    if facts.latitude is not None and facts.longitude is not None:
        location = formatting.format_coordinates(facts.latitude, facts.longitude)
    return {
        Fact.NAME: formatting.display_name(photo.path),
        Fact.FOLDER: formatting.display_folder(photo.path),
        Fact.TAKEN: describe_date(facts),
        Fact.CAMERA: facts.camera or "",
        Fact.LENS: facts.lens or "",
        Fact.EXPOSURE: formatting.format_exposure(facts),
        Fact.LOCATION: location,
        Fact.DIMENSIONS: formatting.format_dimensions(facts.width, facts.height),
        Fact.FORMAT: facts.format,
        Fact.SIZE: formatting.format_size(photo.size),
        Fact.RAW_FILE: ", ".join(formatting.display_name(raw_file) for raw_file in photo.raw_files),
    }


def describe_date(facts: PhotoFacts, *, with_seconds: bool = False) -> str:
    """Return the date of a photo, and where it was found if that is not the metadata."""
    if not facts.taken_at:
        return ""
    date = formatting.format_timestamp(facts.taken_at, with_seconds=with_seconds)
    if facts.taken_from == "name":
        if facts.taken_at.endswith(_MIDNIGHT):  # names of messengers have the day alone
            day = QDate.fromString(facts.taken_at.removesuffix(_MIDNIGHT), Qt.DateFormat.ISODate)
            date = formatting.format_long_date(day) if day.isValid() else date
        return tr("{date} (from file name)").format(date=date)
    if facts.taken_from == "file":
        return tr("{date} (from file date)").format(date=date)
    return date
