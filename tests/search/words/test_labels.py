"""Labels are found by plurals, synonyms and words of longer labels."""

from __future__ import annotations

import pytest

from photosim.search.words.labels import SYNONYMS, LabelIndex, ends_with_word, forms

IMAGENET = ("golden retriever", "Labrador retriever", "Egyptian cat", "hotdog, hot dog", "sports car", "ski")


@pytest.fixture(scope="module")
def coco() -> LabelIndex:
    return LabelIndex(SYNONYMS)


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("puppy", "dog"),
        ("puppies", "dog"),
        ("bikes", "bicycle"),
        ("planes", "airplane"),
        ("sofa", "couch"),
        ("couches", "couch"),
        ("phone", "cell phone"),
        ("mobiles", "cell phone"),
        ("people", "person"),
        ("women", "person"),
        ("telly", "tv"),
        ("tvs", "tv"),
        ("automobile", "car"),
        ("kittens", "cat"),
        ("mice", "mouse"),
        ("knives", "knife"),
        ("buses", "bus"),
        ("bus", "bus"),
        ("sandwiches", "sandwich"),
        ("sheep", "sheep"),
        ("stop signs", "stop sign"),
        ("stopsign", "stop sign"),
        ("cellphones", "cell phone"),
        ("hot dogs", "hot dog"),
        ("ties", "tie"),
        ("tie", "tie"),
        ("skis", "skis"),
        ("ski", "skis"),
        ("scissors", "scissors"),
        ("wine glasses", "wine glass"),
        ("glasses", None),
        ("duck", None),
        ("dress", None),
    ],
)
def test_a_word_finds_its_label(coco: LabelIndex, typed: str, label: str | None) -> None:
    assert coco.exact(typed.split()) == label


def test_every_label_and_its_synonyms_find_the_label(coco: LabelIndex) -> None:
    for label, synonyms in SYNONYMS.items():
        for word in (label, *synonyms):
            assert coco.exact(word.split()) == label
            assert label in coco.starting_with(word.split())


def test_no_synonym_is_another_label_or_a_synonym_of_two() -> None:
    words = [word for synonyms in SYNONYMS.values() for word in synonyms]
    assert len(words) == len(set(words))
    assert not set(words) & set(SYNONYMS)
    assert len(SYNONYMS) == 80, "the labels of COCO"


def test_a_label_is_offered_from_its_first_letters_and_those_of_its_synonyms(coco: LabelIndex) -> None:
    assert coco.starting_with(["ele"]) == ("elephant",)
    assert coco.starting_with(["pup"]) == ("dog",)
    assert coco.starting_with(["stop", "s"]) == ("stop sign",)
    assert set(coco.starting_with(["ca"])) >= {"car", "cat", "carrot", "cake", "cow"}
    assert coco.starting_with(["stop", "dog"]) == ()


def test_labels_of_several_words_are_found_by_their_last() -> None:
    index = LabelIndex(IMAGENET)
    assert index.ending_with("retrievers") == ("golden retriever", "Labrador retriever")
    assert index.ending_with("cats") == ("Egyptian cat",)
    assert index.exact(["golden", "retrievers"]) == "golden retriever"
    assert index.starting_with(["ret"]) == ("golden retriever", "Labrador retriever")
    assert not ends_with_word("hot dog", "dog"), "no kind of dog"
    assert ends_with_word("Eskimo dog", "dogs")


def test_synonyms_are_of_no_use_to_a_model_without_their_label() -> None:
    assert LabelIndex(IMAGENET).exact(["puppy"]) is None


@pytest.mark.parametrize("word", ["bus", "glass", "tennis", "this", "s", "as"])
def test_a_word_that_ends_as_a_plural_does_is_left_alone(word: str) -> None:
    assert forms(word) == {word}
