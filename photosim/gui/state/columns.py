"""Photos over time and walks as the grid shows them, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QDate

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.listing import PhotoList, make_list
from photosim.gui.state.sections import Section
from photosim.library.search.over_time import OverTime
from photosim.library.search.walk import Frame
from photosim.ml.closeness import to_common_scale
from photosim.ml.model_spec import ModelSpec
from photosim.records import Photo


def list_over_time(found: OverTime, model: ModelSpec) -> PhotoList:
    """List photos by periods, that of the query with the query first; `model` found them."""
    photos, sections, similarities = list[Photo](), list[Section](), dict[int, float]()
    for period in found.periods:
        detail = tr("This photo") if period.has_query else ""
        sections.append(
            Section(len(photos), period_title(period.name), detail, group=period.name, counted=False)
        )
        photos += [found.photo] if period.has_query else []
        for photo, cosine in period.photos:
            photos.append(photo)
            similarities[photo.file_id] = to_common_scale(cosine, model)
    return replace(make_list(photos, similarities, sections), is_in_columns=True)


def list_walk(frames: Sequence[Frame], model: ModelSpec) -> PhotoList:
    """List the photos of a walk, each under its similarity to the one before, found by `model`."""
    titles = [
        tr("Start")
        if frame.cosine is None
        else formatting.format_similarity(to_common_scale(frame.cosine, model))
        for frame in frames
    ]
    sections = [Section(row, title, group=row, counted=False) for row, title in enumerate(titles)]
    photos = make_list([frame.photo for frame in frames], sections=sections)
    return replace(photos, is_in_columns=True)


def period_title(name: str) -> str:
    """The title of a year, month or day ("2024", "2024-07", "2024-07-01")."""
    year, *rest = map(int, name.split("-"))
    if not rest:
        return name
    if len(rest) == 1:
        return formatting.format_month(12 * year + rest[0] - 1)
    date = QDate(year, *rest)
    return formatting.format_long_date(date) if date.isValid() else name
