"""Numbers of things in words."""

from photosim.cli.counted import plural


def test_one_is_singular_and_all_else_is_plural() -> None:
    assert [plural(count, "photo") for count in (0, 1, 2, 12_345)] == [
        "0 photos",
        "1 photo",
        "2 photos",
        "12,345 photos",
    ]


def test_a_plural_of_its_own_is_taken() -> None:
    assert plural(1, "photo belongs", "photos belong") == "1 photo belongs"
    assert plural(2, "photo belongs", "photos belong") == "2 photos belong"
