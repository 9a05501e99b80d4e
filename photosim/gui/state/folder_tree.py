"""The folders below the sources of a library, with their numbers of photos, as a tree."""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from photosim.files.fspaths import with_separator
from photosim.gui.state.ordering import natural_key


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder; `photos` counts those in it and below it. Its children are in natural order."""

    path: str
    photos: int
    children: tuple[Folder, ...] = ()

    @property
    def name(self) -> str:
        """The last component of its path."""
        return self.path.rsplit(os.sep, 1)[-1]


FolderTree = Mapping[str, tuple[Folder, ...]]
"""The folders directly below each source, by its path."""


def build_tree(counts: Mapping[str, int], sources: Collection[str]) -> FolderTree:
    """Return the tree of the folders that have photos in or below them.

    `counts` are the numbers of photos directly in each folder, by path. Folders outside all sources are left out.
    """
    roots = set(sources)
    children: dict[str, set[str]] = {}
    totals: dict[str, int] = {}
    for folder, count in counts.items():
        above = _up_to_source(folder, roots)
        for path in above:
            totals[path] = totals.get(path, 0) + count
        for child, parent in itertools.pairwise(above):
            children.setdefault(parent, set()).add(child)

    built: dict[str, Folder] = {}
    # The longest paths first: a folder is built after those below it, however deep they are.
    for path in sorted(totals, key=len, reverse=True):
        below = [built.pop(child) for child in children.get(path, ())]
        below.sort(key=lambda folder: (natural_key(folder.name), folder.path))
        built[path] = Folder(path, totals[path], tuple(below))
    return {source: built[source].children if source in built else () for source in sources}


def _up_to_source(folder: str, sources: Collection[str]) -> list[str]:
    """Return the folder, those above it, and its source at the end; empty if it is in none."""
    above = [folder]
    while above[-1] not in sources:
        parent = _parent(above[-1])
        if parent == above[-1]:
            return []
        above.append(parent)
    return above


def _parent(folder: str) -> str:
    """Return the folder above, by the text alone; the path itself at the top."""
    head = folder[: folder.rfind(os.sep)] if os.sep in folder else folder
    top = with_separator(head)
    # "/" and "C:\" keep their separator.
    return top if not head or head.endswith(":") else head
