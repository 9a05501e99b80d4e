"""Attributes that are made when they are first used."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from photosim.runtime.lazy_property import lazy_property, make_all

THREADS = 4


class Shop:
    """Has a part that takes until all threads have asked for it."""

    def __init__(self) -> None:
        self.made = 0
        self.asking = threading.Barrier(THREADS)

    @lazy_property
    def part(self) -> list[int]:
        """A list."""
        self.made += 1
        return [self.made]

    @lazy_property
    def whole(self) -> list[list[int]]:
        """Is made of the part."""
        return [self.part, self.part]

    def ask(self) -> list[int]:
        """Return the part when all threads ask for it."""
        self.asking.wait()
        return self.part


def test_an_attribute_is_made_on_its_first_use_and_once() -> None:
    shop = Shop()
    assert shop.made == 0
    assert shop.whole == [[1], [1]]
    assert shop.part is shop.whole[0]
    assert shop.made == 1
    assert Shop.part.__doc__ == "A list."


def test_all_threads_get_the_same_object() -> None:
    shop = Shop()
    with ThreadPoolExecutor(THREADS) as pool:
        parts = [future.result() for future in [pool.submit(shop.ask) for _ in range(THREADS)]]
    assert all(part is shop.part for part in parts)
    assert shop.made == 1


def test_every_object_has_attributes_of_its_own() -> None:
    assert Shop().part is not Shop().part


def test_an_attribute_that_could_not_be_made_is_tried_again() -> None:
    class Failing:
        attempts = 0

        @lazy_property
        def part(self) -> int:
            self.attempts += 1
            if self.attempts == 1:
                raise OSError
            return self.attempts

    failing = Failing()
    try:
        _ = failing.part
    except OSError:
        assert failing.part == 2


def test_all_attributes_can_be_made_at_once() -> None:
    class Corner(Shop):
        @lazy_property
        def sign(self) -> str:
            return "open"

    corner = Corner()
    make_all(corner)
    assert vars(corner).keys() >= {"part", "whole", "sign"}
    assert corner.made == 1
