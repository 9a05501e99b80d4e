"""Facts under the compared photos, with the differences emphasized."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from photosim.gui.base import theme
from photosim.gui.base.translation import tr
from photosim.gui.state.photo_facts import Fact, describe_date, photo_facts
from photosim.records import Photo

_LINE_HEIGHT = 128  # percent of the font height
_MAX_UNBROKEN = 26  # characters of a fact that is never wrapped
_LINES = (
    (Fact.TAKEN, Fact.CAMERA),
    (Fact.EXPOSURE,),
    (Fact.DIMENSIONS, Fact.FORMAT, Fact.SIZE, Fact.RAW_FILE),
    (Fact.FOLDER,),
)
_SHARPNESS_LINE = 2
_WORD_JOINER = "\u2060"
"""Forbids to break a line where it is, as behind a hyphen."""
_TO_THE_MINUTE = len("2024-07-01T18:03")


@dataclass(frozen=True, slots=True)
class ComparedFact:
    """One fact of one photo."""

    text: str
    differs: bool
    """Whether another photo has a different value."""


def compare_facts(photos: Sequence[Photo], sharpness: Mapping[int, float]) -> list[list[list[ComparedFact]]]:
    """Return the lines of facts of each photo.

    `sharpness` by file id; it is shown once it is known for all photos. Seconds are shown where only these differ.
    """
    stamps = {photo.facts.taken_at for photo in photos if photo.facts.taken_at}
    with_seconds = len(stamps) > len({stamp[:_TO_THE_MINUTE] for stamp in stamps})
    texts = [_short_facts(photo, with_seconds=with_seconds) for photo in photos]
    result: list[list[list[ComparedFact]]] = [[] for _ in photos]
    for line in _LINES:
        for photo_texts, lines in zip(texts, result, strict=True):
            facts = [
                ComparedFact(photo_texts[fact], any(other[fact] != photo_texts[fact] for other in texts))
                for fact in line
                if photo_texts[fact]
            ]
            if not facts and any(other[fact] for other in texts for fact in line):
                facts = [ComparedFact("–", True)]
            lines.append(facts)
    for lines, fact in zip(result, _sharpness_facts(photos, sharpness), strict=False):
        lines[_SHARPNESS_LINE].append(fact)
    return result


def markup(lines: Sequence[Sequence[ComparedFact]]) -> str:
    """Return the lines as rich text."""
    separator = f"<span style='color:{theme.VIEWER_MUTED_TEXT.name()}'>&nbsp;&nbsp;·&nbsp; </span>"
    rows = (separator.join(_fact_markup(fact) for fact in line) for line in lines if line)
    return f"<div style='line-height:{_LINE_HEIGHT}%'>{'<br>'.join(rows)}</div>"


def plain_text(lines: Sequence[Sequence[ComparedFact]]) -> str:
    """Return the lines as plain text for a screen reader."""
    return ". ".join(", ".join(_spoken(fact) for fact in line) for line in lines if line)


def _spoken(fact: ComparedFact) -> str:
    return tr("{fact} (differs)").format(fact=fact.text) if fact.differs else fact.text


def _fact_markup(fact: ComparedFact) -> str:
    color = theme.VIEWER_TEXT if fact.differs else theme.VIEWER_MUTED_TEXT
    weight = 600 if fact.differs else 400
    text = escape(fact.text)
    if len(fact.text) <= _MAX_UNBROKEN:
        text = text.replace(" ", "&nbsp;").replace("-", f"-{_WORD_JOINER}")
    return f"<span style='color:{color.name()};font-weight:{weight}'>{text}</span>"


def _short_facts(photo: Photo, *, with_seconds: bool) -> dict[Fact, str]:
    facts = photo_facts(photo)
    facts[Fact.TAKEN] = describe_date(photo.facts, with_seconds=with_seconds) or tr("no date")
    facts[Fact.DIMENSIONS] = f"{photo.facts.width} × {photo.facts.height}"
    facts[Fact.RAW_FILE] = tr("with RAW") if photo.raw_files else ""
    return facts


def _sharpness_facts(photos: Sequence[Photo], sharpness: Mapping[int, float]) -> list[ComparedFact]:
    """Return the sharpness of each photo relative to the sharpest; nothing until it is known for all."""
    if any(photo.file_id not in sharpness for photo in photos) or len(photos) < 2:
        return []
    best = max(sharpness[photo.file_id] for photo in photos)
    if best <= 0:
        return []
    shares = [round(100 * sharpness[photo.file_id] / best) for photo in photos]
    if min(shares) == 100:
        return [ComparedFact(tr("equally sharp"), False) for _ in photos]
    return [
        ComparedFact(tr("sharpest") if share == 100 else tr("{share}% sharpness").format(share=share), True)
        for share in shares
    ]
