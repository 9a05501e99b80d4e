"""The rows of the sidebar."""

from __future__ import annotations

from typing import NamedTuple

from photosim.gui.base import formatting
from photosim.gui.base.translation import tr
from photosim.gui.state.folder_tree import Folder
from photosim.gui.state.places import CollectionEntry, Overview, Place, View
from photosim.records import Source


class RowContent(NamedTuple):
    """What is painted in a row; `note` is the count or state at the right, `depth` the number of rows above it."""

    title: str
    icon: str
    note: str
    online: bool
    is_heading: bool
    depth: int = 0
    has_children: bool = False


class SourceRow:
    """A row of the model. Only the first of its folders have rows until more are fetched."""

    __slots__ = (
        "count",
        "detail",
        "folders",
        "icon",
        "id",
        "number",
        "online",
        "parent",
        "place",
        "rows",
        "source",
        "title",
    )

    def __init__(
        self,
        title: str,
        icon: str = "",
        count: int | None = None,
        place: Place | None = None,
        *,
        detail: str = "",
        source: Source | None = None,
        parent: SourceRow | None = None,
    ) -> None:
        """`detail` says what the count is of, for the tool tip and for screen readers."""
        self.title, self.icon, self.count, self.place, self.source = title, icon, count, place, source
        self.parent = parent
        self.online: bool = source.online if source is not None else parent is None or parent.online
        self.detail = detail
        self.folders: tuple[Folder, ...] = ()
        self.rows: list[SourceRow] = []
        self.id = self.number = 0

    @classmethod
    def of_folder(cls, folder: Folder, parent: SourceRow) -> SourceRow:
        """Make the row of a folder below another row."""
        icon = "folder" if parent.online else "folder-offline"
        place = Place(View.FOLDER, folder=folder.path)
        row = cls(formatting.display_name(folder.path), icon, folder.photos, place, parent=parent)
        row.folders = folder.children
        return row

    @property
    def path(self) -> str:
        """The folder of the row, or an empty text."""
        return "" if self.place is None or self.place.folder is None else self.place.folder

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes it another row when it changes; the rest can change in place."""
        if self.place is not None and self.place.collection is not None:
            return (self.place.view, self.place.collection.id, self.icon)
        return (self.title if self.place is None else self.place, self.online)

    @property
    def note(self) -> str:
        """The count, or that the folder is offline."""
        if self.source is not None and not self.online:
            return tr("offline")
        return "" if self.count is None else formatting.format_number(self.count)

    @property
    def accessible_text(self) -> str:
        """What a screen reader says."""
        parts = [self.title]
        if self.detail:
            parts.append(self.detail)
        elif self.count is not None:
            parts.append(formatting.format_number(self.count))
        if not self.online:
            parts.append(tr("offline"))
        return ", ".join(parts)

    def content(self) -> RowContent:
        """What is painted."""
        depth, above = 0, self.parent
        while above is not None:
            depth, above = depth + 1, above.parent
        return RowContent(
            self.title,
            self.icon,
            self.note,
            self.online,
            is_heading=self.place is None,
            depth=depth,
            has_children=bool(self.folders),
        )


def rows_of(overview: Overview) -> list[SourceRow]:
    """Return the rows of the library's views and sources."""
    rows = [
        SourceRow(tr("All photos"), "photos", overview.photos, Place(View.ALL)),
        SourceRow(tr("Clusters"), "clusters", overview.clusters, Place(View.CLUSTERS)),
        SourceRow(tr("Events"), "calendar", None, Place(View.EVENTS)),
        SourceRow(tr("Map"), "map", None, Place(View.MAP)),
        SourceRow(tr("Ungrouped"), "ungrouped", overview.ungrouped, Place(View.UNGROUPED)),
        _duplicates_row(overview),
        SourceRow(tr("Unreadable"), "unreadable", overview.unreadable, Place(View.UNREADABLE)),
    ]
    if overview.collections:
        rows.append(SourceRow(tr("Collections")))
    for entry in overview.collections:
        icon = "collection" if entry.collection.holds_photos else "kept-search"
        rows.append(
            SourceRow(
                entry.collection.name, icon, entry.photos, entry.place, detail=_collection_detail(entry)
            )
        )
    if overview.sources:
        rows.append(SourceRow(tr("Folders")))
    for source in overview.sources:
        icon = "folder" if source.online else "folder-offline"
        place = Place(View.FOLDER, folder=source.path)
        rows.append(
            SourceRow(formatting.display_name(source.path), icon, source.photos, place, source=source)
        )
    return rows


def _collection_detail(entry: CollectionEntry) -> str:
    count = "" if entry.photos is None else formatting.count_photos(entry.photos)
    if entry.collection.holds_photos:
        return count
    return ", ".join(filter(None, (tr("kept search"), count)))


def _duplicates_row(overview: Overview) -> SourceRow:
    totals = overview.duplicates
    row = SourceRow(tr("Duplicates"), "duplicates", None, Place(View.DUPLICATES))
    if totals is not None:
        row.count = totals.groups
        row.detail = tr("%Ln group(s), {size} to free", "", totals.groups).format(
            size=formatting.format_size(totals.bytes_freed)
        )
    return row
