"""Pauses of the garbage collector."""

from __future__ import annotations

import gc
import subprocess
import sys

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


def test_the_end_of_a_process_visits_no_object_again() -> None:
    program = """
import gc
from photosim.runtime.gc_pause import skip_last_collections
kept = [[] for _ in range(1000)]
skip_last_collections()
print(len(gc.get_objects()) < 1000)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
