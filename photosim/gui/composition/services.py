"""The services of a window."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from photosim.gui.base.jobs import Jobs
from photosim.gui.controllers.actions import Actions
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.gui.services.library_monitor import LibraryMonitor
from photosim.gui.services.photo_loader import load_missing_tile
from photosim.gui.services.processes.comparison import ComparisonProcess
from photosim.gui.services.processes.indexing import IndexProcess
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.services.similarity import FilteredSimilarity, SimilarityService
from photosim.gui.services.stack_cache import StackCache
from photosim.gui.services.tiles.thumbnails import ThumbnailLoader
from photosim.gui.services.undo import UndoHistory
from photosim.gui.services.window_state import WindowState
from photosim.gui.services.write_guard import WriteGuard
from photosim.gui.state.navigator import Navigator

if TYPE_CHECKING:
    from photosim.library.library import Library


@dataclass(frozen=True, slots=True)
class Services:
    """What talks to the library, to child processes and to the settings; no widgets."""

    jobs: Jobs
    thumbnails: ThumbnailLoader
    photo_client: PhotoClient
    similarity: SimilarityService
    filtered_similarity: FilteredSimilarity
    write_guard: WriteGuard
    index_process: IndexProcess
    comparison_process: ComparisonProcess
    cluster_cache: ClusterCache
    stack_cache: StackCache
    library_monitor: LibraryMonitor
    navigator: Navigator
    undo: UndoHistory
    window_state: WindowState


def build_services(library: Library, actions: Actions, window: QWidget) -> Services:
    """Build the services of one library."""
    jobs = Jobs(window)
    photo_client = PhotoClient(library.folder, jobs, window)
    cluster_cache, stack_cache = ClusterCache(library), StackCache(library)
    similarity = SimilarityService(library, jobs, photo_client, stack_cache, window)
    return Services(
        jobs=jobs,
        thumbnails=ThumbnailLoader(
            library.thumbnail,
            jobs,
            parent=window,
            read_cached=library.cached_thumbnails,
            decode=partial(load_missing_tile, library, jobs, photo_client),
        ),
        photo_client=photo_client,
        similarity=similarity,
        filtered_similarity=FilteredSimilarity(similarity),
        write_guard=WriteGuard(library, window),
        index_process=IndexProcess(library.folder, window),
        comparison_process=ComparisonProcess(library.folder, window),
        cluster_cache=cluster_cache,
        stack_cache=stack_cache,
        library_monitor=LibraryMonitor(library, jobs, cluster_cache, window),
        navigator=Navigator(window),
        undo=UndoHistory(actions.undo, actions.redo, window),
        window_state=WindowState(library.folder),
    )
