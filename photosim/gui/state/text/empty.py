"""The messages and actions that are shown in a place without content."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from photosim.gui.base.translation import tr
from photosim.gui.state.places import Overview, View
from photosim.gui.state.text.filters import filter_chips
from photosim.search.filters.criteria import Facet, PhotoFilter

_MAX_REMOVE_BUTTONS = 3


class EmptyAction(StrEnum):
    """What the button of an empty place requests."""

    ADD_FOLDER = "add folder"
    SHOW_UNREADABLE = "show unreadable"
    SHOW_ALL_RESULTS = "show all results"
    RESCAN = "rescan"
    CLEAR_FILTER = "clear filter"
    SEARCH_EVERYWHERE = "search everywhere"
    SEARCH_IMAGE = "search image"


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
    is_about_photos = view in (
        View.ALL,
        View.FOLDER,
        View.CLUSTERS,
        View.CLUSTER,
        View.EVENTS,
        View.UNGROUPED,
    )
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
    if view in (View.STACK, View.SELECTION, View.EVENT, View.WALK):
        icon, title = {
            View.STACK: ("stack", tr("No photos in this stack")),
            View.EVENT: ("calendar", tr("No photos in this event")),
        }.get(view, ("photos", tr("No photos in this selection")))
        button = (tr("Show all photos"), EmptyAction.SEARCH_EVERYWHERE)
        return EmptyMessage(icon, title, tr("They were moved to the trash or removed."), (button,))
    if view is View.OVER_TIME:
        text = tr("Similar photos that were taken at another time appear here.")
        button = (tr("Show all photos"), EmptyAction.SEARCH_EVERYWHERE)
        return EmptyMessage("similar", tr("No similar photos from other times"), text, (button,))
    if view is View.COLLECTION:
        text = tr("Photos that you add, or that match its search, appear here.")
        button = (tr("Show all photos"), EmptyAction.SEARCH_EVERYWHERE)
        return EmptyMessage("collection", tr("No photos in this collection"), text, (button,))
    overview = library.overview
    if view is View.DUPLICATES:
        return _no_duplicates(library)
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
    if view is View.EVENTS:
        text = tr("Photos taken together appear here. They need dates in their metadata or names.")
        return EmptyMessage("calendar", tr("No events yet"), text, (_add_folder_button(),))
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


def done_message(*, is_filtered: bool) -> EmptyMessage:
    """The message once all groups of duplicates, or all that match a filter, are reviewed."""
    if is_filtered:
        text = tr("All groups that match the filter are reviewed.")
        return EmptyMessage("check", tr("No more groups here"), text)
    text = tr("Move the photos to the trash below, or select a group to review it again.")
    return EmptyMessage("check", tr("All reviewed"), text)


def no_matches_message(view: View, photo_filter: PhotoFilter) -> EmptyMessage:
    """The message of a place in which nothing matches a filter, with buttons that remove what excludes its content."""
    chips = list(filter_chips(photo_filter))
    conditions = ", ".join(name for name, _ in chips)
    has_only_words = photo_filter.active_facets == (Facet.TEXT,)
    remove = [(tr("Remove {condition}").format(condition=name), without) for name, without in chips]
    buttons: list[tuple[str, EmptyAction | PhotoFilter]] = []
    parts = (View.FOLDER, View.CLUSTER, View.EVENT, View.UNGROUPED, View.SIMILAR, View.STACK, View.SELECTION)
    if view in (*parts, View.COLLECTION, View.OVER_TIME, View.WALK):
        buttons.append((tr("Search all photos"), EmptyAction.SEARCH_EVERYWHERE))
    if len(chips) == 1:
        text = tr("Nothing here matches {conditions}.").format(conditions=conditions)
        buttons += remove
        if has_only_words:
            buttons.append((tr("Search by image…"), EmptyAction.SEARCH_IMAGE))
    else:
        text = tr("Nothing here matches all of these: {conditions}. Remove one to see more.").format(
            conditions=conditions
        )
        buttons += [*remove[:_MAX_REMOVE_BUTTONS], (tr("Clear all"), EmptyAction.CLEAR_FILTER)]
    if has_only_words:
        hint = tr(
            "Words find names, dates and common objects. To find anything else, search by an image of it."
        )
        text = f"{text} {hint}"
    return EmptyMessage("search-image", tr("No matches"), text, tuple(buttons))


def no_results_message(*, restricted: bool) -> EmptyMessage:
    """The message of a search without results: they are not similar enough, or don't match the filter."""
    if restricted:
        button = (tr("Show all"), EmptyAction.SHOW_ALL_RESULTS)
        return EmptyMessage("similar", tr("No close matches"), tr("Show less similar photos?"), (button,))
    button = (tr("Clear filters"), EmptyAction.CLEAR_FILTER)
    text = tr("None of the similar photos match the current filters.")
    return EmptyMessage("filter", tr("No matches"), text, (button,))


def no_objects_message() -> EmptyMessage:
    """The message of a search that finds no objects."""
    text = tr(
        "Objects are found when photos are indexed. For small ones, turn on the closer look in the settings."
    )
    return EmptyMessage("objects", tr("No similar objects"), text)


def failure_message(view: View, reason: str) -> EmptyMessage:
    """The message of a place that could not be loaded."""
    if view is View.SIMILAR:
        return EmptyMessage("unreadable", tr("Search failed"), reason)
    return EmptyMessage("unreadable", tr("Can't show this view"), reason)


def loading_message(view: View) -> EmptyMessage:
    """The message of a place that is being loaded."""
    if view in (View.CLUSTERS, View.HIDDEN, View.UNGROUPED):
        return EmptyMessage("clusters", tr("Grouping photos…"), "")
    if view in (View.SIMILAR, View.OVER_TIME, View.WALK):
        return EmptyMessage("search-image", tr("Searching…"), "")
    return EmptyMessage("photos", tr("Loading…"), "")


def _no_duplicates(library: LibrarySummary) -> EmptyMessage:
    if library.indexing:
        return EmptyMessage(
            "duplicates", tr("Finding duplicates…"), tr("Duplicates appear here when indexing is done.")
        )
    if not library.overview.photos:
        text = tr("Add a folder of photos to find duplicates in it.")
        return EmptyMessage("duplicates", tr("No photos"), text, (_add_folder_button(),))
    return EmptyMessage(
        "check",
        tr("No duplicates found"),
        tr("Copies, edited versions and bursts of your photos appear here."),
    )


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
