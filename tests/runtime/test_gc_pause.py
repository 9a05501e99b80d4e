"""Pauses of the garbage collector."""

from __future__ import annotations

import gc

from photosim.runtime.gc_pause import FREEZE_FROM, gc_paused


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
        kept = [[] for _ in range(FREEZE_FROM + 1000)]  # type: ignore[var-annotated]
    assert gc.get_freeze_count() - frozen >= len(kept)
    gc.unfreeze()
