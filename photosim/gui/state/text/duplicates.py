"""What the window says of duplicates: kinds, why a photo is kept, and how a copy differs."""

from __future__ import annotations

from collections.abc import Sequence

from photosim.duplicates.groups import DuplicateKind
from photosim.duplicates.keep_rules import KeepRule
from photosim.duplicates.results import Basket, CopyRelation, DuplicateGroup, GroupPhoto
from photosim.files.operations.transfer import TransferReport
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.text.operations import common_reason
from photosim.records import METADATA_DATES, PhotoFacts

_WHOLE = 0.97
"""Share from which a copy counts as uncropped: borders of a pixel are no crop."""

_MIN_TURN = 2  # degrees
_MIN_BRIGHTNESS = 0.03  # difference of mean grey values, 0 to 1


def kind_name(kind: DuplicateKind) -> str:
    """The name of a kind of group."""
    return {
        DuplicateKind.IDENTICAL: tr("Identical"),
        DuplicateKind.SAME: tr("Same photo"),
        DuplicateKind.BURST: tr("Burst"),
    }[kind]


def rule_text(rule: KeepRule) -> str:
    """Why a rule keeps a photo, in one or two words."""
    return {
        KeepRule.PROTECTED: tr("in a protected folder"),
        KeepRule.RAW: tr("RAW"),
        KeepRule.EDITED: tr("has edits"),
        KeepRule.PIXELS: tr("larger"),
        KeepRule.BYTES_PER_PIXEL: tr("less compressed"),
        KeepRule.EARLIER: tr("original date"),
        KeepRule.METADATA: tr("more metadata"),
        KeepRule.SHARPER: tr("sharper"),
        KeepRule.FOLDER: tr("in a preferred folder"),
        KeepRule.SHORTER_NAME: tr("shorter name"),
        KeepRule.SHORTER_PATH: tr("shorter path"),
        KeepRule.LONGER_PATH: tr("longer path"),
    }[rule]


def reason_texts(reasons: Sequence[KeepRule], kept: PhotoFacts) -> list[str]:
    """Why the suggested photo is kept: "larger", "original date"; only metadata have the date of the original."""
    texts = {rule: rule_text(rule) for rule in reasons}
    if KeepRule.EARLIER in texts and kept.taken_from not in METADATA_DATES:
        texts[KeepRule.EARLIER] = tr("earlier date")
    return list(texts.values()) or [tr("first by name")]


def relation_texts(relation: CopyRelation | None) -> list[str]:
    """How a copy was made: "cropped to 75%", "brighter"; none where nothing is known or to be seen."""
    if relation is None:
        return []
    parts = []
    if relation.covers < _WHOLE:
        parts.append(tr("cropped to {percent}%").format(percent=max(1, round(relation.covers * 100))))
    turned = min(relation.turned, 360 - relation.turned)
    if turned >= _MIN_TURN:
        parts.append(tr("rotated by {degrees}°").format(degrees=relation.degrees))
    if relation.is_mirrored:
        parts.append(tr("mirrored"))
    if relation.brighter >= _MIN_BRIGHTNESS:
        parts.append(tr("brighter"))
    elif relation.brighter <= -_MIN_BRIGHTNESS:
        parts.append(tr("darker"))
    return parts


def member_texts(group: DuplicateGroup, member: GroupPhoto) -> list[str]:
    """Why a photo is suggested to be kept or always stays, or how it was made of the one to keep."""
    if member.photo.missing:
        return [tr("Missing: always kept")]
    if not member.is_online:
        return [tr("Offline: always kept")]
    if member.photo.file_id == group.keep:
        first, *others = reason_texts(group.reasons, member.photo.facts)
        return [tr("Suggested: {reason}").format(reason=first), *others]
    if member.is_protected:
        return [tr("Protected: always kept")]
    if member.is_settled:
        return [tr("Kept earlier")]
    texts = relation_texts(member.relation)
    return [text[:1].upper() + text[1:] for text in texts[:1]] + texts[1:]


def certainty_text(confidence: float) -> str:
    """How certain it is that the photos of a group belong together; never 100% below that."""
    return tr("{percent} certain").format(percent=percent_text(confidence))


def percent_text(confidence: float) -> str:
    """A confidence in percent; never 100% below that."""
    return tr("{percent}%").format(percent=100 if confidence >= 1 else min(round(confidence * 100), 99))


def group_summary(group: DuplicateGroup) -> str:
    """The photos of a group and what it would free: "3 photos, 4.2 MB to free, 97% certain"."""
    parts = [formatting.count_photos(len(group.photos))]
    if group.bytes_freed:
        parts.append(tr("{size} to free").format(size=formatting.format_size(group.bytes_freed)))
    if group.confidence < 1:
        parts.append(certainty_text(group.confidence))
    return ", ".join(parts)


def trash_result_text(basket: Basket, report: TransferReport) -> str:
    """What became of a basket: "412 photos moved to trash (1.2 GB). 3 photos stayed: ..."."""
    sizes = {photo.path: photo.size for photo in basket.photos}
    size = sum(sizes.get(files[0].old, 0) for files in report.done)
    sentences = []
    if report.done:
        # Not "freed", which the space is only when the trash is emptied.
        text = tr("%Ln photo(s) moved to trash ({size}).", "", len(report.done))
        sentences.append(text.format(size=formatting.format_size(size)))
    if report.failed:
        text = tr("%Ln photo(s) stayed: {reason}", "", len(report.failed))
        sentences.append(text.format(reason=common_reason(report.failed)))
    return " ".join(sentences) or tr("No photos were changed.")
