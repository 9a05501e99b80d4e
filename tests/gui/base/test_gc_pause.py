"""Long lists beside a window."""

from __future__ import annotations

import gc

from pytestqt.qtbot import QtBot

from photosim.gui.base import gc_pause
from photosim.gui.base.gc_pause import STEP, let_go, uncollected
from photosim.gui.base.jobs import Jobs
from photosim.gui.services.cluster_cache import ClusterShelf
from photosim.gui.services.loader import FREED, Loader
from photosim.gui.services.similarity import Likeness
from photosim.gui.state.listing import by_order
from photosim.gui.state.ordering import Order
from photosim.library.library import Library
from tests.support.photo_records import made_photos


def test_the_collector_rests_until_the_last_list_is_made() -> None:
    assert gc.isenabled()
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_works_again_after_a_failure() -> None:
    try:
        with uncollected():
            raise ValueError
    except ValueError:
        assert gc.isenabled()


def test_many_new_records_are_kept_out_of_the_collector_s_sight() -> None:
    frozen = gc.get_freeze_count()
    with uncollected():
        kept = [[] for _ in range(gc_pause.LONG + STEP)]  # type: ignore[var-annotated]
    assert gc.get_freeze_count() - frozen >= len(kept)
    gc.unfreeze()


def test_a_list_is_emptied() -> None:
    items = list(range(2 * STEP + 5))
    let_go(items)
    assert items == []


def test_a_long_listing_is_freed_beside_the_window(qtbot: QtBot, library: Library, jobs: Jobs) -> None:
    loader = Loader(library, jobs, Likeness(library, jobs), ClusterShelf(library))
    short, long = by_order(made_photos(5), Order.NAME), by_order(made_photos(FREED), Order.NAME)
    loader.discard(short)
    loader.discard(long)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert len(short.photos) == 5
    assert (long.photos, long.file_ids, long.known) == ([], [], set())
