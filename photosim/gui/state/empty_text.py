"""The messages and actions that are shown in a place without content."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from photosim.gui.base.translation import tr
from photosim.gui.state.filter_text import filter_chips
from photosim.gui.state.places import Overview, View
from photosim.search.photo_filter import PhotoFilter

_MAX_REMOVE_BUTTONS = 3


class EmptyAction(StrEnum):
    """What the button of an empty place requests."""

    ADD_FOLDER = "add folder"
    SHOW_UNREADABLE = "show unreadable"
    SHOW_ALL_RESULTS = "show all results"
    RESCAN = "rescan"
    CLEAR_FILTER = "clear filter"
    SEARCH_EVERYWHERE = "search everywhere"


@dataclass(frozen=True, slots=True)
class LibrarySummary:
    """The contents of the library, and whether it is being indexed."""

    overview: Overview = field(default_factory=Overview)
    indexing: bool = False


@dataclass(frozen=True, slots=True)
class EmptyMessage:
    """Icon, title, text and buttons of an empty place."""

    icon: str
    title: str
    text: str
    buttons: tuple[tuple[str, EmptyAction | PhotoFilter], ...] = ()
    """Each with what it requests: an action, or another filter."""


def is_first_run(view: View, library: LibrarySummary) -> bool:
    """Whether an empty view is to welcome the user, since the library has no folders yet."""
    is_about_photos = view not in (View.UNREADABLE, View.HIDDEN, View.SIMILAR)
    return is_about_photos and not library.indexing and not library.overview.sources


def empty_message(view: View, library: LibrarySummary) -> EmptyMessage:
    """The message of an empty view."""
    if view is View.UNREADABLE:
        return EmptyMessage("check", tr("No unreadable files"), tr("All photos could be read."))
    if view is View.HIDDEN:
        return EmptyMessage("clusters", tr("No hidden clusters"), tr("Clusters that you hide appear here."))
    if view is View.SIMILAR:
        return EmptyMessage(
            "similar",
            tr("No similar photos"),
            tr("Similar photos will appear here as you add more."),
        )
    overview = library.overview
    if library.indexing:
        return EmptyMessage(
            "photos", tr("Indexing photos…"), tr("Photos appear here as soon as they are indexed.")
        )
    if view is View.UNGROUPED:
        return EmptyMessage(
            "check",
            tr("No ungrouped photos"),
            tr("Photos that don't belong to any cluster appear here."),
        )
    if view in (View.CLUSTERS, View.CLUSTER):
        return EmptyMessage(
            "clusters",
            tr("No clusters yet"),
            tr("Similar photos are grouped here automatically."),
            (_add_folder_button(),),
        )
    if view is View.FOLDER:
        return _empty_folder(overview)
    return _no_photos(overview)


def no_matches_message(view: View, photo_filter: PhotoFilter) -> EmptyMessage:
    """The message of a place in which nothing matches a filter, with buttons that remove what excludes its content."""
    chips = list(filter_chips(photo_filter))
    conditions = ", ".join(name for name, _ in chips)
    remove = [(tr("Remove {condition}").format(condition=name), without) for name, without in chips]
    buttons: list[tuple[str, EmptyAction | PhotoFilter]] = []
    if view in (View.FOLDER, View.CLUSTER, View.UNGROUPED, View.SIMILAR):
        buttons.append((tr("Search all photos"), EmptyAction.SEARCH_EVERYWHERE))
    if len(chips) == 1:
        text = tr("Nothing here matches {conditions}.").format(conditions=conditions)
        buttons += remove
    else:
        text = tr("Nothing here matches all of these: {conditions}. Remove one to see more.").format(
            conditions=conditions
        )
        buttons += [*remove[:_MAX_REMOVE_BUTTONS], (tr("Clear all"), EmptyAction.CLEAR_FILTER)]
    return EmptyMessage("search-image", tr("No matches"), text, tuple(buttons))


def no_results_message(*, restricted: bool) -> EmptyMessage:
    """The message of a search without results: they are not similar enough, or don't match the filter."""
    if restricted:
        button = (tr("Show all"), EmptyAction.SHOW_ALL_RESULTS)
        return EmptyMessage("similar", tr("No close matches"), tr("Show less similar photos?"), (button,))
    button = (tr("Clear filters"), EmptyAction.CLEAR_FILTER)
    text = tr("None of the similar photos match the current filters.")
    return EmptyMessage("filter", tr("No matches"), text, (button,))


def failure_message(view: View, reason: str) -> EmptyMessage:
    """The message of a place that could not be loaded."""
    if view is View.SIMILAR:
        return EmptyMessage("unreadable", tr("Search failed"), reason)
    return EmptyMessage("unreadable", tr("Can't show this view"), reason)


def loading_message(view: View) -> EmptyMessage:
    """The message of a place that is being loaded."""
    if view in (View.CLUSTERS, View.HIDDEN, View.UNGROUPED):
        return EmptyMessage("clusters", tr("Grouping photos…"), "")
    if view is View.SIMILAR:
        return EmptyMessage("search-image", tr("Searching…"), "")
    return EmptyMessage("photos", tr("Loading…"), "")


def _empty_folder(overview: Overview) -> EmptyMessage:
    buttons: list[tuple[str, EmptyAction | PhotoFilter]] = [(tr("Rescan"), EmptyAction.RESCAN)]
    if overview.unreadable:
        buttons.append((tr("Show unreadable files"), EmptyAction.SHOW_UNREADABLE))
    return EmptyMessage(
        "folder",
        tr("No photos in this folder"),
        tr("If you have added photos to it, rescan it to see them here."),
        tuple(buttons),
    )


def _no_photos(overview: Overview) -> EmptyMessage:
    if overview.unreadable:
        return EmptyMessage(
            "photos",
            tr("No photos"),
            tr("None of the files in your folders could be read."),
            ((tr("Show details"), EmptyAction.SHOW_UNREADABLE), _add_folder_button()),
        )
    text = tr("Your folders contain no photos in a supported format.")
    return EmptyMessage("photos", tr("No photos"), text, (_add_folder_button(),))


def _add_folder_button() -> tuple[str, EmptyAction]:
    return tr("Add folder…"), EmptyAction.ADD_FOLDER
