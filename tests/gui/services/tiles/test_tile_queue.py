"""The queue of tiles to make."""

from __future__ import annotations

import pytest

from photosim.gui.base.images import TileStyle
from photosim.gui.services.tiles.tile_queue import Key, MakeTask, ReadTask, TileQueue

STYLE = TileStyle.square(50)


def keys(*numbers: int) -> list[Key]:
    return [(number, STYLE) for number in numbers]


@pytest.fixture
def queue() -> TileQueue:
    queue = TileQueue(max_batch=4)
    assert queue.is_idle
    return queue


def read(queue: TileQueue, *, missing: tuple[int, ...] = ()) -> list[int]:
    """Do the next task, which must be a ReadTask; returns its photos."""
    task = queue.next_task()
    assert isinstance(task, ReadTask)
    numbers = [number for number, _ in task.keys]
    queue.add_data(task.keys, {number: b"%d" % number for number in numbers if number not in missing})
    return numbers


def make_all(queue: TileQueue) -> list[int]:
    """Do all tasks; returns the photos in the order in which their tiles are made."""
    numbers = []
    while (task := queue.next_task()) is not None:
        if isinstance(task, ReadTask):
            queue.add_data(task.keys, {number: b"%d" % number for number, _ in task.keys})
        else:
            assert task.data == b"%d" % task.key[0]
            numbers.append(task.key[0])
            queue.finish([task.key])
    return numbers


def test_the_most_urgent_are_read_first_and_made_first(queue: TileQueue) -> None:
    queue.request(keys(9, 1, 8, 2, 7, 3))
    assert read(queue) == [9, 1, 8]
    assert make_all(queue) == [9, 1, 8, 2, 7, 3]


def test_no_more_than_one_batch_is_read_at_once(queue: TileQueue) -> None:
    queue.request(keys(*range(100)))
    assert [read(queue) for _ in range(1)] == [[0, 1, 2, 3]]


def test_two_jobs_share_what_there_is(queue: TileQueue) -> None:
    queue.request(keys(1, 2, 3, 4))
    first, second = queue.next_task(), queue.next_task()
    assert isinstance(first, ReadTask)
    assert isinstance(second, ReadTask)
    assert (first.keys, second.keys) == (tuple(keys(1, 2)), tuple(keys(3, 4)))
    queue.add_data(second.keys, {3: b"3", 4: b"4"})
    assert queue.next_task() == MakeTask((3, STYLE), b"3"), "it does not wait for the other's reading"
    queue.add_data(first.keys, {1: b"1", 2: b"2"})
    assert queue.next_task() == MakeTask((1, STYLE), b"1")


def test_what_scrolled_away_is_dropped_and_what_was_read_is_not_read_again(queue: TileQueue) -> None:
    queue.request(keys(1, 2, 3, 4))
    assert read(queue) == [1, 2]
    queue.request(keys(9, 2, 4))
    assert make_all(queue) == [2, 9, 4], "what is read already needs no waiting"
    assert queue.next_task() is None


def test_what_is_being_read_or_made_is_not_started_twice(queue: TileQueue) -> None:
    queue.request(keys(1, 2))
    assert read(queue) == [1]
    making, reading = queue.next_task(), queue.next_task()
    assert making == MakeTask((1, STYLE), b"1")
    assert reading == ReadTask(tuple(keys(2)))
    queue.request(keys(1, 2))
    assert queue.next_task() is None
    queue.add_data(keys(2), {2: b"2"})
    assert make_all(queue) == [2]


def test_what_was_read_and_is_no_longer_requested_is_dropped(queue: TileQueue) -> None:
    queue.request(keys(1, 2))
    task = queue.next_task()
    queue.request([])
    assert isinstance(task, ReadTask)
    queue.add_data(task.keys, {1: b"1", 2: b"2"})
    assert queue.next_task() is None
    queue.request(keys(1))
    assert make_all(queue) == [1], "and is read again when it comes back"


def test_a_missing_thumbnail_is_queued_again_once_finished(queue: TileQueue) -> None:
    queue.request(keys(1, 2))
    assert read(queue, missing=(1,)) == [1]
    queue.request(keys(1, 2))
    assert make_all(queue) == [2]
    queue.finish(keys(1))
    queue.request(keys(1))
    assert make_all(queue) == [1]


def test_no_more_jobs_are_needed_than_there_is_work_for(queue: TileQueue) -> None:
    assert queue.workers_needed(2) == 0
    queue.request(keys(1))
    assert queue.workers_needed(2) == 1
    queue.request(keys(1, 2, 3, 4, 5))
    assert queue.workers_needed(2) == 1, "one is running already"
    assert queue.workers_needed(2) == 0
    make_all(queue)
    assert queue.next_task() is None
    assert queue.is_idle
    queue.request(keys(6, 7, 8))
    assert queue.workers_needed(2) == 2, "both had gone"
