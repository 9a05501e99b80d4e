"""Long lists beside a window."""

from __future__ import annotations

import gc

from pytestqt.qtbot import QtBot

from photosim.gui.base import gc_pause
from photosim.gui.base.gc_pause import CHUNK_SIZE, free_in_steps, gc_paused
from photosim.gui.base.jobs import Jobs
from photosim.gui.services.cluster_cache import ClusterCache
from photosim.gui.services.loader import FREE_CHUNK_SIZE, PlaceLoader
from photosim.gui.services.similarity import SimilarityService
from photosim.gui.state.listing import sorted_list
from photosim.gui.state.ordering import SortOrder
from photosim.library.library import Library
from tests.support.photo_records import make_photo_records


def test_the_collector_rests_until_the_last_list_is_made() -> None:
    assert gc.isenabled()
    with gc_paused():
        with gc_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_works_again_after_a_failure() -> None:
    try:
        with gc_paused():
            raise ValueError
    except ValueError:
        assert gc.isenabled()


def test_many_new_records_are_kept_out_of_the_collector_s_sight() -> None:
    frozen = gc.get_freeze_count()
    with gc_paused():
        kept = [[] for _ in range(gc_pause.LARGE_LIST + CHUNK_SIZE)]  # type: ignore[var-annotated]
    assert gc.get_freeze_count() - frozen >= len(kept)
    gc.unfreeze()


def test_a_list_is_emptied() -> None:
    items = list(range(2 * CHUNK_SIZE + 5))
    free_in_steps(items)
    assert items == []


def test_a_long_listing_is_freed_beside_the_window(qtbot: QtBot, library: Library, jobs: Jobs) -> None:
    loader = PlaceLoader(library, jobs, SimilarityService(library, jobs), ClusterCache(library))
    short, long = (
        sorted_list(make_photo_records(5), SortOrder.NAME),
        sorted_list(make_photo_records(FREE_CHUNK_SIZE), SortOrder.NAME),
    )
    loader.discard(short)
    loader.discard(long)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert len(short.photos) == 5
    assert (long.photos, long.file_ids, long.id_set) == ([], [], set())
