"""Class names from a checkpoint, and the scores that become labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.ml.label_names import (
    DEFAULT_MAX_LABELS,
    DEFAULT_MIN_SCORE,
    MAX_LABELS,
    MAX_NAME_LENGTH,
    MIN_SCORE,
    display_names,
    select_labels,
)
from photosim.records import Label

names_of_classes = st.lists(st.one_of(st.text(), st.integers(), st.none(), st.binary(), st.lists(st.text())))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("great_white_shark", "great white shark"),
        ("  potted\n\tplant ", "potted plant"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("cat\u202egod\u200b", "catgod"),
        ("\ud800dog", "dog"),
        ("x" * 1000, "x" * MAX_NAME_LENGTH),
        ("cafe\u0301", "café"),
        ("<b>'; DROP TABLE labels", "<b>'; DROP TABLE labels"),
        ("", "0"),
        ("\u200b \x07", "0"),
        (7, "0"),
        (None, "0"),
        (["dog"], "0"),
    ],
)
def test_a_name_becomes_one_short_line_of_plain_text(name: object, shown: str) -> None:
    assert display_names({0: name}) == (shown,)


@given(names_of_classes)
def test_every_class_has_a_name_that_can_be_shown_and_stored(names: list[object]) -> None:
    shown = display_names(dict(enumerate(names)))
    assert len(shown) == len(names)
    for name in shown:
        assert 0 < len(name) <= MAX_NAME_LENGTH
        assert name == " ".join(name.split())
        name.encode("utf-8")


def test_only_certain_labels_are_returned_best_first() -> None:
    names = ("cat", "dog", "bird")
    scores = np.array([[DEFAULT_MIN_SCORE, 0.99, DEFAULT_MIN_SCORE - 0.01], [0.1, 0.1, 0.1]], np.float32)
    assert select_labels(scores, names, "detect") == [
        (Label("dog", 0.99), Label("cat", DEFAULT_MIN_SCORE)),
        (),
    ]


@pytest.mark.parametrize(
    ("task", "most"), [("detect", DEFAULT_MAX_LABELS), ("classify", MAX_LABELS["classify"])]
)
def test_a_photo_gets_few_labels(task: str, most: int) -> None:
    scores = np.linspace(0.6, 0.9, 40, dtype=np.float32)[None]
    [labels] = select_labels(scores, [str(place) for place in range(40)], task)
    assert [label.name for label in labels] == [str(place) for place in range(39, 39 - most, -1)]


def test_a_classification_spreads_its_score_over_all_classes_so_less_is_enough() -> None:
    scores = np.array([[MIN_SCORE["classify"], 0.05]], np.float32)
    assert select_labels(scores, ("tench", "goldfish"), "classify") == [(Label("tench", 0.1),)]
    assert select_labels(scores, ("tench", "goldfish"), "detect") == [()]


def test_of_classes_with_the_same_name_the_best_counts() -> None:
    scores = np.array([[0.6, 0.8, 0.7]], np.float32)
    assert select_labels(scores, ("crane", "crane", "bird"), "detect") == [
        (Label("crane", 0.8), Label("bird", 0.7))
    ]


def test_a_score_that_is_nan_gives_no_label() -> None:
    assert select_labels(np.full((1, 2), np.nan, np.float32), ("cat", "dog"), "detect") == [()]
