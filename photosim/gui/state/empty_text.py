"""What an empty place says, and what it offers to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from photosim.gui.base.translation import tr
from photosim.gui.state.places import Overview, View


class EmptyAction(StrEnum):
    """What the button of an empty place asks the window to do."""

    ADD_FOLDER = "add folder"
    SHOW_UNREADABLE = "show unreadable"
    SHOW_MORE = "reach further"
    RESCAN = "rescan"
    CLEAR_FILTER = "clear filter"


@dataclass(frozen=True, slots=True)
class LibrarySummary:
    """What the library holds, and whether it is growing."""

    overview: Overview = field(default_factory=Overview)
    indexing: bool = False


@dataclass(frozen=True, slots=True)
class EmptyMessage:
    """Icon, headline, sentence, buttons, and whether the place is a drop zone."""

    icon: str
    title: str
    text: str
    buttons: tuple[tuple[str, EmptyAction], ...] = ()
    is_drop_area: bool = False


def empty_message(view: View, situation: LibrarySummary) -> EmptyMessage:
    """What to say in an empty place of this kind."""
    if view is View.UNREADABLE:
        return EmptyMessage("check", tr("Nothing unreadable"), tr("Every photo found so far could be read."))
    if view is View.HIDDEN:
        text = tr("Clusters that you hide are kept here, to be shown again.")
        return EmptyMessage("clusters", tr("No hidden clusters"), text)
    if view is View.SIMILAR:
        return EmptyMessage(
            "similar",
            tr("No photo is this close"),
            tr("Let the slider at the right reach further to see photos that are less alike."),
            ((tr("Show everything related"), EmptyAction.SHOW_MORE),),
        )
    overview = situation.overview
    if situation.indexing:
        text = tr("Photos appear here as they are read.")
        return EmptyMessage("photos", tr("Looking for photos…"), text)
    if not overview.sources:
        return EmptyMessage(
            "drop",
            tr("Drop a folder of photos here"),
            tr(
                "PhotoSim reads the photos and finds those that look alike: click one to see what "
                "resembles it, or open the clusters. "
                "Your photos stay where they are, and nothing leaves this computer."
            ),
            ((tr("Add a folder…"), EmptyAction.ADD_FOLDER),),
            is_drop_area=True,
        )
    if view is View.UNGROUPED:
        text = tr("A photo that looks like no other would be here.")
        return EmptyMessage("check", tr("Every photo is in a cluster"), text)
    if view in (View.CLUSTERS, View.CLUSTER):
        return EmptyMessage(
            "clusters",
            tr("No clusters yet"),
            tr("Photos that look alike gather here. Add more photos, and clusters appear by themselves."),
            ((tr("Add a folder…"), EmptyAction.ADD_FOLDER),),
        )
    if view is View.FOLDER:
        return _empty_folder(overview)
    return _no_photos(overview)


def no_matches_message(left_out: str) -> EmptyMessage:
    """What to say where the filter leaves everything out: so many photos, clusters or files."""
    return EmptyMessage(
        "filter",
        tr("Nothing fits the filter"),
        tr("It leaves out {things} that would be here. Take something off it, or clear it.").format(
            things=left_out
        ),
        ((tr("Clear the filter"), EmptyAction.CLEAR_FILTER),),
    )


def failure_message(view: View, reason: str) -> EmptyMessage:
    """What to say where a place could not be put together."""
    if view is View.SIMILAR:
        return EmptyMessage("unreadable", tr("This search did not work"), reason)
    return EmptyMessage("unreadable", tr("This place cannot be shown"), reason)


def loading_message(view: View) -> EmptyMessage:
    """What to say while a place is put together."""
    if view in (View.CLUSTERS, View.HIDDEN, View.UNGROUPED):
        return EmptyMessage("clusters", tr("Finding clusters…"), "")
    if view is View.SIMILAR:
        return EmptyMessage("search-image", tr("Searching…"), "")
    return EmptyMessage("photos", tr("One moment…"), "")


def _empty_folder(overview: Overview) -> EmptyMessage:
    return EmptyMessage(
        "folder",
        tr("No photos in this folder"),
        tr("Photos that you put there appear here. To look for them now, rescan it."),
        ((tr("Rescan"), EmptyAction.RESCAN),)
        + (((tr("Show unreadable files"), EmptyAction.SHOW_UNREADABLE),) if overview.unreadable else ()),
    )


def _no_photos(overview: Overview) -> EmptyMessage:
    if overview.unreadable:
        text = tr("None of the files found so far could be read.")
        buttons = (
            (tr("Show why"), EmptyAction.SHOW_UNREADABLE),
            (tr("Add a folder…"), EmptyAction.ADD_FOLDER),
        )
        return EmptyMessage("photos", tr("No photos"), text, buttons)
    text = tr("The folders that you added hold no photos that PhotoSim can read.")
    return EmptyMessage("photos", tr("No photos"), text, ((tr("Add a folder…"), EmptyAction.ADD_FOLDER),))
