"""Long lists beside a window."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from photosim.gui.base.jobs import Jobs
from photosim.gui.base.long_lists import CHUNK_SIZE, free_in_steps
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.gui.services.loader import FREE_CHUNK_SIZE, PlaceLoader
from photosim.gui.services.processes.photo_client import PhotoClient
from photosim.gui.services.similarity import SimilarityService
from photosim.gui.services.stack_cache import StackCache
from photosim.gui.state.listing import sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.library import Library
from tests.support.photo_records import make_photo_records


def test_a_list_is_emptied() -> None:
    items = list(range(2 * CHUNK_SIZE + 5))
    free_in_steps(items)
    assert items == []


def test_a_long_listing_is_freed_beside_the_window(
    qtbot: QtBot, library: Library, jobs: Jobs, photo_client: PhotoClient
) -> None:
    stacks = StackCache(library)
    similarity = SimilarityService(library, jobs, photo_client, stacks)
    loader = PlaceLoader(library, jobs, similarity, ClusterCache(library), stacks)
    short, long = (
        sorted_list(make_photo_records(5), SortOrder.NAME),
        sorted_list(make_photo_records(FREE_CHUNK_SIZE), SortOrder.NAME),
    )
    loader.discard(short)
    loader.discard(long)
    qtbot.waitUntil(lambda: not jobs.is_busy)
    assert len(short.photos) == 5
    assert (long.photos, long.file_ids) == ([], [])
