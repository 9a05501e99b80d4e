"""What the commands share."""

from photosim.cli.common import plural


def test_one_is_singular_and_everything_else_is_plural() -> None:
    assert [plural(count, "photo") for count in (0, 1, 2, 12_345)] == [
        "0 photos",
        "1 photo",
        "2 photos",
        "12,345 photos",
    ]


def test_an_irregular_plural_is_used() -> None:
    assert plural(1, "photo belongs", "photos belong") == "1 photo belongs"
    assert plural(2, "photo belongs", "photos belong") == "2 photos belong"
