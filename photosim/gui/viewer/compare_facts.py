"""What compared photos have in common and where they differ, ready to be shown under each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from photosim.gui.base import formatting, theme
from photosim.gui.base.translation import tr
from photosim.records import Photo

_LINE_HEIGHT = 128  # percent of the letters' height
_MAX_UNBROKEN = 40  # letters of a fact that is never broken in two lines


@dataclass(frozen=True, slots=True)
class ComparedFact:
    """One fact of one photo; `differs` when the others have another."""

    text: str
    differs: bool


def compare_facts(photos: Sequence[Photo], sharpness: Mapping[int, float]) -> list[list[list[ComparedFact]]]:
    """For each photo its lines of facts: when and with what, how large, where.

    `sharpness` by file id, as far as it is known; it is told once it is known of all.
    """
    lines: tuple[tuple[Callable[[Photo], str], ...], ...] = (
        (_taken, _camera),
        (lambda photo: formatting.format_exposure(photo.facts),),
        (_pixels, lambda photo: photo.facts.format, lambda photo: formatting.format_size(photo.size), _raw),
        (_folder,),
    )
    told: list[list[list[ComparedFact]]] = [[] for _ in photos]
    for line in lines:
        columns = [[read(photo) for photo in photos] for read in line]
        for place in range(len(photos)):
            facts = [ComparedFact(column[place], len(set(column)) > 1) for column in columns if column[place]]
            others = any(text for column in columns for text in column)
            told[place].append(facts or [ComparedFact("–", True)] * others)
    for place, fact in enumerate(_sharpness(photos, sharpness)):
        told[place][2].append(fact)
    return told


def markup(lines: Sequence[Sequence[ComparedFact]]) -> str:
    """The lines as rich text: what differs stands out, what is the same steps back."""
    between = f"<span style='color:{theme.VIEWER_MUTED_TEXT.name()}'>&nbsp; · &nbsp;</span>"
    rows = (between.join(_fact_markup(fact) for fact in line) for line in lines if line)
    return f"<div style='line-height:{_LINE_HEIGHT}%'>{'<br>'.join(rows)}</div>"


def plain_text(lines: Sequence[Sequence[ComparedFact]]) -> str:
    """The same for a screen reader."""
    return ". ".join(
        ", ".join(
            tr("{fact} (differs)").format(fact=fact.text) if fact.differs else fact.text for fact in line
        )
        for line in lines
        if line
    )


def _fact_markup(fact: ComparedFact) -> str:
    colour = theme.VIEWER_TEXT if fact.differs else theme.VIEWER_MUTED_TEXT
    weight = 600 if fact.differs else 400
    text = escape(fact.text).replace(" ", "&nbsp;") if len(fact.text) <= _MAX_UNBROKEN else escape(fact.text)
    return f"<span style='color:{colour.name()};font-weight:{weight}'>{text}</span>"


def _sharpness(photos: Sequence[Photo], known: Mapping[int, float]) -> list[ComparedFact]:
    if any(photo.file_id not in known for photo in photos) or len(photos) < 2:
        return []
    best = max(known[photo.file_id] for photo in photos)
    if best <= 0:
        return []
    shares = [round(100 * known[photo.file_id] / best) for photo in photos]
    if min(shares) == 100:
        return [ComparedFact(tr("equally sharp"), False) for _ in photos]
    return [
        ComparedFact(
            tr("sharpest") if share == 100 else tr("{share} % as sharp").format(share=share),
            True,
        )
        for share in shares
    ]


def _taken(photo: Photo) -> str:
    return formatting.format_timestamp(photo.facts.taken_at) if photo.facts.taken_at else tr("no date")


def _camera(photo: Photo) -> str:
    return photo.facts.camera or ""


def _pixels(photo: Photo) -> str:
    return f"{photo.facts.width} × {photo.facts.height}"


def _raw(photo: Photo) -> str:
    return tr("with RAW") if photo.raw_files else ""


def _folder(photo: Photo) -> str:
    return formatting.display_folder(photo.path)
