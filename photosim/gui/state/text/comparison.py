"""What the window says of compared folders: states, why a photo is better, and what was not compared."""

from __future__ import annotations

from photosim.duplicates.comparison import ComparedPhoto, ComparedState, Comparison
from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.text.duplicates import relation_texts, rule_text

STATES = (
    ComparedState.NEW,
    ComparedState.THEIRS_BETTER,
    ComparedState.OURS_BETTER,
    ComparedState.SAME,
)
"""In the order in which they are shown."""


def state_name(state: ComparedState, other: str) -> str:
    """The name of the list of photos in a state; `other` as in `Comparison`."""
    return {
        ComparedState.NEW: tr("New"),
        ComparedState.THEIRS_BETTER: tr("Better here"),
        ComparedState.OURS_BETTER: tr("Better in other folder") if other else tr("Better in library"),
        ComparedState.SAME: tr("In other folder") if other else tr("In library"),
    }[state]


def empty_text(state: ComparedState, other: str) -> str:
    """What the list says where there is no photo in a state; `other` as in `Comparison`."""
    if other:
        return {
            ComparedState.NEW: tr("No new photos. Everything in this folder is in the other folder, too."),
            ComparedState.THEIRS_BETTER: tr("No photo is better here than in the other folder."),
            ComparedState.OURS_BETTER: tr("No photo is better in the other folder than here."),
            ComparedState.SAME: tr("No photo of this folder is in the other folder as it is."),
        }[state]
    return {
        ComparedState.NEW: tr("No new photos. Everything in this folder is in your library."),
        ComparedState.THEIRS_BETTER: tr("No photo is better here than in your library."),
        ComparedState.OURS_BETTER: tr("No photo is better in your library than here."),
        ComparedState.SAME: tr("No photo of this folder is in your library as it is."),
    }[state]


def why_texts(photo: ComparedPhoto, other_folder: str) -> list[str]:
    """Why a photo has its state, a line each: what is better here or there, and how the other one was made."""
    if photo.state is ComparedState.NEW:
        if photo.match is None:
            return []
        return [formatting.format_similarity(photo.similarity)]
    if photo.is_itself:
        return [tr("This file is in both folders") if other_folder else tr("This file is in the library")]
    better = ", ".join(map(rule_text, photo.reasons))
    is_theirs = photo.state is ComparedState.THEIRS_BETTER
    relation = photo.relation
    other = ", ".join(relation_texts(relation.inverse if is_theirs and relation is not None else relation))
    here, there = (better, other) if is_theirs else (other, better)
    texts = [tr("Identical")] if photo.is_identical else []
    if here:
        texts.append(tr("Here: {facts}").format(facts=here))
    if there:
        text = tr("Other folder: {facts}") if other_folder else tr("Library: {facts}")
        texts.append(text.format(facts=there))
    return texts or [tr("Equal quality")]


def match_text(photo: ComparedPhoto, other: str) -> str:
    """Which photo of the library or the other folder a photo is compared with, empty if there is none or it is that one."""
    if photo.match is None or photo.is_itself:
        return ""
    is_new = photo.state is ComparedState.NEW
    if other:
        text = (
            tr("Most similar in other folder: {name}, {folder}")
            if is_new
            else tr("In other folder: {name}, {folder}")
        )
    else:
        text = (
            tr("Most similar in library: {name}, {folder}") if is_new else tr("In library: {name}, {folder}")
        )
    return text.format(
        name=formatting.display_name(photo.match), folder=formatting.display_folder(photo.match)
    )


def summary_text(result: Comparison) -> str:
    """How many photos were compared, and how many are new, in one line."""
    counts = result.counts
    parts = [tr("%Ln photo(s) compared", "", len(result.photos))]
    parts.append(tr("%Ln new", "", counts[ComparedState.NEW]))
    if counts[ComparedState.THEIRS_BETTER]:
        parts.append(tr("%Ln better here", "", counts[ComparedState.THEIRS_BETTER]))
    return ", ".join(parts) + "."


def notes_text(result: Comparison) -> str:
    """What to know about the result besides its lists."""
    notes = []
    if result.own_files and result.other:
        notes.append(tr("%Ln photo(s) (is|are) in both folders as the same file.", "", result.own_files))
    elif result.own_files:
        notes.append(tr("%Ln photo(s) of this folder (is|are) part of your library.", "", result.own_files))
    if result.videos:
        notes.append(tr("%Ln video(s) (was|were) not compared.", "", result.videos))
    if result.unanalyzed:
        notes.append(
            tr(
                "%Ln photo(s) of your library (isn't|aren't) analyzed yet, so copies may be listed as new.",
                "",
                result.unanalyzed,
            )
        )
    return " ".join(notes)
